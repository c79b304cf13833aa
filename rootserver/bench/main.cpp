// A root task of measurements only, small, since loading and clearing it is simulated cycle by cycle (tools/rtl).
// suite=NAME[,NAME...] of those below, else page_map; unit=insn|cycles, what the cycle counter counts (figures.hpp);
// series=NAME[,NAME...] of page_map: sync, taic, taic_oneshot, vector, uintc, ipi, trap, poll, else the first five;
// rounds=N max=N (tasks) tasks=N (only those) percentiles=off (of page_map); processes=N (of clients, 2 to 7);
// fastpath=off (also the kernel's).
#include "rootserver/bench/clients.hpp"
#include "rootserver/bench/ipc.hpp"
#include "rootserver/bench/messages.hpp"
#include "rootserver/bench/page_map.hpp"
#include "rootserver/bench/sizes.hpp"
#include "rootserver/bench/unmap.hpp"
#include "rootserver/machine/device_tree.hpp"
#include "rootserver/machine/power.hpp"

#include <sel4async/frame_pool.hpp>

extern "C" [[noreturn]] void root_main(const seL4_BootInfo* info);

namespace {

using bench::Unit;
using machine::lists;
using machine::print;
using sel4async::DoorbellKind;
using sel4async::Registration;

constexpr seL4_Word queue_bits = 18; // 512 slots
constexpr std::size_t frame_memory = std::size_t{128} * 1024;

alignas(64) unsigned char frames[frame_memory];
testing::Fixture fixture;
Unit unit;
std::uint64_t first_instruction; // of this task: the counter then, firmware and kernel behind it

// A new queue of the initial thread, in the place of the last one.
const char* connect(DoorbellKind kind, Registration registration = Registration::Persistent) {
    if (machine::connect(fixture.place, fixture.queue,
                         {.doorbell = kind, .other_harts = fixture.harts > 1, .interrupts = &fixture.interrupts}) !=
        seL4_NoError)
        return "no asynchronous queue";
    return fixture.executor.init(fixture.queue.buffer(), fixture.queue.doorbell(), registration) ? nullptr
                                                                                                 : "no executor";
}

const char* page_map(const machine::TreeFacts& tree) {
    struct Series {
        const char* name;
        DoorbellKind kind;
        Registration registration = Registration::Persistent;
        bool vector = false;
    };
    constexpr Series series[] = {{"taic", DoorbellKind::Taic},
                                 {"taic_oneshot", DoorbellKind::Taic, Registration::OneShot},
                                 {"vector", DoorbellKind::Taic, Registration::Persistent, true},
                                 {"ipi", DoorbellKind::Ipi},
                                 {"trap", DoorbellKind::Trap},
                                 {"poll", DoorbellKind::Poll},
                                 {"uintc", DoorbellKind::Uintc}}; // the last: a receiver stays one
    std::string_view wanted = machine::argument(tree.arguments, "series");
    if (wanted.empty()) wanted = "sync,taic,taic_oneshot,vector,uintc";
    static bench::PageMap suite;
    const char* problem = suite.prepare(fixture.memory,
                                        {.unit = unit,
                                         .rounds = machine::argument(tree.arguments, "rounds", 0),
                                         .most = machine::argument(tree.arguments, "max", 256),
                                         .tasks = machine::argument(tree.arguments, "tasks", 0),
                                         .harts = fixture.harts,
                                         .percentiles = machine::argument(tree.arguments, "percentiles") != "off"});
    if (problem == nullptr && lists(wanted, "sync")) problem = suite.synchronous();
    for (const Series& one : series) {
        const bool there = machine::expected_doorbell(one.kind, tree, fixture.harts > 1) == one.kind;
        if (problem == nullptr && there && lists(wanted, one.name)) {
            problem = connect(one.kind, one.registration);
            if (problem == nullptr)
                problem = one.vector ? suite.vector(fixture.executor) : suite.asynchronous(one.name, fixture.executor);
        }
    }
    return problem;
}

const char* ipc(const machine::TreeFacts& tree) {
    const bool fast_path = machine::argument(tree.arguments, "fastpath") != "off";
    return bench::ipc(fixture.memory, {.unit = unit, .fast_path = fast_path, .clock = tree.clock});
}

// Those of the suites that have any share the room for them.
unsigned processes_of(const machine::TreeFacts& tree) {
    const std::uint64_t wanted = machine::argument(tree.arguments, "processes", 2);
    const std::uint64_t most = machine::Nursery::max_children;
    return static_cast<unsigned>(wanted < 2 ? 2 : wanted > most ? most : wanted);
}

const char* messages(const machine::TreeFacts& tree) {
    const char* const problem = connect(DoorbellKind::Taic);
    return problem == nullptr ? bench::messages(fixture, unit, processes_of(tree)) : problem;
}
const char* clients(const machine::TreeFacts& tree) {
    const char* const problem = connect(DoorbellKind::Taic);
    return problem == nullptr ? bench::clients(fixture, unit, processes_of(tree)) : problem;
}
const char* unmap(const machine::TreeFacts&) {
    const char* const problem = connect(DoorbellKind::Taic);
    return problem == nullptr ? bench::unmap(fixture, unit) : problem;
}
const char* sizes(const machine::TreeFacts&) {
    bench::print_time(unit, first_instruction, "boot.first_user");
    return bench::sizes(fixture);
}

struct Suite {
    std::string_view name;
    const char* (*run)(const machine::TreeFacts&);
};
// In this order: the figures of `ipc` stand beside those of a system that has no asynchronous queue.
constexpr Suite suites[] = {{"ipc", ipc},     {"page_map", page_map}, {"messages", messages},
                            {"unmap", unmap}, {"clients", clients},   {"sizes", sizes}};

bool run(const machine::TreeFacts& tree) {
    std::string_view wanted = machine::argument(tree.arguments, "suite");
    if (wanted.empty()) wanted = "page_map";
    std::uint64_t count = 0;
    for (const Suite& suite : suites) count += lists(wanted, suite.name) ? 1U : 0U;
    print("BEGIN ", count, '\n');
    bool good = count != 0;
    for (const Suite& suite : suites) {
        if (!lists(wanted, suite.name)) continue;
        print("CASE bench.", suite.name, '\n');
        const char* const problem = suite.run(tree);
        good = testing::conclude(problem == nullptr, problem == nullptr ? "" : problem, "bench.", suite.name) && good;
    }
    print("END\n");
    return good;
}

} // namespace

void root_main(const seL4_BootInfo* info) {
    first_instruction = machine::now();
    seL4_SetIPCBuffer(info->ipcBuffer);
    const machine::TreeFacts facts = machine::read_tree(*info);
    print("TaiL4 bench: ", std::uint64_t{info->numNodes}, " harts, arguments '", facts.arguments, "'\n");
    unit = bench::unit_of(machine::argument(facts.arguments, "unit"));
    fixture.memory.init(*info);
    fixture.harts = info->numNodes;
    fixture.taic = facts.taic.address != 0;
    fixture.uintc = facts.uintc.address != 0;
    if (!machine::prepare_power_off(fixture.memory, facts.test_device.address))
        print("NOTE no test device: the machine will halt without an exit status\n");
    if (!machine::make_place(fixture.memory, fixture.place, queue_bits)) machine::power_off(false);
    sel4async::frame_pool.use(frames, sizeof(frames));
    bench::Stopwatch::calibrate();
    machine::power_off(run(facts));
}
