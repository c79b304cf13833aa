// A device interrupt end to end: issued, bound to a notification, raised by the device, seen by threads (4.6, 4.7, 9.8;
// traps 70, 84). The device is the real-time clock.
#include "tests/guest/conformance/lists.hpp"
#include "tests/guest/harness/alarm.hpp"

namespace guest {

namespace {

constexpr Word control = seL4_CapIRQControl;
constexpr Word badge = 0x1c;
constexpr Word sys_recv = Word(seL4_SysRecv);
constexpr Word millisecond = 1'000'000; // of the device

// A handler of the alarm, whose notification is `ntfn` with the badge.
Word alarm_handler(Context& t, Word ntfn) {
    t.check(map_alarm(), "the clock device");
    const Word handler = t.slot();
    t.expect({{"get", control, IRQIssueIRQHandler, {alarm_irq, handler, depth}, {cnode}},
              {"set", handler, IRQSetIRQHandler, {}, {t.mint(ntfn, badge)}}});
    return handler;
}

void ring(Context& t, Word handler) {
    set_alarm(0);
    silence_alarm();
    t.expect({{"ack", handler, IRQAckIRQ, {}, {}}});
}

void arrives(Context& t) {
    const Word ntfn = t.notification();
    const Word handler = alarm_handler(t, ntfn);
    t.equal("quiet", t.poll(ntfn).badge, 0);
    for (int i = 0; i < 3; ++i) {
        ring(t, handler);
        t.equal("badge", t.receive(ntfn).badge, badge);
        t.equal("one interrupt, one signal", t.poll(ntfn).badge, 0);
    }
}

void with_trigger(Context& t) {
    t.check(map_alarm(), "the clock device");
    const Word ntfn = t.notification();
    for (const Word trigger : {0ul, 1ul, 2ul, ~0ul - 1}) { // not looked at
        const Word handler = t.slot();
        t.expect({{"get", control, RISCVIRQIssueIRQHandlerTrigger, {alarm_irq, trigger, handler, depth}, {cnode}},
                  {"set", handler, IRQSetIRQHandler, {}, {t.mint(ntfn, 1 + trigger)}}});
        ring(t, handler);
        t.equal("badge", t.receive(ntfn).badge, 1 + trigger);
        t.remove(handler);
    }
}

// The source is never masked (4.7): it signals again without an Ack.
void not_masked(Context& t) {
    const Word ntfn = t.notification();
    alarm_handler(t, ntfn);
    for (int i = 0; i < 3; ++i) {
        set_alarm(0);
        silence_alarm();
        t.equal("without an Ack", t.receive(ntfn).badge, badge);
    }
}

void wakes_a_waiter(Context& t) {
    const Word ntfn = t.notification();
    alarm_handler(t, ntfn);
    Thread& waiter = t.thread(Above);
    t.issue(waiter, sys_recv, {ntfn, 2, 3, 4, 5, 6});
    set_alarm(millisecond);
    // No system call from here on: it is the interrupt that switches.
    const Word end = now() + patience;
    while (waiter.done.load() == 0 && now() < end) {
    }
    t.check(waiter.done.load() != 0, "woken over a busy thread");
    silence_alarm();
    t.unchanged(waiter.file, {badge, 2, 3, 4, 5, 6}, sys_recv, 0);
}

void wakes_an_idle_machine(Context& t) {
    const Word ntfn = t.notification();
    const Word handler = alarm_handler(t, ntfn);
    for (int i = 0; i < 3; ++i) {
        set_alarm(5 * millisecond);
        Word sender = 0;
        seL4_Wait(ntfn, &sender); // every thread waits
        t.equal("badge", sender, badge);
        silence_alarm();
        t.expect({{"ack", handler, IRQAckIRQ, {}, {}}});
    }
}

void reaches_a_bound_thread(Context& t) {
    const Word ntfn = t.notification();
    const Word handler = alarm_handler(t, ntfn);
    Thread& server = t.thread(Above);
    t.expect({{"bind", server.tcb, TCBBindNotification, {}, {ntfn}}});
    t.issue(server, sys_recv, {t.endpoint(), 2, 3, 4, 5, 6});
    ring(t, handler);
    t.finished(server);
    t.unchanged(server.file, {badge, 2, 3, 4, 5, 6}, sys_recv, 0);
}

void cleared(Context& t) {
    const Word ntfn = t.notification();
    const Word handler = alarm_handler(t, ntfn);
    t.expect({{"clear", handler, IRQClearIRQHandler, {}, {}}});
    ring(t, handler);
    t.equal("nobody hears it", t.poll(ntfn).badge, 0);
    t.expect({{"set", handler, IRQSetIRQHandler, {}, {t.mint(ntfn, 5)}}});
    ring(t, handler);
    t.equal("heard again", t.receive(ntfn).badge, 5);
}

void set_again_replaces(Context& t) {
    const Word first = t.notification();
    const Word second_one = t.notification();
    const Word handler = alarm_handler(t, first);
    t.expect({{"set", handler, IRQSetIRQHandler, {}, {t.mint(second_one, 9)}}});
    ring(t, handler);
    t.equal("the second", t.receive(second_one).badge, 9);
    t.equal("not the first", t.poll(first).badge, 0);
}

// The kernel keeps a capability of its own: the one it was made from may go, a revocation takes it along.
void its_capability(Context& t) {
    const Word ntfn = t.notification();
    const Word handler = alarm_handler(t, ntfn);
    const Word badged = t.mint(ntfn, 0x33);
    t.expect({{"set", handler, IRQSetIRQHandler, {}, {badged}}});
    t.remove(badged);
    ring(t, handler);
    t.equal("still delivered", t.receive(ntfn).badge, 0x33);
    t.revoke(ntfn);
    ring(t, handler);
    t.equal("revoked", t.poll(ntfn).badge, 0);
    t.remove(ntfn);
    ring(t, handler);
}

void handler_deleted(Context& t) {
    const Word ntfn = t.notification();
    const Word handler = alarm_handler(t, ntfn);
    const Word copy = t.copy(handler);
    t.remove(handler);
    ring(t, copy);
    t.equal("the copy is as good", t.receive(ntfn).badge, badge);
    t.expect({{"still issued", control, IRQIssueIRQHandler, {alarm_irq, handler, depth}, {cnode}, seL4_RevokeFirst}});
    t.remove(copy);
    set_alarm(0);
    t.equal("off", t.poll(ntfn).badge, 0);
    silence_alarm();
    t.expect({{"free again", control, IRQIssueIRQHandler, {alarm_irq, handler, depth}, {cnode}}});
    // The new handler knows nothing of the old one's notification.
    ring(t, handler);
    t.equal("not the old one", t.poll(ntfn).badge, 0);
}

void control_revoked(Context& t) {
    const Word ntfn = t.notification();
    const Word handler = alarm_handler(t, ntfn);
    const Word copy = t.copy(handler);
    t.revoke(control);
    t.equal("handler", seL4_DebugCapIdentify(handler), 0);
    t.equal("copy", seL4_DebugCapIdentify(copy), 0);
    alarm_handler(t, ntfn);
}

constexpr Case cases[] = {
    {"arrives", arrives},
    {"with_trigger", with_trigger},
    {"not_masked", not_masked},
    {"wakes_a_waiter", wakes_a_waiter},
    {"wakes_an_idle_machine", wakes_an_idle_machine},
    {"reaches_a_bound_thread", reaches_a_bound_thread},
    {"cleared", cleared},
    {"set_again_replaces", set_again_replaces},
    {"its_capability", its_capability},
    {"handler_deleted", handler_deleted},
    {"control_revoked", control_revoked},
};

} // namespace

List interrupt_cases() { return list_of<cases>("interrupts"); }

} // namespace guest
