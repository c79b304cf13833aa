#include "boot/platform_memory.hpp"

#include <algorithm>

namespace boot {
namespace {

constexpr u64 top = ~u64{0};
constexpr const char* merged = "too many reservations: memory between some is reserved, too";

constexpr u64 end_of(u64 start, u64 size) { return size > top - start ? top : start + size; }

// Without room the smallest range goes.
bool add_memory(Range range, RegionSet& memory) {
    if (!memory.add(range)) return false; // cannot be: the set has room for more than max_regions
    if (memory.size() <= Platform::max_regions) return true;
    Range smallest = memory[0];
    for (const Range& held : memory) {
        if (held.size() < smallest.size()) smallest = held;
    }
    return !memory.subtract(smallest);
}

bool reserve(Range range, RegionSet& reserved) {
    const bool fits = reserved.add(range);
    ASSERT(fits); // see add_memory
    const bool room = reserved.size() <= Platform::max_regions;
    if (!room) reserved.close_smallest_gap();
    return room;
}

// The number that a reg too short for an address holds, if it holds one.
std::optional<u64> short_reg(const TreeWalk& node) {
    const std::optional<Bytes> value = node.property("reg");
    return value && value->size() >= 4 ? read_cells(*value, 0, value->size() >= 8 ? 2 : 1) : std::nullopt;
}

} // namespace

void take_memory(const TreeWalk& node, Platform& platform) {
    bool understood = true;
    bool room = true;
    for (usize i = 0;; ++i) {
        const auto range = node.reg(i);
        if (!range) {
            understood = false;
            if (!node.raw_reg(i)) break;
            continue;
        }
        if (!range.value()) break;
        room = add_memory(*range.value(), platform.memory) && room;
    }
    if (!understood) platform.note(node.name(), "malformed or untranslatable reg: not used");
    if (!room) platform.note(node.name(), "more than 64 memory regions: the smallest are not used");
}

base::Result<base::Ok, BootError> take_reserved(const TreeWalk& node, Platform& platform) {
    const std::optional<Bytes> value = node.property("reg");
    if (!value) return base::Ok{};
    bool understood = !value->empty();
    bool room = true;
    usize count = 0;
    for (;; ++count) {
        const auto range = node.reg(count);
        const std::optional<TreeWalk::Entry> entry = node.raw_reg(count);
        if (range && !range.value()) break;
        if (range && entry && entry->size) {
            room = reserve(*range.value(), platform.reserved) && room;
            continue;
        }
        understood = false;
        if (!entry) break;
        const Range meant{entry->address, entry->size ? end_of(entry->address, *entry->size) : top};
        room = reserve(meant, platform.reserved) && room;
    }
    if (!understood && count == 0) {
        const std::optional<u64> starts[] = {node.unit_of_name(), short_reg(node)};
        if (!starts[0] && !starts[1]) {
            platform.note(node.name(), "reserves memory, and does not say which");
            return base::Failure{BootError::UnknownReservation};
        }
        room = reserve({std::min(starts[0].value_or(top), starts[1].value_or(top)), top}, platform.reserved) && room;
    }
    if (!understood) platform.note(node.name(), "malformed or untranslatable reg: all that it may mean is reserved");
    if (!room) platform.note(node.name(), merged);
    return base::Ok{};
}

void take_reservations(const DeviceTree& tree, Platform& platform) {
    bool room = true;
    for (usize i = 0; const std::optional<Range> range = tree.reservation(i); ++i)
        room = reserve(*range, platform.reserved) && room;
    if (!room) platform.note("reservation block", merged);
}

} // namespace boot
