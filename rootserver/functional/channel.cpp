// Channels between processes: a server with one to five clients, each in its own address space. With more processes
// than TAIC has queues, the later ones get another doorbell and work the same.
// Source: async-design.md 4, 10.14; taic.md 7.3.
#include "rootserver/functional/channel_child.hpp"
#include "rootserver/functional/child.hpp"

namespace functional {

namespace {

using machine::Nursery;
using machine::Process;
using testing::Context;

constexpr unsigned max_clients = 5;

// Child 0 is the server, child i + 1 the client of channel i.
struct Scene {
    unsigned clients = 0;
    Process child[max_clients + 1];
    seL4_Word channel[max_clients] = {};

    volatile Orders& told(unsigned number) { return child[number].at(orders); }
    volatile Orders& server() { return told(0); }
    volatile Orders& client(unsigned number) { return told(number + 1); }
};

// Children with their channels; nobody runs yet.
bool build(Context& t, Scene& s, unsigned clients) {
    s.clients = clients;
    if (!ready_for_children(t)) return false;
    for (unsigned i = 0; i <= clients; ++i) {
        if (!t.check(nursery().make(s.child[i], child_main, finished()) &&
                         nursery().make_queue(s.child[i], child_queue_bits),
                     "no child"))
            return false;
        s.told(i).other_harts = t.fixture().harts > 1;
        s.told(i).registration = t.fixture().registration;
    }
    s.server().role = Role::Server;
    s.server().channels = clients;
    for (unsigned i = 0; i < clients; ++i) {
        const Process& client = s.child[i + 1];
        s.channel[i] = nursery().share(client, machine::child_shared, s.child[0],
                                       machine::child_shared + i * channel_stride, channel_pages);
        if (!t.check(
                s.channel[i] != 0 &&
                    Nursery::give_badged(client, machine::ChildBell, s.child[0].notification, seL4_CanWrite, i) &&
                    Nursery::give_badged(s.child[0], machine::ChildBell + i, client.notification, seL4_CanWrite, 0),
                "no channel"))
            return false;
    }
    return true;
}

bool is_done(Scene& s, unsigned number) { return s.told(number).done != 0; }

void wait_for(Scene& s, unsigned number) {
    while (!is_done(s, number)) seL4_Wait(finished(), nullptr);
}

bool start(Context& t, Scene& s) {
    for (unsigned i = 0; i <= s.clients; ++i) {
        if (!t.check(Nursery::start(s.child[i]), "a child does not start")) return false;
    }
    return true;
}

void wait_for_all(Scene& s) {
    for (unsigned i = 0; i <= s.clients; ++i) wait_for(s, i);
}

// A process is gone: what a supervisor does for those it had channels with.
void bury(Scene& s, unsigned channel) {
    sel4async::bury_channel(reinterpret_cast<void*>(s.channel[channel]));
    seL4_Signal(s.child[0].notification);
    seL4_Signal(s.child[channel + 1].notification);
}

void set_work(Scene& s, unsigned client, std::uint32_t strands, std::uint32_t calls) {
    s.client(client).strands = strands;
    s.client(client).calls = calls;
}

void work(Context& t, unsigned clients, std::uint32_t strands, std::uint32_t calls) {
    Scene s;
    if (!build(t, s, clients)) return;
    for (unsigned i = 0; i < clients; ++i) set_work(s, i, strands, calls);
    if (!start(t, s)) return;
    wait_for_all(s);
    const std::uint64_t each = std::uint64_t{strands} * calls;
    unsigned with_taic = 0;
    for (unsigned i = 0; i <= clients; ++i) {
        t.equal("wrong answers", s.told(i).wrong, 0);
        with_taic += s.told(i).kind == static_cast<std::uint32_t>(sel4async::DoorbellKind::Taic) + 1 ? 1U : 0U;
    }
    for (unsigned i = 0; i < clients; ++i) {
        t.equal("right answers", s.client(i).good, each);
        t.check(s.client(i).nops != 0, "no asynchronous call of the kernel beside");
    }
    t.equal("requests served", s.server().good, each * clients);
    t.equal("clients that left", s.server().dead, clients);
    // The machine has four queues: one is the kernel's, one the initial thread's.
    if (t.fixture().taic) t.equal("children with a TAIC queue", with_taic, clients + 1 < 2 ? clients + 1 : 2);
    t.check(nursery().clear(), "the children did not go");
}

void ping_pong(Context& t) { work(t, 1, 1, 200); }
void concurrent(Context& t) { work(t, 1, 48, 20); }
void many_clients(Context& t) { work(t, max_clients, 8, 20); }

// Each round takes the queues that the last one gave back.
void queues_again(Context& t) {
    for (unsigned round = 0; round < 8 && !t.failed(); ++round) work(t, 2, 4, 10);
}

void server_dies(Context& t) {
    Scene s;
    if (!build(t, s, 2)) return;
    for (unsigned i = 0; i < 2; ++i) set_work(s, i, 10, 10);
    s.server().stop_after = 20;
    if (!start(t, s)) return;
    wait_for(s, 0);
    for (unsigned i = 0; i < 2; ++i) bury(s, i);
    wait_for_all(s);
    for (unsigned i = 0; i < 2; ++i) {
        t.equal("wrong answers", s.client(i).wrong, 0);
        t.equal("strands told of the end", s.client(i).dead, 10);
    }
    t.check(nursery().clear(), "the children did not go");
}

void client_dies(Context& t) {
    Scene s;
    if (!build(t, s, 2)) return;
    for (unsigned i = 0; i < 2; ++i) set_work(s, i, 12, 12);
    s.client(0).stop_after = 30;
    if (!start(t, s)) return;
    wait_for(s, 1);
    bury(s, 0);
    wait_for_all(s);
    t.equal("answers of the dead", s.client(0).good, 30);
    t.equal("answers of the other", s.client(1).good, 144);
    t.equal("clients that left", s.server().dead, 2);
    t.check(nursery().clear(), "the children did not go");
}

void hostile_client(Context& t) {
    Scene s;
    if (!build(t, s, 2)) return;
    s.client(0).role = Role::Hostile;
    s.client(0).calls = 20'000;
    set_work(s, 1, 12, 30);
    if (!start(t, s)) return;
    wait_for(s, 1);
    wait_for(s, 2);
    bury(s, 0); // it may have been so lucky that its channel lives
    wait_for_all(s);
    t.equal("answers of the other", s.client(1).good, 360);
    t.equal("wrong answers", s.client(1).wrong, 0);
    t.equal("clients that left", s.server().dead, 2);
    t.check(nursery().clear(), "the children did not go");
}

// All its clients get out: whatever it answered, each of their calls ends, and the kernel serves them meanwhile.
void hostile_server(Context& t) {
    Scene s;
    if (!build(t, s, 2)) return;
    s.server().role = Role::Hostile;
    s.server().calls = 20'000;
    for (unsigned i = 0; i < 2; ++i) set_work(s, i, 12, 30);
    if (!start(t, s)) return;
    wait_for(s, 0);
    for (unsigned i = 0; i < 2; ++i) bury(s, i);
    wait_for_all(s);
    for (unsigned i = 0; i < 2; ++i) {
        t.equal("why a client stopped", s.client(i).stopped,
                static_cast<std::uint64_t>(sel4async::Stopped::Finished) + 1);
        t.check(s.client(i).dead <= 12 && s.client(i).good + s.client(i).wrong + s.client(i).dead <= 360,
                "more answers than calls");
    }
    t.check(nursery().clear(), "the children did not go");
}

void introduce(Context& t, Scene& s) {
    for (unsigned i = 0; i < 2; ++i) {
        while (__atomic_load_n(&s.told(i).met, __ATOMIC_ACQUIRE) == 0) seL4_Wait(finished(), nullptr);
        t.check(s.told(i).process != 0, "a child without a TAIC queue");
        s.told(1 - i).peers[0] = s.told(i).process;
    }
    for (unsigned i = 0; i < 2; ++i) {
        __atomic_store_n(&s.told(i).go, 1U, __ATOMIC_RELEASE);
        seL4_Signal(s.child[i].notification);
    }
}

// One client, on another hart if there is one; the two are introduced to each other if they are to ring through TAIC.
bool work_apart(Context& t, Scene& s, bool bells) {
    for (unsigned i = 0; i < 2; ++i) s.told(i).bells = bells;
    const bool apart = t.fixture().harts > 1;
    if ((apart && !t.move(s.child[1].tcb, 1)) || !start(t, s)) return false;
    if (bells) introduce(t, s);
    wait_for_all(s);
    return t.equal("wrong answers", s.client(0).wrong + s.server().wrong, 0) && !t.failed();
}

// Client and server have a TAIC queue each and, on two harts, one of these: who polls is rung through TAIC.
void taic_bell(Context& t) {
    Scene s;
    if (!build(t, s, 1)) return;
    set_work(s, 0, 4, 100);
    if (!work_apart(t, s, true)) return;
    t.equal("right answers", s.client(0).good, 400);
    if (t.fixture().harts > 1) t.check(s.client(0).rings + s.server().rings != 0, "no bell rang through TAIC");
    t.check(nursery().clear(), "the children did not go");
}

// All, or none: then the machine has no user interrupts, and the bells are notifications.
bool make_receivers(Context& t, Scene& s) {
    for (unsigned i = 0; i <= s.clients; ++i) {
        const seL4_Error error = Nursery::make_receiver(s.child[i]);
        if (!t.fixture().uintc)
            return t.same_error("a receiver", static_cast<std::uint64_t>(error), seL4_IllegalOperation);
        if (!t.same_error("a receiver", static_cast<std::uint64_t>(error), seL4_NoError)) return false;
        s.told(i).receiver = true;
    }
    return true;
}

// With one call in flight each side waits for the other all the time; with more it may never be found waiting.
void check_interrupts(Context& t, Scene& s, bool one_in_flight) {
    for (unsigned i = 0; i < 2 && s.told(i).receiver; ++i) {
        t.equal("the doorbell", s.told(i).kind, static_cast<std::uint64_t>(sel4async::DoorbellKind::Uintc) + 1);
        if (!one_in_flight) continue;
        t.check(s.told(i).rings != 0, "no bell rang by user interrupt");
        t.check(s.told(i).entries != 0, "no user interrupt came");
        t.check(s.told(i).words != 0, "the executor saw no user interrupt");
    }
}

// Two receivers call and answer until all is done. `measured`: nothing but calls, so that all user interrupts are the
// peer's.
bool call_by_interrupts(Context& t, Scene& s, std::uint32_t strands, std::uint32_t calls, bool measured) {
    if (!build(t, s, 1) || !make_receivers(t, s)) return false;
    set_work(s, 0, strands, calls);
    s.client(0).measured = measured;
    if (!work_apart(t, s, false)) return false;
    const std::uint64_t all = std::uint64_t{strands} * calls;
    return t.equal("right answers", s.client(0).good, all) && t.equal("requests served", s.server().good, all);
}

void work_by_interrupts(Context& t, std::uint32_t strands, std::uint32_t calls) {
    const bool alone = strands == 1;
    Scene s;
    if (!call_by_interrupts(t, s, strands, calls, alone)) return;
    t.equal("clients that left", s.server().dead, 1);
    t.check(alone || s.client(0).nops != 0, "no asynchronous call of the kernel beside");
    check_interrupts(t, s, alone);
    t.check(nursery().clear(), "the children did not go");
}

// One end's thread goes, and with it its registration and the other's right to ring it.
void end_by_interrupts(Context& t, unsigned first) {
    Scene s;
    if (!build(t, s, 1) || !make_receivers(t, s)) return;
    set_work(s, 0, 10, 10);
    s.told(first).stop_after = 20;
    if (!start(t, s)) return;
    wait_for(s, first);
    t.check(Nursery::kill(s.child[first]), "the thread did not go");
    bury(s, 0);
    wait_for(s, 1 - first);
    t.equal("served before the end", s.told(first).good, 20);
    check_interrupts(t, s, false);
    t.equal("wrong answers", s.client(0).wrong + s.server().wrong, 0);
    t.equal("told of the end", s.told(1 - first).dead, first == 0 ? 10 : 1);
    t.check(nursery().clear(), "the children did not go");
}

// Client and server are receivers of user interrupts, and one bell reaches the peer whether it polls or sleeps.
void uintc_bell(Context& t) {
    work_by_interrupts(t, 1, 200);
    if (!t.failed()) work_by_interrupts(t, 48, 20);
    for (unsigned first = 0; first < 2 && !t.failed(); ++first) end_by_interrupts(t, first);
}

// Each call is a message there and one back. A bell rings only for a peer that has said that it waits, and once: every
// message arrives, with fewer bells than messages.
void uintc_coalesced(Context& t) {
    constexpr std::uint32_t strands = 8;
    const auto calls = static_cast<std::uint32_t>(t.fixture().messages / 2 / strands);
    Scene s;
    if (!call_by_interrupts(t, s, strands, calls, true)) return;
    const std::uint64_t rings = s.client(0).rings + s.server().rings;
    const std::uint64_t messages = std::uint64_t{strands} * calls * 2;
    if (s.server().receiver) t.check(rings != 0 && rings < messages, "as many bells as messages, or none");
    t.check(nursery().clear(), "the children did not go");
}

// The server sleeps, as nobody asks it anything, when somebody else ends its queue: it wakes up and is told.
void queue_dies(Context& t) {
    Scene s;
    if (!build(t, s, 1) || !t.check(Nursery::start(s.child[0]), "a child does not start")) return;
    // In its memory; it cannot change any more once it has counted its sleep.
    const auto& runtime = const_cast<const ChildRuntime&>(s.child[0].at(child_runtime));
    while (__atomic_load_n(&runtime.executor.statistics().sleeps, __ATOMIC_RELAXED) == 0) seL4_Yield();
    for (unsigned i = 0; i < 8; ++i) seL4_Yield(); // and into the kernel
    t.same_error("unbind", seL4_TaiL4_AsyncQueue_Unbind(s.child[0].queue), seL4_NoError);
    wait_for(s, 0);
    t.equal("why it stopped", s.server().stopped, static_cast<std::uint64_t>(sel4async::Stopped::Dead) + 1);
    t.check(nursery().clear(), "the children did not go");
}

constexpr testing::Case cases[] = {
    {"channel.ping_pong", ping_pong},           {"channel.concurrent", concurrent},
    {"channel.many_clients", many_clients},     {"channel.queues_again", queues_again},
    {"channel.server_dies", server_dies},       {"channel.client_dies", client_dies},
    {"channel.hostile_client", hostile_client}, {"channel.queue_dies", queue_dies},
    {"channel.hostile_server", hostile_server}, {"channel.taic_bell", taic_bell, true},
    {"channel.uintc_bell", uintc_bell},         {"channel.uintc_coalesced", uintc_coalesced},
};

} // namespace

std::span<const testing::Case> channel_cases() { return cases; }

} // namespace functional
