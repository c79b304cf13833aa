// How the suites take times and print them. A figure is one line, `BENCHMARK <name> <value> <unit>`, which tools/bench
// reads. Whoever boots the machine says what its cycle counter counts (unit=insn|cycles); where nothing is said it
// counts nothing that means anything (harts that are threads of a host), and only counts of events are printed.
#pragma once

#include "rootserver/machine/connection.hpp"
#include "rootserver/machine/console.hpp"

#include <span>

namespace bench {

enum class Unit : std::uint8_t { None, Instructions, Cycles };
Unit unit_of(std::string_view word);
std::string_view name_of(Unit unit);

// Sorts the samples. 0 of none.
std::uint32_t percentile(std::span<std::uint32_t> samples, unsigned percent);

// Time that passes although the hart sleeps. The cycle counter of Rocket stands still in wfi; `time` does not, but is
// read through the firmware, so it is read twice a series only.
class Stopwatch {
public:
    // The instructions between which the time runs, for tools/rtl profile (tools/rocket/mark.hpp).
    static constexpr unsigned begin_mark = 1, end_mark = 2;
    static inline bool marks = true; // not while a suite only warms up
    // Once, without sleep: how many cycles a tick has.
    static void calibrate();
    void start();
    // Cycles (instructions) since then; by `time` if the counter stood still meanwhile.
    std::uint64_t stop();
    // Laps taken with machine::now() since the start are wrong, too.
    bool stood_still() const { return stood_still_; }

private:
    std::uint64_t cycles_ = 0;
    std::uint64_t ticks_ = 0;
    bool stood_still_ = false;
};

template <class... Name>
void print_figure(std::uint64_t value, std::string_view unit, const Name&... name) {
    machine::print("BENCHMARK ", name..., ' ', value, ' ', unit, '\n');
}
// A time, where there is any.
template <class... Name>
void print_time(Unit unit, std::uint64_t value, const Name&... name) {
    if (unit != Unit::None) print_figure(value, name_of(unit), name...);
}
inline machine::Thousandths share(std::uint64_t events, std::uint64_t calls) {
    return {(1000 * events + calls / 2) / calls};
}
template <class... Name>
void print_share(std::uint64_t events, std::uint64_t calls, const Name&... name) {
    machine::print("BENCHMARK ", name..., ' ', share(events, calls), " per_call\n");
}

} // namespace bench
