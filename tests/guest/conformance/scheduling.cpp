// Who runs next (6.2 - 6.4; traps 64-68, 70), and threads on other harts.
#include "tests/guest/conformance/lists.hpp"

namespace guest {

namespace {

constexpr Word sys_recv = Word(seL4_SysRecv);

// Every helper notes its turn.
std::atomic<Word> turns;

void take_turn(Thread& thread) { thread.out[0] = turns.fetch_add(1) + 1; }

void receive_then_take_turn(Thread& thread) {
    sel4_Registers registers{thread.in[0], 0, 0, 0, 0, 0};
    sel4_ecall(seL4_SysRecv, &registers);
    take_turn(thread);
}

// Lets three threads have their turns, and gives the order, as decimal digits; 0 if one of them had it before its time,
// which is right only when the running thread's slice ends meanwhile.
Word order_and_end(Context& t, Thread* const (&threads)[3], Word too_early) {
    for (Thread* thread : threads) t.check(t.wait_done(*thread), "a turn");
    Word order = 0;
    for (Word turn = 1; turn <= 3; ++turn) {
        for (Word i = 0; i < 3; ++i)
            if (threads[i]->out[0] == turn) order = order * 10 + i + 1;
    }
    for (int i = 2; i >= 0; --i) t.drop(*threads[i]);
    return too_early == 0 ? order : 0;
}

// A busy host may use up a slice at any place: an order that needs one to last may be asked for again.
void order_is(Context& t, Word expected, Word (*ask)(Context&)) {
    Word order = ask(t);
    for (int i = 0; i < 4 && order != expected && !t.failed(); ++i) order = ask(t);
    t.equal("order", order, expected);
}

Word order_of_resumed(Context& t) {
    turns = 0;
    Thread* threads[3];
    for (Thread*& thread : threads) thread = &t.thread(Own);
    for (Thread* thread : threads) t.start(*thread, take_turn);
    const Word too_early = turns.load();
    return order_and_end(t, threads, too_early);
}

void resumed_equals_run_in_reverse(Context& t) { order_is(t, 321, order_of_resumed); }

Word order_of_sent_to(Context& t) {
    turns = 0;
    const Word ep = t.endpoint();
    Thread* threads[3];
    for (Thread*& thread : threads) {
        thread = &t.thread(Own);
        thread->in[0] = ep;
        t.start(*thread, receive_then_take_turn);
        seL4_Yield();
    }
    for (int i = 0; i < 3; ++i) t.send(ep, tag(1));
    const Word too_early = turns.load();
    return order_and_end(t, threads, too_early);
}

void sent_to_equals_run_in_order(Context& t) { order_is(t, 123, order_of_sent_to); }

void higher_runs_at_once(Context& t) {
    turns = 0;
    const Word ep = t.endpoint();
    Thread& high = t.thread(Above);
    high.in[0] = ep;
    t.start(high, receive_then_take_turn);
    t.send(ep, tag(1));
    t.equal("before the sender's next instruction", turns.load(), 1);
}

void lower_waits(Context& t) {
    turns = 0;
    Thread& low = t.thread(Below);
    t.start(low, take_turn);
    seL4_Yield();
    t.equal("not while the higher one runs", turns.load(), 0);
    const Word end = now() + second / 25; // longer than a time slice
    while (now() < end) {
    }
    t.equal("nor after its slice", turns.load(), 0);
}

void set_own_priority_down(Context& t) {
    turns = 0;
    Thread& middle = t.thread(90);
    t.start(middle, take_turn);
    t.equal("waits", turns.load(), 0);
    t.succeeds("lower", t.invoke(self, TCBSetPriority, {Below}, {self}));
    t.equal("ran when the other went below it", turns.load(), 1);
    t.succeeds("raise", t.invoke(self, TCBSetPriority, {Own}, {self}));
}

void set_other_priority_up(Context& t) {
    turns = 0;
    Thread& thread = t.thread(Below);
    t.start(thread, take_turn);
    t.succeeds("raise", t.invoke(thread.tcb, TCBSetPriority, {Above}, {self}));
    t.equal("runs at once", turns.load(), 1);
}

void slice_ends(Context& t) {
    Thread& other = t.thread(Own);
    t.start(other, [](Thread& thread) {
        while (thread.in[0] == 0) thread.progress.fetch_add(1);
    });
    const Word end = now() + patience;
    while (now() < end && other.progress.load() == 0) {
    }
    t.check(other.progress.load() != 0, "an equal never got a turn");
    t.succeeds("suspend", t.invoke(other.tcb, TCBSuspend));
    const Word count = other.progress.load();
    const Word later = now() + second / 25;
    while (now() < later) {
    }
    t.equal("suspended in the middle", other.progress.load(), count);
    // It goes on at the very instruction.
    t.succeeds("resume", t.invoke(other.tcb, TCBResume));
    t.check(t.wait_progress(other, count + 1), "runs again");
    t.succeeds("suspend", t.invoke(other.tcb, TCBSuspend));
}

void suspend_self_again(Context& t) {
    Thread& thread = t.thread();
    t.issue(thread, Word(seL4_SysCall), {thread.tcb, tag(TCBSuspend), 0, 0, 0, 0});
    for (int i = 0; i < 3; ++i) {
        t.succeeds("resume", t.invoke(thread.tcb, TCBResume));
        t.equal("suspends again", thread.done.load(), 0);
    }
}

void suspended_receiver_repeats(Context& t) {
    const Word ep = t.endpoint();
    Thread& thread = t.thread();
    t.issue(thread, sys_recv, {ep, 2, 3, 4, 5, 6});
    t.succeeds("suspend", t.invoke(thread.tcb, TCBSuspend));
    const Reply registers = t.invoke(thread.tcb, TCBReadRegisters, {0, 17});
    t.equal("pc", registers.words[0], reinterpret_cast<Word>(register_probe_ecall));
    t.equal("a0", seL4_GetMR(16), ep);
    t.probe(Word(seL4_SysNBSend), {ep, tag(1), 3, 4, 5, 6});
    t.succeeds("resume", t.invoke(thread.tcb, TCBResume));
    t.send(ep, tag(8));
    t.finished(thread);
    t.equal("a1", thread.file.x[A1], tag(8));
}

// The order of three threads whose endpoint is deleted, as decimal digits.
Word order_after_deletion(Context& t) {
    const Word ep = t.endpoint();
    const Word handler = t.endpoint();
    Word tcbs[3];
    for (Word i = 0; i < 3; ++i) {
        Thread& thread = t.thread(Above, t.mint(handler, i + 1));
        tcbs[i] = thread.tcb;
        t.issue(thread, sys_recv, {ep, 0, 0, 0, 0, 0});
        t.succeeds("lower", t.invoke(thread.tcb, TCBSetPriority, {Below}, {self}));
    }
    t.check(!t.poll(handler).arrived, "not yet");
    t.succeeds("lower", t.invoke(self, TCBSetPriority, {Below - 1}, {self}));
    t.remove(ep);
    Word order = 0;
    for (int i = 0; i < 3; ++i) order = order * 10 + t.poll(handler).badge;
    t.succeeds("raise", t.invoke(self, TCBSetPriority, {Own}, {self}));
    for (const Word tcb : tcbs) {
        t.remove(tcb);
        t.reuse_thread();
    }
    return order;
}

// Threads of an equal priority come out at the head of the queue, so the last is the first. An interrupt between two of
// them makes the deletion give way (kernel/README.md): then who is restarted already runs before the rest is.
void deleted_endpoint_restarts_reversed(Context& t) { order_is(t, 321, order_after_deletion); }

void authority(Context& t) {
    Thread& thread = t.thread();
    t.succeeds("MCP 50", t.invoke(thread.tcb, TCBSetMCPriority, {50}, {self}));
    t.fails("above its MCP", t.invoke(thread.tcb, TCBSetPriority, {51}, {thread.tcb}), seL4_RangeError, {0, 50});
    t.succeeds("equal to its MCP", t.invoke(thread.tcb, TCBSetPriority, {50}, {thread.tcb}));
    t.fails("MCP", t.invoke(thread.tcb, TCBSetSchedParams, {51, 0}, {thread.tcb}), seL4_RangeError, {0, 50});
    t.fails("priority", t.invoke(thread.tcb, TCBSetSchedParams, {0, 51}, {thread.tcb}), seL4_RangeError, {0, 50});
    t.fails("MCP first", t.invoke(thread.tcb, TCBSetSchedParams, {99, 98}, {t.slot()}), seL4_InvalidCapability, {1});
}

constexpr Case cases[] = {
    {"resumed_equals_run_in_reverse", resumed_equals_run_in_reverse},
    {"sent_to_equals_run_in_order", sent_to_equals_run_in_order},
    {"higher_runs_at_once", higher_runs_at_once},
    {"lower_waits", lower_waits},
    {"own_priority_down", set_own_priority_down},
    {"other_priority_up", set_other_priority_up},
    {"slice_ends", slice_ends},
    {"suspend_self_again", suspend_self_again},
    {"suspended_receiver_repeats", suspended_receiver_repeats},
    {"deleted_endpoint_restarts_reversed", deleted_endpoint_restarts_reversed},
    {"authority", authority},
};

} // namespace

List scheduling_cases() { return list_of<cases>("scheduling"); }

} // namespace guest
