// The PLIC driver over plain memory. Register places are written out here once more, from the PLIC specification.
#include "arch/riscv/plic.hpp"

#include "arch/arch.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace {

constexpr u32 sources = 95;
constexpr u32 contexts[] = {1, arch::Plic::no_context, 5};
constexpr u32 harts = 3;
constexpr u32 rubbish = 0xdead'beef;

class PlicTest : public testing::Test {
protected:
    PlicTest() : memory_(0x21'0000 / sizeof(u32), rubbish) {
        plic_.init(arch::to_paddr(memory_.data()), sources, contexts, harts);
    }
    u32& at(usize offset) { return memory_[offset / sizeof(u32)]; }

    std::vector<u32> memory_;
    arch::Plic plic_;
};

TEST_F(PlicTest, InitSetsPrioritiesOfRealSourcesOnly) {
    EXPECT_EQ(at(0), rubbish); // there is no source 0
    for (u32 source = 1; source <= sources; ++source) EXPECT_EQ(at(4 * source), 2U) << source;
    EXPECT_EQ(at(4 * (sources + 1)), rubbish);
}

TEST_F(PlicTest, InitDisablesEverythingInItsContextsAndNoOther) {
    for (const u32 context : {1U, 5U}) {
        for (u32 word = 0; word < 3; ++word) EXPECT_EQ(at(0x2000 + 0x80 * context + 4 * word), 0U);
        EXPECT_EQ(at(0x2000 + 0x80 * context + 12), rubbish); // behind source 95
        EXPECT_EQ(at(0x20'0000 + 0x1000 * context), rubbish); // each hart opens its own
    }
    for (const u32 context : {0U, 2U, 3U, 4U, 6U}) {
        EXPECT_EQ(at(0x2000 + 0x80 * context), rubbish);
        EXPECT_EQ(at(0x20'0000 + 0x1000 * context), rubbish);
    }
}

// Sources count from 1: the last one may be alone in its word.
TEST_F(PlicTest, InitDisablesALastSourceInAWordOfItsOwn) {
    constexpr u32 one_more = 96;
    at(0x2080 + 12) = rubbish;
    plic_.init(arch::to_paddr(memory_.data()), one_more, contexts, harts);
    EXPECT_EQ(at(0x2080 + 12), 0U);
    EXPECT_EQ(at(0x2080 + 16), rubbish);
}

// The firmware sets a hart's threshold when it starts that hart, which is after init().
TEST_F(PlicTest, AHartOpensItsOwnContextOnly) {
    plic_.open(1); // has none
    plic_.open(2);
    EXPECT_EQ(at(0x20'5000), 0U);
    EXPECT_EQ(at(0x20'1000), rubbish);
    plic_.open(0);
    EXPECT_EQ(at(0x20'1000), 0U);
    EXPECT_EQ(at(0x20'0000), rubbish);
}

TEST_F(PlicTest, EnableAndDisableTouchOneBit) {
    plic_.enable(1, 0);
    plic_.enable(31, 0);
    plic_.enable(32, 0);
    plic_.enable(95, 2);
    EXPECT_EQ(at(0x2080), 0x8000'0002U);
    EXPECT_EQ(at(0x2084), 1U);
    EXPECT_EQ(at(0x2088), 0U);
    EXPECT_EQ(at(0x2280), 0U);
    EXPECT_EQ(at(0x2288), 0x8000'0000U);
    plic_.disable(31, 0);
    EXPECT_EQ(at(0x2080), 2U);
    EXPECT_EQ(at(0x2084), 1U);
}

TEST_F(PlicTest, ClaimReadsAndCompleteWritesTheOwnContext) {
    at(0x20'1004) = 10;
    at(0x20'5004) = 11;
    EXPECT_EQ(plic_.claim(0), 10U);
    EXPECT_EQ(plic_.claim(2), 11U);
    plic_.complete(42, 2);
    EXPECT_EQ(at(0x20'5004), 42U);
    EXPECT_EQ(at(0x20'1004), 10U);
}

TEST_F(PlicTest, AHartWithoutContextHasNoInterrupts) {
    const std::vector<u32> before = memory_;
    plic_.enable(3, 1);
    plic_.disable(3, 1);
    plic_.complete(3, 1);
    EXPECT_EQ(plic_.claim(1), 0U);
    EXPECT_EQ(memory_, before);
}

} // namespace
