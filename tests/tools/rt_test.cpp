// tail4_rt against plain definitions. The build renames each function f to rt_f (see CMakeLists.txt).
#include <gtest/gtest.h>

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <vector>

extern "C" {
void* rt_memcpy(void* to, const void* from, std::size_t size);
void* rt_memmove(void* to, const void* from, std::size_t size);
void* rt_memset(void* to, int value, std::size_t size);
int rt_memcmp(const void* left, const void* right, std::size_t size);
int rt___clzdi2(unsigned long value);
int rt___ctzdi2(unsigned long value);
int rt___popcountdi2(unsigned long value);
unsigned int rt___bswapsi2(unsigned int value);
unsigned long rt___bswapdi2(unsigned long value);
}

namespace {

using Bytes = std::vector<unsigned char>;

Bytes numbered(std::size_t size) {
    Bytes bytes(size);
    std::iota(bytes.begin(), bytes.end(), static_cast<unsigned char>(1));
    return bytes;
}

TEST(Rt, CopiesEverySizeAtEveryAlignment) {
    for (std::size_t to = 0; to < 9; ++to) {
        for (std::size_t from = 0; from < 9; ++from) {
            for (std::size_t size = 0; size < 40; ++size) {
                const Bytes source = numbered(64);
                Bytes target(64, 0xee);
                EXPECT_EQ(rt_memcpy(target.data() + to, source.data() + from, size), target.data() + to);
                Bytes expected(64, 0xee);
                for (std::size_t i = 0; i < size; ++i) expected[to + i] = source[from + i];
                ASSERT_EQ(target, expected) << to << ' ' << from << ' ' << size;
            }
        }
    }
}

TEST(Rt, MovesOverlappingBlocks) {
    for (std::size_t to = 0; to < 32; ++to) {
        for (std::size_t from = 0; from < 32; ++from) {
            for (std::size_t size = 0; size < 32; size += 4) {
                const Bytes before = numbered(64);
                Bytes bytes = before;
                EXPECT_EQ(rt_memmove(bytes.data() + to, bytes.data() + from, size), bytes.data() + to);
                Bytes expected = before;
                for (std::size_t i = 0; i < size; ++i) expected[to + i] = before[from + i];
                ASSERT_EQ(bytes, expected) << to << ' ' << from << ' ' << size;
            }
        }
    }
}

TEST(Rt, FillsExactly) {
    for (std::size_t start = 0; start < 9; ++start) {
        for (std::size_t size = 0; size < 40; ++size) {
            Bytes bytes(64, 0);
            EXPECT_EQ(rt_memset(bytes.data() + start, 0x1a5, size), bytes.data() + start);
            Bytes expected(64, 0);
            for (std::size_t i = 0; i < size; ++i) expected[start + i] = 0xa5;
            ASSERT_EQ(bytes, expected) << start << ' ' << size;
        }
    }
}

TEST(Rt, ComparesBytesUnsigned) {
    const std::array<unsigned char, 3> low{1, 2, 0x7f};
    const std::array<unsigned char, 3> high{1, 2, 0x80};
    EXPECT_LT(rt_memcmp(low.data(), high.data(), 3), 0);
    EXPECT_GT(rt_memcmp(high.data(), low.data(), 3), 0);
    EXPECT_EQ(rt_memcmp(low.data(), high.data(), 2), 0);
    EXPECT_EQ(rt_memcmp(low.data(), high.data(), 0), 0);
}

TEST(Rt, CountsBits) {
    std::uint64_t value = 0x9e3779b97f4a7c15;
    for (int round = 0; round < 2000; ++round) {
        value = value * 6364136223846793005 + 1442695040888963407;
        const std::uint64_t shifted = value >> (round % 64);
        EXPECT_EQ(rt___popcountdi2(shifted), std::popcount(shifted));
        EXPECT_EQ(rt___bswapdi2(shifted), __builtin_bswap64(shifted));
        const auto low = static_cast<std::uint32_t>(shifted);
        EXPECT_EQ(rt___bswapsi2(low), __builtin_bswap32(low));
        if (shifted == 0) continue;
        EXPECT_EQ(rt___clzdi2(shifted), std::countl_zero(shifted));
        EXPECT_EQ(rt___ctzdi2(shifted << (round % 64) | std::uint64_t{1} << 63),
                  std::countr_zero(shifted << (round % 64) | std::uint64_t{1} << 63));
    }
}

} // namespace
