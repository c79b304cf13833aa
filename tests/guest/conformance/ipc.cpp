// Messages between threads: transfer, rights, queues, reply capabilities (5.2 - 5.6; traps 5, 44-51; D.2).
#include "tests/guest/conformance/lists.hpp"

namespace guest {

namespace {

constexpr Word sys_call = Word(seL4_SysCall);
constexpr Word sys_send = Word(seL4_SysSend);
constexpr Word sys_recv = Word(seL4_SysRecv);
constexpr Word type_reply = 8;

void label_and_length(Context& t) {
    const Word ep = t.endpoint();
    Thread& sender = t.thread();
    for (unsigned i = 4; i < 120; ++i) sender.buffer->msg[i] = 1000 + i;
    t.issue(sender, sys_send, {ep, tag(0x1'2345'6789'abcd, 127), 1, 2, 3, 4});
    const Message message = t.receive(ep);
    t.equal("label", message.label(), 0x1'2345'6789'abcd);
    t.equal("length", message.length(), 120);
    t.equal("first word", message.words[0], 1);
    t.equal("first word of the buffer", message.words[4], 1004);
    t.equal("last word", seL4_GetIPCBuffer()->msg[119], 1119);
    t.finished(sender);
}

void label_of_52_bits(Context& t) {
    const Word ep = t.endpoint();
    Thread& sender = t.thread();
    t.issue(sender, sys_send, {ep, tag(0xf'ffff'ffff'ffff), 1, 2, 3, 4});
    t.equal("tag", t.receive(ep).tag, tag(0xf'ffff'ffff'ffff));
}

void long_message_without_buffer(Context& t) {
    const Word ep = t.endpoint();
    Thread& sender = t.thread();
    t.succeeds("no buffer", t.invoke(sender.tcb, TCBSetIPCBuffer, {0}, {0}));
    t.issue(sender, sys_send, {ep, tag(7, 9, 2), 1, 2, 3, 4});
    const Message message = t.receive(ep);
    t.equal("tag", message.tag, tag(7, 4));
    t.equal("MR3", message.words[3], 4);
}

void words_beyond_the_length_stay(Context& t) {
    const Word ep = t.endpoint();
    Thread& receiver = t.thread();
    receiver.buffer->msg[4] = 0x1111;
    receiver.buffer->msg[5] = 0x2222;
    t.issue(receiver, sys_recv, {ep, 2, 3, 4, 5, 6});
    t.send(ep, tag(1, 5), {10, 11, 12, 13, 14});
    t.finished(receiver);
    t.equal("MR4", receiver.buffer->msg[4], 14);
    t.equal("word behind the message", receiver.buffer->msg[5], 0x2222);
}

void badge_64_bits(Context& t) {
    const Word ep = t.endpoint();
    Thread& sender = t.thread();
    t.issue(sender, sys_send, {t.mint(ep, ~0ul), tag(1), 3, 4, 5, 6});
    t.equal("badge", t.receive(ep).badge, ~0ul);
}

void senders_are_fifo(Context& t) {
    const Word ep = t.endpoint();
    Word expected[3];
    for (Word i = 0; i < 3; ++i) {
        // Rising priorities: the queue does not care.
        t.issue(t.thread(Above + i), sys_send, {t.mint(ep, 50 + i), tag(i), 0, 0, 0, 0});
        expected[i] = 50 + i;
    }
    for (const Word badge : expected) t.equal("badge", t.receive(ep).badge, badge);
}

void receivers_are_fifo(Context& t) {
    const Word ep = t.endpoint();
    Thread* receivers[3];
    for (Thread*& receiver : receivers) {
        receiver = &t.thread();
        t.issue(*receiver, sys_recv, {ep, 0, 0, 0, 0, 0});
    }
    for (Word i = 0; i < 3; ++i) t.send(ep, tag(0, 1), {70 + i});
    for (Word i = 0; i < 3; ++i) t.equal("message", receivers[i]->file.x[A2], 70 + i);
}

void nbsend_to_waiting_receiver(Context& t) {
    const Word ep = t.endpoint();
    Thread& receiver = t.thread();
    t.issue(receiver, sys_recv, {ep, 0, 0, 0, 0, 0});
    t.probe(Word(seL4_SysNBSend), {ep, tag(3, 1), 9, 4, 5, 6});
    t.finished(receiver);
    t.equal("word", receiver.file.x[A2], 9);
}

void send_without_right(Context& t) {
    const Word read_only = t.copy(t.endpoint(), 2);
    t.fails("Call", t.invoke(read_only, 0, {1}), seL4_InvalidCapability, {0});
    t.probe(sys_send, {read_only, tag(1), 3, 4, 5, 6});
    t.probe(Word(seL4_SysNBSend), {read_only, tag(1), 3, 4, 5, 6});
}

void call_without_grant_or_reply(Context& t) {
    const Word ep = t.endpoint();
    Thread& caller = t.thread();
    t.issue(caller, sys_call, {t.copy(ep, 1), tag(6, 1), 42, 0, 0, 0});
    const Message message = t.receive(ep);
    t.equal("word", message.words[0], 42);
    const Word to = t.slot();
    t.succeeds("save the caller", t.invoke(cnode, CNodeSaveCaller, {to, depth}));
    t.equal("no reply capability", seL4_DebugCapIdentify(to), 0);
    t.reply(tag(0));
    t.equal("the caller stays", caller.done.load(), 0);
    // Resumed, it makes its call again.
    t.succeeds("resume", t.invoke(caller.tcb, TCBResume));
    t.equal("word", t.receive(ep).words[0], 42);
}

void call_with_one_right(Context& t) {
    const Word ep = t.endpoint();
    for (const Word right : {4ul, 8ul}) {
        Thread& caller = t.thread();
        t.issue(caller, sys_call, {t.copy(ep, 1 | right), tag(6, 1), 42, 0, 0, 0});
        t.check(t.receive(ep).arrived, "a message");
        const Word to = t.slot();
        t.succeeds("save the caller", t.invoke(cnode, CNodeSaveCaller, {to, depth}));
        t.equal("reply capability", seL4_DebugCapIdentify(to), type_reply);
        t.send(to, tag(1));
        t.finished(caller);
    }
}

// The server's side of most cases below: a caller whose reply capability is in `saved`.
Thread& blocked_caller(Context& t, Word saved) {
    const Word ep = t.endpoint();
    Thread& caller = t.thread();
    t.issue(caller, sys_call, {t.mint(ep, 5), tag(6, 2), 1, 2, 3, 4});
    t.equal("badge", t.receive(ep).badge, 5);
    t.succeeds("save the caller", t.invoke(cnode, CNodeSaveCaller, {saved, depth}));
    return caller;
}

void saved_reply_copy_and_move(Context& t) {
    const Word saved = t.slot();
    const Word other = t.slot();
    Thread& caller = blocked_caller(t, saved);
    t.fails("copy", t.invoke(cnode, CNodeCopy, {other, depth, saved, depth, all_rights}, {cnode}),
            seL4_IllegalOperation);
    t.fails("mint", t.invoke(cnode, CNodeMint, {other, depth, saved, depth, all_rights, 0}, {cnode}),
            seL4_IllegalOperation);
    t.succeeds("move", t.invoke(cnode, CNodeMove, {other, depth, saved, depth}, {cnode}));
    t.send(other, tag(7, 1), {88});
    t.finished(caller);
    t.unchanged(caller.file, {0, tag(7, 1), 88, 2, 3, 4}, sys_call, 0);
    t.equal("used up", seL4_DebugCapIdentify(other), 0);
}

void call_on_saved_reply(Context& t) {
    const Word saved = t.slot();
    Thread& caller = blocked_caller(t, saved);
    t.succeeds("Call", t.invoke(saved, 9, {77}));
    t.finished(caller);
    t.equal("word", caller.file.x[A2], 77);
    t.equal("used up", seL4_DebugCapIdentify(saved), 0);
}

void deleted_reply_leaves_the_caller(Context& t) {
    const Word saved = t.slot();
    Thread& caller = blocked_caller(t, saved);
    t.remove(saved);
    t.equal("blocked", caller.done.load(), 0);
}

void reply_goes_with_its_caller(Context& t) {
    const Word saved = t.slot();
    Thread& caller = blocked_caller(t, saved);
    t.succeeds("suspend", t.invoke(caller.tcb, TCBSuspend));
    t.equal("suspended: reply capability", seL4_DebugCapIdentify(saved), 0);
    Thread& second = blocked_caller(t, saved);
    t.remove(second.tcb);
    t.equal("deleted: reply capability", seL4_DebugCapIdentify(saved), 0);
}

void recv_on_endpoint_loses_the_caller(Context& t) {
    const Word ep = t.endpoint();
    const Word ntfn = t.notification();
    Thread& caller = t.thread();
    t.issue(caller, sys_call, {ep, tag(6), 1, 2, 3, 4});
    t.check(t.receive(ep).arrived, "a message");
    t.poll(ntfn); // leaves the caller alone
    t.reply(tag(1));
    t.finished(caller);
    t.issue(caller, sys_call, {ep, tag(6), 1, 2, 3, 4});
    t.check(t.receive(ep).arrived, "a second message");
    t.poll(ep);
    t.reply(tag(1));
    t.equal("the caller stays", caller.done.load(), 0);
}

void second_reply_is_nothing(Context& t) {
    const Word ep = t.endpoint();
    Thread& caller = t.thread();
    t.issue(caller, sys_call, {ep, tag(6), 1, 2, 3, 4});
    t.check(t.receive(ep).arrived, "a message");
    t.reply(tag(1, 1), {5});
    t.reply(tag(2, 1), {6});
    t.finished(caller);
    t.equal("first reply", caller.file.x[A2], 5);
}

void save_caller_occupied(Context& t) {
    t.fails("occupied", t.invoke(cnode, CNodeSaveCaller, {t.endpoint(), depth}), seL4_DeleteFirst);
}

void suspended_call_is_repeated(Context& t) {
    const Word ep = t.endpoint();
    Thread& caller = t.thread();
    t.issue(caller, sys_call, {ep, tag(6, 1), 42, 2, 3, 4});
    t.succeeds("suspend", t.invoke(caller.tcb, TCBSuspend));
    t.check(!t.poll(ep).arrived, "a suspended sender still sends");
    t.succeeds("resume", t.invoke(caller.tcb, TCBResume));
    t.equal("word", t.receive(ep).words[0], 42);
    t.reply(tag(1));
    t.finished(caller);
}

void cancel_badged_sends(Context& t) {
    const Word ep = t.endpoint();
    const Word one = t.mint(ep, 1);
    Thread& first = t.thread();
    Thread& second = t.thread();
    t.issue(first, sys_send, {one, tag(1, 1), 11, 0, 0, 0});
    t.issue(second, sys_send, {t.mint(ep, 2), tag(1, 1), 22, 0, 0, 0});
    // Cancelled senders try again, now behind the other.
    t.succeeds("cancel", t.invoke(cnode, CNodeCancelBadgedSends, {one, depth}));
    t.equal("first", t.receive(ep).badge, 2);
    t.equal("second", t.receive(ep).badge, 1);
    t.finished(first);
    t.finished(second);
}

constexpr Case cases[] = {
    {"label_52_bits_length_120", label_and_length},
    {"label_all_ones", label_of_52_bits},
    {"no_buffer_cuts_to_4_words", long_message_without_buffer},
    {"words_beyond_the_length_stay", words_beyond_the_length_stay},
    {"badge_64_bits", badge_64_bits},
    {"senders_fifo", senders_are_fifo},
    {"receivers_fifo", receivers_are_fifo},
    {"nbsend_to_waiting_receiver", nbsend_to_waiting_receiver},
    {"send_without_right", send_without_right},
    {"call_without_grant_or_grantreply", call_without_grant_or_reply},
    {"call_with_grant_or_grantreply", call_with_one_right},
    {"saved_reply_copy_and_move", saved_reply_copy_and_move},
    {"saved_reply_call", call_on_saved_reply},
    {"saved_reply_deleted", deleted_reply_leaves_the_caller},
    {"saved_reply_goes_with_its_caller", reply_goes_with_its_caller},
    {"recv_on_endpoint_loses_the_caller", recv_on_endpoint_loses_the_caller},
    {"second_reply_is_nothing", second_reply_is_nothing},
    {"save_caller_occupied", save_caller_occupied},
    {"suspended_call_is_repeated", suspended_call_is_repeated},
    {"cancel_badged_sends", cancel_badged_sends},
};

} // namespace

List ipc_cases() { return list_of<cases>("ipc"); }

} // namespace guest
