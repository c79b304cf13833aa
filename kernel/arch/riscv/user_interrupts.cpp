// The CSRs of user interrupts. A pending bit of an interrupt that U-mode owns is never taken in the kernel, so nothing
// here has an order but one: the caller activates the receiver's entry last. Source: shared specification of user
// interrupts, sections 2 and 6.4.
#include "arch/arch.hpp"

namespace arch {

namespace {

using uintr::Csr;

template <Csr csr>
u64 read() {
    u64 value = 0;
    asm volatile("csrr %0, %1" : "=r"(value) : "i"(csr));
    return value;
}
template <Csr csr>
void write(u64 value) {
    asm volatile("csrw %0, %1" : : "i"(csr), "r"(value) : "memory");
}

// uie and uip are views of these; a write to sie or sip as a whole would hit others.
constexpr unsigned sie = 0x104;
constexpr unsigned sip = 0x144;

void enable_usip() { asm volatile("csrsi %0, 1" : : "i"(sie) : "memory"); }
void disable_usip() { asm volatile("csrci %0, 1" : : "i"(sie) : "memory"); }
// The software copy only: the line stays.
void clear_usip() { asm volatile("csrci %0, 1" : : "i"(sip) : "memory"); }

// Nothing of one thread is left for the next.
void write_state(const UserInterruptState& state) {
    write<Csr::Ustatus>(state.status_);
    write<Csr::Utvec>(state.vector_);
    write<Csr::Uscratch>(state.scratch_);
    write<Csr::Uepc>(state.pc_);
    write<Csr::Ucause>(state.cause_);
    write<Csr::Utval>(state.value_);
}

void switch_off() {
    write<Csr::Suirs>(0);
    disable_usip();
    write<Csr::Sideleg>(0);
    clear_usip();
    write_state({});
}

} // namespace

void init_user_interrupts() {
    write<Csr::Suist>(0);
    switch_off();
}

void load_user_interrupts(const UserInterruptState& state, uintr::ReceiverStatus receiver) {
    write_state(state);
    write<Csr::Suirs>(receiver.raw);
    clear_usip();
    write<Csr::Sideleg>(uintr::software_interrupt);
    enable_usip();
}

void save_user_interrupts(UserInterruptState& state) {
    state = {read<Csr::Ustatus>(), read<Csr::Utvec>(),  read<Csr::Uscratch>(),
             read<Csr::Uepc>(),    read<Csr::Ucause>(), read<Csr::Utval>()};
    switch_off();
}

bool user_interrupt_pending() {
    u64 pending = 0;
    asm volatile("csrr %0, %1" : "=r"(pending) : "i"(sip));
    return (pending & uintr::software_interrupt) != 0;
}

void set_sender_table(uintr::SenderTable table) { write<Csr::Suist>(table.raw); }

} // namespace arch
