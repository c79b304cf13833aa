#include "boot/memory_plan_regions.hpp"
#include <algorithm>

namespace boot {

Range round_out(Range range, unsigned bits) {
    if (range.empty()) return {};
    const u64 end = base::align_up(range.end, bits);
    return {base::align_down(range.start, bits), end < range.end ? base::align_down(~u64{0}, bits) : end};
}

Range round_in(Range range, unsigned bits) {
    if (range.empty()) return {};
    const Range inner{base::align_up(range.start, bits), base::align_down(range.end, bits)};
    return inner.start < range.start || inner.empty() ? Range{} : inner;
}

bool RegionSet::add(Range range) {
    if (range.empty()) return true;
    usize first = 0;
    while (first < ranges_.size() && ranges_[first].end < range.start) ++first;
    if (first == ranges_.size() || ranges_[first].start > range.end) return ranges_.insert(first, range);
    // Swallow every range it overlaps or touches.
    ranges_[first].start = std::min(ranges_[first].start, range.start);
    ranges_[first].end = std::max(ranges_[first].end, range.end);
    while (first + 1 < ranges_.size() && ranges_[first + 1].start <= ranges_[first].end) {
        ranges_[first].end = std::max(ranges_[first].end, ranges_[first + 1].end);
        ranges_.erase(first + 1);
    }
    return true;
}

bool RegionSet::subtract(Range range) {
    if (range.empty()) return true;
    usize i = 0;
    while (i < ranges_.size()) {
        Range& held = ranges_[i];
        if (!held.overlaps(range)) {
            ++i;
            continue;
        }
        const Range below{held.start, range.start};
        const Range above{range.end, held.end};
        if (!below.empty() && !above.empty()) {
            if (!ranges_.insert(i + 1, above)) return false; // nothing else can overlap, the set is unchanged
            ranges_[i] = below;
            return true;
        }
        if (below.empty() && above.empty()) {
            ranges_.erase(i);
            continue;
        }
        held = below.empty() ? above : below;
        ++i;
    }
    return true;
}

void RegionSet::close_smallest_gap() {
    usize best = 0; // the gap behind it
    const auto gap = [&](usize i) { return ranges_[i + 1].start - ranges_[i].end; };
    for (usize i = 1; i + 1 < ranges_.size(); ++i) {
        if (gap(i) < gap(best)) best = i;
    }
    if (ranges_.size() < 2) return;
    ranges_[best].end = ranges_[best + 1].end;
    ranges_.erase(best + 1);
}

std::optional<Range> RegionSet::highest_fit(u64 size, unsigned align_bits) const {
    if (size == 0) return std::nullopt;
    for (usize i = ranges_.size(); i-- > 0;) {
        const Range& held = ranges_[i];
        if (held.size() < size) continue;
        const u64 start = base::align_down(held.end - size, align_bits);
        if (start >= held.start) return Range{start, start + size};
    }
    return std::nullopt;
}

std::optional<Range> RegionSet::lowest_fit(u64 size, unsigned align_bits) const {
    if (size == 0) return std::nullopt;
    for (const Range& held : ranges_) {
        const u64 start = base::align_up(held.start, align_bits);
        if (start < held.start || start >= held.end) continue; // wrapped or behind the end
        if (held.end - start >= size) return Range{start, start + size};
    }
    return std::nullopt;
}

bool RegionSet::contains(const Range& range) const {
    for (const Range& held : ranges_) {
        if (held.contains(range)) return true;
    }
    return range.empty();
}

} // namespace boot
