// User interrupts as the kernel keeps them for its threads on one hart: time slices, preempted handlers, and wild
// instructions (uintr.md 8.5).
#include "tests/guest/conformance/lists.hpp"
#include "tests/guest/conformance/receivers.hpp"

namespace guest {

namespace {

// --- 85: two receivers take turns on a hart, in time slices; a third thread sends to both.

struct Loaded {
    Word scratch = read<Csr::Uscratch>();
    Word vector = read<Csr::Utvec>();
    bool intact() const {
        return read<Csr::Uscratch>() == scratch && read<Csr::Utvec>() == vector &&
            (read<Csr::Ustatus>() & uintr::interrupts_enabled) != 0;
    }
};

void take_bits(Thread& me) {
    UserInterrupts& interrupts = areas[me.index];
    interrupts.install(me.in[0]);
    const Loaded own;
    while (!over.load()) {
        const Word bits = interrupts.take();
        me.out[Bits] |= bits;
        if (bits != 0) me.progress.fetch_add(1);
        if (!own.intact()) ++me.out[Wrong];
    }
}

void send_to_two(Thread& me) {
    const auto one = seL4_TaiL4_Notification_RegisterSender(me.in[0]);
    const auto other = seL4_TaiL4_Notification_RegisterSender(me.in[1]);
    me.out[Wrong] = one.error != seL4_NoError || other.error != seL4_NoError;
    while (!over.load()) {
        sel4async::send_user_interrupt(one.index);
        sel4async::send_user_interrupt(other.index);
        me.progress.fetch_add(1);
    }
}

void time_slices(Context& t) {
    Receiver receivers[2];
    if (!make(t, receivers[0], Own, 3) || !make(t, receivers[1], Own, 41)) return;
    Thread& sender = t.thread(Own);
    for (unsigned i = 0; i < 2; ++i) sender.in[i] = receivers[i].sender;
    over = false;
    for (const Receiver& receiver : receivers) t.start(*receiver.thread, take_bits);
    t.start(sender, send_to_two);
    let_run(second / 5);
    wait_until(t, sender.progress, 100, "the sender goes on");
    for (const Receiver& receiver : receivers) wait_until(t, receiver.thread->progress, 3, "bits arrive");
    over = true;
    for (const Receiver& receiver : receivers) {
        wait_until(t, receiver.thread->done, 1, "the receiver goes on");
        t.equal("bits", receiver.thread->out[Bits], receiver.bit);
        t.equal("changed registers", receiver.thread->out[Wrong], 0);
    }
    wait_until(t, sender.done, 1, "the sender ends");
    t.equal("refused registrations", sender.out[Wrong], 0);
}

// --- 86: a receiver is preempted inside its handler, while another one takes interrupts.

std::atomic<Word> in_handler;
std::atomic<bool> leave_handler;
std::atomic<Word> handled_bits;

[[gnu::interrupt("user"), gnu::aligned(4)]] void slow_handler() {
    in_handler.fetch_add(1);
    while (!leave_handler.load()) {
    }
    Word bits = 0;
    asm volatile("csrci %1, 1\n"
                 ".insn r 0x7b, 6, 1, %0, x0, x0"
                 : "=r"(bits)
                 : "i"(Csr::Uip));
    handled_bits.fetch_or(bits);
}

// Counts in two registers, between whose steps the handler may come, until it is over.
void count_twice(Thread& me) {
    areas[me.index].install(me.in[0]);
    asm volatile("csrw %0, %1" ::"i"(Csr::Utvec), "r"(&slow_handler));
    me.progress.fetch_add(1);
    Word one = 0;
    Word other = 0;
    asm volatile("1: addi %0, %0, 1\n"
                 " addi %1, %1, 3\n"
                 " lbu t0, (%2)\n"
                 " beqz t0, 1b"
                 : "+&r"(one), "+&r"(other)
                 : "r"(&over)
                 : "t0", "memory");
    me.out[Wrong] = 3 * one - other;
}

void send_to_itself(Thread& me) {
    UserInterrupts& interrupts = areas[me.index];
    interrupts.install(me.in[0]);
    const auto own = seL4_TaiL4_Notification_RegisterSender(me.in[1]);
    const Loaded registers;
    me.out[Wrong] = own.error != seL4_NoError;
    while (!over.load()) {
        sel4async::send_user_interrupt(own.index);
        const Word bits = interrupts.take();
        me.out[Bits] |= bits;
        if (bits == 0 || !registers.intact()) ++me.out[Wrong];
        me.progress.fetch_add(1);
        if (me.in[2] != 0) seL4_Yield();
    }
}

void check_itself(Context& t, const Receiver& receiver) {
    wait_until(t, receiver.thread->done, 1, "the other one ends");
    t.equal("its bits", receiver.thread->out[Bits], receiver.bit);
    t.equal("its errors", receiver.thread->out[Wrong], 0);
}

void preempted_in_handler(Context& t) {
    Receiver slow;
    Receiver other;
    if (!make(t, slow, Own, 7) || !make(t, other, Own, 8)) return;
    other.thread->in[1] = other.sender;
    over = leave_handler = false;
    in_handler = handled_bits = 0;
    t.start(*slow.thread, count_twice);
    if (!wait_until(t, slow.thread->progress, 1, "the receiver is ready")) return;
    t.start(*other.thread, send_to_itself);
    const auto sender = seL4_TaiL4_Notification_RegisterSender(slow.sender);
    t.equal("register", Word(sender.error), seL4_NoError);
    sel4async::send_user_interrupt(sender.index);
    wait_until(t, in_handler, 1, "the handler runs");
    let_run(second / 10);
    wait_until(t, other.thread->progress, 100, "interrupts meanwhile");
    leave_handler = true;
    let_run(second / 50);
    over = true;
    wait_until(t, slow.thread->done, 1, "the handler returns");
    t.equal("difference of the counters", slow.thread->out[Wrong], 0);
    t.equal("handler entries", in_handler.load(), 1);
    t.equal("bits", handled_bits.load(), slow.bit);
    check_itself(t, other);
}

// --- 89: a receiver that waits when its bit is sent does not wait for a tick if its hart has nothing else to do.

std::atomic<Word> sent_at;

void measure_waits(Thread& me) {
    UserInterrupts& interrupts = areas[me.index];
    interrupts.install(me.in[0]);
    me.out[Shortest] = ~Word{0};
    while (!over.load()) {
        interrupts.mask();
        if (!interrupts.any()) seL4_Wait(me.in[0], nullptr);
        interrupts.unmask();
        const Word bits = interrupts.take();
        const Word time = now() - sent_at.load();
        me.out[Bits] |= bits;
        if (time < me.out[Shortest]) me.out[Shortest] = time;
        me.progress.fetch_add(1);
        seL4_Signal(me.in[1]);
    }
}

void woken_on_an_idle_hart(Context& t) {
    constexpr Word most_rounds = 5'000; // a busy host delays many of them, but not all
    constexpr Word tick = second / 500;
    Receiver receiver;
    if (!make(t, receiver, Above, 12)) return;
    const Word answer = t.notification();
    receiver.thread->in[1] = answer;
    over = false;
    t.start(*receiver.thread, measure_waits);
    const auto sender = seL4_TaiL4_Notification_RegisterSender(receiver.sender);
    t.equal("register", Word(sender.error), seL4_NoError);
    Word rounds = 0;
    while (rounds < 20 || (rounds < most_rounds && receiver.thread->out[Shortest] >= tick / 4)) {
        // The first thing after an answer: by ticks alone each would take a whole one.
        sent_at = now();
        sel4async::send_user_interrupt(sender.index);
        seL4_Wait(answer, nullptr); // now every thread waits
        if (++rounds % 1'000 == 0) note("rounds", rounds);
    }
    t.equal("answers", receiver.thread->progress.load(), rounds);
    t.equal("bits", receiver.thread->out[Bits], receiver.bit);
    t.check(receiver.thread->out[Shortest] < tick / 4, "it waited for the tick");
    over = true;
    t.signal(receiver.notification);
    wait_until(t, receiver.thread->done, 1, "the receiver ends");
}

// A thread that began to receive before its notification, which has been signalled, was bound to it: a signal would
// leave it there, as in seL4. A bit wakes it, and it gets what was signalled.

void bound_while_it_receives(Context& t) {
    constexpr Word badge = 64;
    const Word endpoint = t.endpoint();
    Thread& thread = t.thread(Above);
    t.issue(thread, Word(seL4_SysRecv), {endpoint});
    Receiver receiver{&thread, t.notification()};
    t.signal(t.mint(receiver.notification, badge));
    t.expect({{"bind", thread.tcb, TCBBindNotification, {}, {receiver.notification}}});
    if (seL4_TaiL4_Notification_RegisterReceiver(receiver.notification, thread.tcb) != seL4_NoError)
        return; // none here
    if (!mint_sender(t, receiver, 13)) return;
    const auto sender = seL4_TaiL4_Notification_RegisterSender(receiver.sender);
    t.equal("register", Word(sender.error), seL4_NoError);
    t.equal("waits", thread.done.load(), 0);
    sel4async::send_user_interrupt(sender.index);
    if (!wait_until(t, thread.done, 1, "the bit wakes it")) return;
    t.equal("badge", thread.file.x[A0], badge);
    t.expect({{"unbind", thread.tcb, TCBUnbindNotification, {}, {}}}); // now anybody may look
    t.equal("what is left of the signal", t.poll(receiver.notification).badge, 0);
}

// --- 98: all registers are as they were, wherever the handler of libsel4async comes: between the instructions of a
// loop that the tick interrupts, and behind a system call.

constexpr Word spins = 15'000'000; // some slices
constexpr Word calls = 8;          // each gives way for a slice
constexpr unsigned floats = 33;    // 32 registers and fcsr

Word float_pattern(unsigned i) { return i == 32 ? 5 : 0x3ff0'0000'0000'0000 + i; }

void keep_registers(Thread& me) {
    UserInterrupts& interrupts = areas[me.index];
    interrupts.install(me.in[0]);
    me.progress.fetch_add(1);
    for (unsigned i = 0; i < floats; ++i) me.out[i + 4] = float_pattern(i);
    float_spin(me.out + 4, spins);
    for (Word call = 0; call < calls; ++call) {
        for (unsigned i = 0; i < 32; ++i) me.file.x[i] = pattern(i);
        me.file.x[A7] = static_cast<Word>(seL4_SysYield);
        register_probe(&me.file);
        for (unsigned i = 1; i < 32; ++i) {
            if (i != Sp && i != A7 && me.file.x[i] != pattern(i)) ++me.out[Wrong];
        }
    }
    me.out[Bits] = interrupts.take();
}

void registers_stay(Context& t) {
    Receiver receiver;
    if (!make(t, receiver, Own, 30)) return;
    Thread& thread = *receiver.thread;
    Thread& sender = t.thread(Own);
    sender.in[0] = sender.in[1] = receiver.sender;
    over = false;
    t.start(thread, keep_registers);
    if (!wait_until(t, thread.progress, 1, "the receiver is ready")) return;
    t.start(sender, send_to_two);
    wait_until(t, thread.done, 1, "the receiver ends");
    over = true;
    wait_until(t, sender.done, 1, "the sender ends");
    t.check(areas[thread.index].entries() > 3, "too few interrupts");
    t.equal("bits", thread.out[Bits], receiver.bit);
    t.equal("changed registers", thread.out[Wrong], 0);
    for (unsigned i = 0; i < floats; ++i) t.equal("floating-point register", thread.out[i + 4], float_pattern(i));
}

// --- 93: nobody is offered the device, or the memory of sender tables.

void device_is_not_offered(Context& t) {
    Receiver receiver;
    if (!make(t, receiver, Own, 0)) return; // nothing to hide
    constexpr Word device = 0x02f1'0000;    // of QEMU's machine
    constexpr Word size = 0x4000;
    const Word untypeds = boot_info->untyped.end - boot_info->untyped.start;
    for (Word i = 0; i < untypeds; ++i) {
        const seL4_UntypedDesc& untyped = boot_info->untypedList[i];
        const Word end = untyped.paddr + (Word{1} << untyped.sizeBits);
        t.check(end <= device || untyped.paddr >= device + size, "an untyped with the device in it");
    }
}

// --- 94: random instructions and register values hurt nobody else.

alignas(64) std::uint32_t code[2];
constexpr std::uint32_t ebreak = 0x0010'0073;
constexpr Csr user_csrs[] = {Csr::Ustatus, Csr::Uie, Csr::Utvec, Csr::Uscratch, Csr::Uepc,   Csr::Ucause,
                             Csr::Utval,   Csr::Uip, Csr::Suist, Csr::Suirs,    Csr::Sideleg};
constexpr Word wild_instructions = 4000;

// csrrw to one of the registers, uret, or anything with the opcode of uipi.
std::uint32_t wild_instruction(Word random) {
    constexpr std::uint32_t csrrw = 0x1073;
    constexpr std::uint32_t registers = 0x1f << 15 | 0x1f << 7;
    const auto low = static_cast<std::uint32_t>(random);
    switch (random >> 60) {
    case 0: return uintr::uret_word;
    case 1:
    case 2:
    case 3:
    case 4: return csrrw | static_cast<std::uint32_t>(user_csrs[random >> 32 & 7]) << 20 | (low & registers);
    case 5: return csrrw | static_cast<std::uint32_t>(user_csrs[8 + (random >> 32) % 3]) << 20 | (low & registers);
    case 6:
    case 7: return (low & ~std::uint32_t{0x7f}) | uintr::opcode;
    default: return uintr::encode(static_cast<uintr::Uipi>(random >> 32 & 7), low >> 7 & 31, low >> 15 & 31);
    }
}

// Every way ends in a fault: behind the instruction is a breakpoint.
bool run_wild(Context& t, const Thread& thread, Word fault_endpoint, testing::Random& random) {
    code[0] = wild_instruction(random.next());
    code[1] = ebreak;
    asm volatile("fence.i" ::: "memory");
    Word words[34] = {1, 32, reinterpret_cast<Word>(code)};
    for (Word i = 3; i < 34; ++i) words[i] = random.next() >> (i % 2 == 0 ? 0 : 52);
    t.succeeds("write registers", t.invoke_span(thread.tcb, TCBWriteRegisters, words, {}));
    return t.check(t.receive(fault_endpoint).arrived, "the wild thread faults");
}

void wild_threads(Context& t) {
    Receiver wild;
    Receiver other;
    if (!make(t, wild, Above, 2) || !make(t, other, Own, 9)) return;
    const Word fault_endpoint = t.endpoint();
    other.thread->in[1] = other.sender;
    other.thread->in[2] = 1;
    over = false;
    t.start(*other.thread, send_to_itself);
    // One that is a receiver, one that has nothing to do with user interrupts.
    Thread& plain = t.thread(Above, fault_endpoint);
    t.expect({{"fault endpoint", wild.thread->tcb, TCBSetSpace, {fault_endpoint, 0, 0}, {cnode, vspace}}});
    testing::Random random(94);
    for (Word i = 0; i < wild_instructions && !t.failed(); ++i) {
        run_wild(t, i % 2 == 0 ? *wild.thread : plain, fault_endpoint, random);
        if (i % 64 == 0) seL4_Yield();
    }
    wait_until(t, other.thread->progress, 10, "the other one goes on");
    over = true;
    check_itself(t, other);
}

constexpr Case cases[] = {
    {"time_slices", time_slices},
    {"preempted_in_handler", preempted_in_handler},
    {"woken_on_an_idle_hart", woken_on_an_idle_hart},
    {"bound_while_it_receives", bound_while_it_receives},
    {"registers_stay", registers_stay},
    {"device_is_not_offered", device_is_not_offered},
    {"wild_threads", wild_threads},
};

} // namespace

List user_interrupt_cases() { return list_of<cases>("user_interrupts"); }

} // namespace guest
