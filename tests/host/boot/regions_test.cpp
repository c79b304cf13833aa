// RegionSet against a bitmap of 256 addresses, and its edges.
#include "boot/memory_plan_regions.hpp"
#include <bitset>
#include <gtest/gtest.h>
#include <random>

using boot::Range;
using boot::RegionSet;

namespace {

TEST(RegionSet, agrees_with_a_bitmap) {
    std::mt19937 random{1};
    for (int round = 0; round < 500; ++round) {
        RegionSet set;
        std::bitset<256> model;
        for (int step = 0; step < 30; ++step) {
            const u64 start = random() % 256;
            const Range range{start, std::min<u64>(256, start + random() % 40)};
            const bool adding = random() % 2 != 0;
            ASSERT_TRUE(adding ? set.add(range) : set.subtract(range));
            for (u64 i = range.start; i < range.end; ++i) model[i] = adding;
        }
        std::bitset<256> seen;
        u64 last_end = 0;
        for (const Range& range : set.ranges()) {
            ASSERT_FALSE(range.empty());
            ASSERT_TRUE(last_end == 0 || range.start > last_end); // ascending, with a gap
            last_end = range.end;
            for (u64 i = range.start; i < range.end; ++i) seen[i] = true;
        }
        ASSERT_EQ(seen, model);
    }
}

TEST(RegionSet, says_when_it_is_full) {
    RegionSet set;
    for (u64 i = 0; i < RegionSet::capacity; ++i) ASSERT_TRUE(set.add({i * 16, i * 16 + 8}));
    EXPECT_FALSE(set.add({16 * RegionSet::capacity, 16 * RegionSet::capacity + 1}));
    EXPECT_FALSE(set.subtract({2, 3}));
    EXPECT_EQ(set.ranges()[0], (Range{0, 8}));
    EXPECT_TRUE(set.add({0, 16 * RegionSet::capacity})); // merging needs no room
    EXPECT_EQ(set.ranges().size(), 1u);
}

TEST(RegionSet, closes_the_smallest_gap) {
    RegionSet set;
    set.close_smallest_gap();
    EXPECT_TRUE(set.empty());
    for (const Range& range : {Range{0, 1}, {5, 6}, {9, 10}, {20, 21}}) ASSERT_TRUE(set.add(range));
    set.close_smallest_gap();
    ASSERT_EQ(set.size(), 3u);
    EXPECT_EQ(set[1], (Range{5, 10}));
    set.close_smallest_gap();
    EXPECT_EQ(set[0], (Range{0, 10}));
    set.close_smallest_gap();
    set.close_smallest_gap();
    ASSERT_EQ(set.size(), 1u);
    EXPECT_EQ(set[0], (Range{0, 21}));
}

TEST(RegionSet, fits_from_both_ends) {
    RegionSet set;
    ASSERT_TRUE(set.add({0x1800, 0x4800}));
    ASSERT_TRUE(set.add({0x9000, 0x9800}));
    EXPECT_EQ(set.highest_fit(0x1000, 12), (Range{0x3000, 0x4000}));
    EXPECT_EQ(set.lowest_fit(0x1000, 12), (Range{0x2000, 0x3000}));
    EXPECT_EQ(set.highest_fit(0x800, 11), (Range{0x9000, 0x9800}));
    EXPECT_FALSE(set.highest_fit(0x3000, 12));
    EXPECT_FALSE(set.lowest_fit(0x3000, 12));
    EXPECT_FALSE(set.highest_fit(0, 12));
}

TEST(RegionSet, does_not_wrap_at_the_top) {
    RegionSet set;
    ASSERT_TRUE(set.add({~u64{0} - 0x10, ~u64{0}}));
    EXPECT_FALSE(set.lowest_fit(1, 12));
    EXPECT_FALSE(set.highest_fit(1, 12));
    EXPECT_TRUE(boot::round_in({~u64{0} - 0x10, ~u64{0}}, 12).empty());
    EXPECT_EQ(boot::round_out({~u64{0} - 0x10, ~u64{0}}, 12).start, ~u64{0xfff});
    EXPECT_EQ(boot::round_out({~u64{0x2ff0}, ~u64{0x10}}, 12), (Range{~u64{0x2fff}, ~u64{0xfff}}));
    EXPECT_EQ(boot::round_out({5, 4097}, 12), (Range{0, 8192}));
    EXPECT_EQ(boot::round_in({5, 9000}, 12), (Range{4096, 8192}));
}

} // namespace
