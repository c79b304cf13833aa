// Notifications, bound ones, and capabilities that travel in messages (5.4, 5.7; traps 45-47, 52-54; D.2).
#include "tests/guest/conformance/lists.hpp"

namespace guest {

namespace {

constexpr Word sys_call = Word(seL4_SysCall);
constexpr Word sys_send = Word(seL4_SysSend);
constexpr Word sys_recv = Word(seL4_SysRecv);

void badges_accumulate(Context& t) {
    const Word ntfn = t.notification();
    t.signal(t.mint(ntfn, 0xf0));
    t.signal(t.mint(ntfn, 0x0f));
    t.equal("both", t.poll(ntfn).badge, 0xff);
    t.equal("taken", t.poll(ntfn).badge, 0);
}

void badge_of_zero_wakes(Context& t) {
    const Word ntfn = t.notification();
    Thread& waiter = t.thread();
    t.issue(waiter, sys_recv, {ntfn, 2, 0, 0, 0, 0});
    t.signal(ntfn);
    t.finished(waiter);
    t.equal("a0", waiter.file.x[A0], 0);
}

void badge_of_zero_is_kept(Context& t) {
    const Word ntfn = t.notification();
    t.signal(ntfn);
    Thread& waiter = t.thread();
    t.issue(waiter, sys_recv, {ntfn, 2, 0, 0, 0, 0});
    t.check(t.wait_done(waiter), "active with the word 0");
}

void waiters_are_fifo(Context& t) {
    const Word ntfn = t.notification();
    Thread* waiters[3];
    for (Thread*& waiter : waiters) {
        waiter = &t.thread();
        t.issue(*waiter, sys_recv, {ntfn, 0, 0, 0, 0, 0});
    }
    for (Word i = 0; i < 3; ++i) {
        t.signal(t.mint(ntfn, 1 + i));
        t.equal("woken", waiters[i]->file.x[A0], 1 + i);
        if (i < 2) t.equal("the next waits", waiters[i + 1]->done.load(), 0);
    }
}

void rights(Context& t) {
    const Word ntfn = t.notification();
    const Word read_only = t.copy(ntfn, 2);
    t.fails("signal", t.invoke(read_only, 0), seL4_InvalidCapability, {0});
    t.signal(read_only);
    t.equal("nothing came", t.poll(ntfn).badge, 0);
}

void bound_while_receiving(Context& t) {
    const Word ep = t.endpoint();
    const Word ntfn = t.notification();
    Thread& thread = t.thread();
    t.succeeds("bind", t.invoke(thread.tcb, TCBBindNotification, {}, {ntfn}));
    t.issue(thread, sys_recv, {ep, 2, 3, 4, 5, 6});
    t.signal(t.mint(ntfn, 0x21));
    t.finished(thread);
    t.unchanged(thread.file, {0x21, 2, 3, 4, 5, 6}, sys_recv, 0);
    // It has left the endpoint's queue.
    t.probe(Word(seL4_SysNBSend), {ep, tag(1), 3, 4, 5, 6});
}

void bound_signal_wins(Context& t) {
    const Word ep = t.endpoint();
    const Word ntfn = t.notification();
    Thread& sender = t.thread();
    t.issue(sender, sys_send, {ep, tag(5), 0, 0, 0, 0});
    Thread& thread = t.thread();
    t.succeeds("bind", t.invoke(thread.tcb, TCBBindNotification, {}, {ntfn}));
    t.signal(t.mint(ntfn, 0xa));
    t.issue(thread, Word(seL4_SysNBRecv), {ep, 2, 3, 4, 5, 6});
    t.unchanged(thread.file, {0xa, 2, 3, 4, 5, 6}, Word(seL4_SysNBRecv), 0);
    t.equal("the sender waits", sender.done.load(), 0);
    t.issue(thread, sys_recv, {ep, 2, 3, 4, 5, 6});
    t.equal("then the message", thread.file.x[A1], tag(5));
}

void bound_in_call_is_left_alone(Context& t) {
    const Word ep = t.endpoint();
    const Word ntfn = t.notification();
    Thread& thread = t.thread();
    t.succeeds("bind", t.invoke(thread.tcb, TCBBindNotification, {}, {ntfn}));
    t.issue(thread, sys_call, {ep, tag(5), 0, 0, 0, 0});
    t.signal(t.mint(ntfn, 1));
    t.equal("still calling", thread.done.load(), 0);
    t.check(t.receive(ep).arrived, "a message");
    t.signal(t.mint(ntfn, 2));
    t.equal("waits for its reply", thread.done.load(), 0);
    t.reply(tag(9));
    t.finished(thread);
    t.equal("a1", thread.file.x[A1], tag(9));
    t.issue(thread, sys_recv, {ep, 2, 3, 4, 5, 6});
    t.equal("both signals", thread.file.x[A0], 3);
}

void bound_only_for_its_thread(Context& t) {
    const Word handler = t.endpoint();
    const Word ntfn = t.notification();
    Thread& owner = t.thread(Above, handler);
    Thread& other = t.thread(Above, handler);
    t.succeeds("bind", t.invoke(owner.tcb, TCBBindNotification, {}, {ntfn}));
    t.issue(other, sys_recv, {ntfn, 0, 0, 0, 0, 0});
    t.equal("others fault", t.receive(handler).label(), seL4_Fault_CapFault);
    t.issue(owner, sys_recv, {ntfn, 0, 0, 0, 0, 0});
    t.signal(t.mint(ntfn, 7));
    t.equal("the owner waits on it", owner.file.x[A0], 7);
}

void binding_errors(Context& t) {
    const Word ntfn = t.notification();
    Thread& thread = t.thread();
    Thread& other = t.thread();
    const auto bind = [&](Thread& to, Word cap) { return t.invoke(to.tcb, TCBBindNotification, {}, {cap}); };
    t.fails("write only", bind(thread, t.copy(ntfn, 1)), seL4_IllegalOperation);
    t.fails("no notification", bind(thread, t.endpoint()), seL4_IllegalOperation);
    t.issue(other, sys_recv, {ntfn, 0, 0, 0, 0, 0});
    t.fails("has a waiter", bind(thread, ntfn), seL4_IllegalOperation);
    t.signal(ntfn);
    t.succeeds("bind", bind(thread, ntfn));
    t.fails("bound already", bind(other, ntfn), seL4_IllegalOperation);
    t.fails("has one already", bind(thread, t.notification()), seL4_IllegalOperation);
    t.remove(thread.tcb);
    t.succeeds("free after the thread's end", bind(other, ntfn));
    t.remove(ntfn);
}

void deleted_notification_unbinds(Context& t) {
    const Word ntfn = t.notification();
    Thread& thread = t.thread();
    t.succeeds("bind", t.invoke(thread.tcb, TCBBindNotification, {}, {ntfn}));
    t.revoke(ntfn);
    t.remove(ntfn);
    t.fails("unbound", t.invoke(thread.tcb, TCBUnbindNotification), seL4_IllegalOperation);
    t.succeeds("bind another", t.invoke(thread.tcb, TCBBindNotification, {}, {t.notification()}));
}

// --- Capabilities in messages

Thread& sender_of(Context& t, Word through, Words caps) {
    Thread& sender = t.thread();
    unsigned count = 0;
    for (const Word cap : caps) sender.buffer->caps_or_badges[count++] = cap;
    t.issue(sender, sys_send, {through, tag(5, 1, count), 1, 0, 0, 0});
    return sender;
}

void cap_is_transferred(Context& t) {
    const Word ep = t.endpoint();
    const Word slot = t.slot();
    seL4_SetCapReceivePath(cnode, slot, depth);
    sender_of(t, ep, {t.notification()});
    t.equal("tag", t.receive(ep).tag, tag(5, 1, 1));
    t.equal("a notification", seL4_DebugCapIdentify(slot), 6);
}

void cap_without_grant(Context& t) {
    const Word ep = t.endpoint();
    const Word slot = t.slot();
    seL4_SetCapReceivePath(cnode, slot, depth);
    sender_of(t, t.copy(ep, 11), {t.notification()});
    t.equal("tag", t.receive(ep).tag, tag(5, 1));
    t.equal("nothing", seL4_DebugCapIdentify(slot), 0);
}

void cap_into_occupied_slot(Context& t) {
    const Word ep = t.endpoint();
    seL4_SetCapReceivePath(cnode, t.endpoint(), depth);
    sender_of(t, ep, {t.notification()});
    t.equal("tag", t.receive(ep).tag, tag(5, 1));
}

void only_one_cap_fits(Context& t) {
    const Word ep = t.endpoint();
    const Word slot = t.slot();
    seL4_SetCapReceivePath(cnode, slot, depth);
    sender_of(t, ep, {t.notification(), t.endpoint()});
    t.equal("tag", t.receive(ep).tag, tag(5, 1, 1));
    t.equal("the first", seL4_DebugCapIdentify(slot), 6);
}

void unwrapped(Context& t) {
    const Word ep = t.endpoint();
    const Word slot = t.slot();
    seL4_SetCapReceivePath(cnode, slot, depth);
    sender_of(t, ep, {t.mint(ep, 0xb1), t.notification(), t.mint(ep, 0xb3)});
    const Message message = t.receive(ep);
    t.equal("capabilities", message.caps(), 3);
    t.equal("unwrapped", message.unwrapped(), 5);
    t.equal("first badge", seL4_GetBadge(0), 0xb1);
    t.equal("third badge", seL4_GetBadge(2), 0xb3);
    t.equal("second", seL4_DebugCapIdentify(slot), 6);
}

void unwrapped_without_slot(Context& t) {
    const Word ep = t.endpoint();
    sender_of(t, ep, {t.mint(ep, 0xb1), t.copy(ep, 2), t.notification()});
    const Message message = t.receive(ep);
    t.equal("capabilities", message.caps(), 2);
    t.equal("unwrapped", message.unwrapped(), 3);
    t.equal("badges", seL4_GetBadge(0) + seL4_GetBadge(1), 0xb1);
}

void underivable_cap_stops(Context& t) {
    const Word ep = t.endpoint();
    const Word slot = t.slot();
    seL4_SetCapReceivePath(cnode, slot, depth);
    sender_of(t, ep, {t.make(seL4_RISCV_PageTableObject), t.mint(ep, 3)});
    t.equal("tag", t.receive(ep).tag, tag(5, 1));
}

void reply_carries_cap(Context& t) {
    for (const Word receive_right : {2ul, 6ul}) {
        const Word ep = t.endpoint();
        const Word slot = t.slot();
        Thread& caller = t.thread();
        caller.buffer->receiveCNode = cnode;
        caller.buffer->receiveIndex = slot;
        caller.buffer->receiveDepth = depth;
        t.issue(caller, sys_call, {ep, tag(5), 0, 0, 0, 0});
        t.check(t.receive(t.copy(ep, receive_right)).arrived, "a message");
        seL4_SetCap(0, t.notification());
        const Word saved = t.slot();
        t.succeeds("save", t.invoke(cnode, CNodeSaveCaller, {saved, depth}));
        t.send(saved, tag(6, 0, 1));
        t.finished(caller);
        const Word granted = receive_right >> 2;
        t.equal("tag", caller.file.x[A1], tag(6, 0, granted));
        t.equal("capability", seL4_DebugCapIdentify(slot), granted * 6);
    }
}

void transferred_copy_is_revocable(Context& t) {
    const Word ep = t.endpoint();
    const Word ntfn = t.notification();
    const Word slot = t.slot();
    seL4_SetCapReceivePath(cnode, slot, depth);
    sender_of(t, ep, {ntfn});
    t.check(t.receive(ep).arrived, "a message");
    t.revoke(ntfn);
    t.equal("gone", seL4_DebugCapIdentify(slot), 0);
}

constexpr Case cases[] = {
    {"badges_accumulate", badges_accumulate},
    {"badge_of_zero_wakes", badge_of_zero_wakes},
    {"badge_of_zero_is_kept", badge_of_zero_is_kept},
    {"waiters_fifo", waiters_are_fifo},
    {"rights", rights},
    {"bound_while_receiving", bound_while_receiving},
    {"bound_signal_wins_over_senders", bound_signal_wins},
    {"bound_in_call_is_left_alone", bound_in_call_is_left_alone},
    {"bound_only_for_its_thread", bound_only_for_its_thread},
    {"binding_errors", binding_errors},
    {"deleted_notification_unbinds", deleted_notification_unbinds},
    {"cap_transferred", cap_is_transferred},
    {"cap_without_grant", cap_without_grant},
    {"cap_into_occupied_slot", cap_into_occupied_slot},
    {"cap_one_fits", only_one_cap_fits},
    {"cap_unwrapped", unwrapped},
    {"cap_unwrapped_without_slot", unwrapped_without_slot},
    {"cap_underivable_stops", underivable_cap_stops},
    {"cap_in_reply", reply_carries_cap},
    {"cap_transferred_is_revocable", transferred_copy_is_revocable},
};

} // namespace

List notification_cases() { return list_of<cases>("notifications"); }

} // namespace guest
