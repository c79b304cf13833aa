// Where hot things lie in a small first-level cache (kernel/docs/cache_sets.md): as offsets in a page, so that what a
// call touches of the executor, of tickets, strands, frames and slots is spread over the sets, does not meet what the
// kernel has where pages begin, and needs few entries of the TLB.
#pragma once

#include <cstddef>

namespace sel4async::places {

inline constexpr std::size_t page = 4096;
inline constexpr std::size_t line = 64;
// Pages whose translations a TLB may keep as one: who wants that of a Queue or an Executor aligns it to so much.
inline constexpr std::size_t neighbours = 4 * page;

// Bytes of a page before what belongs there.
inline constexpr std::size_t strands = 16 * line;
inline constexpr std::size_t first_ticket = 36 * line; // SlotBuffer::first_slot's
inline constexpr std::size_t executor = 28 * line;
inline constexpr std::size_t buffer = 30 * line;
inline constexpr std::size_t frames = 48 * line;

// A base or member that keeps the sets before it free.
template <std::size_t size>
struct Reserved {
    unsigned char kept_free[size] = {};
};

// An array whose first element is `offset` bytes behind the start of a page.
template <class T, std::size_t count, std::size_t offset>
struct alignas(page) Placed {
    static_assert(offset % alignof(T) == 0 && offset < page);
    Reserved<offset> before;
    T at[count];
    T& operator[](std::size_t i) { return at[i]; }
    const T& operator[](std::size_t i) const { return at[i]; }
    T* begin() { return at; }
    T* end() { return at + count; }
};

} // namespace sel4async::places
