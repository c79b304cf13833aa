// PageMap and PageUnmap of 4 KiB frames, 1 to 256 tasks at once: the suite of the seed thesis. A series is the
// synchronous calls, or the asynchronous ones over one kind of doorbell. Of each number of tasks the mean of a call
// (time of all by their number), the same for map and unmap apart, and, in a second pass, the time from each single
// call to its answer: p50 and p99. Source: async-design.md 5.2, 7.
#pragma once

#include "rootserver/bench/figures.hpp"

#include <sel4async/executor.hpp>

namespace bench {

struct PageMapOptions {
    Unit unit = Unit::None;
    std::uint64_t rounds = 0; // at least; 0: what the unit needs
    std::uint64_t most = 256; // tasks
    std::uint64_t tasks = 0;  // 0: 1, 2, 4 and so on up to `most`; else this power of two, or the one below
    std::uint64_t harts = 1;
    bool percentiles = true; // measured in a pass of their own
};

class PageMap {
public:
    // Frames and page tables. What is wrong, or nullptr, as with all here.
    const char* prepare(machine::Memory& memory, const PageMapOptions& options);
    const char* synchronous();
    const char* asynchronous(const char* series, sel4async::Executor& executor);
    // As many pages as there would be tasks in one request (sel4async/each.hpp), of one task.
    const char* vector(sel4async::Executor& executor);
    // What the asynchronous calls promise where instructions are counted, all work is one hart's and no check is
    // compiled in: alone they cost little more than a synchronous one, in batches less. Of the last two series.
    const char* broken_promise() const;

private:
    static constexpr unsigned powers = 9; // 1 to 256 tasks
    template <class Measure>
    const char* series(const char* name, std::uint64_t few_calls, std::uint64_t (&means)[powers], Measure measure);

    PageMapOptions options_;
    seL4_CPtr frames_ = 0;
    seL4_Word vaddr_ = 0;
    std::uint64_t sync_[powers] = {};
    std::uint64_t async_[powers] = {};
};

} // namespace bench
