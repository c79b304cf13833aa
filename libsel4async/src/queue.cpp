#include "taic/driver.hpp"
#include "taic/mmio_bus.hpp"

#include <sel4async/queue.hpp>

namespace sel4async {

namespace {

using LocalQueue = taic::LocalQueue<taic::MmioBus>;

LocalQueue page_at(std::uint64_t vaddr) { return {taic::MmioBus(vaddr), 0, 0}; }

} // namespace

void KernelDoorbell::use_taic(std::uint64_t page, const tail4_AsyncControl& control, bool other_harts) {
    page_ = page;
    kernel_os_ = control.kernel_os_id;
    kernel_process_ = static_cast<std::uint32_t>(control.kernel_process_id);
    kernel_vector_ = control.kernel_vector;
    drives_ = !other_harts;
}

bool KernelDoorbell::drive(std::uint64_t budget) {
    return seL4_TaiL4_AsyncQueue_Drive(queue_, budget).error == seL4_NoError;
}

void KernelDoorbell::ring() { page_at(page_).send({kernel_os_, kernel_process_, kernel_vector_}); }

std::uint64_t KernelDoorbell::poll() { return page_ == 0 ? 0 : page_at(page_).dequeue().raw; }

void KernelDoorbell::arm(std::uint32_t vector, std::uint64_t handler) {
    if (page_ != 0) page_at(page_).register_receiver({kernel_os_, kernel_process_, vector}, taic::HandlerWord{handler});
}

void KernelDoorbell::wait() { seL4_Wait(notification_, nullptr); }

seL4_Error Queue::connect(const QueueSetup& setup) {
    const std::uint64_t signal = setup.notification == 0 ? 0 : TAIL4_ASYNC_BIND_NOTIFICATION;
    bool taic = setup.want_taic && setup.notification != 0;
    const auto bind = [&setup](std::uint64_t flags) {
        return seL4_TaiL4_AsyncQueue_Bind(setup.queue, flags, setup.cspace, setup.vspace,
                                          setup.notification == 0 ? setup.cspace : setup.notification);
    };
    seL4_Error error = taic ? bind(signal | TAIL4_ASYNC_BIND_TAIC) : bind(signal);
    if (taic && error == seL4_NotEnoughMemory) { // no TAIC, or all its queues are lent out
        taic = false;
        error = bind(signal);
    }
    if (error == seL4_NoError) error = seL4_TaiL4_AsyncQueue_Map(setup.queue, setup.vspace, setup.shared_vaddr);
    if (error == seL4_NoError && taic)
        error = seL4_TaiL4_AsyncQueue_MapDoorbell(setup.queue, setup.vspace, setup.doorbell_vaddr);
    if (error != seL4_NoError) return error;
    doorbell_ = {};
    doorbell_.connect(setup.queue, setup.notification);
    // The kernel made this address valid: it is where it has just mapped the area.
    if (!buffer_.attach(reinterpret_cast<void*>(setup.shared_vaddr))) return seL4_InvalidArgument;
    if (taic) doorbell_.use_taic(setup.doorbell_vaddr, buffer_.control(), setup.other_harts);
    return seL4_NoError;
}

} // namespace sel4async
