#include "taic/driver.hpp"
#include "taic/mmio_bus.hpp"

#include <sel4async/queue.hpp>

namespace sel4async {

namespace {

using LocalQueue = taic::LocalQueue<taic::MmioBus>;

LocalQueue page_at(std::uint64_t vaddr) { return {taic::MmioBus(vaddr), 0, 0}; }

} // namespace

void KernelDoorbell::use_taic(std::uint64_t page, const tail4_AsyncControl& control) {
    page_ = page;
    kernel_os_ = control.kernel_os_id;
    kernel_process_ = static_cast<std::uint32_t>(control.kernel_process_id);
    kernel_vector_ = control.kernel_vector;
    process_ = static_cast<std::uint32_t>(control.process_id);
}

bool KernelDoorbell::drive(std::uint64_t budget) {
    return seL4_TaiL4_AsyncQueue_Drive(queue_, budget).error == seL4_NoError;
}

std::uint64_t KernelDoorbell::execute(std::uint32_t slot) {
    const auto answer = seL4_TaiL4_AsyncQueue_Execute(queue_, slot);
    if (answer.error != seL4_NoError) return TAIL4_ASYNC_NOT_BEGUN;
    return answer.outcome;
}

void KernelDoorbell::ring() {
    if (kind_ == DoorbellKind::Taic)
        page_at(page_).send({kernel_os_, kernel_process_, kernel_vector_});
    else if (kind_ != DoorbellKind::Poll)
        static_cast<void>(seL4_TaiL4_AsyncQueue_Wake(queue_)); // a dead queue says so in its control page
}

namespace {

constexpr std::uint64_t dispatcher_word = 1 << 2; // the task of vector 0, as TAIC would deliver it

} // namespace

std::uint64_t KernelDoorbell::poll() {
    if (interrupts_ != nullptr) return interrupts_->any() && interrupts_->take() != 0 ? dispatcher_word : 0;
    return page_ == 0 ? 0 : page_at(page_).dequeue().raw;
}

namespace {

// The tag between two processes; the kernel can take such registrations back (taic/pool.hpp).
constexpr std::uint32_t peer_tag = 0;
constexpr std::uint64_t stays = taic::HandlerWord::reusable_bit;

} // namespace

void KernelDoorbell::add_peer(std::uint32_t process) {
    if (page_ == 0) return;
    page_at(page_).register_sender({kernel_os_, process, peer_tag});
    page_at(page_).register_receiver({kernel_os_, process, peer_tag}, taic::HandlerWord{dispatcher_word | stays});
}

void KernelDoorbell::ring_peer(std::uint32_t process) { page_at(page_).send({kernel_os_, process, peer_tag}); }

void KernelDoorbell::arm(std::uint32_t vector, std::uint64_t handler) {
    if (page_ != 0) page_at(page_).register_receiver({kernel_os_, kernel_process_, vector}, taic::HandlerWord{handler});
}

// Who polls is not woken; after so much looking no hart seems to have time, so this one works.
void KernelDoorbell::wait() {
    if (kind_ == DoorbellKind::Poll) {
        static_cast<void>(drive(SlotBuffer::max_slots));
        return;
    }
    if (notification_ == 0) {
        seL4_Yield();
        return;
    }
    if (interrupts_ != nullptr) interrupts_->mask(); // a bit that comes now wakes the thread, or is seen at once
    if (interrupts_ == nullptr || !interrupts_->any()) seL4_Wait(notification_, nullptr);
    if (interrupts_ != nullptr) interrupts_->unmask();
}

std::uint64_t KernelDoorbell::now() {
    std::uint64_t ticks = 0;
    asm volatile("rdtime %0" : "=r"(ticks));
    return ticks;
}

void KernelDoorbell::idle() { seL4_Yield(); }

namespace {

std::uint64_t bind_flags(DoorbellKind kind, bool notification) {
    const std::uint64_t signal = notification ? TAIL4_ASYNC_BIND_NOTIFICATION : 0;
    switch (kind) {
    case DoorbellKind::Taic: return signal | TAIL4_ASYNC_BIND_TAIC;
    case DoorbellKind::Poll: return signal | TAIL4_ASYNC_BIND_POLL;
    case DoorbellKind::Uintc: return signal | TAIL4_ASYNC_BIND_UINTC;
    default: return signal;
    }
}

} // namespace

seL4_Error Queue::connect(const QueueSetup& setup) {
    const bool notification = setup.notification != 0;
    DoorbellKind wanted = setup.doorbell;
    if (wanted == DoorbellKind::Uintc && (setup.interrupts == nullptr || !setup.interrupts->active()))
        wanted = setup.other_harts ? DoorbellKind::Ipi : DoorbellKind::Trap;
    DoorbellKind kind = notification || wanted == DoorbellKind::Poll ? wanted : DoorbellKind::Trap;
    const auto bind = [&] {
        return seL4_TaiL4_AsyncQueue_Bind(setup.queue, bind_flags(kind, notification), setup.cspace, setup.vspace,
                                          notification ? setup.notification : setup.cspace);
    };
    seL4_Error error = bind();
    if (error == seL4_NotEnoughMemory) { // all that can be lent out of this kind is
        kind = setup.other_harts && notification ? DoorbellKind::Ipi : DoorbellKind::Trap;
        error = bind();
    }
    const bool taic = kind == DoorbellKind::Taic;
    if (error == seL4_NoError) error = seL4_TaiL4_AsyncQueue_Map(setup.queue, setup.vspace, setup.shared_vaddr);
    if (error == seL4_NoError && taic)
        error = seL4_TaiL4_AsyncQueue_MapDoorbell(setup.queue, setup.vspace, setup.doorbell_vaddr);
    if (error != seL4_NoError) return error;
    doorbell_ = {};
    doorbell_.connect(setup.queue, setup.notification, kind, setup.other_harts);
    // The kernel made this address valid: it is where it has just mapped the area.
    if (!buffer_.attach(reinterpret_cast<void*>(setup.shared_vaddr))) return seL4_InvalidArgument;
    if (kind == DoorbellKind::Uintc) doorbell_.use_interrupts(*setup.interrupts);
    if (taic) doorbell_.use_taic(setup.doorbell_vaddr, buffer_.control());
    return seL4_NoError;
}

} // namespace sel4async
