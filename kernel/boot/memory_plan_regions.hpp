// Address ranges and sets of them. A Range is half-open [start, end); start >= end means empty.
// Invariant of a RegionSet: ranges are not empty, ascending, and neither overlap nor touch.
#pragma once

#include "base/types.hpp"
#include "boot/platform_list.hpp"
#include <optional>
#include <span>

namespace boot {

struct Range {
    u64 start = 0;
    u64 end = 0;

    constexpr bool empty() const { return start >= end; }
    constexpr u64 size() const { return empty() ? 0 : end - start; }
    constexpr bool contains(u64 address) const { return address >= start && address < end; }
    constexpr bool contains(const Range& other) const { return other.start >= start && other.end <= end; }
    constexpr bool overlaps(const Range& other) const {
        return !empty() && !other.empty() && start < other.end && other.start < end;
    }
    friend constexpr bool operator==(const Range&, const Range&) = default;
};

// The smallest range of whole 2^bits blocks around it, and the largest inside it. Neither wraps.
[[nodiscard]] Range round_out(Range range, unsigned bits);
[[nodiscard]] Range round_in(Range range, unsigned bits);

class RegionSet {
public:
    // 3 KiB, not for a stack. Room for 64 memory regions with 64 holes in them, and what the memory plan cuts out.
    static constexpr usize capacity = 192;

    // false: no room for one more range; the set is unchanged then.
    [[nodiscard]] bool add(Range range);
    [[nodiscard]] bool subtract(Range range);
    void clear() { ranges_.clear(); }
    // Makes one of the two ranges that lie nearest to each other, and of what is between them.
    void close_smallest_gap();

    // An aligned place of `size` bytes: as high or as low as possible. The set is not changed.
    [[nodiscard]] std::optional<Range> highest_fit(u64 size, unsigned align_bits) const;
    [[nodiscard]] std::optional<Range> lowest_fit(u64 size, unsigned align_bits) const;

    [[nodiscard]] bool contains(const Range& range) const;
    std::span<const Range> ranges() const { return ranges_; }
    bool empty() const { return ranges_.empty(); }
    usize size() const { return ranges_.size(); }
    const Range& operator[](usize index) const { return ranges_[index]; }
    const Range* begin() const { return ranges_.begin(); }
    const Range* end() const { return ranges_.end(); }

private:
    List<Range, capacity> ranges_;
};

} // namespace boot
