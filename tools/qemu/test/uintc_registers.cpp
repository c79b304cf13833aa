// The device seen from a hart (section 8.1) and the CSRs (8.2). Numbers in the names are those of the list.
#include "uintc_machine.hpp"

namespace machine {

namespace {

constexpr u64 device_end = uintc + 512 * uintr::entry_size;

volatile u32& narrow(u64 address) { return *reinterpret_cast<volatile u32*>(address); }
volatile u64& wide(u64 address) { return *reinterpret_cast<volatile u64*>(address); }

void check_reset() {
    u64 sum = 0;
    for (u32 r = 0; r < 512; ++r) sum |= low_of(r) | high_of(r) | active_of(r);
    check("01 entries after reset", sum, 0);
    check("24 sideleg", read_csr<sideleg>(), 0);
    check("24 suist", read_csr<suist>(), 0);
    check("24 suirs", read_csr<suirs>(), 0);
    check("24 utvec", read_csr<utvec>(), 0);
    check("24 ustatus", read_csr<ustatus>(), 0);
    check("29 mideleg after reset", read_csr<mideleg>() & 1, 1);
    write_csr<mideleg>(0);
    check("29 mideleg stays", read_csr<mideleg>() & 1, 1);
}

void check_entry() {
    low_of(9) = all_ones;
    check("02 LOW fields", low_of(9), 0xffff'0003);
    low_of(9) = 0;
    check("03 SEND reads 0", send_of(9), 0);
    active_of(9) = 3;
    check("04 ACT 3", active_of(9), 1);
    active_of(9) = 2;
    check("04 ACT 2", active_of(9), 0);
    u64 wrong = 0;
    for (u64 v = 0; v < 64; ++v) {
        send_of(9) = v;
        if (high_of(9) != u64{1} << v) ++wrong;
    }
    check("05 each vector", wrong, 0);
    for (const u64 bad : {u64{64}, u64{0xffff}, u64{1} << 32}) send_of(9) = bad;
    check("06 vectors out of range", high_of(9), 0);
    high_of(9) = 5;
    high_of(9) = u64{1} << 63;
    check("07 HIGH ors", high_of(9), 0x8000'0000'0000'0005);
    check("07 read clears", high_of(9), 0);
}

void check_line() {
    low_of(9) = 2;
    send_of(9) = 5;
    check("09 inactive", read_csr<mip>() & usip, 0);
    active_of(9) = 1;
    check("09 activated", read_csr<mip>() & usip, usip);
    low_of(9) = uintr::Low::running(100).raw;
    check("13 missing hart", read_csr<mip>() & usip, 0);
    low_of(9) = uintr::Low::running(0).raw;
    check("13 back", read_csr<mip>() & usip, usip);
    active_of(9) = 0;
    check("10 deactivated", read_csr<mip>() & usip, 0);
    check("10 bits kept", high_of(9), 32);
    low_of(9) = 0;
}

void check_access_faults() {
    send_of(9) = 4;
    check("14 narrow load", traps_of([] { sink = narrow(uintc + 9 * 32 + 0x10); }), 1);
    check("14 load fault", machine_trap.cause, 5);
    check("14 narrow store", traps_of([] { narrow(uintc + 9 * 32) = 1; }), 1);
    check("14 store fault", machine_trap.cause, 7);
    check("14 nothing changed", high_of(9), 16);
    send_of(511) = 1;
    check("15 last entry", high_of(511), 2);
    check("15 past the end", traps_of([] { sink = wide(device_end); }), 1);
    check("15 load fault", machine_trap.cause, 5);
}

void check_masks() {
    write_csr<sideleg>(all_ones);
    check("25 sideleg", read_csr<sideleg>(), 0x111);
    write_csr<suist>(all_ones);
    check("26 suist", read_csr<suist>(), 0x80ff'ffff'ffff'ffff);
    write_csr<suirs>(all_ones);
    check("26 suirs", read_csr<suirs>(), 0x8000'0000'0000'ffff);
    write_csr<suist>(0);
    write_csr<suirs>(0);
    write_csr<utvec>(0x8000);
    write_csr<utvec>(0x9002);
    check("27 utvec mode 2", read_csr<utvec>(), 0x8000);
    write_csr<utvec>(0x9001);
    check("27 utvec mode 1", read_csr<utvec>(), 0x9001);
    write_csr<uepc>(3);
    check("28 uepc", read_csr<uepc>(), 2);
    write_csr<ucause>(all_ones);
    check("28 ucause", read_csr<ucause>(), (u64{1} << 63) | 15);
    write_csr<ustatus>(0);
    set_csr<sstatus>(0x11);
    check("30 sstatus cannot set", read_csr<ustatus>(), 0);
    set_csr<mstatus>(0x11);
    check("30 mstatus can", read_csr<ustatus>(), 0x11);
    clear_csr<sstatus>(0x11);
    check("30 sstatus cannot clear", read_csr<ustatus>(), 0x11);
    check("30 sstatus hides them", read_csr<sstatus>() & 0x11, 0);
    write_csr<ustatus>(0);
    write_csr<ustatus>(all_ones);
    check("31 ustatus", read_csr<ustatus>(), 0x11);
    write_csr<ustatus>(0);
}

void check_views() {
    write_csr<mie>(0);
    write_csr<mip>(0);
    write_csr<mideleg>(0x111);
    write_csr<sideleg>(0);
    set_csr<mip>(1);
    check("32 uip without sideleg", read_csr<uip>(), 0);
    set_csr<uie>(1);
    check("32 uie without sideleg", read_csr<mie>() & 1, 0);
    write_csr<sideleg>(1);
    check("33 uip", read_csr<uip>(), 1);
    set_csr<uie>(1);
    check("33 uie", read_csr<mie>() & 1, 1);
    check("33 seen in sie", read_csr<sie>() & 1, 1);
    write_csr<mie>(0);
    clear_csr<mip>(1);
    write_csr<sideleg>(0x111);
    set_csr<uip>(0x111);
    check("34 only USIP is writable", read_csr<mip>() & 0x111, 1);
    write_csr<pmpaddr0>(all_ones);
    write_csr<pmpcfg0>(0x1f);
    check("35 no trap", traps_in(user, [] { asm volatile("csrw 0x044, zero"); }), 0);
    check("35 csrw uip from U", read_csr<mip>() & 1, 0);
    check("36 four reads from U",
          traps_in(user,
                   [] {
                       sink = read_csr<sedeleg>();
                       sink = read_csr<sideleg>();
                       sink = read_csr<suist>();
                       sink = read_csr<suirs>();
                   }),
          4);
    check("36 illegal", machine_trap.cause, 2);
    check("37 sedeleg, suicfg", traps_of([] {
              sink = read_csr<sedeleg>();
              sink = read_csr<suicfg>();
          }),
          2);
    check("37 illegal", machine_trap.cause, 2);
}

void check_software_bit() {
    write_csr<sideleg>(1);
    set_csr<mip>(1);
    low_of(9) = 3;
    send_of(9) = 0;
    sink = high_of(9);
    check("39 software bit outlives the line", read_csr<mip>() & usip, usip);
    clear_csr<mip>(1);
    check("39 until csrc", read_csr<mip>() & usip, 0);
    send_of(9) = 0;
    clear_csr<uip>(1);
    clear_csr<mip>(1);
    check("40 csrc leaves the line", read_csr<mip>() & usip, usip);
    clear_csr<sip>(2);
    sink = high_of(9);
    check("41 nothing sticks", read_csr<mip>() & usip, 0);
    low_of(9) = 0;
}

} // namespace

void check_device() {
    check_reset();
    check_entry();
    check_line();
    check_access_faults();
}

void check_registers() {
    check_masks();
    check_views();
    check_software_bit();
}

// Case 38: a hart and a board without any of it.
void check_absent() {
    check("38 CSRs", traps_of([] {
              sink = read_csr<ustatus>();
              sink = read_csr<uie>();
              sink = read_csr<utvec>();
              sink = read_csr<uscratch>();
              sink = read_csr<uepc>();
              sink = read_csr<ucause>();
              sink = read_csr<utval>();
              sink = read_csr<uip>();
              sink = read_csr<sideleg>();
              sink = read_csr<suist>();
              sink = read_csr<suirs>();
          }),
          11);
    check("38 illegal", machine_trap.cause, 2);
    check("38 uipi", traps_of([] {
              uipi_send(0);
              sink = uipi_read();
              uipi_write(0);
              uipi_activate();
              uipi_deactivate();
          }),
          5);
    check("38 illegal", machine_trap.cause, 2);
    write_csr<pmpaddr0>(all_ones);
    write_csr<pmpcfg0>(0x1f);
    check("38 uret", traps_in(user, [] { asm volatile(".word 0x00200073"); }), 1);
    write_csr<mideleg>(0x111);
    write_csr<mie>(0x111);
    write_csr<mip>(0x111);
    const u64 bits = read_csr<mideleg>() | read_csr<mie>() | read_csr<mip>() | read_csr<sie>() | read_csr<sip>();
    check("38 interrupt bits", bits & 0x111, 0);
    check("38 no device", traps_of([] { sink = low_of(0); }), 1);
    check("38 load fault", machine_trap.cause, 5);
}

} // namespace machine
