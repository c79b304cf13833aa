// Fixed-width names and address types shared by every kernel module.
// A Paddr is a physical address, a Vaddr a user virtual address, a Cptr a capability pointer of user space.
// Kernel pointers are ordinary C++ pointers into the physical window (see arch/memory_map.hpp).
#pragma once

#include <cstddef>
#include <cstdint>

using u8 = std::uint8_t;
using u16 = std::uint16_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;
using i64 = std::int64_t;
using usize = std::size_t;

namespace base {

enum class Paddr : u64 {};
using Vaddr = u64;
using Cptr = u64;
using Word = u64;
using Asid = u16;
using HartIndex = u32; // logical hart number, 0 = boot hart

inline constexpr u64 raw(Paddr address) { return static_cast<u64>(address); }
inline constexpr Paddr operator+(Paddr address, u64 offset) { return Paddr{raw(address) + offset}; }

inline constexpr usize max_harts = 8;
inline constexpr u64 word_bits = 64;

inline constexpr u64 bit(unsigned index) { return u64{1} << index; }
inline constexpr u64 mask(unsigned width) { return width >= 64 ? ~u64{0} : (u64{1} << width) - 1; }
inline constexpr u64 mask_below_64(unsigned width) { return (u64{1} << width) - 1; }
inline constexpr bool is_aligned(u64 value, unsigned bits) { return (value & mask(bits)) == 0; }
inline constexpr u64 align_down(u64 value, unsigned bits) { return value & ~mask(bits); }
inline constexpr u64 align_up(u64 value, unsigned bits) { return (value + mask(bits)) & ~mask(bits); }

} // namespace base
