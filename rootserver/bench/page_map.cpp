#include "rootserver/bench/page_map.hpp"

#include <bit>
#include <sel4async/each.hpp>
#include <sel4async/task.hpp>

namespace bench {

namespace {

using machine::print;
using machine::Right;
using sel4async::Task;

constexpr std::uint64_t most_frames = 256;
constexpr std::uint64_t most_samples = 1024;
constexpr std::uint64_t few_samples = 256; // where each costs a simulated call
constexpr seL4_CPtr vspace = seL4_CapInitThreadVSpace;

struct Series {
    seL4_CPtr frames;
    seL4_Word vaddr;
    std::uint64_t concurrency;
    std::uint64_t rounds;
    std::uint64_t calls() const { return 2 * concurrency * rounds; }
};

// Map and unmap apart: the time up to the last map of a round counts as map.
struct Figures {
    std::uint64_t total = 0;
    std::uint64_t map = 0;
    std::uint64_t unmap = 0;
    std::uint64_t errors = 0;
    bool slept = false; // the counter stood still: only `total` is right
    sel4async::Statistics wakeups{};
};

// From calls of one kind to their answers.
struct Samples {
    std::uint32_t times[most_samples];
    std::uint64_t count;
    void add(std::uint64_t start) {
        if (count < most_samples) times[count++] = static_cast<std::uint32_t>(machine::now() - start);
    }
    std::uint32_t percentile(unsigned percent) { return bench::percentile({times, count}, percent); }
};
Samples map_samples, unmap_samples;

bool map(const Series& series, std::uint64_t i) {
    return seL4_RISCV_Page_Map(series.frames + i, vspace, series.vaddr + 4096 * i, seL4_ReadWrite,
                               seL4_RISCV_ExecuteNever) == seL4_NoError;
}

template <bool sampling>
Figures call_synchronously(const Series& series) {
    Figures figures;
    Stopwatch watch;
    watch.start();
    std::uint64_t last = machine::now();
    for (std::uint64_t round = 0; round < series.rounds; ++round) {
        for (std::uint64_t i = 0; i < series.concurrency; ++i) {
            const std::uint64_t start = sampling ? machine::now() : 0;
            if (!map(series, i)) ++figures.errors;
            if (sampling) map_samples.add(start);
        }
        const std::uint64_t mapped = machine::now();
        for (std::uint64_t i = 0; i < series.concurrency; ++i) {
            const std::uint64_t start = sampling ? machine::now() : 0;
            if (seL4_RISCV_Page_Unmap(series.frames + i) != seL4_NoError) ++figures.errors;
            if (sampling) unmap_samples.add(start);
        }
        figures.map += mapped - last;
        last = machine::now();
        figures.unmap += last - mapped;
    }
    figures.total = watch.stop();
    figures.wakeups.drives = series.calls();
    return figures;
}

struct Phases {
    std::uint64_t concurrency;
    std::uint64_t left;
    std::uint64_t last;
    bool done() { return --left == 0; }
    std::uint64_t lap() {
        const std::uint64_t start = last;
        last = machine::now();
        left = concurrency;
        return last - start;
    }
};

struct Shared {
    Series series;
    Figures figures;
    Phases maps;
    Phases unmaps;
};
constinit Shared shared{};

template <bool sampling>
Task<> worker(std::uint64_t index) {
    const seL4_CPtr frame = shared.series.frames + index;
    const seL4_Word vaddr = shared.series.vaddr + 4096 * index;
    for (std::uint64_t round = 0; round < shared.series.rounds; ++round) {
        std::uint64_t start = sampling ? machine::now() : 0;
        const auto mapped = co_await sel4async::op::page_map.error(frame, vspace, vaddr, 3, seL4_RISCV_ExecuteNever);
        if (sampling) map_samples.add(start);
        if (mapped != seL4_NoError) ++shared.figures.errors;
        if (shared.maps.done()) {
            shared.figures.map += shared.maps.lap();
            shared.unmaps.last = shared.maps.last;
        }
        if (sampling) start = machine::now();
        const auto unmapped = co_await sel4async::op::page_unmap.error(frame);
        if (sampling) unmap_samples.add(start);
        if (unmapped != seL4_NoError) ++shared.figures.errors;
        if (shared.unmaps.done()) {
            shared.figures.unmap += shared.unmaps.lap();
            shared.maps.last = shared.unmaps.last;
        }
    }
}

// All pages in one request.
Task<> vector_worker() {
    namespace op = sel4async::op;
    const Series& series = shared.series;
    for (std::uint64_t round = 0; round < series.rounds; ++round) {
        const auto mapped = co_await sel4async::each(
            series.concurrency, op::page_map(series.frames, vspace, series.vaddr, 3, seL4_RISCV_ExecuteNever),
            op::page_map(1, 0, 4096, 0, 0));
        if (!mapped.ok()) ++shared.figures.errors;
        shared.figures.map += shared.maps.lap();
        shared.unmaps.last = shared.maps.last;
        const auto unmapped =
            co_await sel4async::each(series.concurrency, op::page_unmap(series.frames), op::page_unmap(1));
        if (!unmapped.ok()) ++shared.figures.errors;
        shared.figures.unmap += shared.unmaps.lap();
        shared.maps.last = shared.unmaps.last;
    }
}

// `spawn_all` starts the tasks that carry out a series.
template <class SpawnAll>
Figures call_asynchronously(sel4async::Executor& executor, const Series& series, SpawnAll spawn_all) {
    executor.reset_statistics();
    Stopwatch watch;
    watch.start();
    const std::uint64_t start = machine::now();
    shared = {
        series, {}, {series.concurrency, series.concurrency, start}, {series.concurrency, series.concurrency, start}};
    if (!spawn_all()) ++shared.figures.errors;
    if (executor.run() != sel4async::Stopped::Finished) ++shared.figures.errors;
    shared.figures.total = watch.stop();
    shared.figures.slept = watch.stood_still();
    shared.figures.wakeups = executor.statistics();
    return shared.figures;
}

// Where instructions are counted a series has as many calls as take a tick's time, two million instructions, or more:
// each bears its share of the ticks, and not one series in fifty a whole one. On simulated hardware it has `few`.
std::uint64_t rounds_of(std::uint64_t concurrency, const PageMapOptions& options, std::uint64_t few) {
    const std::uint64_t calls = options.unit == Unit::Instructions ? 4096 : few;
    const std::uint64_t floor = options.rounds != 0 ? options.rounds : options.unit == Unit::Instructions ? 10 : 2;
    const std::uint64_t rounds = calls / (2 * concurrency);
    return rounds > floor ? rounds : floor;
}

void print_head(const char* name, const PageMapOptions& options) {
    const bool timed = options.unit != Unit::None;
    print("PageMap/PageUnmap ", name, ": ", options.harts, options.harts == 1 ? " hart" : " harts",
          timed ? ", a call in " : ", ", timed ? name_of(options.unit) : "no time here that means anything",
          "; wake-ups a call: traps and bells to the kernel, bells and signals to the user\n",
          timed ? "      |         | map: mean     p50     p99 | unmap: mean    p50     p99 |\n" : "", "tasks |",
          timed ? "    mean |" : "", timed ? "                           |                            |" : "",
          "   drives    bells    wakes   sleeps\n");
}

void print_row(const Series& series, const Figures& figures, const PageMapOptions& options) {
    print(Right<std::uint64_t>{series.concurrency, 5}, " |");
    const std::uint64_t half = series.calls() / 2;
    const auto column = [](std::uint64_t value) { print(Right<std::uint64_t>{value, 8}); };
    if (options.unit != Unit::None) {
        column(figures.total / series.calls());
        print(" |  ");
        column(figures.map / half);
        column(map_samples.percentile(50));
        column(map_samples.percentile(99));
        print(" |   ");
        column(figures.unmap / half);
        column(unmap_samples.percentile(50));
        column(unmap_samples.percentile(99));
        print(" |");
    }
    const sel4async::Statistics& wakeups = figures.wakeups;
    for (const std::uint64_t count : {wakeups.drives, wakeups.doorbells, wakeups.wakes, wakeups.sleeps})
        print(Right<machine::Thousandths>{share(count, series.calls()), 9});
    print(figures.slept && options.unit != Unit::None ? "  asleep: the mean alone counts\n" : "\n");
}

void print_figures(const char* name, const Series& series, const Figures& figures, const PageMapOptions& options) {
    const auto time = [&](const char* measure, std::uint64_t value) {
        print_time(options.unit, value, "page_map.", name, ".c", series.concurrency, '.', measure);
    };
    const auto events = [&](const char* measure, std::uint64_t count) {
        print_share(count, series.calls(), "page_map.", name, ".c", series.concurrency, '.', measure);
    };
    const std::uint64_t half = series.calls() / 2;
    time("mean", figures.total / series.calls());
    if (!figures.slept) {
        time("map", figures.map / half);
        time("unmap", figures.unmap / half);
    }
    if (!figures.slept && map_samples.count != 0) {
        time("map_p50", map_samples.percentile(50));
        time("map_p99", map_samples.percentile(99));
        time("unmap_p50", unmap_samples.percentile(50));
        time("unmap_p99", unmap_samples.percentile(99));
    }
    events("drives", figures.wakeups.drives);
    events("bells", figures.wakeups.doorbells);
    events("wakes", figures.wakeups.wakes);
    events("sleeps", figures.wakeups.sleeps);
}

} // namespace

const char* PageMap::prepare(machine::Memory& memory, const PageMapOptions& options) {
    options_ = options;
    if (options.tasks != 0) options_.most = options.tasks;
    options_.most = options_.most < most_frames ? options_.most : most_frames;
    if (options.tasks != 0) options_.tasks = std::bit_floor(options_.most);
    options_.percentiles = options.percentiles && options.unit != Unit::None;
    frames_ = memory.make(seL4_RISCV_4K_Page, 0, most_frames);
    vaddr_ = memory.addresses(most_frames * 4096);
    const bool good = frames_ != 0 && memory.make_tables(vaddr_, most_frames * 4096) == seL4_NoError;
    return good ? nullptr : "no memory";
}

template <class Measure>
const char* PageMap::series(const char* name, std::uint64_t few_calls, std::uint64_t (&means)[powers],
                            Measure measure) {
    print_head(name, options_);
    std::uint64_t errors = 0;
    const std::uint64_t least = options_.tasks != 0 ? options_.tasks : 1;
    for (std::uint64_t concurrency = least; concurrency <= options_.most; concurrency *= 2) {
        Series series{frames_, vaddr_, concurrency, 1};
        Stopwatch::marks = false;
        errors += measure(std::false_type(), series).errors; // once unmeasured: caches, translations, frames
        Stopwatch::marks = true;
        series.rounds = rounds_of(concurrency, options_, few_calls);
        const Figures figures = measure(std::false_type(), series);
        errors += figures.errors;
        map_samples.count = unmap_samples.count = 0;
        if (options_.percentiles) {
            Series sampling = series;
            const std::uint64_t fit = (options_.unit == Unit::Cycles ? few_samples : most_samples) / concurrency;
            sampling.rounds = series.rounds < fit ? series.rounds : fit;
            errors += measure(std::true_type(), sampling).errors;
        }
        means[std::countr_zero(concurrency)] = figures.total / series.calls();
        print_row(series, figures, options_);
        print_figures(name, series, figures, options_);
    }
    return errors == 0 ? nullptr : "a call failed";
}

const char* PageMap::synchronous() {
    return series("sync", 256, sync_, [](auto sampling, const Series& series) {
        return call_synchronously<decltype(sampling)::value>(series);
    });
}

const char* PageMap::asynchronous(const char* name, sel4async::Executor& executor) {
    // More than of the others: the tasks are made and ended within the time that is taken.
    return series(name, 1024, async_, [&executor](auto sampling, const Series& series) {
        return call_asynchronously(executor, series, [&] {
            bool good = true;
            for (std::uint64_t i = 0; i < series.concurrency; ++i)
                good = sel4async::spawn(executor, worker<decltype(sampling)::value>(i)) && good;
            return good;
        });
    });
}

const char* PageMap::vector(sel4async::Executor& executor) {
    std::uint64_t means[powers];
    return series("vector", 256, means, [&executor](auto, const Series& series) {
        return call_asynchronously(executor, series, [&] { return sel4async::spawn(executor, vector_worker()); });
    });
}

const char* PageMap::broken_promise() const {
    if (options_.tasks != 0) return nullptr;
    constexpr unsigned batch = 3;        // eight tasks
    constexpr std::uint64_t alone = 300; // instructions more
    if (async_[0] > sync_[0] + alone) return "a lone asynchronous call needs too many instructions";
    for (unsigned i = batch; i < powers && std::uint64_t{1} << i <= options_.most; ++i) {
        if (async_[i] >= sync_[i]) return "asynchronous calls in batches need too many instructions";
    }
    return nullptr;
}

} // namespace bench
