// Case 97 of uintr.md 8.5: registrations, sends, deletions and moves at random, while all receivers send to each other
// all the time through whatever entries there are. Judged here: no bit of a vector arrives that is not its receiver's
// own; what the initial thread sends arrives, once; at the end no entry is left. Judged by the kernel's invariant
// checker (check=N; kernel/checks/user_interrupts.cpp), which the rows switch on: every valid entry names a live
// receiver; the owner of every active one is loaded on its hart, or waits on a hart that sleeps; a line is up only
// there.
//
// By hand, with the number of steps:
//   tools/run --preset debug --harts 4 --taic off --abi smp --root build/debug/tests/guest/conformance_smp.elf
//     --append 'only=user_interrupts.storm steps=1000000 check=64'
#include "tests/guest/conformance/lists.hpp"
#include "tests/guest/conformance/receivers.hpp"

namespace guest {

namespace {

constexpr Word receivers = 4;
constexpr Word targets = 16;        // entries of its table each one tries
constexpr Word memory_bits = 13;    // of a receiver: TCB and notification
constexpr Word own_vectors = 32;    // and as many for the initial thread's sends
constexpr Word default_steps = 100; // on one hart or two
Word wanted_steps = 0;

struct StormReceiver : Receiver {
    Word memory = 0; // an untyped: what is in it goes at once
    Word direct = 0; // a sender's capability, for the initial thread
    Word number = 0;
    Word sent = 0;                   // by that
    std::atomic<Word> taken{0};      // of these
    std::atomic<Word> allowed{0};    // bits that may still come
    std::atomic<Word> generation{0}; // of its registration
    std::atomic<Word> installed{0};
    std::atomic<bool> pause{false}; // masked soon: who is in its handler when its registration ends cannot return
    std::atomic<Word> paused{0};
    std::atomic<Word> wrong{0};
    Word direct_bit() const { return Word{1} << (own_vectors + number); }
};
StormReceiver storm[receivers];

void take_bits_of(StormReceiver& own, UserInterrupts& interrupts) {
    const Word allowed = own.allowed.load();
    const Word bits = interrupts.take();
    if ((bits & own.direct_bit()) != 0) own.taken.fetch_add(1);
    if ((bits & ~(allowed | own.allowed.load() | own.direct_bit())) != 0) own.wrong.fetch_add(1);
}

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
        take_bits_of(own, interrupts);
        // To everybody, itself too; who has no sender capability at the moment refuses.
        if (turn % 64 == 0)
            static_cast<void>(seL4_TaiL4_Notification_RegisterSender(storm[turn / 64 % receivers].sender));
        sel4async::send_user_interrupt(turn++ % targets);
        me.progress.fetch_add(1);
        if (turn % 16 == 0) seL4_Yield(); // to those on the same hart
    }
}

bool mint(Context& t, Word to, const StormReceiver& receiver, Word vector) {
    return t.equal("mint",
                   Word(seL4_CNode_Mint(cnode, to, depth, cnode, receiver.notification, depth, seL4_AllRights, vector)),
                   seL4_NoError);
}

// Somebody can send to it again.
void open(Context& t, StormReceiver& receiver, Word vector) {
    receiver.bit = Word{1} << vector;
    mint(t, receiver.sender, receiver, vector);
    mint(t, receiver.direct, receiver, own_vectors + receiver.number);
}

bool enter(Context& t, StormReceiver& receiver) {
    t.equal("register", Word(seL4_TaiL4_Notification_RegisterReceiver(receiver.notification, receiver.thread->tcb)),
            seL4_NoError);
    receiver.generation.fetch_add(1);
    return !t.failed();
}

bool wait_for(Context& t, StormReceiver& receiver) {
    return wait_until(t, receiver.installed, receiver.generation.load(), "the receiver goes on");
}

// Everybody who could send to it no longer can; then some can again, with another vector. Bits that came before the
// kernel answered may be taken once more, no later ones.
void change_vector(Context& t, StormReceiver& receiver, Word vector, bool again) {
    t.revoke(receiver.notification);
    const Word before = receiver.bit;
    receiver.allowed = Word{1} << vector | before;
    open(t, receiver, vector);
    if (again && (!enter(t, receiver) || !wait_for(t, receiver))) return;
    const Word turn = receiver.thread->progress.load();
    if (wait_until(t, receiver.thread->progress, turn + 2, "the receiver goes on")) receiver.allowed = receiver.bit;
}

void register_again(Context& t, StormReceiver& receiver, Word vector) {
    receiver.pause = true;
    if (!wait_until(t, receiver.paused, receiver.generation.load(), "the receiver pauses")) return;
    t.equal("unregister", Word(seL4_TaiL4_Notification_UnregisterReceiver(receiver.notification)), seL4_NoError);
    change_vector(t, receiver, vector, true);
}

void move(Context& t, const StormReceiver& receiver, Word hart) {
#ifdef CONFIG_ENABLE_SMP_SUPPORT
    t.expect({{"set affinity", receiver.thread->tcb, TCBSetAffinity, {hart}, {}}});
#else
    static_cast<void>(t), static_cast<void>(receiver), static_cast<void>(hart);
#endif
}

