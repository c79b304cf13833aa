#include "objects/irq.hpp"

#include "arch/arch.hpp"
#include "objects/upcalls.hpp"
#include "objects/user_interrupts.hpp"
#include "smp/hart.hpp"

namespace objects {

namespace {

arch::Plic* plic = nullptr;
u64 source_count = 0;
u64 last = 0;
IrqState states[max_irqs + 4];
alignas(sizeof(caps::Slot)) caps::Slot slots[max_irqs + 4]; // as everywhere: the low bits of links are free
u8 enabled_on[max_irqs + 4];                                // the hart that got the source; it alone claims it
IrqClaim claims[max_irqs + 4];

// A receiver of user interrupts need not wait for the signal: it gets a bit as well.
[[gnu::noinline]] void signal_receiver(Notification& notification, u64 badge) {
    Tcb& thread = *notification.bound_tcb;
    signal(notification, badge);
    if (badge < uintr::vector_count) send_user_interrupt(thread, static_cast<u32>(badge));
}

bool from_plic(u64 irq) { return plic != nullptr && irq >= 1 && irq <= source_count; }

// The hart asked for, unless this controller cannot interrupt it (another socket's hart).
base::HartIndex hart_for(base::HartIndex wanted) {
    if (plic->has_context(wanted)) return wanted;
    for (u32 hart = 0; hart < smp::hart_count; ++hart) {
        if (plic->has_context(hart)) return hart;
    }
    return wanted;
}

// The PLIC named a source that nobody has: it is let go and not heard again.
[[gnu::noinline]] void drop_source(u64 irq, base::HartIndex hart) {
    plic->complete(static_cast<u32>(irq), hart);
    plic->disable(static_cast<u32>(irq), hart);
}

void deliver(Notification& notification, u64 badge) {
    if (notification.bound_tcb != nullptr && notification.bound_tcb->interrupt_id != 0) [[unlikely]]
        signal_receiver(notification, badge);
    else
        signal(notification, badge);
}

} // namespace

void init_irqs(arch::Plic* controller, u64 sources, u64 kernel_irqs) {
    plic = controller;
    source_count = sources < max_irqs ? sources : max_irqs - 1;
    last = source_count + kernel_irqs;
    for (u64 irq = source_count + 1; irq <= last; ++irq) states[irq] = IrqState::Kernel;
}

u64 last_irq() { return last; }
IrqState irq_state(u64 irq) { return states[irq]; }
IrqClaim& irq_claim(u64 irq) { return claims[irq]; }
caps::Slot& irq_slot(u64 irq) { return slots[irq]; }

void activate_irq(u64 irq, base::HartIndex hart) {
    states[irq] = IrqState::Signal;
    if (!from_plic(irq)) return;
    enabled_on[irq] = static_cast<u8>(hart_for(hart));
    plic->enable(static_cast<u32>(irq), enabled_on[irq]);
}

void deactivate_irq(u64 irq) {
    complete_irq(irq); // first: a PLIC ignores the completion of a source that is not enabled
    if (from_plic(irq)) plic->disable(static_cast<u32>(irq), enabled_on[irq]);
    states[irq] = IrqState::Inactive;
}

void complete_irq(u64 irq) {
    if (claims[irq] == IrqClaim::None) return;
    claims[irq] = IrqClaim::None;
    plic->complete(static_cast<u32>(irq), enabled_on[irq]);
}

void handle_external_interrupt() {
    if (plic == nullptr) return;
    const u32 hart = smp::this_hart().index_;
    const u64 irq = plic->claim(hart);
    if (irq == 0) return;
    if (irq > source_count || states[irq] != IrqState::Signal) return drop_source(irq, hart);
    const caps::Cap& cap = slots[irq].cap;
    if (!cap.is(caps::CapType::Notification) || !cap.rights().write()) {
        claims[irq] = IrqClaim::Unheard;
        return;
    }
    claims[irq] = IrqClaim::Signalled;
    deliver(*cap.as_notification(), cap.badge());
}

} // namespace objects
