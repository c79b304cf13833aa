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
        if (i % 100 == 0) wait_until(t, received, received.load() + 2, "messages arrive");
    }
    wait_until(t, received, received.load() + 100, "messages arrive afterwards");
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

constexpr Case cases[] = {
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
