#include "uintr/regs.hpp"

#include <cstddef>
#include <sel4async/user_interrupts.hpp>

extern "C" void sel4async_user_interrupt();

namespace sel4async {

namespace {

using uintr::Csr;

// user_interrupts.S knows these.
static_assert(offsetof(UserInterruptArea, pending) == 0 && offsetof(UserInterruptArea, spared) == 8 &&
              offsetof(UserInterruptArea, entries) == 16);

template <Csr csr>
void write(std::uint64_t value) {
    asm volatile("csrw %0, %1" ::"i"(csr), "r"(value) : "memory");
}

} // namespace

seL4_Error UserInterrupts::start(seL4_CPtr notification, seL4_CPtr tcb) {
    const seL4_Error error = seL4_TaiL4_Notification_RegisterReceiver(notification, tcb);
    if (error == seL4_NoError) install(notification);
    return error;
}

void UserInterrupts::install(seL4_CPtr notification) {
    area_ = {};
    notification_ = notification;
    // A registered thread's own: the kernel keeps these for it.
    write<Csr::Uscratch>(reinterpret_cast<std::uint64_t>(&area_));
    write<Csr::Utvec>(reinterpret_cast<std::uint64_t>(&sel4async_user_interrupt));
    unmask();
}

void UserInterrupts::stop() {
    if (notification_ == 0) return;
    mask();
    static_cast<void>(seL4_TaiL4_Notification_UnregisterReceiver(notification_)); // gone already: as good
    notification_ = 0;
}

std::uint64_t UserInterrupts::take() {
    // Acquire: what a sender wrote before it sent is visible; its fence comes before the send.
    const std::uint64_t bits = __atomic_exchange_n(&area_.pending, 0, __ATOMIC_ACQUIRE);
    asm volatile("fence r, rw" ::: "memory");
    return bits;
}

void UserInterrupts::mask() { asm volatile("csrci %0, 1" ::"i"(Csr::Ustatus) : "memory"); }
void UserInterrupts::unmask() { asm volatile("csrsi %0, 1" ::"i"(Csr::Ustatus) : "memory"); }

void send_user_interrupt(std::uint64_t index) {
    asm volatile("fence rw, rw\n .insn r 0x7b, 6, 0, x0, %0, x0" ::"r"(index) : "memory");
}

} // namespace sel4async
