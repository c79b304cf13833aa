#include "trap/trap.hpp"

#include "async/executor.hpp"
#include "checks/checks.hpp"
#include "ipc/fault.hpp"
#include "objects/irq.hpp"
#include "objects/upcalls.hpp"
#include "objects/user_interrupts.hpp"
#include "scheduler/scheduler.hpp"
#include "smp/kernel_lock.hpp"
#include "smp/latency.hpp"
#include "syscalls/handle.hpp"
#include "vspace/vspace.hpp"

namespace trap {

namespace {

using objects::Fault;
using objects::FaultKind;
using objects::Tcb;

// Page and access faults as seL4 numbers them (5.9): one code per kind of access.
constexpr u64 fault_instruction = 1;
constexpr u64 fault_load = 5;
constexpr u64 fault_store = 7;

enum Cause : u64 {
    IllegalInstruction = 2,
    InstructionAccess = 1,
    LoadAccess = 5,
    StoreAccess = 7,
    InstructionPage = 12,
    LoadPage = 13,
    StorePage = 15,
};

Fault vm_fault(u64 address, u64 status) {
    return {FaultKind::VmFault, {address, status, status == fault_instruction ? u64{1} : u64{0}}, {}};
}

// The page is there by now: nothing that a handler has to be told of.
bool is_stale(const Tcb& thread, u64 cause, u64 address) {
    switch (cause) {
    case InstructionPage: return vspace::fence_stale_fault(thread, arch::Access::Fetch, address);
    case LoadPage: return vspace::fence_stale_fault(thread, arch::Access::Load, address);
    case StorePage: return vspace::fence_stale_fault(thread, arch::Access::Store, address);
    default: return false;
    }
}

Fault fault_of(u64 cause, u64 address) {
    switch (cause) {
    case InstructionAccess:
    case InstructionPage: return vm_fault(address, fault_instruction);
    case LoadAccess:
    case LoadPage: return vm_fault(address, fault_load);
    case StoreAccess:
    case StorePage: return vm_fault(address, fault_store);
    default: return {FaultKind::UserException, {cause, 0, 0}, {}};
    }
}

u64 tick_period = 0; // of the time base

void handle_timer() {
    arm_timer();
    scheduler::timer_tick();
    if (async::active()) async::tick();
}

void handle_software() {
    // A TAIC doorbell's line stays up until its word is taken; only then may the pending bit be cleared (taic.md 4.2).
    // What comes later sets it again.
    if (async::active()) async::take_doorbells();
    arch::clear_software_interrupt();
    smp::begin_look();
    if (async::active()) async::run_ready();
}

// Timer, then software: the latter may raise itself again, and must not keep the other out. Nor may the timer keep it
// out: where an entry takes longer than a tick (harts that wait for the lock on a busy host), the timer is always
// pending, and a software interrupt that stays would bring every hart back in, and idle ones to the lock.
[[gnu::noinline, gnu::hot]] void handle_own_interrupts(u64 pending) {
    if ((pending & arch::timer_interrupt) != 0) handle_timer();
    if ((pending & arch::software_interrupt) != 0) handle_software();
}

bool own_interrupts_waited[base::max_harts]; // while a device's was handled

// A device first, the hart's own next time: one that interrupts again with each acknowledgement keeps them waiting for
// one interrupt and no more.
[[gnu::noinline]] void handle_in_turn(u64 pending) {
    bool& waited = own_interrupts_waited[smp::this_hart().index_];
    waited = !waited;
    if (waited)
        objects::handle_external_interrupt();
    else
        handle_own_interrupts(pending);
}

void handle_interrupts() {
    const u64 pending = arch::pending_interrupts();
    if (pending == arch::external_interrupt) [[likely]]
        objects::handle_external_interrupt();
    else if ((pending & arch::external_interrupt) != 0)
        handle_in_turn(pending);
    else
        handle_own_interrupts(pending);
}

// The thread that trapped; null when another hart stopped it while this one waited for the lock: then the trap is
// dropped, and the instruction is executed again when the thread next runs.
Tcb* trapped_thread(const arch::Context* context) {
    Tcb* thread = scheduler::own_state().current;
    return thread != nullptr && &thread->context == context ? thread : nullptr;
}

// Waits, without the lock, and does not take it for a tick that means nothing to an idle hart.
void sleep(bool ticks_matter) {
    smp::unlock_kernel();
    smp::end_stretch();
    arch::wait_for_interrupt();
    while (!ticks_matter && arch::pending_interrupts() == arch::timer_interrupt && !arch::user_interrupt_pending()) {
        arm_timer();
        arch::wait_for_interrupt();
    }
    smp::begin_stretch();
    smp::lock_kernel();
}

// An idle hart's ticks mean something if they measure the slices of domains.
bool counts_domain_time() { return scheduler::domain_count() != 1 && smp::this_hart().index_ == 0; }

// Receivers of user interrupts whose bits have come already go first: who sent them has left this hart now, too.
void sleep_over_receivers() {
    objects::poll_parked_receivers();
    if (scheduler::own_state().action != nullptr) return;
    const bool guarded = objects::guard_parked_receivers();
    sleep(!guarded || counts_domain_time());
    if (guarded) objects::end_guard();
}

// Nothing to run: watch a request ring for a while, or wait. The lock is free meanwhile.
[[gnu::noinline, gnu::hot]] void idle() {
    async::look_for_lost_doorbells();
    if (async::work_left()) {
        async::end_polling();
        async::run_ready();
        // Let others in between turns; but a thread that was woken is in no queue yet, and a choice left by another
        // hart would take its place.
        if (scheduler::own_state().action == nullptr) {
            smp::unlock_kernel();
            smp::lock_kernel();
        }
    } else if (async::take_up_polling()) {
        smp::unlock_kernel();
        async::spin();
        smp::lock_kernel();
        async::end_polling();
    } else if (objects::has_parked_receivers(smp::this_hart().index_)) {
        sleep_over_receivers();
    } else {
        sleep(counts_domain_time());
    }
    handle_interrupts();
}

} // namespace

void init_timer(u64 frequency) {
    constexpr u64 ticks_per_second = 500;
    tick_period = frequency / ticks_per_second;
}

void arm_timer() { arch::set_timer(arch::read_time() + tick_period); }

namespace {

arch::Context* resume(Tcb& thread) {
    scheduler::activate(thread);
    checks::after_entry();
    smp::unlock_kernel();
    return &thread.context;
}

// Nothing to run, or asynchronous queues to think of.
[[gnu::noinline]] arch::Context* leave_after_work() {
    bool watched = async::is_watching(); // since a thread was stopped here
    while (true) {
        if (async::active()) {
            async::follow_domain();
            async::update_service_hart();
        }
        Tcb* thread = scheduler::own_state().current;
        if (thread == nullptr)
            idle();
        else if (watched) [[unlikely]]
            async::stop_polling(); // a watched worker goes to sleep now
        else
            return resume(*thread);
        watched = thread == nullptr;
        scheduler::schedule();
    }
}

// The entry wants another thread, or a restart: not the common case.
[[gnu::noinline]] arch::Context* leave_slowly() {
    scheduler::schedule();
    Tcb* thread = scheduler::own_state().current;
    if (thread == nullptr || async::active()) [[unlikely]]
        return leave_after_work();
    return resume(*thread);
}

} // namespace

arch::Context* leave() {
    const scheduler::State& state = scheduler::own_state();
    Tcb* thread = state.current;
    if (state.action == nullptr && thread != nullptr && thread->state == objects::ThreadState::Running) [[likely]] {
        checks::after_entry();
        smp::unlock_kernel();
        return &thread->context;
    }
    return leave_slowly();
}

arch::Context* leave_interrupted() {
    if (arch::interrupt_pending()) handle_interrupts();
    return leave_slowly();
}

namespace {

// A call still in Restart was preempted: the interrupt first, then it is made again.
arch::Context* after_handling(const Tcb& thread) {
    return thread.state == objects::ThreadState::Restart ? leave_interrupted() : leave();
}

} // namespace

[[gnu::hot]] arch::Context* slow_ecall(Tcb& thread, i64 number) {
    syscalls::handle(thread, number);
    return after_handling(thread);
}

arch::Context* slow_call(Tcb& thread, caps::Slot& slot) {
    if (slot.cap.is(caps::CapType::AsyncQueue) && syscalls::handle_queue_call(thread, slot.cap)) [[unlikely]]
        return after_handling(thread);
    syscalls::handle_call(thread, slot);
    return after_handling(thread);
}

namespace {

// Not on an interrupt's way on a single hart.
[[gnu::noinline, gnu::hot]] arch::Context* interrupt_among_harts(arch::Context* context) {
    if (smp::serve_shoot_down()) return context;
    smp::lock_kernel();
    handle_interrupts();
    return leave();
}

} // namespace

} // namespace trap

extern "C" {

arch::Context* trap_interrupt(arch::Context* context, u64) {
    if (smp::hart_count > 1) return trap::interrupt_among_harts(context);
    trap::handle_interrupts();
    return trap::leave();
}

arch::Context* trap_exception(arch::Context* context, u64 cause, u64 tval) {
    smp::lock_kernel();
    if (objects::Tcb* thread = trap::trapped_thread(context)) {
        const bool served =
            cause == trap::IllegalInstruction ? scheduler::fpu_trap() : trap::is_stale(*thread, cause, tval);
        if (!served) ipc::raise_fault(*thread, trap::fault_of(cause, tval));
    }
    return trap::leave();
}

} // extern "C"
