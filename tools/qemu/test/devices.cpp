// Checks QEMU's TAIC device and user interrupts from inside, as an S-mode payload of OpenSBI.
// Prints a line per check; powers off with status 0 if all hold, 1 if not.
// Built plain, with STICKY (cpu x-sip-sticky=on), with NO_RESET (does not reboot to look at the state after it) and
// with OFF (no TAIC, no user interrupts).
// Source: TAIC specification, sections 2, 4 and 8; user interrupt specification, section 2.

#include "bare.hpp"

using namespace bare;

extern "C" void enter_user(void (*function)());

namespace {

constexpr u64 taic = 0x100'0000;
constexpr u64 boot_mark = 0x80e0'0000; // survives a reset of the machine
constexpr u64 marked = 0x7461'6963;
constexpr u64 interrupt = u64{1} << 63;
constexpr u64 sender_irq = (u64{2} << 32) | 7;
constexpr u64 receiver_irq = 7;

enum Offset : u64 {
    Alloc = 0x00,
    Free = 0x08,
    Pulse = 0x10,
    Enqueue = 0x00,
    Dequeue = 0x08,
    RegisterSender = 0x18,
    RegisterReceiver = 0x28,
    Send = 0x30,
    Whart = 0x38,
    RegisterExternal = 0x40
};

struct TrapRecord {
    volatile u64 count, cause, epc, word;
};
TrapRecord supervisor_trap;

volatile u64& reg(u64 address) { return *reinterpret_cast<volatile u64*>(address); }
constexpr u64 page(u64 gq, u64 lq) { return taic + 0x1000 * (1 + 8 * gq + lq); }
constexpr u64 kernel = page(0, 0);
constexpr u64 process = page(1, 0);

void sbi(u64 extension, u64 function, u64 first, u64 second = 0) {
    register u64 a0 asm("a0") = first;
    register u64 a1 asm("a1") = second;
    register u64 a6 asm("a6") = function;
    register u64 a7 asm("a7") = extension;
    asm volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a6), "r"(a7) : "memory");
}

} // namespace

void bare::put(char c) { sbi(1, 0, static_cast<unsigned char>(c)); }

