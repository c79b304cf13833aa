// What is done to a thread while another hart runs it takes effect at once: its registers are those of this very
// moment, its address space, buffer and flags the new ones (4.5.1 - 4.5.3, 4.5.7, 4.5.8, 4.5.13, 6.6).
#include "tests/guest/conformance/harts.hpp"
#include "tests/guest/conformance/lists.hpp"

namespace guest {

#ifdef CONFIG_ENABLE_SMP_SUPPORT
namespace {

constexpr Word mapping = 0x3000'0000;
constexpr Word register_count = sizeof(seL4_UserContext) / sizeof(Word);
enum Register : Word { Pc = 0, FirstArgument = 16, SecondArgument = 17 }; // places of a seL4_UserContext (9.9)

struct Registers {
    Word at[register_count];
};

// Each differs from all others.
Registers values(Word pc, Word base) {
    Registers registers{};
    for (Word i = 0; i < register_count; ++i) registers.at[i] = base + i;
    registers.at[Pc] = pc;
    return registers;
}

Registers read(Context& t, Word tcb, Word suspend) {
    const Reply reply = t.invoke(tcb, TCBReadRegisters, {suspend, register_count});
    t.equal("registers", reply.tag, register_count);
    Registers registers{};
    for (Word i = 0; i < register_count; ++i)
        registers.at[i] = i < 4 ? reply.words[i] : seL4_GetMR(static_cast<int>(i));
    return registers;
}

void write(Context& t, Word tcb, const Registers& registers, Word resume) {
    Word words[2 + register_count] = {resume, register_count};
    __builtin_memcpy(words + 2, &registers, sizeof registers);
    t.succeeds("write", t.invoke_span(tcb, TCBWriteRegisters, words, {}));
}

// All but the program counter and the one that its loop counts in.
void only_counted(Context& t, const Registers& found, const Registers& written, Register counter) {
    for (Word i = 1; i < register_count; ++i) {
        if (i != counter) t.equal("a register", found.at[i], written.at[i]);
    }
    t.check(found.at[counter] >= written.at[counter], "the counter");
}

// The counter rises, and nothing else changes.
void counts(Context& t, Word tcb, const Registers& written, Register counter) {
    const Word end = now() + patience;
    const Word first = read(t, tcb, 0).at[counter];
    Registers found{};
    do {
        pause(second / 1000); // for it to run at all
        found = read(t, tcb, 0);
        only_counted(t, found, written, counter);
    } while (found.at[counter] <= first && now() < end && !t.failed());
    t.check(found.at[counter] > first, "it counts");
}

bool in_loop(Word pc, const char* loop) { return pc - reinterpret_cast<Word>(loop) <= 4; }
Registers first_loop() { return values(reinterpret_cast<Word>(spin_first), 0x1000); }
Registers second_loop() { return values(reinterpret_cast<Word>(spin_second), 0x2000); }

Word spinning(Context& t, const Registers& registers, Register counter) {
    const Word tcb = t.thread(Below).tcb;
    move(t, tcb, last_hart());
    write(t, tcb, registers, 1);
    counts(t, tcb, registers, counter);
    return tcb;
}

void read_registers(Context& t) {
    const Registers written = first_loop();
    const Word tcb = spinning(t, written, FirstArgument);
    const Registers stopped = read(t, tcb, 1);
    only_counted(t, stopped, written, FirstArgument);
    t.check(in_loop(stopped.at[Pc], spin_first), "stopped in its loop");
    pause(second / 100);
    const Registers again = read(t, tcb, 0);
    for (Word i = 0; i < register_count; ++i) t.equal("it stands still", again.at[i], stopped.at[i]);
    t.expect({{"resume", tcb, TCBResume, {}, {}}});
    counts(t, tcb, written, FirstArgument);
}

// It goes on with what was written, without being stopped or resumed.
void write_registers(Context& t) {
    const Word tcb = spinning(t, first_loop(), FirstArgument);
    write(t, tcb, second_loop(), 0);
    counts(t, tcb, second_loop(), SecondArgument);
    write(t, tcb, first_loop(), 1);
    counts(t, tcb, first_loop(), FirstArgument);
}

void copy_from_a_running_thread(Context& t) {
    constexpr Word suspend = 1, all = 12;
    const Registers written = first_loop();
    const Word source = spinning(t, written, FirstArgument);
    const Word target = t.make(seL4_TCBObject);
    t.expect({{"copy", target, TCBCopyRegisters, {all}, {source}}});
    only_counted(t, read(t, target, 0), written, FirstArgument);
    t.expect({{"copy", target, TCBCopyRegisters, {all | suspend}, {source}}});
    const Registers copied = read(t, target, 0), stopped = read(t, source, 0);
    for (Word i = 0; i < register_count; ++i) t.equal("a register", copied.at[i], stopped.at[i]);
}

void copy_to_a_running_thread(Context& t) {
    const Word target = spinning(t, first_loop(), FirstArgument);
    const Word source = t.make(seL4_TCBObject);
    write(t, source, second_loop(), 0);
    t.expect({{"copy", target, TCBCopyRegisters, {12}, {source}}});
    counts(t, target, second_loop(), SecondArgument);
}

// A space whose only page holds one instruction.
Word space_with(Context& t, Word instruction, Word here) {
    const Word space = t.address_space(mapping);
    const Word frame = t.make(seL4_RISCV_4K_Page);
    const Word shared = t.copy(frame);
    t.expect({{"there", frame, RISCVPageMap, {mapping, 3, 0}, {space}},
              {"here", shared, RISCVPageMap, {here, 3, 1}, {vspace}}});
    if (!t.failed()) *reinterpret_cast<volatile std::uint32_t*>(here) = static_cast<std::uint32_t>(instruction);
    return space;
}

Message receive_patiently(Context& t, Word ep) {
    const Word end = now() + patience;
    Message message = t.poll(ep);
    while (!message.arrived && now() < end) message = t.poll(ep);
    return message;
}

// In the old space it loops, in the new one there is a breakpoint at the same address; and another fault endpoint.
void set_space(Context& t) {
    constexpr Word jump_to_itself = 0x0000'006f, breakpoint = 0x0010'0073;
    const Word table = t.make(seL4_RISCV_PageTableObject);
    t.expect({{"table", table, RISCVPageTableMap, {mapping, 0}, {vspace}}});
    const Word first = space_with(t, jump_to_itself, mapping + page_size);
    const Word next = space_with(t, breakpoint, mapping + 2 * page_size);
    const Word old_handler = t.endpoint(), handler = t.endpoint();
    const Word tcb = t.make(seL4_TCBObject);
    t.expect({{"configure", tcb, TCBConfigure, {old_handler, 0, 0, 0}, {cnode, first, 0}},
              {"priority", tcb, TCBSetPriority, {Below}, {self}}});
    move(t, tcb, last_hart());
    t.expect({{"run", tcb, TCBWriteRegisters, {1, 1, mapping}, {}}});
    pause(second / 50);
    t.check(!t.poll(old_handler).arrived, "it loops");
    t.expect({{"another space", tcb, TCBSetSpace, {handler, 0, 0}, {cnode, next}}});
    const Message message = receive_patiently(t, handler);
    t.equal("fault", message.label(), seL4_Fault_UserException);
    t.equal("address", message.words[0], mapping);
    t.equal("breakpoint", message.words[2], 3);
    t.check(!t.poll(old_handler).arrived, "not to the old handler");
}

void set_buffer(Context& t) {
    const Word ep = t.endpoint();
    const Word table = t.make(seL4_RISCV_PageTableObject), frame = t.make(seL4_RISCV_4K_Page);
    t.expect({{"table", table, RISCVPageTableMap, {mapping, 0}, {vspace}},
              {"map", frame, RISCVPageMap, {mapping, 3, 1}, {vspace}}});
    Thread& thread = t.thread(Below);
    move(t, thread, last_hart());
    thread.in[1] = ep;
    thread.buffer->msg[4] = 0x01d;
    t.start(thread, [](Thread& me) {
        count(me);
        sel4_Registers registers{me.in[1], tag(5, 5), 1, 2, 3, 4};
        sel4_ecall(seL4_SysSend, &registers);
    });
    t.check(moves_on(thread), "it runs");
    t.expect({{"another buffer", thread.tcb, TCBSetIPCBuffer, {mapping}, {t.copy(frame)}}});
    if (!t.failed()) reinterpret_cast<seL4_IPCBuffer*>(mapping)->msg[4] = 0x2e3;
    thread.in[0] = 1;
    const Message message = receive_patiently(t, ep);
    t.equal("tag", message.tag, tag(5, 5));
    t.equal("from the new buffer", message.words[4], 0x2e3);
}

// A loop of floating point, which is taken from it, and given back.
void set_flags(Context& t) {
    const Word ep = t.endpoint();
    const Registers written = values(reinterpret_cast<Word>(spin_float), 0x1000);
    const Word tcb = t.thread(Below, ep).tcb;
    move(t, tcb, last_hart());
    write(t, tcb, written, 1);
    counts(t, tcb, written, FirstArgument);
    t.expect({{"disable", tcb, TCBSetFlags, {0, 1}, {}, seL4_NoError, {1}}});
    const Message message = receive_patiently(t, ep);
    t.equal("fault", message.label(), seL4_Fault_UserException);
    t.equal("ip", message.words[0], reinterpret_cast<Word>(spin_float));
    t.equal("illegal instruction", message.words[2], 2);
    t.expect({{"enable", tcb, TCBSetFlags, {1, 0}, {}, seL4_NoError, {0}}});
    t.reply(tag(0));
    counts(t, tcb, written, FirstArgument);
}

// A thread belongs to the hart that makes it.
void made_where_its_maker_is(Context& t) {
    for (Word hart = last_hart() + 1; hart-- > 0;) {
        move(t, self, hart);
        t.equal("affinity", seL4_DebugGetThreadAffinity(t.make(seL4_TCBObject)), hart);
    }
}

constexpr Case cases[] = {
    {"read_registers", read_registers},
    {"write_registers", write_registers},
    {"copy_from_a_running_thread", copy_from_a_running_thread},
    {"copy_to_a_running_thread", copy_to_a_running_thread},
    {"set_space", set_space},
    {"set_buffer", set_buffer},
    {"set_flags", set_flags},
    {"made_where_its_maker_is", made_where_its_maker_is},
};

} // namespace

List smp_thread_cases() { return list_of<cases>("smp_threads"); }
#else
List smp_thread_cases() { return {"smp_threads", 0, nullptr, nullptr, false}; }
#endif

} // namespace guest
