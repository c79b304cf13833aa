// The kernel as sender: a device interrupt whose notification has a receiver bound to it is a user interrupt as well,
// wherever that receiver is (uintr.md 8.5, case 95). And the end of a registration while its thread is in its handler.
#include "tests/guest/conformance/lists.hpp"
#include "tests/guest/conformance/receivers.hpp"
#include "tests/guest/harness/alarm.hpp"

namespace guest {

namespace {

// --- 95: the target is in U, in the kernel, preempted, blocked.

constexpr Word vector = 20;
constexpr Word bit = Word{1} << vector;
constexpr Word microsecond = 1'000; // of the device

// A receiver for whom the alarm rings.
struct Target : Receiver {
    Word handler = 0;
};

bool make_target(Context& t, Target& target, Word priority) {
    if (!make(t, target, priority, vector) || !t.check(map_alarm(), "the clock device")) return false;
    target.handler = t.slot();
    over = false;
    return t.expect({{"get", seL4_CapIRQControl, IRQIssueIRQHandler, {alarm_irq, target.handler, depth}, {cnode}},
                     {"set", target.handler, IRQSetIRQHandler, {}, {target.sender}}});
}

// What came, once; the device is ready for the next.
void check_arrival(Context& t, const Target& target, Word bits) {
    silence_alarm();
    t.equal("bits", bits, bit);
    t.equal("handler entries", areas[target.thread->index].entries(), 1);
    t.expect({{"ack", target.handler, IRQAckIRQ, {}, {}}});
}

// No system call: what comes, comes in U.
void spin_until_it_comes(Thread& me) {
    UserInterrupts& interrupts = areas[me.index];
    interrupts.install(me.in[0]);
    if (me.in[1] != 0) set_alarm(me.in[1]);
    me.progress.fetch_add(1);
    const Word end = now() + patience;
    while (!interrupts.any() && now() < end) me.progress.fetch_add(1);
    me.out[Bits] = interrupts.take();
    seL4_Poll(me.in[0], &me.out[Shortest]);
}

void device_finds_it_in_user_mode(Context& t) {
    Target target;
    if (!make_target(t, target, Above)) return;
    target.thread->in[1] = 100 * microsecond;
    t.start(*target.thread, spin_until_it_comes); // runs over this thread until it is done
    t.equal("done", target.thread->done.load(), 1);
    check_arrival(t, target, target.thread->out[Bits]);
    t.equal("the signal came as well", target.thread->out[Shortest], vector);
}

// The interrupt falls into a system call as long as a few of its delays: revoking what is in an untyped.
constexpr Word objects = 64;

void revoke_meanwhile(Thread& me) {
    UserInterrupts& interrupts = areas[me.index];
    interrupts.install(me.in[0]);
    set_alarm(me.in[1]);
    register_probe(&me.file);
    me.out[Wrong] = me.file.x[A1] >> 12; // the label of the answer
    me.out[Shortest] = interrupts.any() ? 1 : 0;
    const Word end = now() + patience;
    while (!interrupts.any() && now() < end) {
    }
    me.out[Bits] = interrupts.take();
}

// How many of those with all delays came during the call; and whether there is anything to test.
struct Meanwhile {
    Word during;
    bool possible;
};

Meanwhile revoke_with_all_delays(Context& t, Word slots) {
    constexpr Word sys_call = static_cast<Word>(seL4_SysCall);
    Word during = 0;
    for (Word delay = 2 * microsecond; delay < 200 * microsecond && !t.failed(); delay += delay / 2) {
        Target target;
        if (!make_target(t, target, Above)) return {0, false};
        const Word memory = t.make(seL4_UntypedObject, 12);
        t.expect({{"retype", memory, UntypedRetype, {seL4_EndpointObject, 0, 0, 0, slots, objects}, {cnode}}});
        Thread& thread = *target.thread;
        thread.in[1] = delay;
        thread.file = {};
        thread.file.x[A0] = cnode;
        thread.file.x[A1] = tag(CNodeRevoke, 2);
        thread.file.x[A2] = memory;
        thread.file.x[A3] = depth;
        thread.file.x[A7] = sys_call;
        t.start(thread, revoke_meanwhile);
        t.equal("done", thread.done.load(), 1);
        t.equal("revoke", thread.out[Wrong], seL4_NoError);
        during += thread.out[Shortest];
        check_arrival(t, target, thread.out[Bits]);
        t.remove(target.handler);
        t.remove(target.thread->tcb);
        t.reuse_thread();
    }
    return {during, true};
}

// A device of a busy host may be late with all of them, but not always.
void device_finds_it_in_the_kernel(Context& t) {
    const Word slots = t.slot();
    for (Word i = 1; i < objects; ++i) t.slot();
    Meanwhile found{0, true};
    for (Word tries = 0; tries < 8 && found.possible && found.during == 0 && !t.failed(); ++tries)
        found = revoke_with_all_delays(t, slots);
    t.check(found.during != 0 || !found.possible, "none came during a system call");
}

// Threads below run in turns, each at least once.
void let_those_below_run(Context& t) {
    const Word go = t.notification();
    Thread& last = t.thread(Below);
    last.in[0] = go;
    t.start(last, [](Thread& me) {
        seL4_Yield(); // it was put in front of them
        seL4_Signal(me.in[0]);
    });
    seL4_Wait(go, nullptr);
}

void device_finds_it_preempted(Context& t) {
    Target target;
    if (!make_target(t, target, Below)) return;
    t.start(*target.thread, spin_until_it_comes);
    let_those_below_run(t);
    const Word progress = target.thread->progress.load();
    t.check(progress != 0, "it ran before");
    set_alarm(0); // it is not running now
    for (const Word end = now() + second / 500; now() < end;) {
    }
    silence_alarm();
    t.equal("it has not run since", target.thread->progress.load(), progress);
    t.equal("nor its handler", areas[target.thread->index].entries(), 0);
    let_those_below_run(t);
    t.wait_done(*target.thread);
    check_arrival(t, target, target.thread->out[Bits]);
    t.equal("the signal came as well", target.thread->out[Shortest], vector);
}

void wait_for_it(Thread& me) {
    UserInterrupts& interrupts = areas[me.index];
    interrupts.install(me.in[0]);
    me.progress.fetch_add(1);
    Word badge = 0;
    if (me.in[1] == 0)
        seL4_Wait(me.in[0], &badge);
    else
        seL4_Recv(me.in[1], &badge);
    me.out[Shortest] = badge;
    me.out[Bits] = interrupts.take();
    seL4_Poll(me.in[0], &badge);
    me.out[Wrong] = badge;
}

// By its notification, and by an endpoint while it is bound.
void device_finds_it_blocked(Context& t) {
    for (const bool endpoint : {false, true}) {
        Target target;
        if (!make_target(t, target, Above)) return;
        target.thread->in[1] = endpoint ? t.endpoint() : 0;
        t.start(*target.thread, wait_for_it);
        t.equal("it waits", target.thread->progress.load(), 1);
        set_alarm(0);
        t.wait_done(*target.thread);
        t.equal("badge", target.thread->out[Shortest], vector);
        check_arrival(t, target, target.thread->out[Bits]);
        t.equal("a second signal", target.thread->out[Wrong], 0);
        t.remove(target.handler);
    }
}

// A badge that is no vector is a signal only.
void device_with_another_badge(Context& t) {
    Target target;
    if (!make_target(t, target, Above)) return;
    constexpr Word badge = 64 + vector;
    t.expect({{"set", target.handler, IRQSetIRQHandler, {}, {t.mint(target.notification, badge)}}});
    t.start(*target.thread, wait_for_it);
    set_alarm(0);
    t.wait_done(*target.thread);
    silence_alarm();
    t.equal("badge", target.thread->out[Shortest], badge);
    t.equal("bits", target.thread->out[Bits], 0);
}

// --- Somebody else ends its registration while it is in its handler: the state it would return by is gone.

std::atomic<Word> in_handler;
std::atomic<bool> leave_handler;

[[gnu::interrupt("user"), gnu::aligned(4)]] void waiting_handler() {
    in_handler.fetch_add(1);
    while (!leave_handler.load()) {
    }
}

void be_interrupted(Thread& me) {
    areas[me.index].install(me.in[0]);
    asm volatile("csrw %0, %1" ::"i"(Csr::Utvec), "r"(&waiting_handler));
    me.progress.fetch_add(1);
    while (!over.load()) {
    }
}

enum class End { Unregister, Unbind, Notification };

void end_registration(Context& t, const Receiver& receiver, End end) {
    switch (end) {
    case End::Unregister:
        t.equal("unregister", Word(seL4_TaiL4_Notification_UnregisterReceiver(receiver.notification)), seL4_NoError);
        break;
    case End::Unbind: t.expect({{"unbind", receiver.thread->tcb, TCBUnbindNotification, {}, {}}}); break;
    case End::Notification:
        t.remove(receiver.sender);
        t.remove(receiver.notification);
        break;
    }
}

// `uret` then goes to address 0, where nothing is mapped: a page fault like any other.
void check_fault(Context& t, Word fault_endpoint) {
    const Message fault = t.receive(fault_endpoint);
    if (!t.check(fault.arrived, "no fault")) return;
    t.equal("fault", fault.label(), seL4_Fault_VMFault);
    t.equal("pc", fault.words[seL4_VMFault_IP], 0);
    t.equal("address", fault.words[seL4_VMFault_Addr], 0);
    t.equal("of an instruction", fault.words[seL4_VMFault_PrefetchFault], 1);
}

// The thread is as good as any other: a receiver again, it takes its bit.
void check_second_life(Context& t, Receiver& receiver) {
    receiver.notification = t.notification();
    if (!mint_sender(t, receiver, vector)) return;
    seL4_TCB_UnbindNotification(receiver.thread->tcb);
    t.expect({{"bind", receiver.thread->tcb, TCBBindNotification, {}, {receiver.notification}}});
    t.equal("register", Word(seL4_TaiL4_Notification_RegisterReceiver(receiver.notification, receiver.thread->tcb)),
            seL4_NoError);
    receiver.thread->in[0] = receiver.notification;
    receiver.thread->in[1] = 0;
    receiver.thread->progress = 0;
    t.start(*receiver.thread, spin_until_it_comes);
    wait_until(t, receiver.thread->progress, 1, "it runs again");
    const auto sender = seL4_TaiL4_Notification_RegisterSender(receiver.sender);
    t.equal("register", Word(sender.error), seL4_NoError);
    sel4async::send_user_interrupt(sender.index);
    wait_until(t, receiver.thread->done, 1, "it ends");
    t.equal("bits", receiver.thread->out[Bits], receiver.bit);
}

void ended_in_its_handler(Context& t) {
    for (const End end : {End::Unregister, End::Unbind, End::Notification}) {
        Receiver receiver;
        if (t.failed() || !make(t, receiver, Own, 2)) return;
        const Word fault_endpoint = t.endpoint();
        t.expect({{"fault endpoint", receiver.thread->tcb, TCBSetSpace, {fault_endpoint, 0, 0}, {cnode, vspace}}});
        over = leave_handler = false;
        in_handler = 0;
        t.start(*receiver.thread, be_interrupted);
        wait_until(t, receiver.thread->progress, 1, "the receiver is ready");
        const auto sender = seL4_TaiL4_Notification_RegisterSender(receiver.sender);
        t.equal("register", Word(sender.error), seL4_NoError);
        sel4async::send_user_interrupt(sender.index);
        wait_until(t, in_handler, 1, "the handler runs");
        end_registration(t, receiver, end);
        leave_handler = true;
        check_fault(t, fault_endpoint);
        check_second_life(t, receiver);
    }
}

constexpr Case cases[] = {
    {"device_finds_it_in_user_mode", device_finds_it_in_user_mode},
    {"device_finds_it_in_the_kernel", device_finds_it_in_the_kernel},
    {"device_finds_it_preempted", device_finds_it_preempted},
    {"device_finds_it_blocked", device_finds_it_blocked},
    {"device_with_another_badge", device_with_another_badge},
    {"ended_in_its_handler", ended_in_its_handler},
};

} // namespace

List user_interrupt_device_cases() { return list_of<cases>("user_interrupts"); }

} // namespace guest
