// Cycles and what they went for, by instruction and call stack. Each counted cycle of a hart belongs to one
// instruction: to the one that retires in it, or that retires next (so a wait for a value belongs to who uses it), or,
// asleep in wfi, to the wfi. A trap takes the wait before it. Of cache misses and page walks see HartCounts.
#pragma once

#include "tools/rocket/call_tree.hpp"
#include "tools/rocket/window.hpp"

#include <cstdio>

namespace rocket {

struct HartCounts {
    u64 retired = 0, stalled = 0, asleep = 0, traps = 0;
    // Of what ended while the instruction was waited for; the walker's own data misses are of neither cache column.
    u64 data_walks = 0, fetch_walks = 0, fetch_misses = 0, walk_misses = 0;
    // Of what the instruction itself began: lines, and accesses past the caches (devices).
    u64 data_misses = 0, device_accesses = 0;
    // Of the misses, a wanted right to store among them, those for which another hart's data cache gave something up.
    u64 crossings = 0;
};

class Profile final : public Watcher {
public:
    Profile(unsigned harts, const Window& window);
    Profile(const Profile&) = delete;
    Profile& operator=(const Profile&) = delete;

    void line(std::string_view text) override { window_.line(text); }
    void look(unsigned hart, const HartView& view) override;
    void end_cycle() override;
    void finish() { set_counting(false); }
    void memory_read(u64 address) override {
        if (counting_) ++lines_[address >> 6];
    }

    u64 cycles() const { return cycles_; }
    u64 intervals() const { return intervals_; }
    // Text, a thing a line; tools/lib/profile.py reads it.
    void write(std::FILE* file) const;

private:
    struct Key {
        u64 counter;
        u32 place;
        bool operator==(const Key&) const = default;
    };
    struct Hash {
        std::size_t operator()(const Key& key) const {
            return (key.counter + (u64{key.place} << 40)) * 0x9e37'79b9'7f4a'7c15;
        }
    };
    struct Hart {
        CallStack stack;
        HartCounts pending{};           // for the instruction that is waited for
        HartCounts* last = nullptr;     // that ended last
        HartCounts* in_stage = nullptr; // in the cycle before
        HartCounts* missing = nullptr;  // began the data miss
        bool gives = false;             // a line, from this cycle on
        HartView before{};
    };

    HartCounts& row(const Hart& hart, u64 counter) { return rows_[{counter, hart.stack.place()}]; }
    void set_counting(bool counting);
    void count(Hart& hart, const HartView& view);
    void count_crossings();
    static void add_pending(Hart& hart, HartCounts& row);

    WindowState window_;
    CallTree tree_;
    std::vector<Hart> harts_;
    std::unordered_map<Key, HartCounts, Hash> rows_;
    std::unordered_map<u64, u64> lines_; // reads of memory, by line
    u64 cycles_ = 0, intervals_ = 0;
    bool counting_ = false;
};

} // namespace rocket
