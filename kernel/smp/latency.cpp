#include "smp/latency.hpp"

#include "arch/arch.hpp"
#include "base/atomic.hpp"

namespace smp {

namespace {

struct alignas(64) Record {
    Longest longest;
};
Record records[base::max_harts];
u64 look_count = 0; // written under the lock, read by who waits for it

} // namespace

void begin_stretch() {
    if constexpr (measures_latency) this_hart().stretch_.start_ = arch::read_cycles();
}

void end_stretch() {
    if constexpr (measures_latency) {
        const Stretch& stretch = this_hart().stretch_;
        const u64 instructions = arch::read_cycles() - stretch.start_;
        Longest& longest = records[this_hart().index_].longest;
        if (stretch.start_ != 0 && instructions > longest.instructions)
            longest = {instructions, stretch.cause_, stretch.number_, stretch.tag_, longest.looks};
        begin_stretch();
    }
}

Longest take_longest() {
    Longest& longest = records[this_hart().index_].longest;
    const Longest result = longest;
    longest = {};
    this_hart().stretch_.start_ = 0; // the question itself does not count
    return result;
}

void count_look() {
    if constexpr (measures_latency) base::store_relaxed(look_count, look_count + 1);
}

u64 looks() { return measures_latency ? base::load_relaxed(look_count) : 0; }

void end_wait(u64 before) {
    if constexpr (measures_latency) {
        Longest& longest = records[this_hart().index_].longest;
        const u64 waited = look_count - before;
        if (waited > longest.looks) longest.looks = waited;
        count_look();
    }
}

} // namespace smp

void latency_leave() {
    smp::end_stretch();
    smp::this_hart().stretch_.start_ = 0;
}
