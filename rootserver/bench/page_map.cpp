#include "rootserver/bench/page_map.hpp"

namespace bench {

namespace {

using machine::print;
using machine::Right;
using machine::Thousandths;
using sel4async::Reply;
using sel4async::Task;

constexpr std::uint64_t most_frames = 256;
constexpr seL4_CPtr vspace = seL4_CapInitThreadVSpace;

struct Place {
    seL4_CPtr frames;
    seL4_Word vaddr;
};

// Of one series at one concurrency. Map and unmap apart: the time up to the last map of a round counts as map.
struct Figures {
    std::uint64_t total = 0;
    std::uint64_t map = 0;
    std::uint64_t unmap = 0;
    std::uint64_t errors = 0;
    sel4async::Statistics wakeups{};
};

struct Series {
    Place place;
    std::uint64_t concurrency;
    std::uint64_t rounds;
    std::uint64_t calls() const { return 2 * concurrency * rounds; }
};

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

Figures synchronous(const Series& series) {
    Figures figures;
    const std::uint64_t start = machine::now();
    std::uint64_t last = start;
    for (std::uint64_t round = 0; round < series.rounds; ++round) {
        for (std::uint64_t i = 0; i < series.concurrency; ++i)
            figures.errors += seL4_RISCV_Page_Map(series.place.frames + i, vspace, series.place.vaddr + 4096 * i,
                                                  seL4_ReadWrite, seL4_RISCV_ExecuteNever) != seL4_NoError;
        const std::uint64_t mapped = machine::now();
        for (std::uint64_t i = 0; i < series.concurrency; ++i)
            figures.errors += seL4_RISCV_Page_Unmap(series.place.frames + i) != seL4_NoError;
        figures.map += mapped - last;
        last = machine::now();
        figures.unmap += last - mapped;
    }
    figures.total = machine::now() - start;
    return figures;
}

struct Shared {
    Series series;
    Figures figures;
    Phases maps;
    Phases unmaps;
};

Task<> worker(Shared& shared, std::uint64_t index) {
    const seL4_CPtr frame = shared.series.place.frames + index;
    const seL4_Word vaddr = shared.series.place.vaddr + 4096 * index;
    for (std::uint64_t round = 0; round < shared.series.rounds; ++round) {
        const Reply mapped = co_await sel4async::op::page_map(frame, vspace, vaddr, 3, seL4_RISCV_ExecuteNever);
        if (!mapped.ok()) ++shared.figures.errors;
        if (shared.maps.done()) {
            shared.figures.map += shared.maps.lap();
            shared.unmaps.last = shared.maps.last;
        }
        const Reply unmapped = co_await sel4async::op::page_unmap(frame);
        if (!unmapped.ok()) ++shared.figures.errors;
        if (shared.unmaps.done()) {
            shared.figures.unmap += shared.unmaps.lap();
            shared.maps.last = shared.unmaps.last;
        }
    }
}

constinit Shared shared{};

Figures asynchronous(sel4async::Executor& executor, const Series& series) {
    executor.reset_statistics();
    const std::uint64_t start = machine::now();
    shared = {
        series, {}, {series.concurrency, series.concurrency, start}, {series.concurrency, series.concurrency, start}};
    for (std::uint64_t i = 0; i < series.concurrency; ++i) {
        if (!sel4async::spawn(executor, worker(shared, i))) ++shared.figures.errors;
    }
    if (executor.run() != sel4async::Stopped::Finished) ++shared.figures.errors;
    shared.figures.total = machine::now() - start;
    shared.figures.wakeups = executor.statistics();
    return shared.figures;
}

void print_columns(const Figures& figures, const Series& series) {
    const std::uint64_t half = series.calls() / 2;
    print(Right<std::uint64_t>{figures.total / series.calls(), 8}, Right<std::uint64_t>{figures.map / half, 8},
          Right<std::uint64_t>{figures.unmap / half, 8});
}

void print_row(const Series& series, const Figures& sync, const Figures& async) {
    const auto per_call = [&series](std::uint64_t count) {
        return Right<Thousandths>{{(1000 * count + series.calls() / 2) / series.calls()}, 9};
    };
    print(Right<std::uint64_t>{series.concurrency, 5}, " |");
    print_columns(sync, series);
    print(" |");
    print_columns(async, series);
    print(" |", per_call(async.wakeups.drives), per_call(async.wakeups.doorbells), per_call(async.wakeups.wakes),
          per_call(async.wakeups.sleeps), '\n');
}

void print_benchmarks(const Series& series, const Figures& sync, const Figures& async, const char* unit) {
    const auto line = [&series](const char* name, std::uint64_t value, const char* in) {
        print("BENCHMARK ", name, ".c", series.concurrency, ' ', value, ' ', in, '\n');
    };
    const auto wakeups = [&series](const char* name, std::uint64_t count) {
        print("BENCHMARK ", name, ".c", series.concurrency, ' ',
              Thousandths{(1000 * count + series.calls() / 2) / series.calls()}, " per_call\n");
    };
    const std::uint64_t half = series.calls() / 2;
    line("sync.call", sync.total / series.calls(), unit);
    line("sync.map", sync.map / half, unit);
    line("sync.unmap", sync.unmap / half, unit);
    line("async.call", async.total / series.calls(), unit);
    line("async.map", async.map / half, unit);
    line("async.unmap", async.unmap / half, unit);
    wakeups("async.kernel_traps", async.wakeups.drives);
    wakeups("async.kernel_doorbells", async.wakeups.doorbells);
    wakeups("async.user_wakes", async.wakeups.wakes);
    wakeups("async.user_sleeps", async.wakeups.sleeps);
}

const char* name_of(const sel4async::Queue& queue) {
    using sel4async::DoorbellKind;
    switch (queue.kind()) {
    case DoorbellKind::Taic: return "taic";
    case DoorbellKind::Uintc: return "uintc";
    case DoorbellKind::Ipi: return "ipi";
    case DoorbellKind::Trap: return "trap";
    default: return "poll";
    }
}

bool prepare(machine::Memory& memory, Place& place) {
    place.frames = memory.make(seL4_RISCV_4K_Page, 0, most_frames);
    place.vaddr = memory.addresses(most_frames * 4096);
    return place.frames != 0 && memory.make_tables(place.vaddr, most_frames * 4096) == seL4_NoError;
}

// What the asynchronous path promises where instructions are counted, all work is one hart's and no check is compiled
// in.
bool has_promise(const testing::Fixture& fixture, const Options& options) {
    return TAIL4_DEBUG == 0 && options.icount && fixture.harts == 1 &&
        fixture.queue.kind() == sel4async::DoorbellKind::Taic;
}

// Where instructions are counted a series has as many calls as take a tick's time, two million instructions, or more:
// each bears its share of the ticks, and not one series in fifty a whole one.
std::uint64_t rounds_of(std::uint64_t concurrency, const Options& options) {
    constexpr std::uint64_t fewest_calls = 4096;
    const std::uint64_t rounds = fewest_calls / (2 * concurrency);
    return options.icount && rounds > options.rounds ? rounds : options.rounds;
}

// A lone call costs little more than a synchronous one, calls in batches cost less.
bool keeps_promise(const Series& series, const Figures& sync, const Figures& async) {
    constexpr std::uint64_t batch = 8;
    constexpr std::uint64_t alone = 300; // instructions more
    if (series.concurrency == 1) return async.total <= sync.total + alone * series.calls();
    return series.concurrency < batch || async.total < sync.total;
}

} // namespace

const char* page_map(testing::Fixture& fixture, const Options& options) {
    Place place{};
    if (!prepare(fixture.memory, place)) return "no memory";
    const char* unit = options.icount ? "insn" : "cycles";
    const std::uint64_t most = options.most < most_frames ? options.most : most_frames;
    print("PageMap/PageUnmap: ", fixture.harts, fixture.harts == 1 ? " hart, " : " harts, ", options.rounds,
          " rounds or more, ", "doorbell ", name_of(fixture.queue), ", mean ", unit,
          " per call, wake-ups per call\n"
          "      |            synchronous |           asynchronous |    to the kernel       to the user\n"
          "tasks |   call     map   unmap |   call     map   unmap |    drive     bell     bell   signal\n");
    std::uint64_t errors = 0;
    bool kept = true;
    for (std::uint64_t concurrency = 1; concurrency <= most; concurrency *= 2) {
        const Series series{place, concurrency, rounds_of(concurrency, options)};
        // Once unmeasured: caches, translations, and the frames of the coroutines.
        const Series warm{place, concurrency, 1};
        errors += synchronous(warm).errors;
        const Figures sync = synchronous(series);
        errors += asynchronous(fixture.executor, warm).errors;
        const Figures async = asynchronous(fixture.executor, series);
        errors += sync.errors + async.errors;
        kept = kept && keeps_promise(series, sync, async);
        print_row(series, sync, async);
        print_benchmarks(series, sync, async, unit);
    }
    if (errors != 0) print("PageMap/PageUnmap: ", errors, " calls failed\n");
    if (errors != 0) return "a call failed";
    return kept || !has_promise(fixture, options) ? nullptr : "asynchronous calls need too many instructions";
}

} // namespace bench
