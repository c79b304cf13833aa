// What the kernel has a fast path for, through it and beside it: Call to a waiting server, ReplyRecv back to its
// caller, Signal, and Recv on a notification (1.2, 5.2, 5.5, 5.7, 6.3). With fastpath=off the answers are the same.
#include "tests/guest/conformance/lists.hpp"

namespace guest {

namespace {

constexpr Word sys_call = Word(seL4_SysCall);
constexpr Word sys_send = Word(seL4_SysSend);
constexpr Word sys_recv = Word(seL4_SysRecv);
constexpr Word sys_reply_recv = Word(seL4_SysReplyRecv);
constexpr Word badge = 0xfedc'ba98'7654'3210;
constexpr unsigned a0_to_a5 = 0x3f;
constexpr unsigned attempts = 50;

// Registers after a message of that length: `base` + 1.. where it wrote, `before` + 1.. elsewhere.
void message_came(Context& t, const File& file, Word number, Word sender, Word label, Word length, Word base,
                  Word before) {
    Word words[4];
    for (Word i = 0; i < 4; ++i) words[i] = (i < length ? base : before) + 1 + i;
    t.unchanged(file, {sender, tag(label, length), words[0], words[1], words[2], words[3]}, number, 0);
}

// A call of the initial thread to a server that waits and has that priority.
void call_and_reply(Context& t, Word priority, Word ask, Word answer) {
    const Word ep = t.endpoint();
    Thread& server = t.thread();
    t.issue_all(server, {{sys_recv, {ep, 2, 31, 32, 33, 34}}, {sys_reply_recv, {ep, tag(7, answer), 21, 22, 23, 24}}});
    t.expect({{"priority", server.tcb, TCBSetPriority, {priority}, {self}}});
    const File caller = t.probe(sys_call, {t.mint(ep, badge), tag(5, ask), 11, 12, 13, 14}, a0_to_a5);
    t.equal("the server waits again", server.progress.load(), 1);
    message_came(t, server.steps[0], sys_recv, badge, 5, ask, 10, 30);
    message_came(t, caller, sys_call, 0, 7, answer, 20, 10);
    // It can be called: it has entered the endpoint's queue.
    t.send(ep, tag(8, 1), {41});
    t.expect({{"priority", server.tcb, TCBSetPriority, {Above}, {self}}});
    t.check(t.wait_done(server), "the next message");
    t.unchanged(server.steps[1], {0, tag(8, 1), 41, 22, 23, 24}, sys_reply_recv, 0);
    t.drop(server);
}

void lengths(Context& t, Word priority) {
    for (Word ask = 0; ask <= 4; ++ask) {
        for (Word answer = 0; answer <= 4; ++answer) call_and_reply(t, priority, ask, answer);
    }
}

void call_up(Context& t) { lengths(t, Above); }
void call_an_equal(Context& t) { lengths(t, Own); }
void call_down(Context& t) { lengths(t, Below); }

// The capability fields of a tag are the kernel's to write, the label is all the user's.
void tags(Context& t) {
    const Word ep = t.endpoint();
    Thread& server = t.thread();
    constexpr Word unwrapped = 7ul << 9;
    constexpr Word label = 0xf'ffff'ffff'ffff;
    t.issue_all(server,
                {{sys_recv, {ep, 2, 3, 4, 5, 6}}, {sys_reply_recv, {ep, tag(label, 1) | unwrapped, 21, 22, 23, 24}}});
    const File caller = t.probe(sys_call, {ep, tag(label, 2) | unwrapped, 11, 12, 13, 14}, a0_to_a5);
    t.unchanged(server.steps[0], {0, tag(label, 2), 11, 12, 5, 6}, sys_recv, 0);
    t.unchanged(caller, {0, tag(label, 1), 21, 12, 13, 14}, sys_call, 0);
}

void without_the_right_to_a_reply(Context& t) {
    const Word ep = t.endpoint();
    Thread& server = t.thread();
    Thread& caller = t.thread(Own);
    t.issue_all(server, {{sys_recv, {ep, 2, 3, 4, 5, 6}}, {sys_reply_recv, {ep, tag(7), 21, 22, 23, 24}}});
    t.issue(caller, sys_call, {t.copy(ep, 1), tag(5, 1), 11, 12, 13, 14});
    t.check(t.wait_progress(server, 1), "the message");
    t.unchanged(server.steps[0], {0, tag(5, 1), 11, 4, 5, 6}, sys_recv, 0);
    seL4_Yield();
    t.equal("the caller stays", caller.done.load(), 0);
    t.fails("no right at all", t.invoke(t.copy(ep, 2), 0), seL4_InvalidCapability, {0});
}

// The second caller is there when the first is answered.
void takes_the_next_caller(Context& t) {
    const Word ep = t.endpoint();
    Thread* callers[2];
    for (Word i = 0; i < 2; ++i) {
        callers[i] = &t.thread();
        t.issue(*callers[i], sys_call, {t.mint(ep, 0x50 + i), tag(i, 1), 100 + i, 12, 13, 14});
    }
    Thread& server = t.thread(Above);
    t.issue_all(server,
                {{sys_recv, {ep, 2, 3, 4, 5, 6}},
                 {sys_reply_recv, {ep, tag(7, 1), 200, 22, 23, 24}},
                 {sys_reply_recv, {ep, tag(8, 1), 201, 22, 23, 24}}});
    for (Word i = 0; i < 2; ++i) {
        t.finished(*callers[i]);
        t.unchanged(callers[i]->file, {0, tag(7 + i, 1), 200 + i, 12, 13, 14}, sys_call, 0);
    }
    t.unchanged(server.steps[0], {0x50, tag(0, 1), 100, 4, 5, 6}, sys_recv, 0);
    t.unchanged(server.steps[1], {0x51, tag(1, 1), 101, 22, 23, 24}, sys_reply_recv, 0);
    t.equal("it waits", server.progress.load(), 2);
}

// A CSpace of two levels with the endpoint at 1.1.
constexpr Word deep_endpoint = 1ul << 12 | 1;

Word deep_space(Context& t, Word ep) {
    const Word inner = t.make(seL4_CapTableObject, 2);
    const Word outer = t.make(seL4_CapTableObject, 2);
    const Word guarded = t.mint(inner, 10), root = t.mint(outer, 50);
    t.expect({{"endpoint", inner, CNodeCopy, {1, 2, ep, depth, all_rights}, {cnode}},
              {"inner", outer, CNodeMove, {1, 2, guarded, depth}, {cnode}}});
    return root;
}

void deep_spaces(Context& t) {
    const Word ep = t.endpoint();
    const Word root = deep_space(t, t.mint(ep, badge));
    Thread& server = t.thread(Above);
    Thread& caller = t.thread(Above);
    for (const Thread* thread : {&server, &caller})
        t.expect({{"space", thread->tcb, TCBSetSpace, {0, 0, 0}, {root, vspace}}});
    t.issue_all(
        server,
        {{sys_recv, {deep_endpoint, 2, 3, 4, 5, 6}}, {sys_reply_recv, {deep_endpoint, tag(7, 2), 21, 22, 23, 24}}});
    // At its end it waits: in this space it cannot stop itself.
    t.issue_all(caller,
                {{sys_call, {deep_endpoint, tag(5, 1), 11, 12, 13, 14}}, {sys_recv, {deep_endpoint, 2, 3, 4, 5, 6}}});
    t.equal("called", server.progress.load(), 1);
    t.equal("answered", caller.progress.load(), 1);
    t.unchanged(server.steps[0], {badge, tag(5, 1), 11, 4, 5, 6}, sys_recv, 0);
    t.unchanged(caller.steps[0], {0, tag(7, 2), 21, 22, 13, 14}, sys_call, 0);
}

// The server's code is in its own address space only, and so is the word it answers with.
void call_another_space(Context& t) {
    constexpr Word there = 0x3000'0000, here = there + 0x1000, data = 0x800;
    const Word space = t.address_space(there);
    const Word frame = t.make(seL4_RISCV_4K_Page);
    const Word shared = t.copy(frame);
    const Word table = t.make(seL4_RISCV_PageTableObject);
    const Word tcb = t.make(seL4_TCBObject);
    const Word ep = t.endpoint();
    t.expect({{"there", frame, RISCVPageMap, {there, 3, 0}, {space}},
              {"table", table, RISCVPageTableMap, {here, 0}, {vspace}},
              {"here", shared, RISCVPageMap, {here, 3, 1}, {vspace}}});
    auto* code = reinterpret_cast<volatile std::uint32_t*>(here);
    code[0] = 0x0004'0513; // mv a0, s0
    code[1] = 0x0000'0073; // ecall
    code[2] = 0x0004'b603; // ld a2, (s1)
    code[3] = 0xff5f'f06f; // j back to the first
    auto& word = *reinterpret_cast<volatile Word*>(here + data);
    seL4_UserContext context{};
    context.pc = there;
    context.s0 = ep;
    context.s1 = there + data;
    context.a7 = sys_reply_recv;
    Word words[34] = {1, 32};
    __builtin_memcpy(words + 2, &context, sizeof context);
    t.expect({{"configure", tcb, TCBConfigure, {0, 0, 0, 0}, {cnode, space, 0}},
              {"priority", tcb, TCBSetPriority, {Above}, {self}}});
    t.succeeds("run", t.invoke_span(tcb, TCBWriteRegisters, words, {}));
    for (Word i = 0; i < 3; ++i) {
        word = 1000 + i;
        const File caller = t.probe(sys_call, {ep, tag(i, 2), 11, 12, 13, 14}, a0_to_a5);
        t.unchanged(caller, {0, tag(i, 2), 1000 + i, 12, 13, 14}, sys_call, 0);
    }
}

// --- Signals and waits

// A waiter at that priority; false: the sender did not go on after the signal.
bool sender_goes_on(Context& t, Word priority) {
    const Word ntfn = t.notification();
    Thread& waiter = t.thread();
    t.issue(waiter, sys_recv, {ntfn, 2, 3, 4, 5, 6});
    t.expect({{"priority", waiter.tcb, TCBSetPriority, {priority}, {self}}});
    t.probe(sys_send, {t.mint(ntfn, badge), 0, 13, 14, 15, 16});
    const bool on = waiter.done.load() == 0;
    t.expect({{"priority", waiter.tcb, TCBSetPriority, {Above}, {self}}});
    t.check(t.wait_done(waiter), "woken");
    t.unchanged(waiter.file, {badge, 2, 3, 4, 5, 6}, sys_recv, 0);
    t.drop(waiter);
    return on;
}

void signal_a_higher(Context& t) { t.check(!sender_goes_on(t, Above), "it runs at once"); }
void signal_a_lower(Context& t) { t.check(sender_goes_on(t, Below), "it has to wait"); }

// The sender's time may end just then, on a slow machine again and again; not every time.
void signal_an_equal(Context& t) {
    bool on = false;
    for (unsigned i = 0; i < attempts && !on && !t.failed(); ++i) on = sender_goes_on(t, Own);
    t.check(on, "it has to wait");
}

void signal_a_bound_receiver(Context& t) {
    const Word ep = t.endpoint();
    for (const Word priority : {Word{Above}, Word{Below}}) {
        const Word ntfn = t.notification();
        Thread& server = t.thread();
        t.expect({{"bind", server.tcb, TCBBindNotification, {}, {ntfn}}});
        t.issue(server, sys_recv, {ep, 2, 3, 4, 5, 6});
        t.expect({{"priority", server.tcb, TCBSetPriority, {priority}, {self}}});
        t.probe(sys_send, {t.mint(ntfn, badge), 0, 13, 14, 15, 16});
        t.equal("runs at once", server.done.load(), priority == Above ? 1 : 0);
        t.expect({{"priority", server.tcb, TCBSetPriority, {Above}, {self}}});
        t.unchanged(server.file, {badge, 2, 3, 4, 5, 6}, sys_recv, 0);
        t.probe(Word(seL4_SysNBSend), {ep, tag(1), 3, 4, 5, 6}); // nobody in the queue
        t.drop(server);
    }
}

void wait_for_a_pending_signal(Context& t) {
    const Word ntfn = t.notification();
    t.signal(t.mint(ntfn, 0x30));
    t.signal(t.mint(ntfn, 0x0c));
    const File both = t.probe(sys_recv, {ntfn, 2, 3, 4, 5, 6}, 1);
    t.equal("both", both.x[A0], 0x3c);
    t.equal("taken", t.poll(ntfn).badge, 0);
    // Also by the one that it is bound to.
    Thread& owner = t.thread();
    t.expect({{"bind", owner.tcb, TCBBindNotification, {}, {ntfn}}});
    t.signal(t.mint(ntfn, 0x40));
    t.issue(owner, sys_recv, {ntfn, 2, 3, 4, 5, 6});
    t.finished(owner);
    t.unchanged(owner.file, {0x40, 2, 3, 4, 5, 6}, sys_recv, 0);
}

// The initial thread waits, a lower one goes on, signals, and is at once left for the one it woke.
void wait_switches(Context& t) {
    const Word ntfn = t.notification();
    Thread& low = t.thread(Below);
    const Word senders[] = {t.mint(ntfn, 0x71), t.mint(ntfn, 0x72), t.mint(ntfn, 0x73)};
    t.issue_all(low,
                {{sys_send, {senders[0], 0, 3, 4, 5, 6}},
                 {sys_send, {senders[1], 0, 3, 4, 5, 6}},
                 {sys_send, {senders[2], 0, 3, 4, 5, 6}}});
    for (Word i = 0; i < 3; ++i) {
        t.equal("it waits for its turn", low.progress.load(), i == 0 ? 0 : i - 1);
        const File file = t.probe(sys_recv, {ntfn, 2, 3, 4, 5, 6}, 1);
        t.equal("woken by", file.x[A0], 0x71 + i);
    }
    for (Word i = 0; i < 2; ++i) t.unchanged(low.steps[i], {senders[i], 0, 3, 4, 5, 6}, sys_send, 0);
}

// A thread that waits gives way to the highest that is ready, not to the first.
void wait_finds_the_highest(Context& t) {
    const Word ntfn = t.notification();
    Thread& lower = t.thread(Below);
    Thread& low = t.thread(Below + 1);
    t.issue(lower, sys_send, {t.mint(ntfn, 1), 0, 3, 4, 5, 6});
    t.issue(low, sys_send, {t.mint(ntfn, 2), 0, 3, 4, 5, 6});
    for (const Word expected : {2ul, 1ul})
        t.equal("woken by", t.probe(sys_recv, {ntfn, 2, 3, 4, 5, 6}, 1).x[A0], expected);
}

void wait_without_the_right(Context& t) {
    const Word handler = t.endpoint();
    const Word write_only = t.copy(t.notification(), 1);
    Thread& thread = t.thread(Above, handler);
    t.issue(thread, sys_recv, {write_only, 2, 3, 4, 5, 6});
    const Message message = t.receive(handler);
    t.equal("fault", message.label(), seL4_Fault_CapFault);
    t.equal("capability", message.words[1], write_only);
    t.equal("receiving", message.words[2], 1);
}

constexpr Case cases[] = {
    {"call_up", call_up},
    {"call_an_equal", call_an_equal},
    {"call_down", call_down},
    {"tags", tags},
    {"without_the_right_to_a_reply", without_the_right_to_a_reply},
    {"takes_the_next_caller", takes_the_next_caller},
    {"deep_spaces", deep_spaces},
    {"call_another_space", call_another_space},
    {"signal_a_higher", signal_a_higher},
    {"signal_a_lower", signal_a_lower},
    {"signal_an_equal", signal_an_equal},
    {"signal_a_bound_receiver", signal_a_bound_receiver},
    {"wait_for_a_pending_signal", wait_for_a_pending_signal},
    {"wait_switches", wait_switches},
    {"wait_finds_the_highest", wait_finds_the_highest},
    {"wait_without_the_right", wait_without_the_right},
};

} // namespace

List fast_path_cases() { return list_of<cases>("fast_paths"); }

} // namespace guest
