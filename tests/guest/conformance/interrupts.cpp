// A device interrupt end to end: issued, bound to a notification, raised by the device, seen by threads (4.6, 4.7, 9.8;
// traps 70, 84). The device is the real-time clock.
#include "tests/guest/conformance/harts.hpp"
#include "tests/guest/conformance/lists.hpp"
#include "tests/guest/harness/alarm.hpp"

namespace guest {

namespace {

constexpr Word control = seL4_CapIRQControl;
constexpr Word badge = 0x1c;
constexpr Word sys_recv = Word(seL4_SysRecv);
constexpr Word millisecond = 1'000'000; // of the device

// The PLIC takes levels, as its specification has it; else it latches edges, as QEMU's does by itself.
bool takes_levels = false;

// A handler of the alarm, whose notification is `ntfn` with the badge.
Word alarm_handler(Context& t, Word ntfn) {
    t.check(map_alarm(), "the clock device");
    const Word handler = t.slot();
    t.expect({{"get", control, IRQIssueIRQHandler, {alarm_irq, handler, depth}, {cnode}},
              {"set", handler, IRQSetIRQHandler, {}, {t.mint(ntfn, badge)}}});
    return handler;
}

void acknowledge(Context& t, Word handler) { t.expect({{"ack", handler, IRQAckIRQ, {}, {}}}); }

void ring(Context& t, Word handler) {
    set_alarm(0);
    silence_alarm();
    acknowledge(t, handler);
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

// What a device that has not been served says once more when its source may interrupt again.
void comes_again_if_level(Context& t, Word ntfn) {
    if (takes_levels)
        t.equal("again, for it is not served", t.receive(ntfn).badge, badge);
    else
        t.equal("no new edge", t.poll(ntfn).badge, 0);
}

void works_as_ever(Context& t, Word ntfn, Word handler) {
    silence_alarm();
    acknowledge(t, handler);
    t.poll(ntfn);
    acknowledge(t, handler); // it may have latched one more
    ring(t, handler);
    t.equal("as ever", t.receive(ntfn).badge, badge);
}

// A device whose driver has not served it yet: its source is held back, and the machine goes on.
void held_back_until_acknowledged(Context& t) {
    const Word ntfn = t.notification();
    const Word handler = alarm_handler(t, ntfn);
    set_alarm(0);
    t.equal("badge", t.receive(ntfn).badge, badge);
    for (int i = 0; i < 3 && !t.failed(); ++i) {
        t.equal("held back", t.poll(ntfn).badge, 0);
        acknowledge(t, handler);
        comes_again_if_level(t, ntfn);
    }
    works_as_ever(t, ntfn, handler);
}

// A second one before the Ack: an edge is kept, a level that is down again is none.
void second_one_meanwhile(Context& t) {
    const Word ntfn = t.notification();
    const Word handler = alarm_handler(t, ntfn);
    for (int i = 0; i < 2; ++i) {
        set_alarm(0);
        silence_alarm();
        t.equal("one signal", t.poll(ntfn).badge, i == 0 ? badge : 0);
    }
    acknowledge(t, handler);
    t.equal("after the Ack", t.poll(ntfn).badge, takes_levels ? 0 : badge);
    works_as_ever(t, ntfn, handler);
}

// Interrupts before anybody listens hold nothing up, and do not keep later ones out.
void before_anybody_listens(Context& t) {
    t.check(map_alarm(), "the clock device");
    const Word ntfn = t.notification();
    const Word handler = t.slot();
    t.expect({{"get", control, IRQIssueIRQHandler, {alarm_irq, handler, depth}, {cnode}}});
    set_alarm(0);
    t.equal("the machine goes on", t.poll(ntfn).badge, 0);
    t.expect({{"set", handler, IRQSetIRQHandler, {}, {t.mint(ntfn, badge)}}});
    comes_again_if_level(t, ntfn);
    works_as_ever(t, ntfn, handler);
}

// Whoever was to acknowledge is gone: the handler's notification, then the handler.
void died_unacknowledged(Context& t) {
    Word ntfn = t.notification();
    Word handler = alarm_handler(t, ntfn);
    set_alarm(0);
    t.equal("badge", t.receive(ntfn).badge, badge);
    t.expect({{"clear", handler, IRQClearIRQHandler, {}, {}}});
    t.expect({{"set", handler, IRQSetIRQHandler, {}, {t.mint(ntfn, badge)}}});
    comes_again_if_level(t, ntfn);
    t.revoke(ntfn);
    t.expect({{"set", handler, IRQSetIRQHandler, {}, {t.mint(ntfn, badge)}}});
    comes_again_if_level(t, ntfn);
    t.remove(handler);
    ntfn = t.notification();
    handler = alarm_handler(t, ntfn);
    comes_again_if_level(t, ntfn);
    works_as_ever(t, ntfn, handler);
}

// A driver that acknowledges and does not serve takes turns with its equals like anybody else.
void acknowledge_for_ever(Thread& me) {
    while (true) {
        sel4_Registers registers{me.in[0], tag(IRQAckIRQ), 0, 0, 0, 0};
        sel4_ecall(seL4_SysCall, &registers);
    }
}

void never_served(Context& t) {
    const Word ntfn = t.notification();
    const Word handler = alarm_handler(t, ntfn);
    const Word go = t.notification();
    Thread& driver = t.thread(Below);
    driver.in[0] = handler;
    Thread& equal = t.thread(Below);
    equal.in[0] = go;
    set_alarm(0);
    t.start(driver, acknowledge_for_ever);
    t.start(equal, [](Thread& me) {
        seL4_Yield(); // it was put in front of the driver
        seL4_Signal(me.in[0]);
    });
    seL4_Wait(go, nullptr);
    t.expect({{"end it", driver.tcb, TCBSuspend, {}, {}}});
    works_as_ever(t, ntfn, handler);
}

void wakes_a_waiter(Context& t) {
    const Word ntfn = t.notification();
    const Word handler = alarm_handler(t, ntfn);
    Thread& waiter = t.thread(Above);
    t.issue(waiter, sys_recv, {ntfn, 2, 3, 4, 5, 6});
    set_alarm(millisecond);
    // No system call from here on: it is the interrupt that switches.
    const Word end = now() + patience;
    while (waiter.done.load() == 0 && now() < end) {
    }
    t.check(waiter.done.load() != 0, "woken over a busy thread");
    silence_alarm();
    acknowledge(t, handler);
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
        acknowledge(t, handler);
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

#ifdef CONFIG_ENABLE_SMP_SUPPORT

// A driver elsewhere acknowledges from there what the hart that asked for the handler has claimed.
void acknowledged_by_another_hart(Context& t) {
    const Word ntfn = t.notification();
    const Word served = t.notification();
    const Word handler = alarm_handler(t, ntfn);
    constexpr Word rounds = 50;
    Thread& driver = t.thread(Below);
    driver.in[0] = ntfn, driver.in[1] = handler, driver.in[2] = t.mint(served, 1);
    move(t, driver, last_hart());
    t.start(driver, [](Thread& me) {
        for (Word i = 0; i < rounds; ++i) {
            seL4_Wait(me.in[0], nullptr);
            silence_alarm();
            sel4_Registers registers{me.in[1], tag(IRQAckIRQ), 0, 0, 0, 0};
            sel4_ecall(seL4_SysCall, &registers);
            me.progress.fetch_add(1);
            seL4_Signal(me.in[2]);
        }
    });
    for (Word i = 0; i < rounds && !t.failed(); ++i) {
        set_alarm(0);
        t.equal("served", t.receive(served).badge, 1);
        t.equal("each once", driver.progress.load(), i + 1);
    }
    t.check(t.wait_done(driver), "the driver");
}

// Whoever asks for the handler, on whatever hart: also where the PLIC reaches it only by way of another one.
void got_on_every_hart(Context& t) {
    t.check(map_alarm(), "the clock device");
    const Word ntfn = t.notification();
    for (Word hart = 0; hart < boot_info->numNodes && !t.failed(); ++hart) {
        const Word handler = t.slot();
        Thread& asker = t.thread(Above);
        move(t, asker, hart);
        asker.in[0] = handler;
        t.start(asker, [](Thread& me) {
            me.buffer->caps_or_badges[0] = cnode;
            sel4_Registers registers{control, tag(IRQIssueIRQHandler, 3, 1), alarm_irq, me.in[0], depth, 0};
            sel4_ecall(seL4_SysCall, &registers);
            me.out[0] = registers.a1 >> 12;
        });
        t.check(t.wait_done(asker), "the thread there");
        t.equal("issued", asker.out[0], seL4_NoError);
        t.expect({{"set", handler, IRQSetIRQHandler, {}, {t.mint(ntfn, badge)}}});
        set_alarm(0);
        t.equal("badge", t.receive(ntfn).badge, badge);
        silence_alarm();
        acknowledge(t, handler);
        t.remove(handler);
        t.drop(asker);
    }
}

#endif

constexpr Case cases[] = {
    {"arrives", arrives},
    {"with_trigger", with_trigger},
    {"held_back_until_acknowledged", held_back_until_acknowledged},
    {"second_one_meanwhile", second_one_meanwhile},
    {"before_anybody_listens", before_anybody_listens},
    {"died_unacknowledged", died_unacknowledged},
    {"never_served", never_served},
    {"wakes_a_waiter", wakes_a_waiter},
    {"wakes_an_idle_machine", wakes_an_idle_machine},
    {"reaches_a_bound_thread", reaches_a_bound_thread},
    {"cleared", cleared},
    {"set_again_replaces", set_again_replaces},
    {"its_capability", its_capability},
    {"handler_deleted", handler_deleted},
    {"control_revoked", control_revoked},
#ifdef CONFIG_ENABLE_SMP_SUPPORT
    {"acknowledged_by_another_hart", acknowledged_by_another_hart},
    {"got_on_every_hart", got_on_every_hart},
#endif
};

} // namespace

List interrupt_cases(bool plic_takes_levels) {
    takes_levels = plic_takes_levels;
    return list_of<cases>("interrupts");
}

} // namespace guest
