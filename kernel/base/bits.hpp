// Bit scans without a bit-scan instruction (no Zbb on the board): about seven instructions.
#pragma once

#include "base/types.hpp"

#include <array>

namespace base {

namespace detail {

// Multiplying a single bit by this constant gives each of the 64 positions another top six bits.
inline constexpr u64 de_bruijn = 0x03f7'9d71'b4cb'0a89;

constexpr std::array<u8, 64> de_bruijn_positions() {
    std::array<u8, 64> positions{};
    for (u8 i = 0; i < 64; ++i) positions[(de_bruijn << i) >> 58] = i;
    return positions;
}
inline constexpr std::array<u8, 64> bit_positions = de_bruijn_positions();

} // namespace detail

// Index of the lowest set bit; `word` is not zero.
[[gnu::always_inline]] inline unsigned lowest_bit(u64 word) {
    return detail::bit_positions[((word & -word) * detail::de_bruijn) >> 58];
}

} // namespace base
