// A bit field inside a 64-bit word, by position: Field<lo, width>::get(word) and ::set(word, value).
// Shifts instead of C++ bit-fields, because layouts here are part of capability encodings and page tables.
#pragma once

#include "base/types.hpp"

namespace base {

template <unsigned lo, unsigned width>
struct Field {
    static_assert(lo + width <= 64);
    static constexpr u64 max = mask(width);
    static constexpr u64 get(u64 word) { return (word >> lo) & max; }
    static constexpr u64 make(u64 value) { return (value & max) << lo; }
    static constexpr void set(u64& word, u64 value) { word = (word & ~(max << lo)) | make(value); }
};

// A pointer into the kernel half, kept in 39 bits at the bottom of a word: sign extension restores it on the target.
// Host tests place objects anywhere below 2^47, so there the pointer takes 48 bits; no other field may use bits 47:0.
struct PointerField {
    static constexpr unsigned width = 48;
    static u64 make(const void* pointer) { return reinterpret_cast<u64>(pointer) & mask(width); }
    template <class T>
    static T* get(u64 word) {
        return reinterpret_cast<T*>(static_cast<u64>(static_cast<i64>(word << (64 - width)) >> (64 - width)));
    }
};

} // namespace base
