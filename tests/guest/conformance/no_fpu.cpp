// A processor without the D extension: every floating-point instruction is an illegal one, for every thread, and an
// illegal instruction is nothing else.
#include "tests/guest/conformance/lists.hpp"

namespace guest {

namespace {

constexpr Word instruction_size = 4;

// What the handler of the thread is told, again and again; each time it goes on with the next instruction.
void expect_exceptions(Context& t, Word ep, Thread& thread, unsigned count) {
    for (unsigned i = 0; i < count; ++i) {
        const Message message = t.receive(ep);
        t.check(message.arrived, "a fault message");
        t.equal("fault", message.label(), seL4_Fault_UserException);
        t.equal("illegal instruction", message.words[2], 2);
        t.equal("not done", thread.done.load(), 0);
        t.reply(tag(0, 1), {message.words[0] + instruction_size});
    }
    t.check(t.wait_done(thread), "the thread ends");
}

void illegal_instruction(Context& t) {
    const Word ep = t.endpoint();
    Thread& thread = t.thread(Above, ep);
    t.start(thread, [](Thread&) {
        asm volatile(".word 0");
        asm volatile(".word 0");
    });
    expect_exceptions(t, ep, thread, 2);
}

void double_precision(Context& t) {
    const Word ep = t.endpoint();
    Thread& thread = t.thread(Above, ep);
    t.start(thread, [](Thread& me) {
        asm volatile(".option push\n .option arch, +d\n fld f1, (%0)\n fsd f1, (%0)\n fadd.d f1, f1, f1\n .option pop"
                     :
                     : "r"(me.out)
                     : "memory");
    });
    expect_exceptions(t, ep, thread, 3);
}

void single_precision(Context& t) {
    const Word ep = t.endpoint();
    Thread& thread = t.thread(Above, ep);
    t.start(thread, [](Thread&) {
        asm volatile(".option push\n .option arch, +f\n fmv.w.x f1, zero\n fscsr zero\n .option pop");
    });
    expect_exceptions(t, ep, thread, 2);
}

void allowed_or_not(Context& t) {
    const Word ep = t.endpoint();
    Thread& thread = t.thread(Above, ep);
    for (const Word disabled : {1ul, 0ul}) {
        t.succeeds("set", t.invoke(thread.tcb, TCBSetFlags, {1 - disabled, disabled}));
        t.start(thread, [](Thread& me) { float_store(me.out); });
        const Message message = t.receive(ep);
        t.equal("fault", message.label(), seL4_Fault_UserException);
        t.equal("at the first", message.words[0], reinterpret_cast<Word>(float_store));
        t.succeeds("suspend", t.invoke(thread.tcb, TCBSuspend));
    }
}

void many_threads(Context& t) {
    const Word ep = t.endpoint();
    for (unsigned i = 0; i < 4; ++i) t.start(t.thread(Above, ep), [](Thread& me) { float_load(me.out); });
    for (unsigned i = 0; i < 1000; ++i) {
        const Message message = t.receive(ep);
        t.equal("fault", message.label(), seL4_Fault_UserException);
        t.equal("at the first", message.words[0], reinterpret_cast<Word>(float_load));
        t.reply(tag(0)); // the same again
        if (t.failed()) return;
    }
}

constexpr Case cases[] = {
    {"illegal_instruction", illegal_instruction},
    {"double_precision", double_precision},
    {"single_precision", single_precision},
    {"allowed_or_not", allowed_or_not},
    {"many_threads", many_threads},
};

} // namespace

List no_fpu_cases() { return list_of<cases>("no_fpu"); }

} // namespace guest
