// Whatever a request in flight depends on goes away, on real harts: a child keeps requests in flight all the time, and
// at some step of one its queue, the queue's memory, its thread, CSpace, VSpace, notification, a frame it maps or the
// table above is revoked, deleted or both. Each time the child goes on as far as it can, is told, or hangs for want of
// what is gone; nothing wrong is ever answered; a bystander and the suite's own queue do not notice; and all memory can
// be had again. On one hart the parent comes in at a step of the child that counts them, or at a tick, which also
// finds requests that the kernel has preempted; on more the harts' own time does the rest.
// Source: async-design.md 10; tests/host/kernel/async_flight_test.cpp has the same in single steps of the kernel.
#include "rootserver/functional/flight_child.hpp"
#include "rootserver/testing/random.hpp"

namespace functional {

namespace {

using machine::Memory;
using machine::Nursery;
using machine::Process;
using sel4async::Task;
using testing::Context;

enum class Victim { Queue, Memory, Thread, CSpace, VSpace, Notification, Frame, Table };
enum class How { Delete, Revoke, Both };
enum class After {
    GoesOn, // with what is left
    Told,   // its queue is dead
    Gone    // or stuck: nobody can tell it anything
};

constexpr std::uint32_t first_step = 40; // all strands are under way by then
constexpr std::uint32_t steps = 64;      // also of who goes on
constexpr std::uint32_t stride = 37;

constexpr seL4_Word ground_bits = 18;
constexpr seL4_Word queue_bits = 16;
constexpr seL4_Word first_priority = seL4_MaxPrio; // of the parent otherwise
constexpr seL4_Word child_priority = 100;
constexpr seL4_Word watching_priority = child_priority / 2; // of the parent where the child has a hart of its own

// Made once; the objects from `ground` each round again.
struct Ground {
    seL4_CPtr untyped = 0;
    seL4_CPtr memory = 0; // of the queue
    seL4_CPtr queue = 0;
    seL4_CPtr work = 0;
    seL4_CPtr table = 0;
    seL4_CPtr fault = 0;
    seL4_CPtr frames = 0;
    seL4_CPtr own_frame = 0; // of the suite
    seL4_Word own_address = 0;
};
Ground ground;
Nursery home; // of the bystander
Process bystander;
std::uint32_t turn; // of all rounds

struct Round {
    Victim victim;
    How how;
    bool by_step;
    Process child;