// Makes thread and notification in the receiver's memory, which is empty, and starts it. No old bit may come.
bool begin(Context& t, StormReceiver& receiver, Word vector, Word hart) {
    Thread& thread = *receiver.thread;
    t.expect({{"thread", receiver.memory, UntypedRetype, {seL4_TCBObject, 0, 0, 0, thread.tcb, 1}, {cnode}},
              {"notification",
               receiver.memory,
               UntypedRetype,
               {seL4_NotificationObject, 0, 0, 0, receiver.notification, 1},
               {cnode}},
              {"configure",
               thread.tcb,
               TCBConfigure,
               {0, 0, 0, reinterpret_cast<Word>(thread.buffer)},
               {cnode, vspace, Context::image_frame(thread.buffer)}},
              {"priority", thread.tcb, TCBSetSchedParams, {0, Own}, {self}},
              {"bind", thread.tcb, TCBBindNotification, {}, {receiver.notification}}});
    receiver.generation = receiver.installed = receiver.paused = 0;
    receiver.pause = false;
    thread.in[1] = receiver.number;
    if (t.failed() || !enter(t, receiver)) return false;
    open(t, receiver, vector);
    receiver.allowed = receiver.bit;
    move(t, receiver, hart);
    t.start(thread, storm_main);
    return wait_for(t, receiver);
}

// Thread, notification and all capabilities to it, wherever it runs: in its handler, too.
void end(Context& t, StormReceiver& receiver) { t.revoke(receiver.memory); }

// It arrives, once.
void send_directly(Context& t, StormReceiver& receiver) {
    const auto sender = seL4_TaiL4_Notification_RegisterSender(receiver.direct);
    if (!t.equal("register the sender", Word(sender.error), seL4_NoError)) return;
    ++receiver.sent;
    sel4async::send_user_interrupt(sender.index);
    wait_until(t, receiver.taken, receiver.sent, "a bit is lost");
}

void step(Context& t, Word random) {
    StormReceiver& receiver = storm[random % receivers];
    const Word vector = (random >> 40) % own_vectors;
    const Word hart = (random >> 48) % boot_info->numNodes;
    switch (random >> 32 & 7) {
    case 0: register_again(t, receiver, vector); break;
    case 1: change_vector(t, receiver, vector, false); break;
    case 2:
        end(t, receiver);
        begin(t, receiver, vector, hart);
        break;
    case 3:
    case 4: send_directly(t, receiver); break;
    default: move(t, receiver, hart);
    }
    t.equal("direct bits taken", receiver.taken.load(), receiver.sent);
}

bool make_all(Context& t) {
    for (Word i = 0; i < receivers; ++i) {
        StormReceiver& receiver = storm[i];
        receiver.number = i;
        receiver.sent = receiver.taken = receiver.wrong = 0;
        receiver.thread = &t.thread(Own);
        receiver.memory = t.make(seL4_UntypedObject, memory_bits);
        receiver.notification = t.slot();
        receiver.sender = t.slot();
        receiver.direct = t.slot();
        t.remove(receiver.thread->tcb);
        if (t.failed() || !begin(t, receiver, i, i % boot_info->numNodes)) return false;
    }
    return true;
}

// Nobody is left whom an entry could be for: the tables are empty.
void check_tables_are_empty(Context& t) {
    for (StormReceiver& receiver : storm) end(t, receiver);
    Receiver last;
    if (!make(t, last, Own, 1)) return;
    const auto sender = seL4_TaiL4_Notification_RegisterSender(last.sender);
    t.equal("register", Word(sender.error), seL4_NoError);
    t.equal("the first place of the table", sender.index, 0);
}

// Harts that the host does not have wait for each other's turns.
Word steps_by_default() {
    const Word harts = boot_info->numNodes;
    return harts <= 2 ? default_steps : harts <= 4 ? default_steps / 2 : default_steps / 10;
}

void storm_of_registrations(Context& t) {
    Receiver probe;
    if (!make(t, probe, Own, 0)) return; // a machine without UINTC
    over = false;
    if (!make_all(t)) return;
    testing::Random random(97);
    const Word steps = wanted_steps != 0 ? wanted_steps : steps_by_default();
    for (Word i = 0; i < steps && !t.failed(); ++i) {
        step(t, random.next());
        if (i % 5 == 4) note("steps", i + 1);
    }
    for (StormReceiver& receiver : storm) {
        const Word turn = receiver.thread->progress.load();
        wait_until(t, receiver.thread->progress, turn + 2, "everybody still runs");
        t.equal("foreign bits", receiver.wrong.load(), 0);
        t.equal("direct bits", receiver.taken.load(), receiver.sent);
    }
    if (!t.failed()) check_tables_are_empty(t);
    over = true;
}

constexpr Case cases[] = {{"storm_of_registrations", storm_of_registrations}};

} // namespace

List user_interrupt_storm_cases(Word steps) {
    wanted_steps = steps;
    return list_of<cases>("user_interrupts.storm");
}

} // namespace guest
