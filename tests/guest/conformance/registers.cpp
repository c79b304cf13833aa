// Registers across system calls: what the kernel may write, and that nothing else changes (1.1, 1.2; traps 1-6).
#include "tests/guest/conformance/lists.hpp"

namespace guest {

namespace {

constexpr unsigned a0 = 1, a1 = 2;

void yield(Context& t) { t.probe(Word(seL4_SysYield), {1, 2, 3, 4, 5, 6}); }
void reply_without_caller(Context& t) { t.probe(Word(seL4_SysReply), {7, tag(3, 4), 1, 2, 3, 4}); }

void call_without_results(Context& t) {
    const Word ep = t.endpoint();
    const File file = t.probe(Word(seL4_SysCall), {cnode, tag(CNodeCancelBadgedSends, 2), ep, depth, 8, 9}, a0 | a1);
    t.equal("a0", file.x[A0], 0);
    t.equal("a1", file.x[A1], 0);
}

void call_with_one_result(Context& t) {
    const Word tcb = t.make(seL4_TCBObject);
    const File file = t.probe(Word(seL4_SysCall), {tcb, tag(TCBSetFlags, 2), 0, 1, 8, 9}, a0 | a1 | 4);
    t.equal("a0", file.x[A0], 0);
    t.equal("a1", file.x[A1], 1);
    t.equal("a2", file.x[A2], 1);
}

void call_with_error(Context& t) {
    const File file = t.probe(Word(seL4_SysCall), {cnode, tag(CNodeDelete, 2), 0, 65, 8, 9}, a0 | a1 | 4 | 8);
    t.equal("a1", file.x[A1], tag(seL4_RangeError, 2));
    t.equal("a2", file.x[A2], 1);
    t.equal("a3", file.x[A3], 64);
}

void call_with_error_of_no_words(Context& t) {
    const File file = t.probe(Word(seL4_SysCall), {cnode, tag(TCBResume, 2), 0, 65, 8, 9}, a0 | a1);
    t.equal("a1", file.x[A1], tag(seL4_IllegalOperation));
}

void send_to_object(Context& t) {
    t.probe(Word(seL4_SysSend), {cnode, tag(CNodeDelete, 2), 0, 65, 8, 9});
    t.probe(Word(seL4_SysNBSend), {cnode, tag(CNodeDelete, 2), 0, 65, 8, 9});
    t.probe(Word(seL4_SysSend), {self, tag(CNodeDelete, 2), 0, 65, 8, 9});
    const Word ep = t.endpoint();
    t.probe(Word(seL4_SysNBSend), {cnode, tag(CNodeDelete, 2), ep, depth, 8, 9});
    t.fails("the silent delete worked", t.invoke(ep, 0), seL4_InvalidCapability, {0});
}

void send_performs(Context& t) {
    const Word ep = t.endpoint();
    t.probe(Word(seL4_SysSend), {cnode, tag(CNodeDelete, 2), ep, depth, 8, 9});
    t.fails("the delete worked", t.invoke(ep, 0), seL4_InvalidCapability, {0});
}

void signal(Context& t) {
    const Word ntfn = t.notification();
    t.probe(Word(seL4_SysSend), {t.mint(ntfn, 0xf), 0, 3, 4, 5, 6});
    t.probe(Word(seL4_SysNBSend), {t.mint(ntfn, 0x30), tag(5, 3), 3, 4, 5, 6});
    const File file = t.probe(Word(seL4_SysNBRecv), {ntfn, 2, 3, 4, 5, 6}, a0);
    t.equal("the word", file.x[A0], 0x3f);
}

void call_notification(Context& t) {
    const Word ntfn = t.notification();
    const File file = t.probe(Word(seL4_SysCall), {t.mint(ntfn, 5), tag(5, 3), 3, 4, 5, 6}, a0 | a1);
    t.equal("a0", file.x[A0], 0);
    t.equal("a1", file.x[A1], 0);
    t.equal("the word", t.poll(ntfn).badge, 5);
}

void nbrecv_nothing(Context& t) {
    for (const Word object : {t.endpoint(), t.notification()}) {
        const File file = t.probe(Word(seL4_SysNBRecv), {object, 2, 3, 4, 5, 6}, a0);
        t.equal("a0", file.x[A0], 0);
    }
}

void recv_active_notification(Context& t) {
    const Word ntfn = t.notification();
    t.signal(t.mint(ntfn, 0xf));
    const File file = t.probe(Word(seL4_SysRecv), {ntfn, 2, 3, 4, 5, 6}, a0);
    t.equal("a0", file.x[A0], 0xf);
}

void nbsend_nobody(Context& t) { t.probe(Word(seL4_SysNBSend), {t.endpoint(), tag(9, 4), 3, 4, 5, 6}); }
void nbsend_bad_pointer(Context& t) { t.probe(Word(seL4_SysNBSend), {1ul << 40, tag(9, 4), 3, 4, 5, 6}); }
void nbsend_empty_slot(Context& t) { t.probe(Word(seL4_SysNBSend), {t.slot(), tag(9, 4), 3, 4, 5, 6}); }

void nbsend_bad_extra_cap(Context& t) {
    const Word ep = t.endpoint();
    seL4_SetCap(0, 1ul << 40);
    t.probe(Word(seL4_SysNBSend), {ep, tag(9, 4, 1), 3, 4, 5, 6});
}

void cap_identify(Context& t) {
    const File found = t.probe(Word(seL4_SysDebugCapIdentify), {self, 2, 3, 4, 5, 6}, a0);
    t.equal("TCB", found.x[A0], 12);
    const File none = t.probe(Word(seL4_SysDebugCapIdentify), {t.slot(), 2, 3, 4, 5, 6}, a0);
    t.equal("empty", none.x[A0], 0);
    const Word expected[][2] = {{cnode, 10},
                                {vspace, 3},
                                {seL4_CapIRQControl, 14},
                                {seL4_CapASIDControl, 11},
                                {seL4_CapDomain, 20},
                                {seL4_CapInitThreadASIDPool, 13},
                                {seL4_CapBootInfoFrame, 1},
                                {t.endpoint(), 4},
                                {t.notification(), 6},
                                {t.untyped(), 2}};
    for (const auto& [cptr, type] : expected) t.equal("type", seL4_DebugCapIdentify(cptr), type);
}

void blocked_calls_keep_registers(Context& t) {
    const Word ep = t.endpoint();
    Thread& caller = t.thread();
    t.issue(caller, Word(seL4_SysCall), {ep, tag(4, 2), 3, 4, 5, 6});
    t.check(t.receive(ep).arrived, "a message");
    t.reply(tag(9, 1), {77});
    t.finished(caller);
    t.equal("a0", caller.file.x[A0], 0);
    t.equal("a1", caller.file.x[A1], tag(9, 1));
    t.equal("a2", caller.file.x[A2], 77);
    t.equal("a3", caller.file.x[A3], 4);
    t.equal("a4", caller.file.x[A4], 5);
    t.equal("a5", caller.file.x[A5], 6);
}

void blocked_send_keeps_registers(Context& t) {
    const Word ep = t.endpoint();
    Thread& sender = t.thread();
    t.issue(sender, Word(seL4_SysSend), {ep, tag(4, 2), 3, 4, 5, 6});
    t.equal("blocked", sender.done.load(), 0);
    t.check(t.receive(ep).arrived, "a message");
    t.finished(sender);
    t.unchanged(sender.file, {ep, tag(4, 2), 3, 4, 5, 6}, Word(seL4_SysSend), 0);
}

void blocked_recv_writes_the_message_only(Context& t) {
    const Word ep = t.endpoint();
    Thread& receiver = t.thread();
    t.issue(receiver, Word(seL4_SysRecv), {ep, 2, 3, 4, 5, 6});
    t.send(t.mint(ep, 0xabc), tag(0x5555, 2), {21, 22});
    t.finished(receiver);
    t.unchanged(receiver.file, {0xabc, tag(0x5555, 2), 21, 22, 5, 6}, Word(seL4_SysRecv), 0);
}

void blocked_wait_writes_a0_only(Context& t) {
    const Word ntfn = t.notification();
    Thread& waiter = t.thread();
    t.issue(waiter, Word(seL4_SysRecv), {ntfn, 2, 3, 4, 5, 6});
    t.signal(t.mint(ntfn, 0x77));
    t.finished(waiter);
    t.unchanged(waiter.file, {0x77, 2, 3, 4, 5, 6}, Word(seL4_SysRecv), 0);
}

void reply_recv_keeps_registers(Context& t) {
    const Word ep = t.endpoint();
    Thread& server = t.thread();
    t.issue(server, Word(seL4_SysReplyRecv), {ep, tag(1, 3), 3, 4, 5, 6});
    t.send(ep, tag(8, 4), {31, 32, 33, 34});
    t.finished(server);
    t.unchanged(server.file, {0, tag(8, 4), 31, 32, 33, 34}, Word(seL4_SysReplyRecv), 0);
}

void preemption_keeps_registers(Context& t) {
    // Between two probes an equal runs, and both of them come to the end of their slices now and then.
    constexpr Word turns = 2000;
    Thread& other = t.thread(Own);
    t.start(other, [](Thread& thread) {
        while (thread.in[0] == 0) {
            thread.progress.fetch_add(1);
            seL4_Yield();
        }
    });
    const Word end = now() + second / 20;
    const auto enough = [&] { return now() >= end && other.progress.load() >= turns; };
    while (!enough() && now() < end + patience && !t.failed()) t.probe(Word(seL4_SysYield), {1, 2, 3, 4, 5, 6});
    t.check(other.progress.load() >= turns, "turns of the other thread");
    other.in[0] = 1;
    t.check(t.wait_done(other), "the other thread");
}

constexpr Case cases[] = {
    {"yield", yield},
    {"reply_without_caller", reply_without_caller},
    {"call_without_results", call_without_results},
    {"call_with_one_result", call_with_one_result},
    {"call_with_error", call_with_error},
    {"call_with_error_of_no_words", call_with_error_of_no_words},
    {"send_to_object_is_silent", send_to_object},
    {"send_performs_the_invocation", send_performs},
    {"signal", signal},
    {"call_on_notification", call_notification},
    {"nbrecv_nothing_writes_a0", nbrecv_nothing},
    {"recv_active_notification_writes_a0", recv_active_notification},
    {"nbsend_nobody", nbsend_nobody},
    {"nbsend_bad_pointer", nbsend_bad_pointer},
    {"nbsend_empty_slot", nbsend_empty_slot},
    {"nbsend_bad_extra_cap", nbsend_bad_extra_cap},
    {"debug_cap_identify", cap_identify},
    {"call_blocked", blocked_calls_keep_registers},
    {"send_blocked", blocked_send_keeps_registers},
    {"recv_blocked", blocked_recv_writes_the_message_only},
    {"wait_blocked", blocked_wait_writes_a0_only},
    {"reply_recv_blocked", reply_recv_keeps_registers},
    {"preemption", preemption_keeps_registers},
};

} // namespace

List register_cases() { return list_of<cases>("registers"); }

} // namespace guest
