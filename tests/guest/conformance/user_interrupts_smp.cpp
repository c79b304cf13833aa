// User interrupts between harts: a receiver that is moved all the time (uintr.md 8.5, case 87).
#include "tests/guest/conformance/lists.hpp"
#include "tests/guest/conformance/receivers.hpp"

namespace guest {

#ifdef CONFIG_ENABLE_SMP_SUPPORT
namespace {

Word last_hart() { return boot_info->numNodes - 1; }

// Harts that the host does not have wait for each other's turns: the full number on two, little on eight.
Word of(Word number) {
    const Word harts = boot_info->numNodes;
    return harts == 2 ? number : harts <= 4 ? number / 20 : number / 100;
}

void move(Context& t, const Thread& thread, Word hart) {
    t.expect({{"set affinity", thread.tcb, TCBSetAffinity, {hart}, {}}});
}

// --- 87: no bit is lost on the way from hart to hart, and none comes to a thread it is not for.

std::atomic<Word> sent;
std::atomic<Word> received;

// Sleeps between the messages, so that it is found running, waiting and on its way.
void receive_messages(Thread& me) {
    UserInterrupts& interrupts = areas[me.index];
    interrupts.install(me.in[0]);
    me.progress.fetch_add(1);
    while (!over.load()) {
        interrupts.mask();
        if (!interrupts.any()) seL4_Wait(me.in[0], nullptr);
        interrupts.unmask();
        const Word bits = interrupts.take();
        me.out[Bits] |= bits;
        if (bits != 0) received.store(sent.load());
    }
}

// One message at a time: the next one when the last was received.
void send_messages(Thread& me) {
    const auto target = seL4_TaiL4_Notification_RegisterSender(me.in[0]);
    me.out[Wrong] = target.error != seL4_NoError;
    me.progress.fetch_add(1);
    while (!over.load()) {
        const Word number = sent.fetch_add(1) + 1;
        sel4async::send_user_interrupt(target.index);
        while (received.load() != number && !over.load()) {
        }
    }
}

void wait_for_more(Context& t, Word messages, const char* what) {
    for (; messages != 0 && !t.failed(); --messages) wait_until(t, received, received.load() + 1, what);
}

void moved_under_fire(Context& t) {
    const Word moves = of(10'000);
    Receiver moved;
    Receiver silent;
    if (!make(t, moved, Above, 5) || !make(t, silent, Above, 6)) return;
    Thread& sender = t.thread(Own);
    sender.in[0] = moved.sender;
    over = false;
    sent = received = 0;
    move(t, *silent.thread, last_hart());
    move(t, sender, last_hart());
    for (const Receiver* receiver : {&moved, &silent}) {
        t.start(*receiver->thread, receive_messages);
        wait_until(t, receiver->thread->progress, 1, "the receiver is ready");
    }
    t.start(sender, send_messages);
    for (Word i = 0; i < moves && !t.failed(); ++i) {
        move(t, *moved.thread, i % boot_info->numNodes);
        if (i % 100 == 0) wait_for_more(t, 2, "messages arrive");
        if (i % (moves / 50) == 0) note("moves", i);
    }
    wait_for_more(t, 100, "messages arrive afterwards");
    over = true;
    for (const Receiver* receiver : {&moved, &silent}) {
        t.signal(receiver->notification);
        wait_until(t, receiver->thread->done, 1, "the receiver ends");
    }
    wait_until(t, sender.done, 1, "the sender ends");
    t.equal("bits", moved.thread->out[Bits], moved.bit);
    t.equal("bits of the other one", silent.thread->out[Bits], 0);
    t.equal("refused registrations", sender.out[Wrong], 0);
}

// --- 89: a bit ends the sleep of the hart whose receiver it is for. Were it the tick (2 ms), no batch of messages
// would be quicker than that for each but the first; a busy host delays many batches, but not all.

constexpr Word batch = 4;
constexpr Word batches = 5'000;
constexpr Word pause_before_send = second / 5000; // the receiver falls asleep
constexpr Word tick_period = second / 500;

Word time_of_batch(Word entry) {
    const Word start = now();
    for (Word i = 0; i < batch; ++i) {
        const Word asleep = now() + pause_before_send;
        while (now() < asleep) {
        }
        const Word number = sent.fetch_add(1) + 1;
        sel4async::send_user_interrupt(entry);
        const Word end = now() + patience;
        while (received.load() != number && now() < end) {
        }
    }
    return now() - start;
}

void wakes_an_idle_hart(Context& t) {
    Receiver receiver;
    if (!make(t, receiver, Above, 9)) return;
    over = false;
    sent = received = 0;
    move(t, *receiver.thread, last_hart());
    t.start(*receiver.thread, receive_messages);
    wait_until(t, receiver.thread->progress, 1, "the receiver is ready");
    const auto entry = seL4_TaiL4_Notification_RegisterSender(receiver.sender);
    t.equal("register", Word(entry.error), seL4_NoError);
    Word least = ~Word{0};
    for (Word i = 0; i < batches && least >= batch * tick_period / 2 && !t.failed(); ++i) {
        if (i % 100 == 99) note("batches", i + 1);
        const Word time = time_of_batch(entry.index);
        least = time < least ? time : least;
    }
    t.check(least < batch * tick_period / 2, "woken before the tick");
    over = true;
    t.signal(receiver.notification);
    wait_until(t, receiver.thread->done, 1, "the receiver ends");
    t.equal("unregister", Word(seL4_TaiL4_Notification_UnregisterSender(receiver.sender)), seL4_NoError);
}

constexpr Case cases[] = {
    {"wakes_an_idle_hart", wakes_an_idle_hart},
    {"moved_under_fire", moved_under_fire},
};

} // namespace

List user_interrupt_smp_cases() {
    List list = list_of<cases>("smp.user_interrupts");
    if (boot_info->numNodes == 1) list.count = 0;
    return list;
}
#else
List user_interrupt_smp_cases() { return {"smp.user_interrupts", 0, nullptr, nullptr, false}; }
#endif

} // namespace guest
