// The initial thread: sets up memory and the asynchronous queue, runs what the command line asks for, ends the machine.
// suite=functional|bench, without it both; rounds=N max=N unit=insn|cycles (of bench); calls=N (of the hostile writer)
// messages=N (of the case channel.uintc_coalesced)
// only=SUBJECT[,...] (of a functional list's first case name, up to its point) flights=N (rounds of each flight case)
// doorbell=taic|uintc|ipi|trap|poll registration=persistent|oneshot (of TAIC vectors)
#include "rootserver/bench/page_map.hpp"
#include "rootserver/functional/cases.hpp"
#include "rootserver/machine/device_tree.hpp"
#include "rootserver/machine/power.hpp"

extern "C" [[noreturn]] void root_main(const seL4_BootInfo* info);

namespace {

using machine::print;

constexpr seL4_Word queue_bits = 18; // 512 slots
constexpr std::size_t frame_memory = std::size_t{384} * 1024;

alignas(64) unsigned char frames[frame_memory];
testing::Fixture fixture;

// An asynchronous queue, whose doorbell is what was asked for if the device tree has the device. What is wrong, or
// nullptr.
const char* set_up(testing::Fixture& f, const machine::TreeFacts& facts) {
    f.harts = f.memory.info().numNodes;
    f.uintc = facts.uintc.address != 0;
    if (machine::has_user_interrupts(f.memory) != f.uintc) return "UINTC is not as the device tree says";
    sel4async::frame_pool.use(frames, sizeof(frames));
    if (!machine::make_place(f.memory, f.place, queue_bits)) return "no memory for the queue";
    const sel4async::DoorbellKind wanted = machine::doorbell_of(machine::argument(facts.arguments, "doorbell"));
    if (machine::connect(f.place, f.queue,
                         {.doorbell = wanted, .other_harts = f.harts > 1, .interrupts = &f.interrupts}) != seL4_NoError)
        return "no asynchronous queue";
    if (f.queue.kind() != machine::expected_doorbell(wanted, facts, f.harts > 1))
        return "the queue has another doorbell";
    f.taic = f.queue.has_taic();
    if (machine::argument(facts.arguments, "registration") == "oneshot")
        f.registration = sel4async::Registration::OneShot;
    return f.executor.init(f.queue.buffer(), f.queue.doorbell(), f.registration) ? nullptr : "no executor";
}

const char* name_of(sel4async::DoorbellKind kind) {
    using sel4async::DoorbellKind;
    switch (kind) {
    case DoorbellKind::Taic: return "taic";
    case DoorbellKind::Uintc: return "uintc";
    case DoorbellKind::Ipi: return "ipi";
    case DoorbellKind::Trap: return "trap";
    default: return "poll";
    }
}

// The synchronous series, and the asynchronous one over the suite's own queue.
const char* measure(const bench::PageMapOptions& options) {
    static bench::PageMap suite;
    const bool one_shot = fixture.registration == sel4async::Registration::OneShot;
    const char* problem = suite.prepare(fixture.memory, options);
    if (problem == nullptr) problem = suite.synchronous();
    if (problem == nullptr)
        problem = suite.asynchronous(one_shot ? "taic_oneshot" : name_of(fixture.queue.kind()), fixture.executor);
    const bool promised = TAIL4_DEBUG == 0 && options.unit == bench::Unit::Instructions && fixture.harts == 1 &&
        fixture.queue.kind() == sel4async::DoorbellKind::Taic;
    return problem == nullptr && promised ? suite.broken_promise() : problem;
}

// What stands before the point.
std::string_view subject_of(const testing::Case& one) {
    const std::string_view name = one.name;
    return {name.data(), name.find('.')};
}

bool run_suites(std::string_view arguments, std::string_view suite) {
    // Not when the queue itself takes them.
    const auto uintc =
        fixture.uintc && !fixture.interrupts.active() ? functional::uintc_cases() : std::span<const testing::Case>{};
    std::span<const testing::Case> all[] = {uintc,
                                            functional::taic_cases(),
                                            functional::seed_cases(),
                                            functional::call_cases(),
                                            functional::mapping_cases(),
                                            functional::error_cases(),
                                            functional::every_cases(),
                                            functional::runtime_cases(),
                                            functional::limit_cases(),
                                            functional::hostile_cases(),
                                            functional::channel_cases(),
                                            functional::flight_cases(),
                                            functional::reuse_cases(),
                                            functional::wake_up_cases()};
    const bench::PageMapOptions options{.unit = bench::unit_of(machine::argument(arguments, "unit")),
                                        .rounds = machine::argument(arguments, "rounds", 0),
                                        .most = machine::argument(arguments, "max", 256),
                                        .harts = fixture.harts};
    fixture.hostile_calls = machine::argument(arguments, "calls", fixture.hostile_calls);
    // Harts that wait for each other take their time where they are threads of one host.
    fixture.flights = machine::argument(arguments, "flights", fixture.harts == 1 ? 12 : 6 / fixture.harts);
    const std::string_view only = machine::argument(arguments, "only");
    for (std::span<const testing::Case>& list : all) {
        if (!only.empty() && !list.empty() && !machine::lists(only, subject_of(list.front()))) list = {};
    }
    fixture.messages = machine::argument(arguments, "messages", fixture.messages);
    const bool functional = suite != "bench";
    const bool benchmark = suite != "functional";
    const std::uint64_t cases = functional ? testing::count(all, fixture.taic) : 0;
    print("BEGIN ", cases + (benchmark ? 1 : 0), '\n');
    if (functional && !fixture.taic)
        print("NOTE the queue has no TAIC: ", testing::count(all, true) - cases, " cases left out\n");
    bool good = !functional || testing::run(all, fixture);
    if (benchmark) {
        print("CASE bench.page_map\n");
        const char* problem = measure(options);
        good = testing::conclude(problem == nullptr, problem == nullptr ? "" : problem, "bench.page_map") && good;
    }
    print("END\n");
    return good;
}

} // namespace

void root_main(const seL4_BootInfo* info) {
    seL4_SetIPCBuffer(info->ipcBuffer);
    const machine::TreeFacts facts = machine::read_tree(*info);
    print("TaiL4 root server: ", std::uint64_t{info->numNodes}, " harts, arguments '", facts.arguments, "'\n");
    fixture.memory.init(*info);
    if (!machine::prepare_power_off(fixture.memory, facts.test_device.address))
        print("NOTE no test device: the machine will halt without an exit status\n");
    const std::string_view suite = machine::argument(facts.arguments, "suite");
    if (const char* problem = set_up(fixture, facts)) {
        print("BEGIN 1\nCASE setup\nFAIL setup ", problem, "\nEND\n");
        machine::power_off(false);
    }
    machine::power_off(run_suites(facts.arguments, suite));
}
