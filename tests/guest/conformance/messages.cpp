// Rarer ways of messages: every kind of send on a reply capability, capabilities that are refused on their way, queues
// that lose their middle, threads without buffers (2.7, 5.4 - 5.10; traps 44-48, 50, 55, 56, 86), and CopyRegisters and
// the debug calls (2.5, 4.5.3).
#include "tests/guest/conformance/lists.hpp"

namespace guest {

namespace {

constexpr Word sys_call = Word(seL4_SysCall);
constexpr Word sys_send = Word(seL4_SysSend);
constexpr Word sys_recv = Word(seL4_SysRecv);

Word ecall_address() { return reinterpret_cast<Word>(register_probe_ecall); }

// A caller whose reply capability is in `saved`.
Thread& saved_caller(Context& t, Word ep, Word saved) {
    Thread& caller = t.thread();
    t.issue(caller, sys_call, {ep, tag(6, 2), 1, 2, 3, 4});
    t.check(t.receive(ep).arrived, "a message");
    t.succeeds("save the caller", t.invoke(cnode, CNodeSaveCaller, {saved, depth}));
    return caller;
}

void every_send_replies(Context& t) {
    const Word ep = t.endpoint();
    for (const Word call : {sys_send, sys_call, Word(seL4_SysNBSend)}) {
        const Word saved = t.slot();
        Thread& caller = saved_caller(t, ep, saved);
        t.probe(call, {saved, tag(0xabc, 1), 77, 4, 5, 6}, call == sys_call ? 3 : 0);
        t.finished(caller);
        t.unchanged(caller.file, {0, tag(0xabc, 1), 77, 2, 3, 4}, sys_call, 0);
        t.equal("used up", seL4_DebugCapIdentify(saved), 0);
    }
}

void reply_capability_rotates(Context& t) {
    const Word saved = t.slot();
    const Word to = t.slot();
    const Word pivot = t.make(seL4_TCBObject);
    Thread& caller = saved_caller(t, t.endpoint(), saved);
    t.expect({{"rotate", cnode, CNodeRotate, {to, depth, 0, pivot, depth, 0, saved, depth}, {cnode, cnode}},
              {"mutate", cnode, CNodeMutate, {saved, depth, pivot, depth, 0}, {cnode}}});
    t.send(saved, tag(5));
    t.finished(caller);
    t.equal("tag", caller.file.x[A1], tag(5));
}

void long_reply(Context& t) {
    const Word ep = t.endpoint();
    Thread& caller = t.thread();
    t.issue(caller, sys_call, {ep, tag(6), 0, 0, 0, 0});
    t.check(t.receive(ep).arrived, "a message");
    for (int i = 4; i < 120; ++i) seL4_SetMR(i, 2000ul + static_cast<Word>(i));
    t.reply(tag(1, 120), {1, 2, 3, 4});
    t.finished(caller);
    t.equal("tag", caller.file.x[A1], tag(1, 120));
    t.equal("first of the buffer", caller.buffer->msg[4], 2004);
    t.equal("last", caller.buffer->msg[119], 2119);
}

void receiver_without_buffer(Context& t) {
    const Word ep = t.endpoint();
    Thread& receiver = t.thread();
    t.expect({{"no buffer", receiver.tcb, TCBSetIPCBuffer, {0}, {0}}});
    t.issue(receiver, sys_recv, {ep, 0, 0, 0, 0, 0});
    seL4_SetCap(0, ep);
    t.send(ep, tag(3, 8, 1), {1, 2, 3, 4, 5, 6, 7, 8});
    t.finished(receiver);
    t.equal("four words, not even an unwrapped capability", receiver.file.x[A1], tag(3, 4));
}

void fault_to_a_handler_without_buffer(Context& t) {
    const Word ep = t.endpoint();
    Thread& handler = t.thread();
    Thread& thread = t.thread(Above, ep);
    t.expect({{"no buffer", handler.tcb, TCBSetIPCBuffer, {0}, {0}}});
    t.issue(handler, sys_recv, {ep, 0, 0, 0, 0, 0});
    const Word nothing = t.slot();
    t.issue(thread, sys_recv, {nothing, 0, 0, 0, 0, 0});
    t.finished(handler);
    t.unchanged(handler.file, {0, tag(seL4_Fault_CapFault, 4), ecall_address(), nothing, 1, 2}, sys_recv, 0);
}

void fault_endpoint_deleted(Context& t) {
    const Word ep = t.endpoint();
    Thread& thread = t.thread(Above, ep);
    t.snippet(thread, snippet_load, 0x3000'0000); // waits for a handler
    t.remove(ep);
    t.equal("faults again, finds no handler, stands", thread.done.load(), 0);
    thread.in[3] = 5;
    t.snippet(thread, snippet_load, reinterpret_cast<Word>(&thread.in[3]));
    t.check(t.wait_done(thread), "and runs when restarted");
}

void middle_of_a_queue(Context& t) {
    const Word ep = t.endpoint();
    Thread* senders[3];
    for (Word i = 0; i < 3; ++i) {
        senders[i] = &t.thread();
        t.issue(*senders[i], sys_send, {t.mint(ep, i + 1), tag(1), 0, 0, 0, 0});
    }
    t.expect({{"the middle one leaves", senders[1]->tcb, TCBSuspend, {}, {}}});
    t.equal("first", t.receive(ep).badge, 1);
    t.equal("third", t.receive(ep).badge, 3);
    t.check(!t.poll(ep).arrived, "no more");
    t.expect({{"it comes back", senders[1]->tcb, TCBResume, {}, {}}});
    t.equal("second", t.receive(ep).badge, 2);
    Thread& first = t.thread();
    Thread& last = t.thread();
    t.issue(first, sys_recv, {ep, 0, 0, 0, 0, 0});
    t.issue(last, sys_recv, {ep, 0, 0, 0, 0, 0});
    t.remove(first.tcb);
    t.send(ep, tag(9));
    t.finished(last);
}

void cancelled_calls_and_faults(Context& t) {
    const Word ep = t.endpoint();
    const Word one = t.mint(ep, 1);
    Thread& caller = t.thread();
    Thread& faulting = t.thread(Above, one);
    Thread& other = t.thread();
    t.issue(caller, sys_call, {one, tag(1), 0, 0, 0, 0});
    t.snippet(faulting, snippet_load, 0x3000'0000);
    t.issue(other, sys_send, {t.mint(ep, 2), tag(2), 0, 0, 0, 0});
    t.expect({{"cancel", cnode, CNodeCancelBadgedSends, {one, depth}, {}},
              {"without a badge nothing", cnode, CNodeCancelBadgedSends, {ep, depth}, {}}});
    t.equal("the other first", t.receive(ep).label(), 2);
    Word labels = 0;
    for (int i = 0; i < 2; ++i) labels += t.receive(ep).label();
    t.equal("call and fault again", labels, 1 + seL4_Fault_VMFault);
}

// --- Capabilities on their way

void receive_path(Context& t, Word root, Word index, Word path_depth, Word caps_expected, Word cap) {
    const Word ep = t.endpoint();
    Thread& sender = t.thread();
    seL4_SetCapReceivePath(root, index, path_depth);
    sender.buffer->caps_or_badges[0] = cap;
    t.issue(sender, sys_send, {ep, tag(5, 0, 1), 0, 0, 0, 0});
    t.equal("tag", t.receive(ep).tag, tag(5, 0, caps_expected));
    t.finished(sender);
}

void bad_receive_paths(Context& t) {
    const Word ntfn = t.notification();
    const Word node = t.make(seL4_CapTableObject, 2);
    receive_path(t, ntfn, 1, 2, 0, ntfn);
    receive_path(t, t.slot(), 1, 2, 0, ntfn);
    receive_path(t, 1ul << 40, 1, 2, 0, ntfn);
    receive_path(t, node, 1, 0, 0, ntfn);
    receive_path(t, node, 1, 3, 0, ntfn);
    receive_path(t, node, 1, 65, 0, ntfn);
    receive_path(t, node, 1, 2, 1, ntfn);
    t.expect({{"it is there", node, CNodeMove, {1, 2, 1, 2}, {node}, seL4_DeleteFirst}});
}

void capabilities_that_do_not_travel(Context& t) {
    const Word node = t.make(seL4_CapTableObject, 2);
    const Word used = t.make(seL4_UntypedObject, 12);
    const Word saved = t.slot();
    t.expect({{"child", used, UntypedRetype, {seL4_EndpointObject, 0, 0, 0, t.slot(), 1}, {cnode}}});
    saved_caller(t, t.endpoint(), saved);
    for (const Word cap : {used, saved, Word{seL4_CapIRQControl}, t.slot()}) receive_path(t, node, 1, 2, 0, cap);
    t.equal("the reply capability stays", seL4_DebugCapIdentify(saved), 8);
    const Word fresh = t.make(seL4_UntypedObject, 12);
    receive_path(t, node, 2, 2, 1, fresh); // an unused one does, as a copy
    t.expect({{"which makes it full",
               fresh,
               UntypedRetype,
               {seL4_EndpointObject, 0, 0, 0, t.slot(), 1},
               {cnode},
               seL4_NotEnoughMemory,
               {0}}});
}

// The capabilities of a waiting sender are looked up when the message goes, not when it was sent.
void capability_gone_meanwhile(Context& t) {
    const Word ep = t.endpoint();
    const Word ntfn = t.notification();
    const Word to = t.slot();
    Thread& sender = t.thread();
    sender.buffer->caps_or_badges[0] = ntfn;
    t.issue(sender, sys_send, {ep, tag(5, 0, 1), 0, 0, 0, 0});
    t.remove(ntfn);
    seL4_SetCapReceivePath(cnode, to, depth);
    t.equal("tag", t.receive(ep).tag, tag(5));
    t.equal("nothing came", seL4_DebugCapIdentify(to), 0);
}

// Also for an invocation a capability that cannot be looked up is a fault, whatever the object would say of it.
void bad_extra_capability_of_an_invocation(Context& t) {
    const Word ep = t.endpoint();
    Thread& thread = t.thread(Above, ep);
    thread.buffer->caps_or_badges[0] = 1ul << 50;
    t.issue(thread, sys_call, {t.make(seL4_TCBObject), tag(TCBSuspend, 0, 1), 0, 0, 0, 0});
    const Message message = t.receive(ep);
    t.equal("fault", message.label(), seL4_Fault_CapFault);
    t.equal("pointer", message.words[1], 1ul << 50);
    t.equal("sending", message.words[2], 0);
}

// --- Registers of other threads, and the debug calls

void copy_registers(Context& t) {
    Thread& source = t.thread(Above, 0);
    const Word target = t.make(seL4_TCBObject);
    Word words[34] = {0, 32};
    for (Word i = 0; i < 32; ++i) words[2 + i] = 0x1000 + i;
    t.succeeds("write", t.invoke_span(source.tcb, TCBWriteRegisters, words, {}));
    const auto compare = [&](Word frame, Word integer) {
        const Reply registers = t.invoke(target, TCBReadRegisters, {0, 32});
        for (Word i = 0; i < 32; ++i) {
            const Word found = i < 4 ? registers.words[i] : seL4_GetMR(static_cast<int>(i));
            t.equal("register", found, (i < 16 ? frame : integer) != 0 ? 0x1000 + i : 0);
        }
    };
    t.expect({{"nothing", target, TCBCopyRegisters, {0}, {source.tcb}}});
    compare(0, 0);
    t.expect({{"frame", target, TCBCopyRegisters, {4}, {source.tcb}}});
    compare(1, 0);
    t.expect({{"integer", target, TCBCopyRegisters, {8 | 0xff00}, {source.tcb}}});
    compare(1, 1);
    t.expect({{"to itself", target, TCBCopyRegisters, {12}, {target}}});
    compare(1, 1);
}

void copy_registers_stops_and_starts(Context& t) {
    const Word ep = t.endpoint();
    Thread& source = t.thread();
    Thread& target = t.thread(Own);                      // goes on as the source would, so it never stops itself
    t.issue(source, sys_send, {ep, tag(5), 0, 0, 0, 0}); // waits in its call
    t.expect({{"copy", target.tcb, TCBCopyRegisters, {1 | 2 | 4 | 8}, {source.tcb}}});
    t.equal("the source has left the queue, the target sends in its place", t.receive(ep).tag, tag(5));
    t.check(!t.poll(ep).arrived, "one message only");
    t.expect({{"suspend", target.tcb, TCBSuspend, {}, {}}});
}

void read_and_suspend(Context& t) {
    Thread& thread = t.thread(Own);
    t.start(thread, [](Thread& me) {
        while (me.in[0] == 0) me.progress.fetch_add(1);
    });
    t.check(t.wait_progress(thread, 1), "runs");
    const Reply first = t.invoke(thread.tcb, TCBReadRegisters, {1, 4});
    t.equal("length", first.length(), 4);
    const Word count = thread.progress.load();
    seL4_Yield();
    t.equal("suspended", thread.progress.load(), count);
    t.equal("the same pc", t.invoke(thread.tcb, TCBReadRegisters, {0, 1}).words[0], first.words[0]);
    t.expect({{"resume", thread.tcb, TCBResume, {}, {}}});
    t.check(t.wait_progress(thread, count + 1), "goes on");
    t.expect({{"suspend", thread.tcb, TCBSuspend, {}, {}}});
}

void debug_calls(Context& t) {
    const Word tcb = t.make(seL4_TCBObject);
    auto* name = reinterpret_cast<char*>(seL4_GetIPCBuffer()->msg);
    __builtin_memcpy(name, "named", 6);
    t.probe(Word(seL4_SysDebugNameThread), {tcb, 2, 3, 4, 5, 6});
    // Upstream halts for these; ours says nothing.
    t.probe(Word(seL4_SysDebugNameThread), {t.endpoint(), 2, 3, 4, 5, 6});
    t.probe(Word(seL4_SysDebugNameThread), {1ul << 40, 2, 3, 4, 5, 6});
    __builtin_memset(name, 'x', sizeof(seL4_GetIPCBuffer()->msg));
    t.probe(Word(seL4_SysDebugNameThread), {tcb, 2, 3, 4, 5, 6});
    t.probe(Word(seL4_SysDebugSnapshot), {1, 2, 3, 4, 5, 6});
    t.probe(Word(seL4_SysDebugDumpScheduler), {1, 2, 3, 4, 5, 6});
    t.probe(Word(seL4_SysDebugPutChar), {'\n', 2, 3, 4, 5, 6});
    t.equal("still a TCB", seL4_DebugCapIdentify(tcb), 12);
}

// What it prints the row debug.scheduler compares, newest thread first.
void scheduler_dump(Context& t) {
    const auto name = [](Word tcb, const char* text) { seL4_DebugNameThread(tcb, text); };
    char long_name[600] = {};
    __builtin_memset(long_name, 'x', sizeof long_name - 1);
    name(t.make(seL4_TCBObject), long_name); // cut
    name(t.make(seL4_TCBObject), "");
    const Word stopped = t.make(seL4_TCBObject);
    name(stopped, "before");
    name(stopped, "stopped");
    const Word ep = t.endpoint();
    const auto blocked = [&](const char* text, Word number, Word cptr) {
        Thread& thread = t.thread();
        name(thread.tcb, text);
        t.issue(thread, number, {cptr, tag(1), 0, 0, 0, 0});
    };
    blocked("sender", sys_send, ep);
    blocked("receiver", sys_recv, t.endpoint());
    blocked("waiter", sys_recv, t.notification());
    const Word called = t.endpoint();
    blocked("caller", sys_call, called);
    t.equal("the call arrives", t.receive(called).tag, tag(1));
    Thread& ready = t.thread(Below);
    name(ready.tcb, "ready");
    t.start(ready, [](Thread&) {});
    seL4_DebugDumpScheduler();
}

constexpr Case cases[] = {
    {"every_send_replies", every_send_replies},
    {"reply_capability_rotates", reply_capability_rotates},
    {"long_reply", long_reply},
    {"receiver_without_buffer", receiver_without_buffer},
    {"fault_to_a_handler_without_buffer", fault_to_a_handler_without_buffer},
    {"fault_endpoint_deleted", fault_endpoint_deleted},
    {"middle_of_a_queue", middle_of_a_queue},
    {"cancelled_calls_and_faults", cancelled_calls_and_faults},
    {"bad_receive_paths", bad_receive_paths},
    {"capabilities_that_do_not_travel", capabilities_that_do_not_travel},
    {"capability_gone_meanwhile", capability_gone_meanwhile},
    {"bad_extra_capability_of_an_invocation", bad_extra_capability_of_an_invocation},
    {"copy_registers", copy_registers},
    {"copy_registers_stops_and_starts", copy_registers_stops_and_starts},
    {"read_and_suspend", read_and_suspend},
    {"debug_calls", debug_calls},
    {"scheduler_dump", scheduler_dump},
};

} // namespace

List message_cases() { return list_of<cases>("messages"); }

} // namespace guest
