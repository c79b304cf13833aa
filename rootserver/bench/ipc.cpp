#include "rootserver/bench/ipc.hpp"

#include "rootserver/bench/ipc_suites.hpp"

namespace bench {

namespace {

using machine::print;
using machine::Right;
using machine::Thousandths;

enum class Judgement : std::uint8_t { None, Better, Equal, Worse };

struct Verdict {
    std::uint64_t counts[4] = {};
    std::uint64_t& of(Judgement judgement) { return counts[static_cast<std::size_t>(judgement)]; }
};

std::uint64_t reference(const Baseline& baseline, const IpcOptions& options) {
    if (options.unit != Unit::Instructions) return 0;
    return options.fast_path ? baseline.upstream : baseline.slow;
}

Judgement judge(std::uint64_t value, std::uint64_t upstream) {
    if (upstream == 0) return Judgement::None;
    if (value == upstream) return Judgement::Equal;
    return value < upstream ? Judgement::Better : Judgement::Worse;
}

void print_row(const Baseline& baseline, std::uint64_t value, std::uint64_t upstream, Judgement judgement) {
    print(Right<std::uint64_t>{value, 7}, " |");
    if (upstream == 0)
        print("      - |      - | ");
    else
        print(Right<std::uint64_t>{upstream, 7}, " |",
              Right<Thousandths>{{(1000 * value + upstream / 2) / upstream}, 7}, " | ");
    print(baseline.text, judgement == Judgement::Worse ? ": WORSE\n" : "\n");
}

bool measure(machine::Memory& memory, const IpcOptions& options, Measured& measured) {
    static Workers workers;
    return workers.init(memory) && measure_messages(workers, measured) && measure_signals(workers, measured) &&
        measure_scheduling(workers, measured) && measure_faults(workers, measured) &&
        measure_interrupts(workers, memory, options.clock, measured) &&
        measure_pages(memory, options.unit == Unit::Cycles, measured);
}

bool print_rows(const Measured& measured, const IpcOptions& options, Verdict& verdict) {
    for (const Baseline& baseline : baselines) {
        const std::uint64_t value = measured.value(baseline.row);
        if (value == 0) continue;
        const std::uint64_t upstream = reference(baseline, options);
        const Judgement judgement = judge(value, upstream);
        ++verdict.of(judgement);
        print_row(baseline, value, upstream, judgement);
        print_time(options.unit, value, "ipc.", baseline.name);
    }
    return verdict.of(Judgement::Worse) == 0;
}

// 10 % fewer instructions for both ways, between threads and between address spaces.
bool has_margin(const Measured& measured, const IpcOptions& options) {
    if (options.unit != Unit::Instructions || !options.fast_path) return true;
    for (const Row row : {Row::CallSame, Row::CallOther, Row::ReplySame, Row::ReplyOther}) {
        if (10 * measured.value(row) > 9 * baselines[static_cast<std::size_t>(row)].upstream) return false;
    }
    return true;
}

} // namespace

const char* ipc(machine::Memory& memory, const IpcOptions& options) {
    static Measured measured;
    if (!measure(memory, options, measured)) return "the kernel refused a call of the set-up";
    if (options.unit == Unit::None) return nullptr;
    print("one hart, fast path ", options.fast_path ? "on, " : "off, ", name_of(options.unit),
          "; seL4: instructions of upstream's kernel on the same machine\n", "  TaiL4 |   seL4 |  ratio\n");
    Verdict verdict;
    const bool good = print_rows(measured, options, verdict);
    print("VERDICT better ", verdict.of(Judgement::Better), ", equal ", verdict.of(Judgement::Equal), ", worse ",
          verdict.of(Judgement::Worse), ", not compared ", verdict.of(Judgement::None), '\n');
    if (!good) return "a row needs more than upstream seL4's";
    return has_margin(measured, options) ? nullptr : "the fast path is less than 10 % better than upstream's";
}

} // namespace bench
