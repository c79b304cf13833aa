// The device cases of the conformance list, section 8.1.
#include "tests/host/uintr/bench.hpp"

#include <cstring>
#include <mutex>
#include <thread>

namespace uintr::test {

TEST(UintrConformance, Case01_EverythingIsZeroAfterReset) {
    Bench t;
    for (std::uint32_t r = 0; r < 512; ++r) {
        EXPECT_EQ(t.low(r), 0U);
        EXPECT_EQ(t.high(r), 0U);
        EXPECT_EQ(t.act(r), 0U);
    }
    EXPECT_EQ(t.lines_up(), 0U);
}

TEST(UintrConformance, Case02_LowKeepsItsFieldsOnly) {
    Bench t;
    t.low(7, all_ones);
    EXPECT_EQ(t.low(7), 0xffff'0003U);
}

TEST(UintrConformance, Case03_SendReadsZero) {
    Bench t;
    t.send(1, 4);
    EXPECT_EQ(t.read(1, ReceiverRegister::Send), 0U);
    EXPECT_EQ(t.high(1), 0x10U);
}

TEST(UintrConformance, Case04_ActiveIsBitZero) {
    Bench t;
    t.low(2, 0x1'0002);
    t.act(2, 3);
    EXPECT_EQ(t.act(2), 1U);
    EXPECT_EQ(t.low(2), 0x1'0003U);
    t.act(2, 2);
    EXPECT_EQ(t.act(2), 0U);
    EXPECT_EQ(t.low(2), 0x1'0002U);
}

TEST(UintrConformance, Case05_EachVectorIsItsBit) {
    Bench t;
    t.low(0, 2);
    for (unsigned vector = 0; vector < 64; ++vector) {
        t.send(0, vector);
        EXPECT_EQ(t.high(0), std::uint64_t{1} << vector);
    }
}

TEST(UintrConformance, Case06_VectorsOutOfRangeAreIgnored) {
    Bench t;
    t.send(3, 64);
    t.send(3, 0xffff);
    t.send(3, std::uint64_t{1} << 32);
    t.send(3, all_ones);
    EXPECT_EQ(t.high(3), 0U);
    EXPECT_EQ(t.drop_errors(), 4U);
}

TEST(UintrConformance, Case07_HighOrsAndReadClears) {
    Bench t;
    t.high(511, 5);
    t.high(511, std::uint64_t{1} << 63);
    EXPECT_EQ(t.high(511), 0x8000'0000'0000'0005U);
    EXPECT_EQ(t.high(511), 0U);
}

TEST(UintrConformance, Case08_ModeZeroHas64Vectors) {
    Bench t;
    t.low(0, 1);
    t.send(0, 63);
    EXPECT_TRUE(t.line(0));
    EXPECT_EQ(t.low(0), 1U);
    EXPECT_EQ(t.high(0), std::uint64_t{1} << 63);
}

TEST(UintrConformance, Case09_ActivationRaisesTheLine) {
    Bench t;
    t.low(4, 2);
    t.send(4, 5);
    EXPECT_FALSE(t.line(0));
    t.act(4, 1);
    EXPECT_TRUE(t.line(0));
    EXPECT_EQ(t.high(4), 32U);
    EXPECT_FALSE(t.line(0));
}

TEST(UintrConformance, Case10_DeactivationDropsTheLineAndKeepsTheBits) {
    Bench t;
    t.low(4, 3);
    t.send(4, 5);
    EXPECT_TRUE(t.line(0));
    t.act(4, 0);
    EXPECT_FALSE(t.line(0));
    EXPECT_EQ(t.high(4), 32U);
}

TEST(UintrConformance, Case11_TheLineFollowsTheHart) {
    Bench t;
    t.low(4, Low::running(0).raw);
    t.send(4, 0);
    t.low(4, Low::running(1).raw);
    EXPECT_FALSE(t.line(0));
    EXPECT_TRUE(t.line(1));
    t.low(4, Low::running(0).raw);
    EXPECT_TRUE(t.line(0));
    EXPECT_FALSE(t.line(1));
}

TEST(UintrConformance, Case12_TwoEntriesShareALine) {
    Bench t;
    for (const std::uint32_t r : {3U, 6U}) {
        t.low(r, 3);
        t.send(r, r);
    }
    EXPECT_EQ(t.high(3), 8U);
    EXPECT_TRUE(t.line(0));
    EXPECT_EQ(t.high(6), 64U);
    EXPECT_FALSE(t.line(0));
    EXPECT_EQ(t.transitions(), 2U);
}

TEST(UintrConformance, Case13_AMissingHartHasNoLine) {
    Bench t;
    t.low(9, Low::running(100).raw);
    t.send(9, 1);
    EXPECT_EQ(t.lines_up(), 0U);
    EXPECT_EQ(t.low(9), 100U << 16 | 3U);
    t.low(9, Low::running(0).raw);
    EXPECT_TRUE(t.line(0));
    t.low(9, Low::running(0xffff).raw);
    EXPECT_EQ(t.lines_up(), 0U);
}

TEST(UintrConformance, Case14_OtherSizesAreBusErrors) {
    Bench t;
    t.low(0, 3);
    t.send(0, 6);
    std::uint64_t value = 0x55;
    for (const unsigned size : {1U, 2U, 4U}) {
        for (const auto reg :
             {ReceiverRegister::Send, ReceiverRegister::Low, ReceiverRegister::High, ReceiverRegister::Active}) {
            EXPECT_FALSE(uintc_model_read(t.model, offset_of(0, reg), size, &value));
            EXPECT_FALSE(uintc_model_write(t.model, offset_of(0, reg), 0, size));
        }
    }
    EXPECT_FALSE(uintc_model_read(t.model, 0x14, 8, &value));
    EXPECT_EQ(value, 0x55U);
    EXPECT_EQ(t.drop_errors(), 25U);
    EXPECT_TRUE(t.line(0));
    EXPECT_EQ(t.low(0), 3U);
    EXPECT_EQ(t.high(0), 64U);
}

TEST(UintrConformance, Case15_TheWindowEndsBehindTheLastEntry) {
    Bench t(32);
    t.send(31, 1);
    EXPECT_EQ(t.high(31), 2U);
    std::uint64_t value = 0;
    EXPECT_FALSE(uintc_model_read(t.model, 32 * entry_size, 8, &value));
    EXPECT_FALSE(uintc_model_write(t.model, 32 * entry_size, 1, 8));
    EXPECT_FALSE(uintc_model_write(t.model, all_ones - 7, 1, 8));
    EXPECT_EQ(t.drop_errors(), 3U);
}

TEST(UintrConformance, Case16_TwiceTheSameVectorIsOneInterrupt) {
    Bench t;
    t.low(5, 3);
    t.send(5, 3);
    t.send(5, 3);
    EXPECT_EQ(t.transitions(), 1U);
    EXPECT_EQ(t.high(5), 8U);
}

TEST(UintrConformance, Case17_WritingNoBitsChangesNothing) {
    Bench t;
    t.low(5, 3);
    t.high(5, 0);
    EXPECT_EQ(t.transitions(), 0U);
    t.send(5, 0);
    t.high(5, 0);
    EXPECT_EQ(t.transitions(), 1U);
    EXPECT_EQ(t.high(5), 1U);
}

TEST(UintrConformance, Case18_RewritingLowDoesNotGlitch) {
    Bench t;
    t.low(5, Low::running(2).raw);
    t.send(5, 0);
    t.low(5, Low::running(2).raw);
    EXPECT_TRUE(t.line(2));
    EXPECT_EQ(t.transitions(), 1U);
}

TEST(UintrConformance, Case20_ResetLowersEveryLine) {
    Bench t;
    for (std::uint32_t r = 0; r < 8; ++r) {
        t.low(r, Low::running(r % 4).raw);
        t.send(r, r);
    }
    EXPECT_EQ(t.lines_up(), 4U);
    uintc_model_reset(t.model);
    EXPECT_EQ(t.lines_up(), 0U);
    for (std::uint32_t r = 0; r < 8; ++r) {
        EXPECT_EQ(t.low(r), 0U);
        EXPECT_EQ(t.high(r), 0U);
    }
}

// The model is serialised by its simulator: the lock here is QEMU's big lock there.
TEST(UintrConformance, Case21_ConcurrentSendsLoseNothing) {
    constexpr unsigned senders = 4, per_sender = 16;
    Bench t;
    std::mutex big_lock;
    std::vector<std::thread> threads;
    for (unsigned s = 0; s < senders; ++s) {
        threads.emplace_back([&, s] {
            for (unsigned v = 0; v < per_sender; ++v) {
                const std::scoped_lock lock(big_lock);
                t.send(0, s * per_sender + v);
            }
        });
    }
    std::uint64_t seen = 0;
    while (seen != all_ones) {
        const std::scoped_lock lock(big_lock);
        const std::uint64_t bits = t.high(0);
        EXPECT_EQ(seen & bits, 0U); // each was sent once
        seen |= bits;
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_EQ(t.high(0), 0U);
}

TEST(UintrConformance, Case22_SnapshotLoadsIntoAFreshDevice) {
    Bench from, to;
    from.low(1, Low::running(2).raw);
    from.send(1, 9);
    from.low(2, Low::running(3).raw);
    from.send(4, 63);
    to.low(7, 3);
    to.send(7, 7);
    std::size_t size = 0, other = 0;
    const void* const saved = uintc_model_state(from.model, &size);
    void* const target = uintc_model_state(to.model, &other);
    ASSERT_EQ(size, other);
    std::memcpy(target, saved, size);
    to.allow_repeated_levels();
    uintc_model_state_loaded(to.model);
    for (unsigned hart = 0; hart < 4; ++hart) EXPECT_EQ(to.line(hart), from.line(hart));
    for (std::uint32_t r = 0; r < 8; ++r) {
        EXPECT_EQ(to.low(r), from.low(r));
        EXPECT_EQ(to.high(r), from.high(r));
    }
    EXPECT_EQ(to.lines_up(), 0U);
}

TEST(UintcModel, ConfigurationIsBounded) {
    for (const UintcConfig bad : {UintcConfig{0, 1}, UintcConfig{1, 0}, UintcConfig{0x1'0001, 1},
                                  UintcConfig{1, 0x1'0001}, UintcConfig{~0U, ~0U}}) {
        EXPECT_EQ(uintc_model_size(&bad), 0U);
        EXPECT_EQ(uintc_model_init(nullptr, &bad, nullptr), nullptr);
    }
    Bench largest(max_entries, 0x1'0000);
    largest.low(0xffff, Low::running(0xffff).raw);
    largest.send(0xffff, 0);
    EXPECT_TRUE(largest.line(0xffff));
}

TEST(UintcModel, SpoiledSnapshotsAreHarmless) {
    Bench t(4, 2);
    std::size_t size = 0;
    void* const state = uintc_model_state(t.model, &size);
    std::memset(state, 0xa5, size);
    t.allow_repeated_levels();
    uintc_model_state_loaded(t.model); // hart 0xa5a5 does not exist
    EXPECT_EQ(t.lines_up(), 0U);
    EXPECT_EQ(t.low(0), 0xa5a5'0003U);
    t.low(0, 3);
    EXPECT_TRUE(t.line(0));
}

} // namespace uintr::test
