#include "tools/rocket/profile.hpp"

#include "tools/rocket/mark.hpp"

namespace rocket {

Profile::Profile(unsigned harts, const Window& window) : window_(window) {
    for (unsigned i = 0; i < harts; ++i) harts_.push_back({CallStack(tree_, static_cast<u8>(i))});
}

void Profile::look(unsigned number, const HartView& view) {
    Hart& hart = harts_[number];
    if (view.retires || view.traps) hart.stack.step(view);
    hart.gives = view.gives_line && !hart.before.gives_line;
    if (counting_) count(hart, view);
    if (view.retires) window_.mark(mark_number(view.instruction));
    hart.before = view;
}

void Profile::add_pending(Hart& hart, HartCounts& row) {
    row.stalled += hart.pending.stalled;
    row.data_walks += hart.pending.data_walks;
    row.fetch_walks += hart.pending.fetch_walks;
    row.fetch_misses += hart.pending.fetch_misses;
    row.walk_misses += hart.pending.walk_misses;
    row.data_misses += hart.pending.data_misses;
    row.device_accesses += hart.pending.device_accesses;
    row.crossings += hart.pending.crossings;
    hart.pending = {};
}

// Who is given a line waits for it; with harts beyond two it may be another one that waits for something.
void Profile::count_crossings() {
    for (const Hart& giver : harts_) {
        if (!giver.gives) continue;
        Hart* taker = nullptr;
        for (Hart& hart : harts_) {
            if (&hart == &giver) continue;
            if (taker == nullptr || (hart.before.data_miss && !taker->before.data_miss)) taker = &hart;
        }
        if (taker == nullptr) continue;
        ++(taker->before.data_miss && taker->missing != nullptr ? *taker->missing : taker->pending).crossings;
    }
}

void Profile::count(Hart& hart, const HartView& view) {
    const HartView& before = hart.before;
    // The data cache says a cycle later that it misses; then the instruction was in the stage in the cycle before.
    HartCounts& began = hart.in_stage != nullptr ? *hart.in_stage : hart.pending;
    if (view.data_miss && !before.data_miss) {
        ++(before.walks ? hart.pending.walk_misses : began.data_misses);
        hart.missing = before.walks ? &hart.pending : &began;
    }
    if (view.device && !before.device) ++began.device_accesses;
    if (before.walks && !view.walks) ++(before.walks_for_fetch ? hart.pending.fetch_walks : hart.pending.data_walks);
    if (before.fetch_miss && !view.fetch_miss) ++hart.pending.fetch_misses;

    HartCounts* const here = view.valid || view.traps ? &row(hart, view.counter) : nullptr;
    hart.in_stage = here;
    if (view.retires || view.traps) {
        ++(view.retires ? here->retired : here->stalled);
        here->traps += view.traps ? 1 : 0;
        add_pending(hart, *here);
        hart.last = here;
    } else if (view.sleeps) {
        if (hart.last == nullptr) hart.last = &row(hart, view.counter);
        ++hart.last->asleep;
    } else {
        ++hart.pending.stalled;
    }
}

void Profile::end_cycle() {
    cycles_ += counting_ ? 1 : 0;
    if (counting_) count_crossings();
    if (window_.open() != counting_) set_counting(!counting_);
}

void Profile::set_counting(bool counting) {
    if (counting == counting_) return;
    counting_ = counting;
    intervals_ += counting_ ? 1 : 0;
    if (counting_) return;
    for (Hart& hart : harts_) { // what was waited for at the end is not known: the rest goes to where the hart stood
        add_pending(hart, hart.last != nullptr ? *hart.last : row(hart, hart.before.counter));
        hart.last = hart.in_stage = hart.missing = nullptr;
    }
}

void Profile::write(std::FILE* file) const {
    const auto number = [](u64 value) { return static_cast<unsigned long long>(value); };
    std::fprintf(file, "profile 2\ncycles %llu\nintervals %llu\nharts %zu\n", number(cycles_), number(intervals_),
                 harts_.size());
    const auto& nodes = tree_.nodes();
    for (std::size_t i = 0; i < nodes.size(); ++i)
        std::fprintf(file, "node %zu %u %u %u %llx\n", i, nodes[i].parent, nodes[i].hart,
                     static_cast<unsigned>(nodes[i].privilege), number(nodes[i].site));
    for (const auto& [key, counts] : rows_)
        std::fprintf(file, "row %u %llx %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu %llu\n", key.place,
                     number(key.counter), number(counts.retired), number(counts.stalled), number(counts.asleep),
                     number(counts.traps), number(counts.data_misses), number(counts.fetch_misses),
                     number(counts.walk_misses), number(counts.data_walks), number(counts.fetch_walks),
                     number(counts.device_accesses), number(counts.crossings));
    for (const auto& [line, reads] : lines_) std::fprintf(file, "line %llx %llu\n", number(line << 6), number(reads));
}

} // namespace rocket
