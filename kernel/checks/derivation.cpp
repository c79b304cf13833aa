#include "checks/derivation.hpp"

#include "caps/zombie.hpp"
#include "objects/async_queue.hpp"
#include "objects/types.hpp"

namespace checks {

using caps::Cap;
using caps::CapType;
using caps::ZombieCap;

namespace {

enum class Family : u8 { Memory, Interrupt, Domain, Asid, Reply };

Family family_of(const Cap& cap) {
    switch (cap.type()) {
    case CapType::IrqControl:
    case CapType::IrqHandler: return Family::Interrupt;
    case CapType::Domain: return Family::Domain;
    case CapType::AsidControl: return Family::Asid;
    case CapType::Reply: return Family::Reply;
    default: return Family::Memory;
    }
}

struct Extent {
    u64 start;
    unsigned bits;
    u64 last() const { return start + base::mask(bits); }
    bool contains(const Extent& other) const { return start <= other.start && other.last() <= last(); }
};

Extent zombie_extent(Slot& slot) {
    Container dying{};
    static_cast<void>(container_of(slot, dying));
    const unsigned bits = ZombieCap::object_bits(ZombieCap::kind(slot.cap));
    return {base::align_down(caps::object_paddr(dying.slots), bits), bits};
}

// The memory of the object, of a capability of Family::Memory.
Extent extent_of(Slot& slot) {
    const Cap& cap = slot.cap;
    const auto object = [&cap](unsigned bits) { return Extent{caps::object_paddr(cap.object<void>()), bits}; };
    switch (cap.type()) {
    case CapType::Untyped: return {base::raw(cap.paddr()), cap.untyped_bits()};
    case CapType::Frame: return {base::raw(cap.paddr()), frame_bits(cap.frame_size())};
    case CapType::Endpoint: return object(api::endpoint_bits);
    case CapType::Notification: return object(api::notification_bits);
    case CapType::CNode: return object(cap.radix() + caps::slot_bits);
    case CapType::Tcb: return object(api::tcb_bits);
    case CapType::AsyncQueue: return object(cap.as_async_queue()->size_bits);
    case CapType::Zombie: return zombie_extent(slot);
    default: return object(api::page_table_bits); // and ASID pools
    }
}

bool has_badge(const Cap& cap) { return cap.is(CapType::Endpoint) || cap.is(CapType::Notification); }

class ListCheck {
public:
    explicit ListCheck(Report& report) : report_(report) { levels_[0] = {nullptr, {0, 63}, ~u64{0}}; }

    void slot(Slot& slot) {
        const Slot* prev = prev_of(slot);
        if (prev != nullptr)
            report_.expect(family_of(prev->cap) == family_of(slot.cap), "mdb.family", &slot,
                           static_cast<u64>(prev->cap.type()));
        if (slot.cap.is(CapType::Zombie)) zombie(slot);
        if (family_of(slot.cap) != Family::Memory || !report_.ok()) return;
        if (prev != nullptr && caps::same_object(prev->cap, slot.cap))
            further_capability(slot, *prev);
        else
            object(slot);
    }

private:
    // The untypeds above the present place, each within the one before.
    struct Level {
        const Slot* untyped; // null at the bottom: what is above is gone
        Extent extent;
        u64 floor; // start of the lowest object seen here
    };
    static constexpr unsigned max_levels = 65; // each smaller than the one before: 2^63, 2^62, ...

    void further_capability(const Slot& slot, const Slot& prev) {
        if (!has_badge(slot.cap) || slot.cap.badge() == 0 || slot.cap.badge() == prev.cap.badge()) return;
        report_.expect(slot.first_badged(), "mdb.first-badged", &slot, slot.cap.badge());
    }

    void object(Slot& slot) {
        const Extent extent = extent_of(slot);
        report_.expect(base::is_aligned(extent.start, extent.bits), "object.alignment", &slot, extent.start);
        while (top().untyped != nullptr && !top().extent.contains(extent)) --depth_;
        Level& above = top();
        if (slot.cap.is(CapType::Untyped) && above.untyped != nullptr && above.extent.start == extent.start &&
            above.extent.bits == extent.bits) {
            untyped_copy(slot, above);
            return;
        }
        report_.expect(extent.last() < above.floor, "mdb.overlap", &slot, extent.start);
        above.floor = extent.start;
        if (above.untyped != nullptr) below_untyped(slot, extent, above);
        if (slot.cap.is(CapType::Untyped)) push(slot, extent);
    }

    void below_untyped(const Slot& slot, const Extent& extent, const Level& above) {
        const Cap& cap = above.untyped->cap;
        const u64 watermark = above.extent.start + (cap.untyped_free_index() << 4);
        report_.expect(extent.last() < watermark, "untyped.watermark", above.untyped, extent.start);
        if (slot.cap.is(CapType::Untyped) || slot.cap.is(CapType::Frame))
            report_.expect(slot.cap.is_device() == cap.is_device(), "untyped.device", &slot);
        else
            report_.expect(!cap.is_device(), "untyped.device", &slot);
    }

    void untyped_copy(const Slot& slot, Level& above) {
        report_.expect(above.untyped->cap.untyped_free_index() == above.untyped->cap.untyped_max_index(),
                       "untyped.copied-not-full", above.untyped);
        check_untyped(slot);
        above.untyped = &slot;
    }

    void check_untyped(const Slot& slot) {
        report_.expect(slot.cap.untyped_free_index() <= slot.cap.untyped_max_index(), "untyped.free-index", &slot,
                       slot.cap.untyped_free_index());
        report_.expect(slot.revocable(), "untyped.not-revocable", &slot);
    }

    void push(const Slot& slot, const Extent& extent) {
        check_untyped(slot);
        levels_[++depth_] = {&slot, extent, ~u64{0}};
    }

    Level& top() { return levels_[depth_]; }

    void zombie(Slot& slot) {
        Container dying{};
        static_cast<void>(container_of(slot, dying));
        const Cap& cap = slot.cap;
        const bool held = ZombieCap::is_held(cap);
        const usize left = held ? static_cast<usize>(&slot - dying.slots) : ZombieCap::count(cap);
        if (!report_.expect(left <= dying.count, "zombie.count", &slot, left)) return;
        for (usize i = left; i < dying.count; ++i)
            report_.expect(dying.slots[i].empty() || &dying.slots[i] == &slot, "zombie.left-behind", &dying.slots[i]);
        const Slot* next = ZombieCap::next(cap);
        report_.expect(next == nullptr || waits_behind(*next, slot), "zombie.next", &slot);
        const Slot* prev = held ? ZombieCap::prev(cap) : nullptr;
        report_.expect(prev == nullptr || (prev->cap.is(CapType::Zombie) && ZombieCap::next(prev->cap) == &slot),
                       "zombie.prev", &slot);
    }
    static bool waits_behind(const Slot& next, const Slot& slot) {
        return next.cap.is(CapType::Zombie) && ZombieCap::is_held(next.cap) && ZombieCap::prev(next.cap) == &slot;
    }

    Report& report_;
    unsigned depth_ = 0;
    Level levels_[max_levels]; // up to depth_
};

} // namespace

void check_list(Slot& head, Report& report) {
    ListCheck check(report);
    for (Slot* slot = &head; slot != nullptr && report.ok(); slot = next_of(*slot)) check.slot(*slot);
}

} // namespace checks
