// What the ends of receivers and senders of user interrupts take, and ticks and sleeps over many that wait.
#include "tests/guest/harness/alarm.hpp"
#include "tests/guest/latency/operations.hpp"
#include "uintr/regs.hpp"

#include <sel4async/user_interrupts.hpp>

namespace guest::latency {

namespace {

constexpr Word vectors = uintr::vector_count;

// A TCB with a notification bound to it, registered; neither runs.
struct Target {
    Word tcb = 0;
    Word notification = 0;
};
Target make_target(Context& t) {
    const Target made{t.make(seL4_TCBObject), t.notification()};
    t.expect({{"bind", made.tcb, TCBBindNotification, {}, {made.notification}}});
    return made;
}
bool add(const Target& made) {
    return seL4_TaiL4_Notification_RegisterReceiver(made.notification, made.tcb) == seL4_NoError;
}
Target receiver(Context& t) {
    const Target made = make_target(t);
    t.check(add(made), "a receiver");
    return made;
}

// More of them than there are slots: they stand in nodes of their own, and one at a time comes here to be used.
class Crowd {
public:
    explicit Crowd(Context& t) : t_(t) {
        for (const unsigned kind : {0U, 1U}) {
            nodes_[kind] = t.make(seL4_CapTableObject, radix);
            for (Word first = 0; first < size; first += 256)
                t.succeeds("a crowd",
                           t.invoke(t.untyped(), UntypedRetype,
                                    {kind == 0 ? Word{seL4_TCBObject} : Word{seL4_NotificationObject}, 0, nodes_[kind],
                                     depth, first, 256},
                                    {cnode}));
        }
        here_ = {t.slot(), t.slot()};
    }
    // The next one; its capabilities are here until the next call.
    Target next() {
        if (used_ != 0) t_.remove(here_.tcb), t_.remove(here_.notification);
        t_.expect({{"here", cnode, CNodeCopy, {here_.tcb, depth, used_, radix, all_rights}, {nodes_[0]}},
                   {"here", cnode, CNodeCopy, {here_.notification, depth, used_, radix, all_rights}, {nodes_[1]}},
                   {"bind", here_.tcb, TCBBindNotification, {}, {here_.notification}}});
        ++used_;
        return here_;
    }

private:
    static constexpr Word radix = 9;
    static constexpr Word size = Word{1} << radix;
    Context& t_;
    Word nodes_[2] = {};
    Word used_ = 0;
    Target here_;
};

// Capabilities one behind the other, one for each vector.
Word mint_all(Context& t, const Target& target) {
    const Word first = t.mint(target.notification, 0);
    for (Word vector = 1; vector < vectors; ++vector) t.mint(target.notification, vector);
    return first;
}

// The calling thread as sender by in[1] capabilities from in[0] on.
void become_sender(Thread& me) {
    for (Word i = 0; i < me.in[1]; ++i) {
        if (seL4_TaiL4_Notification_RegisterSender(me.in[0] + i).error == seL4_NoError) ++me.out[0];
    }
}
Thread& make_sender(Context& t, Word first, Word count) {
    Thread& thread = t.thread();
    thread.in[0] = first;
    thread.in[1] = count;
    t.start(thread, become_sender);
    t.wait_done(thread);
    t.equal("entries", thread.out[0], count);
    return thread;
}

// A receiver whom eight threads can send each vector.
Target wanted_receiver(Context& t) {
    const Target target = receiver(t);
    const Word first = mint_all(t, target);
    for (unsigned i = 0; i < max_threads && !t.failed(); ++i) make_sender(t, first, vectors);
    return target;
}

void delete_receiver(Context& t) {
    const Target target = wanted_receiver(t);
    begin();
    t.remove(target.tcb);
    judge(t, "delete a receiver with 512 sender entries", step_bound);
}

void delete_vector(Context& t) {
    const Target target = receiver(t);
    Word caps[max_threads];
    for (unsigned i = 0; i < max_threads; ++i) {
        caps[i] = t.mint(target.notification, 5);
        make_sender(t, caps[i], 1);
    }
    begin();
    t.remove(caps[0]);
    judge(t, "delete a capability that made senders of eight threads", step_bound);
}

void delete_sender(Context& t) {
    const Target first = receiver(t);
    Word capabilities = mint_all(t, first);
    for (Word i = 1; i < uintr::entries_per_page / vectors; ++i) mint_all(t, receiver(t));
    // The receivers' own slots lie between.
    Thread& thread = t.thread();
    thread.in[0] = capabilities;
    thread.in[1] = uintr::entries_per_page + (uintr::entries_per_page / vectors - 1) * 2;
    t.start(thread, become_sender);
    t.wait_done(thread);
    t.check(thread.out[0] >= uintr::entries_per_page - 8, "a full table");
    begin();
    t.remove(thread.tcb);
    judge(t, "delete a sender with a full table", step_bound);
}

// The number of one that has left entries is the only one there is.
void register_after(Context& t) {
    const Target ended = wanted_receiver(t);
    Crowd crowd(t);
    Target last = crowd.next();
    while (!t.failed() && add(last)) last = crowd.next();
    t.remove(ended.tcb);
    begin();
    t.check(add(last), "the number of the ended one");
    judge(t, "register a receiver where another has left 480 entries", step_bound);
}

// Receivers that wait for their notification, and this thread as their sender.
void wait_in_a_crowd(Context& t, Word count) {
    Crowd crowd(t);
    for (Word i = 0; i < count && !t.failed(); ++i) {
        const Target target = crowd.next();
        t.check(add(target), "a receiver");
        make_waiter(t, target.tcb, Word(seL4_SysRecv), target.notification);
        t.check(seL4_TaiL4_Notification_RegisterSender(target.notification).error == seL4_NoError, "a sender");
    }
}

void ticks_over_a_crowd(Context& t) {
    constexpr Word count = 480;
    constexpr Word ten_ticks = 200'000; // of a clock of 10 MHz, which ticks each 2 ms
    wait_in_a_crowd(t, count);
    for (Word i = 0; i < count; ++i) sel4async::send_user_interrupt(i);
    begin();
    for (const Word end = now() + ten_ticks; now() < end;) {
    }
    judge(t, "a tick over 480 receivers that wait, with bits for all", step_bound);
}

void sleep_over_a_crowd(Context& t) {
    wait_in_a_crowd(t, 32);
    const Word handler = t.slot(), bell = t.notification();
    t.check(map_alarm(), "the clock device");
    t.expect({{"get", seL4_CapIRQControl, IRQIssueIRQHandler, {alarm_irq, handler, depth}, {cnode}},
              {"set", handler, IRQSetIRQHandler, {}, {bell}}});
    begin();
    set_alarm(5'000'000);
    seL4_Wait(bell, nullptr);
    judge(t, "a sleep over 32 receivers that wait", step_bound);
    silence_alarm();
    t.expect({{"ack", handler, IRQAckIRQ, {}, {}}});
}

constexpr Case cases[] = {
    {"delete_receiver", delete_receiver},       {"delete_vector", delete_vector},
    {"delete_sender", delete_sender},           {"register_after", register_after},
    {"ticks_over_a_crowd", ticks_over_a_crowd}, {"sleep_over_a_crowd", sleep_over_a_crowd},
};

} // namespace

List user_interrupt_cases() { return list_of<cases>("user_interrupts"); }

} // namespace guest::latency