    volatile Flight& told() const { return child.at(flight); }
};

bool alone(Context& t) { return t.fixture().harts == 1; }
bool good(seL4_Error error) { return error == seL4_NoError; }
void set_priority(seL4_Word priority) {
    static_cast<void>(seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, priority));
}

// --- The scene

sel4async::DoorbellKind kind(Context& t) { return t.fixture().queue.kind(); }

// Priority, hart, doorbell: the same for both children.
bool prepare(Context& t, const Process& child, std::uint64_t hart) {
    volatile Flight& told = child.at(flight);
    told.doorbell = kind(t);
    told.registration = t.fixture().registration;
    told.other_harts = !alone(t);
    return (kind(t) != sel4async::DoorbellKind::Uintc || good(Nursery::make_receiver(child))) &&
        good(seL4_TCB_SetSchedParams(child.tcb, seL4_CapInitThreadTCB, child_priority, child_priority)) &&
        (alone(t) || t.move(child.tcb, hart));
}

bool give_frames(const Process& child) {
    for (unsigned i = 0; i < flight_frames; ++i) {
        if (!Nursery::give(child, FlightFrame + i, ground.frames + i, seL4_AllRights)) return false;
        child.at(flight).addresses[i] = seL4_RISCV_Page_GetAddress(ground.frames + i).paddr;
    }
    return true;
}

bool build(Context& t, Round& round) {
    Process& child = round.child;
    if (!nursery().make(child, flight_main, finished())) return false;
    child.queue = ground.queue;
    const bool made = good(Memory::retype(ground.untyped, seL4_UntypedObject, queue_bits, ground.memory)) &&
        good(Memory::retype(ground.memory, seL4_TaiL4_AsyncQueueObject, queue_bits, ground.queue)) &&
        good(Memory::retype(ground.untyped, seL4_UntypedObject, flight_untyped_bits, ground.work)) &&
        good(Memory::retype(ground.untyped, seL4_RISCV_4K_Page, 0, ground.frames, flight_frames)) &&
        good(Memory::retype(ground.untyped, seL4_RISCV_PageTableObject, 0, ground.table)) &&
        good(Memory::retype(ground.untyped, seL4_EndpointObject, 0, ground.fault));
    return made &&
        good(seL4_RISCV_PageTable_Map(ground.table, child.vspace, flight_pages, seL4_RISCV_Default_VMAttributes)) &&
        Nursery::give(child, machine::ChildQueue, ground.queue, seL4_AllRights) &&
        Nursery::give(child, FlightUntyped, ground.work, seL4_AllRights) &&
        Nursery::give_badged(child, FlightFault, ground.fault, seL4_AllRights, 1) &&
        good(seL4_TCB_SetSpace(child.tcb, FlightFault, child.cspace, 0, child.vspace, 0)) && give_frames(child) &&
        prepare(t, child, 1);
}

bool get_ground(Context& t) {
    if (ground.untyped != 0) return true;
    Memory& memory = t.memory();
    ground.untyped = memory.make(seL4_UntypedObject, ground_bits);
    for (seL4_CPtr* slot : {&ground.memory, &ground.queue, &ground.work, &ground.table, &ground.fault})
        *slot = memory.slots();
    ground.frames = memory.slots(flight_frames);
    ground.own_frame = memory.frame();
    if (!t.check(ground.untyped != 0 && ground.frames != 0 && ground.own_frame != 0 && home.init(memory, 1),
                 "no memory"))
        return false;
    ground.own_address = seL4_RISCV_Page_GetAddress(ground.own_frame).paddr;
    turn = static_cast<std::uint32_t>(kind(t)) * steps / 5 + static_cast<std::uint32_t>(t.fixture().registration);
    return true;
}

bool start_bystander(Context& t) {
    return t.check(home.make(bystander, bystander_main, finished()) && home.make_queue(bystander, queue_bits) &&
                       prepare(t, bystander, t.fixture().harts - 1) && Nursery::start(bystander),
                   "no bystander");
}

// --- Time

void spin(std::uint64_t rounds) {
    for (; rounds != 0; --rounds) asm volatile("");
}

// Lets the others run: on one hart the parent has their priority meanwhile, on more it must not keep the kernel's lock
// from them.
void let_run(Context& t) {
    if (alone(t))
        seL4_Yield();
    else
        spin(20'000);
}

template <class Condition>
bool wait_until(Context& t, const char* what, Condition condition) {
    const std::uint64_t end = t.executor().now() + testing::patience;
    while (!condition()) {
        if (!t.check(t.executor().now() < end, what)) return false;
        let_run(t);
    }
    return true;
}

// Asleep until the child, or the bystander, has said that it is so: no hart is kept from them.
template <class Condition>
void sleep_until(Condition condition) {
    while (!condition()) seL4_Wait(finished(), nullptr);
}

// The child goes on for so many steps.
void sleep_for_steps(const Round& round, std::uint32_t count) {
    volatile Flight& told = round.told();
    told.stop_at = told.steps + count;
    __atomic_store_n(&told.due, 0U, __ATOMIC_RELEASE);
    sleep_until([&] { return told.due != 0 || told.done != 0; });
}

bool wait_for_step(Context& t, const Round& round) {
    sleep_for_steps(round, first_step + (round.by_step ? turn * stride % steps : 0));
    if (alone(t)) {
        for (std::uint64_t ticks = round.by_step ? 0 : 1 + turn % 3; ticks != 0; --ticks) seL4_Yield();
    } else {
        testing::Random random(t.executor().now());
        spin(random.below(round.by_step ? 1'000 : 50'000));
    }
    volatile Flight& told = round.told();
    return t.equal("why the child stopped", told.stopped, 0) && t.equal("requests refused", told.refused, 0);
}

// --- The end of something, and what comes after

seL4_CPtr cap_of(const Round& round) {
    switch (round.victim) {
    case Victim::Queue: return ground.queue;
    case Victim::Memory: return ground.memory;
    case Victim::Thread: return round.child.tcb;
    case Victim::CSpace: return round.child.cnode;
    case Victim::VSpace: return round.child.vspace;
    case Victim::Notification: return round.child.notification;
    case Victim::Frame: return ground.frames;
    case Victim::Table: return ground.table;
    }
    return 0;
}

// The child has capabilities of its own for most.
After expected(const Round& round) {
    if (round.how == How::Delete || round.victim == Victim::Frame || round.victim == Victim::Table)
        return After::GoesOn;
    if (round.victim == Victim::Memory) return After::Told;
    if (round.how == How::Both) return round.victim == Victim::Queue ? After::Told : After::Gone;
    return round.victim == Victim::Thread ? After::GoesOn : After::Gone;
}

bool must_refuse(const Round& round) {
    return (round.victim == Victim::Frame && round.how != How::Delete) ||
        (round.victim == Victim::Table && round.how != How::Revoke);
}

void end(Context& t, const Round& round) {
    round.told().ending = true;
    const seL4_CPtr cap = cap_of(round);
    if (round.how != How::Delete)
        t.same_error("revoke", seL4_CNode_Revoke(seL4_CapInitThreadCNode, cap, seL4_WordBits), seL4_NoError);
    if (round.how != How::Revoke)
        t.same_error("delete", seL4_CNode_Delete(seL4_CapInitThreadCNode, cap, seL4_WordBits), seL4_NoError);
}

// Nobody else writes to the child's queue; what it had submitted is carried out, and counted.
void check_counts(Context& t, const Round& round) {
    const bool gone = round.victim == Victim::Memory || (round.victim == Victim::Queue && round.how != How::Revoke);
    if (gone) return;
    auto info = seL4_TaiL4_AsyncQueue_Info(ground.queue);
    while (info.dead_reason == TAIL4_ASYNC_ALIVE) {
        const auto driven = seL4_TaiL4_AsyncQueue_Drive(ground.queue, queue_bits);
        info = seL4_TaiL4_AsyncQueue_Info(ground.queue);
        if (driven.error != seL4_NoError || (driven.executed == 0 && info.requests == info.completions)) break;
    }
    t.equal("the queue's death", info.dead_reason, TAIL4_ASYNC_ALIVE);
    t.equal("requests left", info.requests - info.completions, 0);
    t.equal("rejected requests", info.rejected, 0);
    t.check(info.completions >= round.told().good + round.told().refused, "more answers than completions");
}

void check_going_on(Context& t, const Round& round) {
    volatile Flight& told = round.told();
    const std::uint64_t before = told.good;
    sleep_for_steps(round, steps);
    t.equal("why the child stopped", told.stopped, 0);
    t.check(told.good > before, "the child does not go on");
    if (must_refuse(round)) t.check(told.refused != 0, "nothing was refused");
    told.stop = true;
    sleep_until([&] { return told.done != 0; });
    t.equal("why the child stopped", told.stopped, static_cast<std::uint64_t>(sel4async::Stopped::Finished) + 1);
    if (!must_refuse(round)) t.equal("requests refused", told.refused, 0);
    check_counts(t, round);
}

// The shared memory is where it is told; when that is not mapped any more it faults, there or at the doorbell.
void check_told(Context& t, const Round& round) {
    volatile Flight& told = round.told();
    seL4_Word fault = 0;
    const auto ended = [&] {
        if (fault == 0 && seL4_MessageInfo_get_label(seL4_NBRecv(ground.fault, &fault)) != seL4_Fault_VMFault)
            fault = 0;
        return fault != 0 || told.done != 0;
    };
    if (!wait_until(t, "the child is not told", ended)) return;
    if (fault == 0) {
        t.equal("why the child stopped", told.stopped, static_cast<std::uint64_t>(sel4async::Stopped::Dead) + 1);
        return;
    }
    const seL4_Word address = seL4_GetMR(seL4_VMFault_Addr);
    const seL4_Word shared = tail4_async_shared_size(static_cast<std::uint32_t>(queue_bits));
    t.check((address >= machine::child_queue && address < machine::child_queue + shared) ||
                address / Memory::page_size == machine::child_taic / Memory::page_size,
            "a fault elsewhere");
}

void check_child(Context& t, const Round& round) {
    switch (expected(round)) {
    case After::GoesOn: check_going_on(t, round); break;
    case After::Told: check_told(t, round); break;
    case After::Gone:
        for (unsigned i = 0; i < 4; ++i) let_run(t);
        if (round.victim == Victim::Thread) check_counts(t, round);
        break;
    }
    t.equal("wrong answers", round.told().wrong, 0);
}

// --- The others

Task<> ask(std::uint64_t& right) {
    const sel4async::Reply address = co_await sel4async::op::page_get_address(ground.own_frame);
    if (address.ok() && address.word(0) == ground.own_address) ++right;
    const sel4async::Reply nothing = co_await sel4async::op::nop();
    if (nothing.ok()) ++right;
}

void check_others(Context& t) {
    volatile Flight& told = bystander.at(flight);
    sleep_until([&] { return told.served == told.go || told.wrong != 0; });
    t.equal("right answers of the bystander", told.good, std::uint64_t{told.go} * burst_answers);
    t.equal("wrong answers of the bystander", told.wrong, 0);
    std::uint64_t right = 0;
    for (unsigned i = 0; i < 4; ++i) {
        if (!t.check(sel4async::spawn(t.executor(), ask(right)), "no strand")) return;
    }
    t.equal("the suite's executor", static_cast<std::uint64_t>(t.executor().run()), 0);
    t.equal("the suite's answers", right, 8);
}

void ask_bystander() {
    volatile Flight& told = bystander.at(flight);
    __atomic_store_n(&told.go, told.go + 1, __ATOMIC_RELEASE);
    seL4_Signal(bystander.notification);
}

// All of the ground in one piece, which is there only if nobody has any of it.
bool clear(Context& t) {
    const bool first = turn % 2 == 0; // now the process, now its queue
    if (first && !t.check(nursery().clear(), "the child does not go")) return false;
    if (!t.same_error("revoke", seL4_CNode_Revoke(seL4_CapInitThreadCNode, ground.untyped, seL4_WordBits),
                      seL4_NoError) ||
        !t.same_error("all memory", Memory::retype(ground.untyped, seL4_UntypedObject, ground_bits, ground.memory),
                      seL4_NoError) ||
        !t.same_error("revoke", seL4_CNode_Revoke(seL4_CapInitThreadCNode, ground.untyped, seL4_WordBits),
                      seL4_NoError))
        return false;
    return first || t.check(nursery().clear(), "the child does not go");
}

void fly(Context& t, Round& round) {
    if (!t.check(build(t, round), "no child: something has leaked")) return;
    volatile Flight& told = round.told();
    told.touches = round.victim != Victim::Frame && round.victim != Victim::Table;
    if (alone(t)) set_priority(round.by_step ? first_priority : child_priority);
    if (!t.check(Nursery::start(round.child), "the child does not start") || !wait_for_step(t, round)) return;
    t.equal("the child's doorbell", told.kind, static_cast<std::uint64_t>(kind(t)) + 1);
    ask_bystander();
    end(t, round);
    if (alone(t)) set_priority(child_priority);
    check_child(t, round);
    check_others(t);
}

template <Victim victim>
void fly_all(Context& t) {
    if (!ready_for_children(t) || !get_ground(t) || !start_bystander(t)) return;
    if (!alone(t)) set_priority(watching_priority);
    for (std::uint64_t i = 0; i < t.fixture().flights && !t.failed(); ++i, ++turn) {
        Round round{victim, static_cast<How>(turn % 3), turn / 3 % 2 == 0, {}};
        fly(t, round);
        if (t.failed() && round.child.window != 0)
            machine::print("flight ", std::uint64_t{turn}, ": how ", std::uint64_t{turn % 3},
                           round.by_step ? ", at step " : ", at tick ", std::uint64_t{round.told().steps}, ", error ",
                           std::uint64_t{round.told().error}, '\n');
        clear(t);
        testing::note("flights", turn);
    }
    set_priority(first_priority);
    t.check(home.clear(), "the bystander does not go");
}

constexpr testing::Case cases[] = {
    {"flight.queue", fly_all<Victim::Queue>},   {"flight.memory", fly_all<Victim::Memory>},
    {"flight.thread", fly_all<Victim::Thread>}, {"flight.cspace", fly_all<Victim::CSpace>},
    {"flight.vspace", fly_all<Victim::VSpace>}, {"flight.notification", fly_all<Victim::Notification>},
    {"flight.frame", fly_all<Victim::Frame>},   {"flight.table", fly_all<Victim::Table>},
};

} // namespace

std::span<const testing::Case> flight_cases() { return cases; }

} // namespace functional
