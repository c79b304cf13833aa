// User interrupts between harts: a receiver that is moved all the time, and registrations that come and go while others
// send (uintr.md 8.5, cases 87 and 97).
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

// --- 97: receivers stop, start again with another vector, move and lose their senders, at random. Everybody sends all
// the time, through whatever entries there are: no bit of a vector arrives that is not its receiver's own.

constexpr Word storm_receivers = 4;
constexpr Word storm_steps = 500;
constexpr Word targets = 16;

struct StormReceiver : Receiver {
    std::atomic<Word> allowed{0};    // bits that may still come
    std::atomic<Word> generation{0}; // of its registration
    std::atomic<Word> installed{0};
    std::atomic<bool> pause{false}; // masked soon: who is in its handler when its registration ends cannot return
    std::atomic<Word> paused{0};
    std::atomic<Word> wrong{0};
};
StormReceiver storm[storm_receivers];

void storm_main(Thread& me) {
    StormReceiver& own = storm[me.in[1]];
    UserInterrupts& interrupts = areas[me.index];
    Word seen = 0;
    Word turn = 0;
    while (!over.load()) {
        const Word generation = own.generation.load();
        if (generation != seen) {
            interrupts.install(own.notification);
            seen = generation;
            own.installed.store(seen);
        } else if (own.pause.load()) {
            interrupts.mask();
            own.pause.store(false);
            own.paused.store(seen);
        }
        const Word allowed = own.allowed.load();
        if ((interrupts.take() & ~(allowed | own.allowed.load())) != 0) own.wrong.fetch_add(1);
        // To everybody, itself too; who has no sender capability at the moment refuses.
        if (turn % 64 == 0) static_cast<void>(seL4_TaiL4_Notification_RegisterSender(storm[turn / 64 % 4].sender));
        sel4async::send_user_interrupt(turn++ % targets);
        me.progress.fetch_add(1);
        if (turn % 16 == 0) seL4_Yield(); // to those on the same hart
    }
}

// Everybody who could send to it no longer can; then some can again, with another vector. Bits that came before the
// kernel answered may be taken once more, no later ones.
void change_vector(Context& t, StormReceiver& receiver, Word vector, bool again) {
    t.revoke(receiver.notification);
    const Word before = receiver.bit;
    receiver.bit = Word{1} << vector;
    receiver.allowed = receiver.bit | before;
    t.equal("mint",
            Word(seL4_CNode_Mint(cnode, receiver.sender, depth, cnode, receiver.notification, depth, seL4_AllRights,
                                 vector)),
            seL4_NoError);
    if (again) {
        t.equal("register", Word(seL4_TaiL4_Notification_RegisterReceiver(receiver.notification, receiver.thread->tcb)),
                seL4_NoError);
        receiver.generation.fetch_add(1);
        if (!wait_until(t, receiver.installed, receiver.generation.load(), "the receiver goes on")) return;
    }
    const Word turn = receiver.thread->progress.load();
    if (wait_until(t, receiver.thread->progress, turn + 2, "the receiver goes on")) receiver.allowed = receiver.bit;
}

void register_again(Context& t, StormReceiver& receiver, Word vector) {
    receiver.pause = true;
    if (!wait_until(t, receiver.paused, receiver.generation.load(), "the receiver pauses")) return;
    t.equal("unregister", Word(seL4_TaiL4_Notification_UnregisterReceiver(receiver.notification)), seL4_NoError);
    change_vector(t, receiver, vector, true);
}

void storm_step(Context& t, Word random) {
    StormReceiver& receiver = storm[random % storm_receivers];
    switch (random >> 32 & 3) {
    case 0: register_again(t, receiver, random >> 40 & 63); break;
    case 1: change_vector(t, receiver, random >> 40 & 63, false); break;
    default: move(t, *receiver.thread, (random >> 40) % boot_info->numNodes);
    }
}

void storm_of_registrations(Context& t) {
    over = false;
    for (Word i = 0; i < storm_receivers; ++i) {
        StormReceiver& receiver = storm[i];
        receiver.bit = receiver.allowed = receiver.generation = receiver.wrong = 0;
        receiver.installed = receiver.paused = 0;
        receiver.pause = false;
        if (!make(t, receiver, Own, i)) return;
        receiver.allowed = receiver.bit;
        receiver.generation = 1;
        receiver.thread->in[1] = i;
    }
    for (StormReceiver& receiver : storm) {
        t.start(*receiver.thread, storm_main);
        wait_until(t, receiver.installed, 1, "the receiver is ready");
    }
    testing::Random random(97);
    const Word steps = of(storm_steps);
    for (Word i = 0; i < steps && !t.failed(); ++i) storm_step(t, random.next());
    over = true;
    for (StormReceiver& receiver : storm) {
        wait_until(t, receiver.thread->done, 1, "everybody still runs");
        t.equal("foreign bits", receiver.wrong.load(), 0);
    }
}

constexpr Case cases[] = {
    {"moved_under_fire", moved_under_fire},
    {"storm_of_registrations", storm_of_registrations},
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
