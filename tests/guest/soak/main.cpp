// soak.elf: one honest process among hostile ones, each with a queue of its own, who die and are made again until the
// kernel has carried out calls=N requests (200000) and the honest one has had answers. It must live, lose no request,
// leak nothing, and give the honest process its share of one hart.
// Command line: seed=N (1), calls=N, doorbell=taic|ipi|trap. One seed is one run: on one hart under --icount down to
// the instruction. The long run:
//   tools/run --no-build --build build/release --harts 1 --icount --root build/release/tests/guest/soak.elf
//     --append calls=10000000 --timeout 7200
#include "rootserver/machine/device_tree.hpp"
#include "rootserver/machine/power.hpp"
#include "tests/guest/soak/town.hpp"

extern "C" [[noreturn]] void root_main(const seL4_BootInfo* info);

namespace soak {

namespace {

using machine::print;
using testing::Context;

constexpr std::uint64_t time_alone = 200'000'000; // cycles
constexpr std::uint64_t least_answers = 100;      // in each of the three times, however long they take on a busy host
constexpr std::uint64_t percent = 100;
constexpr std::uint64_t least_share = 95; // percent of what is fair: ticks and switches are everybody's

struct Speed {
    std::uint64_t answers = 0;
    std::uint64_t time = 0;
};

testing::Fixture fixture;
Options options;
Inhabitant honest;
Inhabitant hostile[roles - 1];
Ledger ledger;
Random choices(1);

// What the children get of the hart; the parent's own work does not count.
void let_them_run(Speed& speed) {
    const std::uint64_t before = honest.told().good;
    const std::uint64_t start = machine::now();
    seL4_Yield();
    speed.time += machine::now() - start;
    speed.answers += honest.told().good - before;
}

Speed alone() {
    Speed speed;
    while (speed.time < time_alone || speed.answers < least_answers) let_them_run(speed);
    return speed;
}

// In thousandths.
std::uint64_t ratio(const Speed& a, const Speed& b) {
    const std::uint64_t scale = 1'000'000'000;
    const std::uint64_t slower = b.answers * scale / b.time;
    return slower == 0 ? 0 : a.answers * scale / a.time * 1000 / slower;
}

std::uint64_t hostile_requests() {
    std::uint64_t sum = ledger.requests;
    for (const Inhabitant& one : hostile) sum += one.requests();
    return sum;
}

// Those who have ended, those who stand still, and now and then one in the middle of whatever it does.
void look_after(Context& t) {
    for (Inhabitant& one : hostile) {
        const bool idle = one.idle();
        if (!one.done() && !idle && !choices.one_in(3)) continue;
        one.bury(t, choices, ledger);
        if (!t.failed()) t.check(one.spawn(options, choices), "no new process: something has leaked");
    }
}

Speed besieged(Context& t) {
    Speed speed;
    const std::uint64_t note_every = options.calls / 100 + 1;
    std::uint64_t all = 0;
    for (std::uint64_t noted = 0; (all < options.calls || speed.answers < least_answers) && !t.failed();) {
        let_them_run(speed);
        look_after(t);
        all = hostile_requests();
        if (all >= options.calls || all / note_every == noted) continue;
        noted = all / note_every;
        print("NOTE ", all, " requests, ", ledger.deaths, " deaths\n");
    }
    return speed;
}

bool has_taic(const Inhabitant& one) {
    return one.told().kind == static_cast<std::uint32_t>(sel4async::DoorbellKind::Taic) + 1;
}

unsigned with_taic() {
    unsigned count = 0;
    for (const Inhabitant& one : hostile) count += has_taic(one) ? 1U : 0U;
    return count;
}

bool spawn_all(Context& t) {
    for (Inhabitant& one : hostile) {
        if (!t.check(one.spawn(options, choices), "no process")) return false;
    }
    for (const Inhabitant& one : hostile) {
        do seL4_Yield();
        while (!one.settled_in());
    }
    return true;
}

void bury_all(Context& t) {
    for (Inhabitant& one : hostile) one.bury(t, choices, ledger);
}

void report(const Speed& before, const Speed& among, const Speed& after) {
    print("soak: ", ledger.requests, " requests of the hostile = ", ledger.completions - ledger.rejected,
          " completed + ", ledger.rejected, " rejected + ", ledger.requests - ledger.completions, " outstanding\n");
    print("soak: ", ledger.deaths, " deaths, ", ledger.queue_deaths, " of queues first, ", ledger.settled,
          " settled to the last request, ", ledger.rings, " doorbells\n");
    print("soak: the honest one: ", honest.told().good, " answers; its speed among ", std::uint64_t{roles - 1},
          " others ", machine::Thousandths{ratio(among, before)}, " of that alone, afterwards ",
          machine::Thousandths{ratio(after, before)}, '\n');
}

void survive(Context& t) {
    if (!t.check(honest.init(t.memory(), Role::Honest), "no memory")) return;
    for (unsigned i = 1; i < roles; ++i) {
        if (!t.check(hostile[i - 1].init(t.memory(), static_cast<Role>(i)), "no memory")) return;
    }
    if (!t.check(honest.spawn(options, choices), "no honest process")) return;
    seL4_Yield(); // it sets itself up
    const Speed before = alone();
    if (!spawn_all(t)) return;
    const unsigned taic = with_taic() + (has_taic(honest) ? 1U : 0U);
    const Speed among = besieged(t);
    if (t.failed()) return;
    bury_all(t);
    const Speed after = alone();
    report(before, among, after);
    if (t.fixture().harts == 1) {
        t.check(ratio(among, before) * roles * percent >= least_share * 1000, "the honest one's share");
        t.check(ratio(after, before) * percent >= 99 * 1000, "the kernel has become slower");
    }
    honest.retire(t);
    honest.bury(t, choices, ledger);
    // Nobody holds a TAIC queue now, so none may be missing, whatever its last owner registered there.
    if (!spawn_all(t)) return;
    t.equal("TAIC queues", with_taic(), taic);
    bury_all(t);
}

constexpr testing::Case cases[] = {{"soak.hostile_neighbours", survive}};

bool run(std::string_view arguments) {
    options = {.seed = machine::argument(arguments, "seed", 1),
               .calls = machine::argument(arguments, "calls", 200'000),
               .doorbell = machine::doorbell_of(machine::argument(arguments, "doorbell")),
               .other_harts = fixture.harts > 1};
    choices = Random(options.seed);
    const std::span<const testing::Case> all[] = {cases};
    print("BEGIN ", testing::count(all, true), '\n');
    const bool good = testing::run(all, fixture);
    print("END\n");
    return good;
}

} // namespace

} // namespace soak

void root_main(const seL4_BootInfo* info) {
    seL4_SetIPCBuffer(info->ipcBuffer);
    const machine::TreeFacts facts = machine::read_tree(*info);
    soak::fixture.memory.init(*info);
    soak::fixture.harts = info->numNodes;
    const bool power = machine::prepare_power_off(soak::fixture.memory, facts.test_device.address);
    const bool equal =
        seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, soak::priority) == seL4_NoError;
    machine::print("soak: ", std::uint64_t{info->numNodes}, " harts, '", facts.arguments, "'\n");
    if (!power || !equal) machine::print("NOTE set-up: power off or priority are missing\n");
    machine::power_off(soak::run(facts.arguments));
}
