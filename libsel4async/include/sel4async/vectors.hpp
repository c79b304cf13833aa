// Allocator of TAIC vectors: a bitmap, first zero bit by counting the trailing ones. Vector 0 is the dispatcher's and
// never given out; when no other is left, allocate() returns 0, and the task's completions go through the dispatcher.
// A vector belongs to one strand for that strand's life. One thread owns the allocator.
// Source: async-design.md 2.6.
#pragma once

#include <bit>
#include <cstdint>

namespace sel4async {

class Vectors {
public:
    static constexpr std::uint32_t limit = 32;

    // Vectors 1..count-1 are free.
    void init(std::uint32_t count) {
        taken_ = count >= limit ? 1 : ~((std::uint32_t{1} << (count == 0 ? 1 : count)) - 1) | 1;
    }

    // One of `preferred` if any of those is free.
    std::uint32_t allocate(std::uint32_t preferred = 0) {
        std::uint32_t free = ~taken_;
        if (free == 0) return 0;
        if ((free & preferred) != 0) free &= preferred;
        taken_ |= free & (~free + 1);
        return static_cast<std::uint32_t>(std::countr_zero(free));
    }

    std::uint32_t free() const { return ~taken_; }

    void release(std::uint32_t vector) {
        if (vector != 0 && vector < limit) taken_ &= ~(std::uint32_t{1} << vector);
    }

private:
    std::uint32_t taken_ = 0;
};

} // namespace sel4async
