#include "rootserver/bench/figures.hpp"

#include "tools/rocket/mark.hpp"

#include <algorithm>

namespace bench {

namespace {

std::uint64_t tick_cycles; // of 1024 ticks

std::uint64_t ticks() {
    std::uint64_t value = 0;
    asm volatile("rdtime %0" : "=r"(value));
    return value;
}

// A tick or a thirtieth less than the clock says is the clock's own grain.
struct Elapsed {
    std::uint64_t time;
    bool stood_still;
};
constexpr Elapsed elapsed(std::uint64_t cycles, std::uint64_t ticks, std::uint64_t cycles_of_1024_ticks) {
    const std::uint64_t by_clock = ticks * cycles_of_1024_ticks / 1024;
    const std::uint64_t grain = by_clock / 32 + 2 * cycles_of_1024_ticks / 1024;
    return cycles + grain < by_clock ? Elapsed{by_clock, true} : Elapsed{cycles, false};
}
static_assert(elapsed(100'000, 1'000, 102'400).time == 100'000);
static_assert(elapsed(96'700, 1'000, 102'400).time == 96'700);
static_assert(elapsed(40'000, 1'000, 102'400).time == 100'000 && elapsed(40'000, 1'000, 102'400).stood_still);
static_assert(!elapsed(150, 3, 102'400).stood_still); // two ticks may be the clock's grain

} // namespace

void Stopwatch::calibrate() {
    std::uint64_t first = ticks();
    while (ticks() == first) {
    }
    first = ticks();
    const std::uint64_t start = machine::now();
    while (ticks() - first < 1024) {
    }
    tick_cycles = machine::now() - start;
}

void Stopwatch::start() {
    ticks_ = ticks();
    if (marks) rocket::mark<begin_mark>();
    cycles_ = machine::now();
}

std::uint64_t Stopwatch::stop() {
    const std::uint64_t cycles = machine::now() - cycles_;
    if (marks) rocket::mark<end_mark>();
    const Elapsed passed = elapsed(cycles, ticks() - ticks_, tick_cycles);
    stood_still_ = passed.stood_still;
    return passed.time;
}

Unit unit_of(std::string_view word) {
    if (word == "insn") return Unit::Instructions;
    return word == "cycles" ? Unit::Cycles : Unit::None;
}

std::string_view name_of(Unit unit) {
    constexpr std::string_view names[] = {"none", "insn", "cycles"};
    return names[static_cast<std::size_t>(unit)];
}

std::uint32_t percentile(std::span<std::uint32_t> samples, unsigned percent) {
    if (samples.empty()) return 0;
    std::sort(samples.begin(), samples.end());
    return samples[(samples.size() - 1) * percent / 100];
}

} // namespace bench
