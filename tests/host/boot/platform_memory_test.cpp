// Memory and reservations of a device tree: many, odd and malformed ones. What may be reserved is never RAM.
#include "boot/platform.hpp"
#include "trees.hpp"
#include <algorithm>
#include <gtest/gtest.h>

using boot::BootError;
using boot::Platform;
using boot::Range;

namespace {

constexpr u64 top = ~u64{0};

// A machine with more nodes under /reserved-memory, which has two cells for addresses and one for sizes.
template <class Fill>
ReadPlatform with_reserved(Fill fill, bool ranges = true) {
    TreeBuilder builder;
    builder.machine().begin("reserved-memory").property("#address-cells", {2}).property("#size-cells", {1});
    if (ranges) builder.property("ranges", {});
    fill(builder);
    static std::vector<Blob> kept; // the notes point into them
    kept.push_back(builder.end().end().finish());
    return read_blob(kept.back());
}

ReadPlatform with_node(std::string_view name, const std::vector<u32>& reg, bool ranges = true) {
    return with_reserved([&](TreeBuilder& tree) { tree.begin(name).property("reg", reg).end(); }, ranges);
}

void expect_reserved(const ReadPlatform& read, const std::vector<Range>& expected, const char* note) {
    ASSERT_FALSE(read.error) << message(*read.error);
    const auto& reserved = read.platform->reserved;
    EXPECT_EQ(std::vector<Range>(reserved.begin(), reserved.end()), expected);
    ASSERT_EQ(read.platform->notes.size(), note == nullptr ? 0u : 1u);
    if (note == nullptr) return;
    EXPECT_STREQ(read.platform->notes[0].text, note);
}

constexpr const char* malformed = "malformed or untranslatable reg: all that it may mean is reserved";
constexpr const char* merged = "too many reservations: memory between some is reserved, too";

TEST(PlatformMemory, sixty_four_reservations_are_held_one_by_one) {
    const auto read = with_reserved([](TreeBuilder& tree) {
        for (u32 i = 0; i < 64; ++i) tree.begin("r").property("reg", {0, 0x80000000 + i * 0x10000, 0x1000}).end();
    });
    ASSERT_FALSE(read.error);
    ASSERT_EQ(read.platform->reserved.size(), 64u);
    EXPECT_TRUE(read.platform->notes.empty());
    for (u64 i = 0; i < 64; ++i)
        EXPECT_EQ(read.platform->reserved[i], (Range{0x80000000 + i * 0x10000, 0x80001000 + i * 0x10000}));
}

TEST(PlatformMemory, more_reservations_are_merged_and_none_is_lost) {
    const auto read = with_reserved([](TreeBuilder& tree) {
        for (u32 i = 0; i < 500; ++i) // from both ends, with gaps of all sizes
            tree.begin("r").property("reg", {0, 0x80000000 + (i % 2 != 0 ? i : 1000 - i) * i * 0x100, 0x80}).end();
    });
    ASSERT_FALSE(read.error);
    EXPECT_EQ(read.platform->reserved.size(), 64u);
    for (u64 i = 0; i < 500; ++i) {
        const u64 start = 0x80000000 + (i % 2 != 0 ? i : 1000 - i) * i * 0x100;
        EXPECT_TRUE(read.platform->reserved.contains({start, start + 0x80})) << i;
    }
    ASSERT_FALSE(read.platform->notes.empty());
    EXPECT_STREQ(read.platform->notes[0].text, merged);
}

TEST(PlatformMemory, the_reservation_block_counts_to_its_end) {
    TreeBuilder builder;
    for (u64 i = 0; i < 100; ++i) builder.reserve(0x80000000 + i * 0x10000, i == 3 ? 0 : 0x1000);
    const Blob blob = builder.machine().end().finish();
    const ReadPlatform read = read_blob(blob);
    ASSERT_FALSE(read.error);
    EXPECT_EQ(read.platform->reserved.size(), 64u);
    EXPECT_TRUE(read.platform->reserved.contains({0x80630000, 0x80631000})); // behind the empty one, too
    ASSERT_EQ(read.platform->notes.size(), 1u);
    EXPECT_EQ(read.platform->notes[0].about, "reservation block");
    EXPECT_STREQ(read.platform->notes[0].text, merged);
}

TEST(PlatformMemory, of_a_malformed_reservation_all_that_it_may_mean_is_reserved) {
    expect_reserved(with_node("r", {0, 0x81000000, 0x1000}), {{0x81000000, 0x81001000}}, nullptr);
    // The size is missing, or goes beyond the end of addresses.
    expect_reserved(with_node("r", {0, 0x81000000}), {{0x81000000, top}}, malformed);
    expect_reserved(with_node("r", {~0u, 0x81000000, ~0u}), {{0xffffffff81000000, top}}, malformed);
    // Whole entries count, and so does the rest if it is an address.
    expect_reserved(with_node("r", {0, 0x81000000, 0x1000, 0}), {{0x81000000, 0x81001000}}, malformed);
    expect_reserved(with_node("r", {0, 0x81000000, 0x1000, 0, 0x83000000}),
                    {{0x81000000, 0x81001000}, {0x83000000, top}}, malformed);
    // Not even an address: the node's name says where, or the little that is there.
    expect_reserved(with_node("r@82000000", {0x83000000}), {{0x82000000, top}}, malformed);
    expect_reserved(with_node("r@82000000", {}), {{0x82000000, top}}, malformed);
    expect_reserved(with_node("r@nowhere", {0x83000000}), {{0x83000000, top}}, malformed);
    // Without ranges the address can only be a physical one.
    expect_reserved(with_node("r", {0, 0x81000000, 0x1000}, false), {{0x81000000, 0x81001000}}, malformed);
}

TEST(PlatformMemory, a_reservation_without_any_place_stops_the_boot) {
    const ReadPlatform read = with_node("r", {});
    EXPECT_EQ(read.error, BootError::UnknownReservation);
    ASSERT_EQ(read.platform->notes.size(), 1u);
    EXPECT_EQ(read.platform->notes[0].about, "r");
}

TEST(PlatformMemory, sizes_of_no_cells_are_unknown) {
    const auto read = with_reserved([](TreeBuilder& tree) {
        tree.property("#size-cells", {0}).begin("r").property("reg", {0, 0x81000000}).end();
    });
    expect_reserved(read, {{0x81000000, top}}, malformed);
}

TEST(PlatformMemory, cells_that_cannot_be_read_leave_the_name) {
    const auto read = with_reserved([](TreeBuilder& tree) {
        tree.property("#address-cells", {3}).begin("r@81000000").property("reg", {0, 0, 0x81000000, 1}).end();
    });
    // The first number that is there is smaller than the name's, and may be meant.
    expect_reserved(read, {{0, top}}, malformed);
}

TEST(PlatformMemory, odd_reservations_are_legal) {
    const auto read = with_reserved([](TreeBuilder& tree) {
        tree.begin("dynamic").property("size", {0x100000}).property("alloc-ranges", {0, 0x80000000, 0x1000}).end();
        tree.begin("empty").property("reg", {0, 0x81000000, 0}).end();
        tree.begin("off").property("reg", {0, 0x82000000, 0x1000}).string("status", "disabled").end();
        tree.begin("odd").property("reg", {0, 0x83000001, 1}).string("status", "fail").end();
        tree.begin("overlapping").property("reg", {0, 0x84000000, 0x2000, 0, 0x84001000, 0x2000}).end();
    });
    expect_reserved(read, {{0x83000001, 0x83000002}, {0x84000000, 0x84003000}}, nullptr);
}

template <class Fill>
ReadPlatform with_memory(Fill fill) {
    TreeBuilder builder;
    builder.machine();
    fill(builder);
    static std::vector<Blob> kept;
    kept.push_back(builder.end().finish());
    return read_blob(kept.back());
}

TEST(PlatformMemory, sixty_four_regions_are_held_and_of_more_the_largest) {
    for (const u32 count : {63u, 64u, 300u}) {
        const auto read = with_memory([&](TreeBuilder& tree) { // beside that of the machine
            std::vector<u32> reg;
            for (u32 i = 0; i < count; ++i) reg.insert(reg.end(), {1 + i, 0, 0x1000 * (1 + i)});
            tree.begin("memory@100000000").property("reg", reg).end();
        });
        ASSERT_FALSE(read.error);
        const Platform& platform = *read.platform;
        ASSERT_EQ(platform.memory.size(), 64u);
        EXPECT_EQ(platform.memory[0], (Range{0x80000000, 0x90000000}));
        for (u64 i = 0; i < 63; ++i) {
            const u64 number = count - 63 + i;
            const u64 start = (1 + number) << 32;
            EXPECT_EQ(platform.memory[1 + i], (Range{start, start + 0x1000 * (1 + number)}));
        }
        ASSERT_EQ(platform.notes.size(), count == 63 ? 0u : 1u);
        if (count == 63) continue;
        EXPECT_EQ(platform.notes[0].about, "memory@100000000");
        EXPECT_STREQ(platform.notes[0].text, "more than 64 memory regions: the smallest are not used");
    }
}

TEST(PlatformMemory, malformed_memory_is_left_out) {
    const auto read = with_memory([](TreeBuilder& tree) {
        tree.begin("memory@1").property("reg", {1, 0, 0x1000, 0}).end();           // not whole entries
        tree.begin("memory@2").property("reg", {~0u, ~0u, 2, 2, 0, 0x1000}).end(); // the first wraps
        tree.begin("memory@3").property("reg", {3, 0, 0, 3, 1, 0x1000}).end();     // the first is empty
        tree.begin("memory@4").end();                                              // none at all
        tree.begin("memory@5").property("reg", {0, 0x8f000000, 0x2000000}).end();  // overlaps
    });
    ASSERT_FALSE(read.error);
    const Platform& platform = *read.platform;
    ASSERT_EQ(platform.memory.size(), 3u);
    EXPECT_EQ(platform.memory[0], (Range{0x80000000, 0x91000000}));
    EXPECT_EQ(platform.memory[1], (Range{0x200000000, 0x200001000}));
    EXPECT_EQ(platform.memory[2], (Range{0x300000001, 0x300001001}));
    ASSERT_EQ(platform.notes.size(), 2u);
    EXPECT_EQ(platform.notes[0].about, "memory@1");
    EXPECT_EQ(platform.notes[1].about, "memory@2");
    EXPECT_STREQ(platform.notes[0].text, "malformed or untranslatable reg: not used");
}

} // namespace
