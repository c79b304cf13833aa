// Delivery (section 8.3) and instructions (8.4). Numbers in the names are those of the list.
#include "uintc_machine.hpp"

namespace machine {

namespace {

constexpr u64 user_software = u64{1} << 63;
volatile u64 value;
volatile u64 status_after, resumed;

void nothing() {}
void note() { resumed = resumed + 1; }
void send_zero() { uipi_send(0); }

u64 bits_of(u32 entry) { return high_of(entry); }

extern "C" char after_send[];
void send_to_itself() {
    asm volatile(".insn r 0x7b, 6, 0, x0, x0, x0\n.globl after_send\nafter_send: nop" ::: "memory");
    status_after = read_csr<ustatus>();
}

void check_self_send() {
    set_up();
    check("43 no exception", traps_in(user, send_to_itself), 0);
    check("43 one entry", user_trap.count, 1);
    check("43 ucause", user_trap.cause, user_software);
    check("43 ustatus inside", user_trap.status, 0x10);
    check("43 line before", user_trap.pending_before, 1);
    check("43 bits", user_trap.bits, 0x80);
    check("43 line after the read", user_trap.pending_after, 0);
    check("43 ustatus after uret", status_after, 0x11);
    check("43 uepc", user_trap.epc, reinterpret_cast<u64>(after_send));
    check("43 utval", read_csr<utval>(), 0);
}

void check_pending_at_entry() {
    set_up();
    send_of(receiver) = 1;
    resumed = 0;
    in_user(note);
    check("44 before the first instruction", user_trap.epc, reinterpret_cast<u64>(&note));
    check("44 one entry", user_trap.count, 1);
    check("44 went on", resumed, 1);
    set_up();
    write_csr<ucause>(0);
    enter_mode(
        [] { // S to U by sret: the call from U then ends both
            send_of(receiver) = 2;
            clear_csr<sstatus>(0x100);
            write_csr<sepc>(reinterpret_cast<u64>(&send_to_itself));
            asm volatile("la ra, 1f\n sret\n1: ecall" ::: "ra", "memory");
        },
        supervisor);
    check("44 after sret", user_trap.count, 2);
    check("44 ucause written", read_csr<ucause>(), user_software);
}

void check_masked() {
    set_up();
    send_of(receiver) = 3;
    write_csr<mie>(0);
    in_user(nothing);
    check("45 without USIE", user_trap.count, 0);
    write_csr<mie>(1);
    write_csr<ustatus>(0);
    check("46 no exception", traps_in(user, nothing), 0);
    check("46 without UIE", user_trap.count, 0);
    write_csr<ustatus>(1);
    active_of(receiver) = 0;
    in_user(nothing);
    check("47 inactive", user_trap.count, 0);
    check("47 bits kept", bits_of(receiver), 8);
    set_up();
    in_user([] {
        clear_csr<ustatus>(1);
        uipi_send(0);
        value = user_trap.count;
        set_csr<ustatus>(1);
        asm volatile("nop");
        status_after = user_trap.count;
    });
    check("48 not while UIE is 0", value, 0);
    check("48 once it is 1", status_after, 1);
}

void check_owners() {
    set_up();
    write_csr<sideleg>(0);
    send_of(receiver) = 0;
    in_user(nothing);
    check("49 S trap", supervisor_trap.count, 1);
    check("49 scause", supervisor_trap.cause, user_software);
    check("49 no U entry", user_trap.count, 0);
    set_up();
    send_of(receiver) = 0;
    enter_mode(
        [] {
            set_csr<sstatus>(2);
            for (u64 i = 0; i < 1000; ++i) asm volatile("nop");
            clear_csr<sstatus>(2);
        },
        supervisor);
    set_csr<mstatus>(8);
    for (u64 i = 0; i < 1000; ++i) asm volatile("nop");
    clear_csr<mstatus>(8);
    check("50 not in S, not in M", supervisor_trap.count + user_trap.count + machine_trap.count, 0);
    set_up();
    send_of(receiver) = 0;
    write_csr<mideleg>(0x131);
    set_csr<mip>(0x20);
    set_csr<mie>(0x20);
    in_user(nothing);
    check("51 S first", supervisor_trap.user_entries, 0);
    check("51 timer", supervisor_trap.cause, user_software | 5);
    check("51 then U", user_trap.count, 1);
    clear_csr<mip>(0x20);
    set_up();
    write_csr<sideleg>(0x111);
    write_csr<mie>(0x111);
    write_csr<utvec>(reinterpret_cast<u64>(&on_user_trap_recording));
    set_csr<mip>(0x111);
    in_user(nothing);
    clear_csr<mip>(0x111);
    check("52 three", user_order_count, 3);
    check("52 order", user_order[0] << 8 | user_order[1] << 4 | user_order[2], 0x804);
}

void check_reentry() {
    set_up();
    write_csr<utvec>(reinterpret_cast<u64>(&on_user_trap_send_again));
    in_user(send_zero);
    check("53 second entry", user_trap.count, 2);
    check("53 nothing left", bits_of(receiver), 0);
    set_up();
    write_csr<utvec>(reinterpret_cast<u64>(&on_user_trap_reads_at_third));
    send_of(receiver) = 0;
    in_user(note);
    check("54 entered until it reads", user_trap.count, 3);
    check("54 no progress before", user_trap.epc, reinterpret_cast<u64>(&note));
}

void uret_word() { asm volatile(".word 0x00200073"); }

void check_uret() {
    set_up();
    check("55 uret in S", traps_in(supervisor, uret_word), 1);
    check("55 illegal", machine_trap.cause, 2);
    check("55 uret in M", traps_of(uret_word), 1);
    for (const u64 before : {u64{0}, u64{0x10}}) {
        set_up();
        write_csr<ustatus>(before);
        in_user([] {
            asm volatile("la t0, 1f\n csrw 0x041, t0\n .word 0x00200073\n unimp\n1:" ::: "t0", "memory");
            status_after = read_csr<ustatus>();
        });
        check("56 uret pops", status_after, 0x10 | before >> 4);
    }
    check("56 no exception", machine_trap.count, 0);
    set_up();
    write_csr<utvec>(reinterpret_cast<u64>(&vector_table) | 1);
    in_user(send_zero);
    check("57 vectored", user_trap.count, 1);
    check("57 no exception", machine_trap.count, 0);
    set_up();
    write_csr<ustatus>(0);
    send_of(receiver) = 0;
    asm volatile("wfi");
    check("60 wfi wakes", user_trap.count + machine_trap.count, 0);
    set_up();
    write_csr<sideleg>(0x111);
    check("63 an exception in U", traps_in(user, [] { asm volatile("unimp"); }), 1);
    check("63 goes to M", machine_trap.cause, 2);
}

void all_five() {
    uipi_send(0);
    value = uipi_read();
    uipi_write(all_ones);
    uipi_deactivate();
    uipi_activate();
}

void check_disabled() {
    set_up();
    write_csr<suist>(0);
    write_csr<suirs>(0);
    low_of(0) = 0;
    value = 1;
    check("64 no trap", traps_in(user, all_five), 0);
    check("64 read gives 0", value, 0);
    check("64 device unchanged", bits_of(0) | bits_of(receiver) | low_of(0), 0);
    check("64 entry 5", low_of(receiver), 3);
    write_csr<suirs>(uintr::ReceiverStatus::make(512).raw);
    value = 1;
    check("67 no trap", traps_in(user, all_five), 0);
    check("67 read gives 0", value, 0);
}

void check_receiver_side() {
    set_up();
    write_csr<ustatus>(0);
    in_user([] {
        uipi_write(0x1'0003);
        value = uipi_read();
        status_after = uipi_read();
    });
    check("65 written", value, 0x1'0003);
    check("65 read clears", status_after, 0);
    low_of(receiver) = 0x2'0002;
    in_user(uipi_activate);
    check("66 activate", low_of(receiver), 0x2'0003);
    in_user(uipi_deactivate);
    check("66 deactivate", low_of(receiver), 0x2'0002);
    in_user([] {
        uipi_write(6);
        asm volatile(".insn r 0x7b, 6, 1, x0, x0, x0" ::: "memory");
    });
    check("75 read to x0 clears", bits_of(receiver), 0);
}

// What entry `index`, holding `entry`, sends to receiver 5.
u64 sent(u64 index, u64 entry) {
    sender_table()[index] = entry;
    uipi_send(index);
    return bits_of(receiver);
}

void check_entries() {
    constexpr u64 good = uintr::SenderEntry::make(receiver, vector).raw;
    set_up();
    low_of(receiver) = 2;
    check("68 invalid", sent(0, good & ~u64{1}), 0);
    check("69 reserved bits", sent(0, good | 0x0000'ffff'0000'fffe), 0x80);
    check("70 511 of 512", sent(511, good), 0x80);
    check("70 512 of 512", sent(512, good), 0);
    write_csr<suist>(uintr::SenderTable::make(reinterpret_cast<u64>(sender_table()), 2).raw);
    check("70 512 of 1024", sent(512, good), 0x80);
    write_csr<suist>(uintr::SenderTable::make(reinterpret_cast<u64>(sender_table()), 0).raw);
    check("70 size 0", sent(0, good), 0);
    write_csr<suist>(uintr::SenderTable::make(reinterpret_cast<u64>(sender_table()), 1).raw);
    sender_table()[-1] = table[0] = good;
    sender_table()[0] = good;
    uipi_send(all_ones);
    uipi_send(u64{1} << 61);
    uipi_send((reinterpret_cast<u64>(&table[0]) - reinterpret_cast<u64>(sender_table())) / 8);
    check("71 no index leaves the table", bits_of(receiver), 0);
    check("72 receiver 600", sent(0, uintr::SenderEntry::make(600, 1).raw), 0);
    check("72 vector 64", sent(0, uintr::SenderEntry::make(receiver, 64).raw), 0);
    write_csr<suist>(uintr::SenderTable::make(0x1000'0000'0000, 1).raw);
    check("73 no memory, no trap", traps_of(send_zero), 0);
    check("73 nothing", bits_of(receiver), 0);
}

void check_encodings() {
    set_up();
    check("74 funct7 5", traps_in(user, [] { asm volatile(".insn r 0x7b, 6, 5, x0, x0, x0"); }), 1);
    check("74 rs2", traps_in(user, [] { asm volatile(".insn r 0x7b, 6, 0, x0, x0, x1"); }), 1);
    check("74 read with rs2", traps_in(user, [] { asm volatile(".insn r 0x7b, 6, 1, x0, x0, x1"); }), 1);
    check("74 funct3 2", traps_in(user, [] { asm volatile(".insn r 0x7b, 2, 0, x0, x0, x0"); }), 1);
    check("74 I-type", traps_in(user, [] { asm volatile(".word 0x0010207b"); }), 1);
    check("74 illegal", machine_trap.cause, 2);
    check("74 nothing sent", bits_of(receiver), 0);
    enter_mode(send_zero, supervisor);
    check("77 send from S", bits_of(receiver), 0x80);
    send_zero();
    check("77 send from M", bits_of(receiver), 0x80);
    check("77 no U entry", user_trap.count, 0);
    in_user([] {
        uipi_send(0);
        value = user_trap.epc;
        asm volatile("mv a0, x0\n .insn r 0x7b, 6, 0, x0, a0, x0\n .insn r 0x7b, 6, 0, x0, a0, x0" ::: "a0", "memory");
    });
    check("79 each send is taken behind itself", user_trap.count, 3);
}

} // namespace

void check_delivery() {
    check_self_send();
    check_pending_at_entry();
    check_masked();
    check_owners();
    check_reentry();
    check_uret();
}

void check_instructions() {
    check_disabled();
    check_receiver_side();
    check_entries();
    check_encodings();
}

namespace {

volatile u64 second_wanted, second_ready, seen_low, seen_high, stop;
constexpr u64 rounds = 2000;

[[gnu::interrupt("user"), gnu::aligned(4)]] void on_second_trap() {
    clear_csr<uip>(usip);
    const u64 bits = uipi_read();
    if ((bits & 1) != 0) seen_low = seen_low + 1;
    if ((bits & 2) != 0) seen_high = seen_high + 1;
}

void wait_until(volatile u64& counter, u64 wanted) {
    for (u64 i = 0; counter < wanted && i < 4'000'000'000; ++i) {
    }
}

} // namespace

// Cases 11, 58, 59 and 78 across harts: hart 0 sends two vectors to a loop in U-mode on hart 1.
void check_two_harts() {
    set_up();
    second_wanted = 1;
    wait_until(second_ready, 1);
    u64 lost = 0;
    for (u64 round = 1; round <= rounds; ++round) {
        sender_table()[0] = uintr::SenderEntry::make(6, 0).raw;
        uipi_send(0);
        sender_table()[0] = uintr::SenderEntry::make(6, 1).raw;
        uipi_send(0);
        wait_until(seen_low, round);
        wait_until(seen_high, round);
        if (seen_low != round || seen_high != round) ++lost;
    }
    check("58 59 78 all arrive on hart 1", lost, 0);
    check("58 none here", user_trap.count, 0);
    low_of(6) = uintr::Low::running(0).raw;
    write_csr<suirs>(uintr::ReceiverStatus::make(6).raw);
    in_user(send_zero);
    check("11 moved to hart 0", user_trap.bits, 2);
    check("11 no longer on hart 1", seen_high, rounds);
    stop = 1;
}

// Leaves the device alone until hart 0 has done with the checks that want it for themselves: case 01 looks at every
// entry, at a time when this hart may be ahead.
[[noreturn]] void second_hart() {
    while (second_wanted == 0) {
    }
    write_csr<pmpaddr0>(all_ones);
    write_csr<pmpcfg0>(0x1f);
    write_csr<mideleg>(0x111);
    write_csr<sideleg>(1);
    write_csr<mie>(1);
    write_csr<ustatus>(1);
    write_csr<utvec>(reinterpret_cast<u64>(&on_second_trap));
    write_csr<suirs>(uintr::ReceiverStatus::make(6).raw);
    low_of(6) = uintr::Low::running(read_csr<mhartid>()).raw;
    in_user([] {
        second_ready = 1;
        while (stop == 0) {
        }
    });
    for (;;) asm volatile("wfi");
}

} // namespace machine
