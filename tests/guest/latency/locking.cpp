// How long a hart waits for the kernel lock while all others are in long calls. The debug kernel counts in looks
// (kernel/smp/latency.hpp): moments at which the harts before it take the lock or would make way.
#include "tests/guest/conformance/harts.hpp"
#include "tests/guest/latency/operations.hpp"

#include "rootserver/machine/console.hpp"

namespace guest::latency {

#ifdef CONFIG_ENABLE_SMP_SUPPORT
namespace {

// A hart before the waiting one takes the lock, and ends its step; its interrupts may run a worker.
constexpr Word looks_of_a_hart = 4;
constexpr Word long_bits = 16; // its memory is cleared in 64 steps

Word call(Thread& me, Word cptr, Word label, Words words, Word cap) {
    Word i = 0;
    sel4_Registers registers{cptr, tag(label, words.size(), cap != 0 ? 1 : 0), 0, 0, 0, 0};
    Word* const in_registers[] = {&registers.a2, &registers.a3, &registers.a4, &registers.a5};
    for (const Word word : words) {
        if (i < 4)
            *in_registers[i] = word;
        else
            me.buffer->msg[i] = word;
        ++i;
    }
    me.buffer->caps_or_badges[0] = cap;
    sel4_ecall(seL4_SysCall, &registers);
    return registers.a1 >> 12;
}

// Retypes all of in[1] into slot in[2] and deletes that, again and again: each time the memory is cleared.
void clear_for_ever(Thread& me) {
    while (me.in[0] == 0 && me.out[0] == 0) {
        me.out[0] |= call(me, me.in[1], UntypedRetype, {seL4_UntypedObject, long_bits, 0, 0, me.in[2], 1}, cnode);
        me.out[0] |= call(me, cnode, CNodeDelete, {me.in[2], depth}, 0);
        me.progress.fetch_add(1);
    }
}

void others_clear_memory(Context& t) {
    constexpr Word rounds = 10;
    Thread* threads[max_threads] = {};
    for (Word hart = 1; hart <= last_hart(); ++hart) {
        Thread& thread = t.thread(Below);
        threads[hart] = &thread;
        thread.in[1] = t.make(seL4_UntypedObject, long_bits);
        thread.in[2] = t.slot();
        move(t, thread, hart);
        t.start(thread, clear_for_ever);
    }
    for (Word hart = 1; hart <= last_hart(); ++hart) t.check(t.wait_progress(*threads[hart], 1), "it begins");
    begin();
    const Word ntfn = t.notification();
    // A call each, until everybody has done some rounds.
    for (Word hart = 1; hart <= last_hart(); ++hart) {
        const Word wanted = threads[hart]->progress.load() + rounds;
        while (threads[hart]->progress.load() < wanted && threads[hart]->out[0] == 0) t.signal(ntfn);
    }
    sel4_Registers registers{};
    sel4_ecall(seL4_SysDebugLongestStretch, &registers);
    for (Word hart = 1; hart <= last_hart(); ++hart) {
        threads[hart]->in[0] = 1;
        t.check(t.wait_done(*threads[hart]), "it ends");
        t.equal("its calls", threads[hart]->out[0], 0);
    }
    machine::print("NOTE waits for the kernel lock: ", registers.a4, " looks of ", last_hart(), " harts\n");
    t.check(registers.a4 != 0, "never waited");
    t.check(registers.a4 <= looks_of_a_hart * last_hart(), "waited too long");
}

constexpr Case cases[] = {{"others_clear_memory", others_clear_memory}};

} // namespace

List locking_cases() { return list_of<cases>("locking"); }
#else
List locking_cases() { return {"locking", 0, nullptr, nullptr, false}; }
#endif

} // namespace guest::latency
