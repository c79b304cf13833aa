// Page-table entries bit by bit, as the Sv39 chapter of the privileged specification lays them out.
#include "arch/riscv/sv39.hpp"

#include <gtest/gtest.h>

namespace {

using arch::Pte;
using base::Paddr;

constexpr Paddr frame{0x8765'4000};
constexpr u64 number = u64{0x8765'4000} >> 12 << 10;

TEST(Sv39, AnEmptyEntryIsNothing) {
    constexpr Pte entry;
    EXPECT_EQ(entry.raw(), 0U);
    EXPECT_FALSE(entry.valid());
    EXPECT_FALSE(entry.is_leaf());
    EXPECT_FALSE(entry.is_table());
}

TEST(Sv39, ATableHasNoBitButValid) {
    constexpr Pte entry = Pte::make_table(frame);
    EXPECT_EQ(entry.raw(), number | 0x01);
    EXPECT_TRUE(entry.valid());
    EXPECT_TRUE(entry.is_table());
    EXPECT_FALSE(entry.is_leaf());
    EXPECT_EQ(entry.paddr(), frame);
}

// A and D beforehand, U always, G never.
TEST(Sv39, ALeafHasTheRightsAskedFor) {
    EXPECT_EQ(Pte::make_user_leaf(frame, true, false, false).raw(), number | 0xd3);
    EXPECT_EQ(Pte::make_user_leaf(frame, true, true, false).raw(), number | 0xd7);
    EXPECT_EQ(Pte::make_user_leaf(frame, true, false, true).raw(), number | 0xdb);
    EXPECT_EQ(Pte::make_user_leaf(frame, false, false, true).raw(), number | 0xd9);
    EXPECT_EQ(Pte::make_user_leaf(frame, true, true, true).raw(), number | 0xdf);
}

TEST(Sv39, EveryLeafWithARightIsALeaf) {
    for (unsigned rights = 1; rights < 8; ++rights) {
        const Pte entry = Pte::make_user_leaf(frame, (rights & 1) != 0, (rights & 2) != 0, (rights & 4) != 0);
        EXPECT_TRUE(entry.is_leaf()) << rights;
        EXPECT_FALSE(entry.is_table()) << rights;
        EXPECT_EQ(entry.paddr(), frame) << rights;
    }
}

TEST(Sv39, KeepsThe56BitsOfAnAddress) {
    constexpr Paddr highest{base::mask(56) & ~base::mask(12)};
    constexpr Pte entry = Pte::make_user_leaf(highest, true, true, true);
    EXPECT_EQ(entry.paddr(), highest);
    EXPECT_EQ(entry.raw() >> 54, 0U); // the reserved bits
    // Bits above those do not spill into the reserved ones.
    EXPECT_EQ(Pte::make_table(Paddr{~base::mask(12)}).raw() >> 54, 0U);
}

TEST(Sv39, SatpWord) {
    EXPECT_EQ(arch::satp_word(frame, 0), 0x8000'0000'0008'7654U);
    EXPECT_EQ(arch::satp_word(frame, 0xffff), 0x8fff'f000'0008'7654U);
    EXPECT_EQ(arch::satp_word(frame, 1), 0x8000'1000'0008'7654U);
    EXPECT_EQ((arch::AddressSpace{arch::satp_word(frame, 0xfffe), 0}.asid()), 0xfffeU);
}

} // namespace
