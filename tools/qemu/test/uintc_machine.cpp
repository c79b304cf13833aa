#include "uintc_machine.hpp"

void bare::put(char c) { *reinterpret_cast<volatile char*>(uart) = c; }

namespace machine {

MachineTrap machine_trap;
SupervisorTrap supervisor_trap;
UserTrap user_trap;
volatile u64 user_order[4];
volatile u64 user_order_count;
volatile u64 sink;
alignas(4096) u64 table[3 * 512];

void set_up() {
    machine_trap = {};
    supervisor_trap = {};
    user_trap = {};
    user_order_count = 0;
    for (u64& word : table) word = 0;
    sender_table()[0] = uintr::SenderEntry::make(receiver, vector).raw;
    write_csr<pmpaddr0>(all_ones);
    write_csr<pmpcfg0>(0x1f);
    write_csr<mideleg>(0x111);
    write_csr<sideleg>(1);
    write_csr<mip>(0);
    write_csr<mie>(1);
    write_csr<ustatus>(1);
    write_csr<utvec>(reinterpret_cast<u64>(&on_user_trap));
    write_csr<stvec>(reinterpret_cast<u64>(&on_supervisor_trap));
    low_of(receiver) = uintr::Low::running(read_csr<mhartid>()).raw;
    sink = high_of(receiver);
    write_csr<suirs>(uintr::ReceiverStatus::make(receiver).raw);
    write_csr<suist>(uintr::SenderTable::make(reinterpret_cast<u64>(sender_table()), 1).raw);
}

[[gnu::interrupt("user"), gnu::aligned(4)]] void on_user_trap() {
    user_trap.count = user_trap.count + 1;
    user_trap.cause = read_csr<ucause>();
    user_trap.epc = read_csr<uepc>();
    user_trap.status = read_csr<ustatus>();
    user_trap.pending_before = read_csr<uip>();
    user_trap.bits = uipi_read();
    user_trap.pending_after = read_csr<uip>();
    clear_csr<uip>(usip);
    user_trap.pending_cleared = read_csr<uip>();
}

[[gnu::interrupt("user"), gnu::aligned(4)]] void on_user_trap_recording() {
    const u64 cause = read_csr<ucause>();
    user_order[user_order_count & 3] = cause & 15;
    user_order_count = user_order_count + 1;
    clear_csr<uie>(u64{1} << (cause & 15));
}

// The order that loses a send where the line is a latch.
[[gnu::interrupt("user"), gnu::aligned(4)]] void on_user_trap_send_again() {
    user_trap.bits = user_trap.bits | uipi_read();
    if (user_trap.count == 0) uipi_send(0);
    user_trap.count = user_trap.count + 1;
    clear_csr<uip>(usip);
}

[[gnu::interrupt("user"), gnu::aligned(4)]] void on_user_trap_reads_at_third() {
    user_trap.count = user_trap.count + 1;
    user_trap.epc = read_csr<uepc>();
    if (user_trap.count == 3) user_trap.bits = uipi_read();
}

u64 traps_of(void (*action)()) {
    const u64 before = machine_trap.count;
    action();
    return machine_trap.count - before;
}

u64 traps_in(u64 mode, void (*action)()) {
    const u64 before = machine_trap.count;
    enter_mode(action, mode);
    return machine_trap.count - before;
}

void in_user(void (*action)()) { enter_mode(action, user); }

} // namespace machine

using namespace machine;

// An exception is skipped; every instruction of the tests that makes one has four bytes.
void on_machine_trap() {
    machine_trap.count = machine_trap.count + 1;
    machine_trap.cause = read_csr<mcause>();
    machine_trap.value = read_csr<mtval>();
    write_csr<mepc>(read_csr<mepc>() + 4);
}

// Interrupts that S-mode owns: recorded and masked.
[[gnu::interrupt("supervisor"), gnu::aligned(4)]] void on_supervisor_trap() {
    supervisor_trap.count = supervisor_trap.count + 1;
    supervisor_trap.cause = read_csr<scause>();
    supervisor_trap.user_entries = user_trap.count;
    clear_csr<sie>(u64{1} << (supervisor_trap.cause & 63));
}

extern "C" [[gnu::interrupt("user"), gnu::aligned(4)]] void user_trap_entry() {
    user_trap.count = user_trap.count + 1;
    user_trap.cause = read_csr<ucause>();
    user_trap.bits = uipi_read();
}

extern "C" [[noreturn]] void run() {
    if (read_csr<mhartid>() != 0) second_hart();
#ifdef OFF
    check_absent();
#else
    check_device();
    check_registers();
    check_instructions();
    check_delivery();
#ifdef TWO_HARTS
    check_two_harts();
#endif
#endif
    power_off();
}
