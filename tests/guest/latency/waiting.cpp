#include "tests/guest/latency/operations.hpp"

namespace guest::latency {

void make_waiter(Context& t, Word tcb, Word number, Word cptr) {
    t.succeeds("configure", t.invoke(tcb, TCBSetSpace, {0, 0, 0}, {cnode, vspace}));
    t.succeeds("priority", t.invoke(tcb, TCBSetSchedParams, {0, Above}, {self}));
    Word words[34] = {1, 32};
    seL4_UserContext context{};
    context.pc = reinterpret_cast<Word>(register_probe_ecall);
    context.a0 = cptr;
    context.a7 = number;
    __builtin_memcpy(words + 2, &context, sizeof(context));
    t.succeeds("start", t.invoke_span(tcb, TCBWriteRegisters, words, {}));
    t.succeeds("priority", t.invoke(tcb, TCBSetPriority, {Below}, {self}));
}

namespace {

constexpr Word crowd = 200;

Word make_crowd(Context& t, Word number, Word cptr) {
    const Word first = t.make(seL4_TCBObject, 0, crowd);
    for (Word i = 0; i < crowd; ++i) make_waiter(t, first + i, number, cptr);
    return first;
}

void delete_endpoint(Context& t) {
    const Word ep = t.endpoint();
    make_crowd(t, Word(seL4_SysSend), ep);
    begin();
    t.remove(ep);
    judge(t, "delete an endpoint with 200 senders", step_bound);
}

void delete_notification(Context& t) {
    const Word ntfn = t.notification();
    make_crowd(t, Word(seL4_SysRecv), ntfn);
    begin();
    t.remove(ntfn);
    judge(t, "delete a notification with 200 waiting", step_bound);
}

void cancel_badged(Context& t) {
    const Word ep = t.endpoint();
    const Word badged = t.mint(ep, 7);
    make_crowd(t, Word(seL4_SysSend), t.mint(ep, 8));
    make_crowd(t, Word(seL4_SysSend), badged);
    begin();
    t.succeeds("cancel", t.invoke(cnode, CNodeCancelBadgedSends, {badged, depth}));
    judge(t, "cancel 200 of 400 badged sends", step_bound);
}

void delete_waiting_threads(Context& t) {
    const Word ep = t.endpoint();
    const Word first = make_crowd(t, Word(seL4_SysCall), ep);
    begin();
    for (Word i = 0; i < crowd; ++i) t.remove(first + i);
    judge(t, "delete 200 waiting threads", step_bound);
}

// A CSpace of 64 levels of one bit; returns its root. Address 0 is `target`.
Word deep_space(Context& t, Word target) {
    const Word first = t.make(seL4_CapTableObject, 1, 64);
    t.succeeds("last", t.invoke(first + 63, CNodeCopy, {0, 1, target, depth, all_rights}, {cnode}));
    for (Word i = 63; i-- > 0;)
        t.succeeds("level", t.invoke(first + i, CNodeCopy, {0, 1, first + i + 1, depth, all_rights}, {cnode}));
    return first;
}

void deep_lookups(Context& t) {
    const Word space = deep_space(t, t.endpoint());
    const Word pivot = t.slot();
    begin();
    // Source and destination 64 levels down, the pivot with them.
    t.check(t.invoke(space, CNodeRotate, {1, 64, 0, 1, 64, 0, 0, 64}, {space, space}).label() != 0, "no such rotation");
    t.succeeds("move", t.invoke(space, CNodeMove, {1, 64, 0, 64}, {space}));
    t.succeeds("copy", t.invoke(cnode, CNodeCopy, {pivot, depth, 1, 64, all_rights}, {space}));
    judge(t, "CNode operations 64 levels down", call_bound);
}

// The thread's whole CSpace is deep, and so is every capability of its message.
void deep_message(Context& t) {
    const Word ep = t.endpoint();
    Thread& sender = t.thread();
    t.succeeds("deep space", t.invoke(sender.tcb, TCBSetSpace, {0, 0, 0}, {deep_space(t, ep), vspace}));
    for (Word i = 0; i < 116; ++i) sender.buffer->msg[4 + i] = i;
    for (Word& cptr : sender.buffer->caps_or_badges) cptr = 0;
    t.issue(sender, Word(seL4_SysCall), {0, tag(1, 120, 3), 1, 2, 3, 4});
    const Word where = t.slot();
    seL4_SetCapReceivePath(cnode, where, depth);
    begin();
    const Message message = t.receive(ep);
    judge(t, "120 words and three capabilities from 64 levels down", call_bound);
    t.equal("unwrapped", message.unwrapped(), 7);
}

constexpr Case cases[] = {
    {"delete_endpoint", delete_endpoint}, {"delete_notification", delete_notification},
    {"cancel_badged", cancel_badged},     {"delete_waiting_threads", delete_waiting_threads},
    {"deep_lookups", deep_lookups},       {"deep_message", deep_message},
};

} // namespace

List waiting_cases() { return list_of<cases>("waiting"); }

} // namespace guest::latency