namespace {

[[gnu::interrupt("supervisor"), gnu::aligned(4)]] void on_supervisor_trap() {
    const u64 cause = read_csr<scause>();
    supervisor_trap.cause = cause;
    supervisor_trap.epc = read_csr<sepc>();
    supervisor_trap.count = supervisor_trap.count + 1;
    if (cause == (interrupt | 1)) {
        supervisor_trap.word = reg(kernel + Dequeue);
        clear_csr<sip>(ssip);
    } else if (cause == interrupt) {
        supervisor_trap.word = reg(process + Dequeue);
        clear_csr<sip>(usip);
    } else {
        if (cause == 8) set_csr<sstatus>(0x100); // the user function ended: back to S-mode
        write_csr<sepc>(supervisor_trap.epc + 4);
    }
}

u64 traps_of(void (*action)()) {
    const u64 before = supervisor_trap.count;
    action();
    return supervisor_trap.count - before;
}

#ifndef OFF
TrapRecord user_trap;
volatile u64 user_line_after, user_resumed;

[[gnu::interrupt("user"), gnu::aligned(4)]] void on_user_trap() {
    user_trap.cause = read_csr<ucause>();
    user_trap.epc = read_csr<uepc>();
    user_trap.count = user_trap.count + 1;
    user_trap.word = reg(process + Dequeue);
    clear_csr<uip>(usip);
    user_line_after = read_csr<uip>() & usip;
}

void resumed() { user_resumed = user_resumed + 1; }
void interrupt_self() {
    reg(taic + Pulse) = 1;
    while (user_trap.count != 2) {
    }
}

u64 allocate(u64 os, u64 process_id) {
    reg(taic + Alloc) = os;
    reg(taic + Alloc) = process_id;
    return reg(taic + Alloc);
}

void send_to_kernel() {
    reg(process + Send) = 1;
    reg(process + Send) = receiver_irq;
}

void check_queues() {
    check("alloc kernel", allocate(1, 0), 0);
    check("alloc process", allocate(1, 2), u64{1} << 32);
    reg(kernel + Enqueue) = 0x10;
    reg(kernel + Enqueue) = 0x20;
    check("dequeue first", reg(kernel + Dequeue), 0x10);
    check("dequeue second", reg(kernel + Dequeue), 0x20);
    check("dequeue empty", reg(kernel + Dequeue), 0);
    *reinterpret_cast<volatile u32*>(kernel + Enqueue) = 0x30;
    check("narrow store ignored", reg(kernel + Dequeue), 0);
    reg(kernel + Enqueue) = 0x60;
    check("narrow load pops", *reinterpret_cast<volatile u32*>(kernel + Dequeue), 0x60);
    check("popped by the narrow load", reg(kernel + Dequeue), 0);
    check("past the last page", reg(taic + 0xff'f000), 0);
    reg(taic + Free) = 0xffff'ffff'0000'0000; // no such queue: must not harm
}

void check_supervisor_line(u64 hart) {
    reg(kernel + Whart) = hart;
    reg(kernel + RegisterReceiver) = 1;
    reg(kernel + RegisterReceiver) = sender_irq;
    reg(kernel + RegisterReceiver) = 0x103;
    reg(process + RegisterSender) = 1;
    reg(process + RegisterSender) = receiver_irq;
    send_to_kernel();
    check("send raises SSIP", read_csr<sip>() & ssip, ssip);
    clear_csr<sip>(ssip);
    check("csrc leaves the line", read_csr<sip>() & ssip, ssip);
    clear_csr<sip>(usip); // another bit
    check("word of the sender", reg(kernel + Dequeue), 0x103);
#ifdef STICKY
    check("sticky SSIP", read_csr<sip>() & ssip, ssip);
#else
    check("dequeue lowers SSIP", read_csr<sip>() & ssip, 0);
#endif
    clear_csr<sip>(ssip);
    check("SSIP clear", read_csr<sip>() & ssip, 0);
    send_to_kernel();
    set_csr<sip>(ssip);
    check("word again", reg(kernel + Dequeue), 0x103);
    check("software bit outlives the line", read_csr<sip>() & ssip, ssip);
    clear_csr<sip>(ssip);
    send_to_kernel();
    reg(kernel + Whart) = all_ones;
    check("whart hides the line", read_csr<sip>() & ssip, 0);
    reg(kernel + Whart) = hart;
    set_csr<sie>(ssip);
    check("one trap", traps_of([] { set_csr<sstatus>(2); }), 1);
    clear_csr<sstatus>(2);
    check("supervisor cause", supervisor_trap.cause, interrupt | 1);
    check("word in the handler", supervisor_trap.word, 0x103);
    clear_csr<sie>(ssip);
}

void check_registers() {
    write_csr<sideleg>(all_ones);
    check("sideleg bits", read_csr<sideleg>(), 0x111);
    write_csr<ustatus>(all_ones);
    check("ustatus bits", read_csr<ustatus>(), 0x11);
    check("not in sstatus", read_csr<sstatus>() & 0x11, 0);
    write_csr<ustatus>(0);
    write_csr<utvec>(0x1000);
    write_csr<utvec>(0x2002);
    check("utvec mode 2 refused", read_csr<utvec>(), 0x1000);
    write_csr<uepc>(0x1001);
    check("uepc bit 0", read_csr<uepc>(), 0x1000);
    check("uret outside U", traps_of([] { asm volatile(".word 0x00200073"); }), 1);
    check("is illegal", supervisor_trap.cause, 2);
    check("user touches sideleg", traps_of([] { enter_user([] { (void)read_csr<sideleg>(); }); }), 2);
}

void check_user_line(u64 hart) {
    reg(process + Whart) = hart;
    reg(process + RegisterExternal) = 0x203;
    write_csr<utvec>(reinterpret_cast<u64>(&on_user_trap));
    write_csr<sideleg>(usip);
    set_csr<sie>(usip);
    write_csr<ustatus>(1);
    reg(taic + Pulse) = 1;
    check("pulse raises USIP", read_csr<sip>() & usip, usip);
    set_csr<sstatus>(2);
    check("not taken in S", supervisor_trap.cause == interrupt, 0);
    clear_csr<sstatus>(2);
    enter_user(resumed);
    check("one user trap", user_trap.count, 1);
    check("user cause", user_trap.cause, interrupt);
    check("before the first instruction", user_trap.epc, reinterpret_cast<u64>(&resumed));
    check("word in the user handler", user_trap.word, 0x203);
    check("line low after dequeue", user_line_after, 0);
    check("uret resumes", user_resumed, 1);
    check("UIE restored", read_csr<ustatus>(), 0x11);
    enter_user(interrupt_self);
    check("second user trap", user_trap.count, 2);
    check("word of its own", user_trap.word, 0x203);
    write_csr<ustatus>(0);
    reg(taic + Pulse) = 1;
    enter_user(resumed);
    check("masked by UIE", user_trap.count, 2);
    check("user went on", user_resumed, 2);
    write_csr<ustatus>(1);
    clear_csr<sie>(usip);
    enter_user(resumed);
    check("masked by USIE", user_trap.count, 2);
    write_csr<sideleg>(0);
    set_csr<sie>(usip);
    check("without sideleg it is S's", traps_of([] { set_csr<sstatus>(2); }), 1);
    clear_csr<sstatus>(2);
    check("cause 0", supervisor_trap.cause, interrupt);
    check("word taken by S", supervisor_trap.word, 0x203);
    clear_csr<sie>(usip);
}

// The UART is line 10 (the PLIC's source 10) with taic=thesis, line 0 with taic=rtl.
void check_device_line() {
    reg(process + RegisterExternal) = 0;
    reg(kernel + RegisterExternal) = 0x300;
    reg(kernel + RegisterExternal + 8 * 10) = 0x300;
    auto& enable = *reinterpret_cast<volatile unsigned char*>(uart + 1);
    const unsigned char before = enable;
    enable = 0;
    enable = 2; // transmitter empty
    enable = 0;
    check("edge of a device", reg(kernel + Dequeue), 0x300);
    check("one edge, one word", reg(kernel + Dequeue), 0);
    enable = before;
}

void check_first_boot(u64 hart) {
    check_queues();
    check_supervisor_line(hart);
    check_registers();
    check_user_line(hart);
    check_device_line();
#ifndef NO_RESET
    send_to_kernel(); // leave a line high
    write_csr<sideleg>(usip);
    print("resetting\n");
    reg(boot_mark) = marked;
    sbi(0x5352'5354, 0, 2); // system reset, warm reboot
    check("reset", 0, 1);
#endif
}

void check_second_boot() {
    check("line low after reset", read_csr<sip>() & (ssip | usip), 0);
    check("sideleg after reset", read_csr<sideleg>(), 0);
    check("queues free after reset", allocate(1, 9), 0);
    check("queue empty after reset", reg(kernel + Dequeue), 0);
}
#endif

} // namespace

extern "C" [[noreturn]] void run(u64 hart) {
    write_csr<stvec>(reinterpret_cast<u64>(&on_supervisor_trap));
#ifdef OFF
    (void)hart;
    check("no TAIC", traps_of([] { supervisor_trap.word = reg(kernel + Dequeue); }), 1);
    check("load fault", supervisor_trap.cause, 5);
    check("no sideleg", traps_of([] { (void)read_csr<sideleg>(); }), 1);
    check("illegal", supervisor_trap.cause, 2);
    check("no uret", traps_of([] { enter_user([] { asm volatile(".word 0x00200073"); }); }), 2);
    set_csr<sip>(ssip);
    check("SSIP is software's", read_csr<sip>() & ssip, ssip);
#else
    if (reg(boot_mark) == marked) {
        check_second_boot();
    } else {
        check_first_boot(hart);
    }
    reg(boot_mark) = 0;
#endif
    power_off();
}
