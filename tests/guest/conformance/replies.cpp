// Reply and ReplyRecv: capabilities that a reply carries, faults that are answered, and the object to receive from,
// which is looked up when the reply has gone (5.4 - 5.6, 5.9, 5.10; traps 45, 46, 48).
#include "tests/guest/conformance/lists.hpp"

namespace guest {

namespace {

constexpr Word sys_call = Word(seL4_SysCall);
constexpr Word sys_send = Word(seL4_SysSend);
constexpr Word sys_recv = Word(seL4_SysRecv);
constexpr Word sys_reply_recv = Word(seL4_SysReplyRecv);
constexpr Word type_endpoint = 4, type_notification = 6;
constexpr unsigned a0_to_a5 = 0x3f;
constexpr Word instruction = 4;

Word ecall_address() { return reinterpret_cast<Word>(register_probe_ecall); }

// --- Capabilities. A reply carries them if the receiver's endpoint capability had the right to grant, whatever the
// caller's had.

constexpr Word call_rights[] = {5, 9}; // send with grant, or with grant-reply
constexpr Word receive_rights[] = {2, 6};

void capability_by_reply(Context& t) {
    for (const Word caller_rights : call_rights) {
        for (const Word server_rights : receive_rights) {
            const Word ep = t.endpoint();
            const Word to = t.slot();
            Thread& caller = t.thread();
            caller.buffer->receiveCNode = cnode;
            caller.buffer->receiveIndex = to;
            caller.buffer->receiveDepth = depth;
            t.issue(caller, sys_call, {t.copy(ep, caller_rights), tag(5), 11, 12, 13, 14});
            t.check(t.receive(t.copy(ep, server_rights)).arrived, "a message");
            seL4_SetCap(0, t.notification());
            t.reply(tag(6, 1, 1), {21});
            const Word granted = server_rights >> 2;
            t.finished(caller);
            t.unchanged(caller.file, {0, tag(6, 1, granted), 21, 12, 13, 14}, sys_call, 0);
            t.equal("capability", seL4_DebugCapIdentify(to), granted * type_notification);
            t.drop(caller);
        }
    }
}

// A server that answers the initial thread's call with these capabilities; what the caller got.
File answered_with(Context& t, Word caller_rights, Word server_rights, Word ep, Words caps) {
    Thread& server = t.thread();
    const Word from = t.copy(ep, server_rights);
    unsigned count = 0;
    for (const Word cap : caps) server.buffer->caps_or_badges[count++] = cap;
    t.issue_all(server,
                {{sys_recv, {from, 2, 3, 4, 5, 6}}, {sys_reply_recv, {from, tag(6, 1, count), 21, 22, 23, 24}}});
    const File file = t.probe(sys_call, {t.copy(ep, caller_rights), tag(5), 11, 12, 13, 14}, a0_to_a5);
    t.equal("it waits", server.progress.load(), 1);
    t.drop(server);
    return file;
}

void capability_by_reply_recv(Context& t) {
    for (const Word caller_rights : call_rights) {
        for (const Word server_rights : receive_rights) {
            const Word to = t.slot();
            seL4_SetCapReceivePath(cnode, to, depth);
            const File file = answered_with(t, caller_rights, server_rights, t.endpoint(), {t.notification()});
            const Word granted = server_rights >> 2;
            t.unchanged(file, {0, tag(6, 1, granted), 21, 12, 13, 14}, sys_call, 0);
            t.equal("capability", seL4_DebugCapIdentify(to), granted * type_notification);
        }
    }
}

// There is no endpoint in a reply that would be unwrapped.
void endpoint_is_not_unwrapped(Context& t) {
    const Word ep = t.endpoint();
    const Word to = t.slot();
    seL4_SetCapReceivePath(cnode, to, depth);
    const File file = answered_with(t, 5, 6, ep, {t.mint(ep, 0x77)});
    t.equal("tag", file.x[A1], tag(6, 1, 1));
    t.equal("capability", seL4_DebugCapIdentify(to), type_endpoint);
}

void one_capability_fits(Context& t) {
    const Word to = t.slot();
    seL4_SetCapReceivePath(cnode, to, depth);
    const File file = answered_with(t, 5, 6, t.endpoint(), {t.notification(), t.endpoint()});
    t.equal("tag", file.x[A1], tag(6, 1, 1));
    t.equal("the first", seL4_DebugCapIdentify(to), type_notification);
    const File again = answered_with(t, 5, 6, t.endpoint(), {t.endpoint()});
    t.equal("none into an occupied slot", again.x[A1], tag(6, 1));
    t.equal("the first stays", seL4_DebugCapIdentify(to), type_notification);
}

// A reply cannot fault: what cannot be looked up does not travel.
void bad_pointer_by_reply(Context& t) {
    const Word to = t.slot();
    seL4_SetCapReceivePath(cnode, to, depth);
    const File file = answered_with(t, 5, 6, t.endpoint(), {1ul << 40});
    t.equal("tag", file.x[A1], tag(6, 1));
    const Word ep = t.endpoint();
    Thread& caller = t.thread();
    t.issue(caller, sys_call, {ep, tag(5), 11, 12, 13, 14});
    t.check(t.receive(ep).arrived, "a message");
    seL4_SetCap(0, 1ul << 40);
    t.reply(tag(6, 1, 1), {21});
    t.finished(caller);
    t.equal("tag", caller.file.x[A1], tag(6, 1));
}

// --- What ReplyRecv receives from

// The reply itself brings the capability that the server then receives from.
void object_comes_with_the_reply(Context& t) {
    const Word ep = t.endpoint(), next = t.endpoint();
    const Word to = t.slot();
    Thread& server = t.thread();
    server.buffer->caps_or_badges[0] = next;
    seL4_SetCapReceivePath(cnode, to, depth);
    t.issue_all(server, {{sys_recv, {ep, 2, 3, 4, 5, 6}}, {sys_reply_recv, {to, tag(6, 1, 1), 21, 22, 23, 24}}});
    const File file = t.probe(sys_call, {ep, tag(5), 11, 12, 13, 14}, a0_to_a5);
    t.unchanged(file, {0, tag(6, 1, 1), 21, 12, 13, 14}, sys_call, 0);
    t.equal("it waits", server.progress.load(), 1);
    t.send(next, tag(8, 1), {41});
    t.check(t.wait_done(server), "it waits at the new endpoint");
    t.unchanged(server.steps[1], {0, tag(8, 1), 41, 22, 23, 24}, sys_reply_recv, 0);
}

// The reply has gone when the receive faults; made again, it is a Recv.
void fault_after_the_reply(Context& t) {
    const Word ep = t.endpoint();
    const Word handler = t.endpoint();
    const Word empty = t.slot();
    Thread& server = t.thread(Above, handler);
    t.issue_all(server, {{sys_recv, {ep, 2, 3, 4, 5, 6}}, {sys_reply_recv, {empty, tag(6, 1), 21, 22, 23, 24}}});
    const File file = t.probe(sys_call, {ep, tag(5), 11, 12, 13, 14}, a0_to_a5);
    t.unchanged(file, {0, tag(6, 1), 21, 12, 13, 14}, sys_call, 0);
    const Message message = t.receive(handler);
    t.equal("fault", message.tag, tag(seL4_Fault_CapFault, 5));
    const Word words[] = {ecall_address(), empty, 1, 2, 0};
    for (Word i = 0; i < 5; ++i) t.equal("word of the fault", message.words[i], words[i]);
    t.expect({{"an endpoint", cnode, CNodeCopy, {empty, depth, ep, depth, all_rights}, {cnode}}});
    t.reply(tag(0));
    t.equal("it waits", server.progress.load(), 1);
    t.send(ep, tag(8, 1), {41});
    t.check(t.wait_done(server), "the message");
    t.unchanged(server.steps[1], {0, tag(8, 1), 41, 22, 23, 24}, sys_reply_recv, 0);
}

// The reply goes first, then the bound notification, which is active, ends the receive at once.
void bound_notification_is_active(Context& t) {
    const Word ep = t.endpoint();
    const Word ntfn = t.notification();
    const Word badged = t.mint(ntfn, 0x21);
    Thread& server = t.thread();
    t.expect({{"bind", server.tcb, TCBBindNotification, {}, {ntfn}}});
    t.issue_all(server,
                {{sys_recv, {ep, 2, 3, 4, 5, 6}},
                 {sys_send, {badged, 0, 3, 4, 5, 6}},
                 {sys_reply_recv, {ep, tag(6, 1), 21, 22, 23, 24}}});
    const File file = t.probe(sys_call, {ep, tag(5), 11, 12, 13, 14}, a0_to_a5);
    t.unchanged(file, {0, tag(6, 1), 21, 12, 13, 14}, sys_call, 0);
    t.equal("all calls are back", server.progress.load(), 3);
    t.unchanged(server.steps[2], {0x21, tag(6, 1), 21, 22, 23, 24}, sys_reply_recv, 0);
    t.equal("taken", server.done.load(), 1);
}

void receive_from_a_notification(Context& t) {
    const Word ep = t.endpoint();
    const Word ntfn = t.notification();
    Thread& server = t.thread();
    t.issue_all(server, {{sys_recv, {ep, 2, 3, 4, 5, 6}}, {sys_reply_recv, {ntfn, tag(6, 1), 21, 22, 23, 24}}});
    const File file = t.probe(sys_call, {ep, tag(5), 11, 12, 13, 14}, a0_to_a5);
    t.unchanged(file, {0, tag(6, 1), 21, 12, 13, 14}, sys_call, 0);
    t.equal("it waits", server.progress.load(), 1);
    t.signal(t.mint(ntfn, 9));
    t.unchanged(server.steps[1], {9, tag(6, 1), 21, 22, 23, 24}, sys_reply_recv, 0);
}

// --- Faults

// A handler that answers each fault with this tag and word.
Thread& handler_of(Context& t, Word ep, Word answer, Word word) {
    Thread& handler = t.thread();
    t.issue_all(handler,
                {{sys_recv, {ep, 2, 3, 4, 5, 6}},
                 {sys_reply_recv, {ep, answer, word, 22, 23, 24}},
                 {sys_reply_recv, {ep, answer, word, 22, 23, 24}}});
    return handler;
}

void answers_an_exception(Context& t) {
    const Word ep = t.endpoint();
    const Word ip = reinterpret_cast<Word>(snippet_break);
    const Thread& handler = handler_of(t, ep, tag(0, 1), ip + instruction);
    Thread& thread = t.thread(Above, ep);
    t.snippet(thread, snippet_break, 7);
    t.check(t.wait_done(thread), "on behind it");
    t.equal("a0", thread.out[0], 7);
    t.equal("one fault", handler.progress.load(), 1);
    t.equal("tag", handler.steps[0].x[A1], tag(seL4_Fault_UserException, 4));
    t.equal("ip", handler.steps[0].x[A2], ip);
}

void leaves_an_exception_inactive(Context& t) {
    const Word ep = t.endpoint();
    const Word ip = reinterpret_cast<Word>(snippet_break);
    const Thread& handler = handler_of(t, ep, tag(1, 1), ip + instruction);
    Thread& thread = t.thread(Above, ep);
    t.snippet(thread, snippet_break, 7);
    t.equal("one fault", handler.progress.load(), 1);
    t.equal("inactive", thread.done.load(), 0);
    t.expect({{"resume", thread.tcb, TCBResume, {}, {}}});
    t.check(t.wait_done(thread), "the registers of the reply are kept");
}

void answers_an_unknown_call(Context& t) {
    const Word ep = t.endpoint();
    const Thread& handler = handler_of(t, ep, tag(0, 1), ecall_address() + instruction);
    Thread& thread = t.thread(Above, ep);
    t.issue(thread, 99, {11, 12, 13, 14, 15, 16});
    t.check(t.wait_done(thread), "on behind it");
    t.unchanged(thread.file, {11, 12, 13, 14, 15, 16}, 99, 0);
    t.equal("tag", handler.steps[0].x[A1], tag(seL4_Fault_UnknownSyscall, 11));
}

void restarts_an_access(Context& t) {
    constexpr Word unmapped = 0x3000'0000;
    const Word ep = t.endpoint();
    const Thread& handler = handler_of(t, ep, tag(55, 1), 0x1234);
    Thread& thread = t.thread(Above, ep);
    const Word ip = reinterpret_cast<Word>(snippet_load);
    t.snippet(thread, snippet_load, unmapped);
    t.equal("two answers, three faults", handler.progress.load(), 3);
    t.unchanged(handler.steps[0], {0, tag(seL4_Fault_VMFault, 4), ip, unmapped, 0, 5}, sys_recv, 0);
    for (unsigned i : {1u, 2u})
        t.unchanged(handler.steps[i], {0, tag(seL4_Fault_VMFault, 4), ip, unmapped, 0, 5}, sys_reply_recv, 0);
}

constexpr Case cases[] = {
    {"capability_by_reply", capability_by_reply},
    {"capability_by_reply_recv", capability_by_reply_recv},
    {"endpoint_is_not_unwrapped", endpoint_is_not_unwrapped},
    {"one_capability_fits", one_capability_fits},
    {"bad_pointer_by_reply", bad_pointer_by_reply},
    {"object_comes_with_the_reply", object_comes_with_the_reply},
    {"fault_after_the_reply", fault_after_the_reply},
    {"bound_notification_is_active", bound_notification_is_active},
    {"receive_from_a_notification", receive_from_a_notification},
    {"answers_an_exception", answers_an_exception},
    {"leaves_an_exception_inactive", leaves_an_exception_inactive},
    {"answers_an_unknown_call", answers_an_unknown_call},
    {"restarts_an_access", restarts_an_access},
};

} // namespace

List reply_cases() { return list_of<cases>("replies"); }

} // namespace guest
