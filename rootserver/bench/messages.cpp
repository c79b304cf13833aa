#include "rootserver/bench/messages.hpp"

#include "rootserver/functional/child.hpp"

#include <sel4async/task.hpp>

namespace bench {

namespace {

using machine::Nursery;
using machine::print;
using machine::Process;
using machine::Right;

constexpr std::uint32_t calls = 512; // of a step
constexpr unsigned name_width = 12;

struct Kind {
    MessageKind kind;
    const char* name;
};
constexpr Kind kinds[] = {{MessageKind::Sync, "sync"},
                          {MessageKind::Notification, "notification"},
                          {MessageKind::Taic, "taic"},
                          {MessageKind::Uintc, "uintc"}};

// Child 0 is the server, 1 the client.
struct Pair {
    Process child[2];
    volatile MessageOrders& told(unsigned number) { return child[number].at(message_orders); }
    bool done(unsigned number) { return told(number).done != 0; }
};

bool connect_pair(Pair& pair, MessageKind kind, machine::Memory& memory) {
    if (kind == MessageKind::Sync) {
        const seL4_CPtr endpoint = memory.make(seL4_EndpointObject, 0);
        return endpoint != 0 && Nursery::give(pair.child[0], machine::ChildBell, endpoint, seL4_AllRights) &&
            Nursery::give(pair.child[1], machine::ChildBell, endpoint, seL4_AllRights);
    }
    for (unsigned i = 0; i < 2; ++i) {
        if (!functional::nursery().make_queue(pair.child[i], 16)) return false;
        if (kind == MessageKind::Uintc && Nursery::make_receiver(pair.child[i]) != seL4_NoError) return false;
    }
    return functional::nursery().share(pair.child[1], machine::child_shared, pair.child[0], machine::child_shared,
                                       message_pages) != 0 &&
        Nursery::give_badged(pair.child[1], machine::ChildBell, pair.child[0].notification, seL4_CanWrite, 0) &&
        Nursery::give_badged(pair.child[0], machine::ChildBell, pair.child[1].notification, seL4_CanWrite, 0);
}

bool build(testing::Context& t, Pair& pair, MessageKind kind, unsigned processes) {
    if (!functional::ready_for_children(t, processes)) return false;
    const bool apart = t.fixture().harts > 1;
    for (unsigned i = 0; i < 2; ++i) {
        if (!functional::nursery().make(pair.child[i], message_child, functional::finished())) return false;
        pair.told(i).kind = kind;
        pair.told(i).client = i == 1;
        pair.told(i).other_harts = apart;
        pair.told(i).calls = calls;
    }
    return connect_pair(pair, kind, t.memory()) && (!apart || t.move(pair.child[1].tcb, 1));
}

void introduce(Pair& pair) {
    for (unsigned i = 0; i < 2; ++i) {
        while (__atomic_load_n(&pair.told(i).met, __ATOMIC_ACQUIRE) == 0 && !pair.done(i))
            seL4_Wait(functional::finished(), nullptr);
        pair.told(1 - i).peer = pair.told(i).process;
    }
    for (unsigned i = 0; i < 2; ++i) {
        __atomic_store_n(&pair.told(i).go, 1U, __ATOMIC_RELEASE);
        seL4_Signal(pair.child[i].notification);
    }
}

const char* run(Pair& pair, MessageKind kind) {
    for (Process& child : pair.child) {
        if (!Nursery::start(child)) return "a process did not start";
    }
    if (kind == MessageKind::Taic) introduce(pair);
    while (!pair.done(1)) seL4_Wait(functional::finished(), nullptr);
    // The server of endpoints serves for ever; the one of a channel leaves when its client has.
    while (kind != MessageKind::Sync && !pair.done(0)) seL4_Wait(functional::finished(), nullptr);
    return pair.told(0).wrong + pair.told(1).wrong == 0 ? nullptr : "a call failed";
}

void print_row(std::string_view name, std::uint64_t in_flight, Unit unit, std::initializer_list<std::uint64_t> times,
               std::uint64_t sleeps, std::uint64_t wakes) {
    print(name);
    machine::put_right("", name_width - static_cast<unsigned>(name.size()));
    print(Right<std::uint64_t>{in_flight, 9}, " |");
    for (const std::uint64_t time : times) {
        if (unit != Unit::None) print(Right<std::uint64_t>{time, 8});
    }
    print(Right<machine::Thousandths>{share(sleeps, calls), 9}, Right<machine::Thousandths>{share(wakes, calls), 9},
          '\n');
}

void print_steps(Pair& pair, const Kind& kind, Unit unit) {
    const std::uint32_t steps = kind.kind == MessageKind::Sync ? 1 : message_steps;
    for (std::uint32_t i = 0; i < steps; ++i) {
        const std::uint64_t in_flight = std::uint64_t{1} << i;
        const volatile MessageOrders::Step& step = pair.told(1).steps[i];
        const std::uint64_t mean = step.mean, p50 = step.p50, p99 = step.p99, sleeps = step.sleeps, wakes = step.wakes;
        print_row(kind.name, in_flight, unit, {mean, p50, p99}, sleeps, wakes);
        print_time(unit, mean, "message.", kind.name, ".c", in_flight, ".mean");
        if (step.slept == 0) {
            print_time(unit, p50, "message.", kind.name, ".c", in_flight, ".p50");
            print_time(unit, p99, "message.", kind.name, ".c", in_flight, ".p99");
        }
        if (kind.kind == MessageKind::Sync) continue;
        print_share(sleeps, calls, "message.", kind.name, ".c", in_flight, ".sleeps");
        print_share(wakes, calls, "message.", kind.name, ".c", in_flight, ".wakes");
    }
}

} // namespace

const char* messages(testing::Fixture& fixture, Unit unit, unsigned processes) {
    print("Call and answer between two processes, ", fixture.harts == 1 ? "one hart" : "a hart each",
          unit == Unit::None ? "" : ", a call in ", unit == Unit::None ? "" : name_of(unit),
          "; a call's sleeps and wake-ups by bell of the client\n", "bell        in flight |",
          unit == Unit::None ? "" : "    mean     p50     p99", "   sleeps    wakes\n");
    for (const Kind& kind : kinds) {
        if (kind.kind == MessageKind::Taic && !fixture.taic) continue;
        if (kind.kind == MessageKind::Uintc && !fixture.uintc) continue;
        testing::Context context(fixture);
        Pair pair;
        if (!build(context, pair, kind.kind, processes)) return "no processes";
        if (const char* problem = run(pair, kind.kind)) return problem;
        print_steps(pair, kind, unit);
    }
    return functional::nursery().clear() ? nullptr : "the processes did not go";
}

} // namespace bench
