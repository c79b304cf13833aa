// The CSRs of user interrupts. A pending bit of an interrupt that U-mode owns is never taken in the kernel, so nothing
// here has an order but one: the caller activates the receiver's entry last. Source: shared specification of user
// interrupts, sections 2 and 6.4.
#include "arch/arch.hpp"
#include "arch/riscv/csr.hpp"

namespace arch {

namespace {

using User = uintr::Csr;

// uie and uip are views of these; a write to sie or sip as a whole would hit others.
void enable_usip() { asm volatile("csrsi %0, 1" : : "i"(Csr::Sie) : "memory"); }
void disable_usip() { asm volatile("csrci %0, 1" : : "i"(Csr::Sie) : "memory"); }
// The software copy only: the line stays.
void clear_usip() { asm volatile("csrci %0, 1" : : "i"(Csr::Sip) : "memory"); }

// Nothing of one thread is left for the next.
void write_state(const UserInterruptState& state) {
    write_csr<User::Ustatus>(state.status_);
    write_csr<User::Utvec>(state.vector_);
    write_csr<User::Uscratch>(state.scratch_);
    write_csr<User::Uepc>(state.pc_);
    write_csr<User::Ucause>(state.cause_);
    write_csr<User::Utval>(state.value_);
}

void switch_off() {
    write_csr<User::Suirs>(0);
    disable_usip();
    write_csr<User::Sideleg>(0);
    clear_usip();
    write_state({});
}

} // namespace

void init_user_interrupts() {
    write_csr<User::Suist>(0);
    switch_off();
}

void load_user_interrupts(const UserInterruptState& state, uintr::ReceiverStatus receiver) {
    write_state(state);
    write_csr<User::Suirs>(receiver.raw);
    clear_usip();
    write_csr<User::Sideleg>(uintr::software_interrupt);
    enable_usip();
}

void save_user_interrupts(UserInterruptState& state) {
    state = {read_csr<User::Ustatus>(), read_csr<User::Utvec>(),  read_csr<User::Uscratch>(),
             read_csr<User::Uepc>(),    read_csr<User::Ucause>(), read_csr<User::Utval>()};
    switch_off();
}

// Not delegated, and the kernel never takes interrupts: only wfi sees it.
void watch_user_interrupts(bool on) {
    if (on)
        enable_usip();
    else
        disable_usip();
}

bool user_interrupt_pending() { return (read_csr<Csr::Sip>() & uintr::software_interrupt) != 0; }

void set_sender_table(uintr::SenderTable table) { write_csr<User::Suist>(table.raw); }

} // namespace arch
