#include "caps/mdb.hpp"

#include "caps/zombie.hpp"

namespace caps {

namespace {

struct Range {
    u64 start, last;
    bool contains(Range other) const { return start <= other.start && other.last <= last; }
};

Range untyped_range(const Cap& cap) {
    const u64 start = base::raw(cap.paddr());
    return {start, start + base::mask(cap.untyped_bits())};
}

Range frame_range(const Cap& cap) {
    const u64 start = base::raw(cap.paddr());
    return {start, start + base::mask(frame_bits(cap.frame_size()))};
}

// The physical memory behind a capability, for the question whether an untyped covers it.
bool physical_range(const Cap& cap, Range& range) {
    switch (cap.type()) {
    case CapType::Untyped: range = untyped_range(cap); return true;
    case CapType::Frame: range = frame_range(cap); return true;
    case CapType::Endpoint:
    case CapType::Notification:
    case CapType::CNode:
    case CapType::Tcb:
    case CapType::PageTable:
    case CapType::AsidPool:
    case CapType::AsyncQueue: range.start = object_paddr(cap.object<void>()); break;
    default: return false;
    }
    range.last = range.start; // objects are naturally aligned: the first byte decides
    return true;
}

} // namespace

bool same_region(const Cap& a, const Cap& b) {
    switch (a.type()) {
    case CapType::Untyped: {
        Range inner{};
        return physical_range(b, inner) && untyped_range(a).contains(inner);
    }
    case CapType::Frame: return b.is(CapType::Frame) && frame_range(a).contains(frame_range(b));
    case CapType::Endpoint:
    case CapType::Notification:
    case CapType::Tcb:
    case CapType::PageTable:
    case CapType::AsidPool:
    case CapType::Reply:
    case CapType::AsyncQueue: return b.type() == a.type() && a.object<void>() == b.object<void>();
    case CapType::CNode: return b.is(CapType::CNode) && a.object<void>() == b.object<void>() && a.radix() == b.radix();
    case CapType::IrqControl: return b.is(CapType::IrqControl) || b.is(CapType::IrqHandler);
    case CapType::IrqHandler: return b.is(CapType::IrqHandler) && a.irq() == b.irq();
    case CapType::Domain:
    case CapType::AsidControl: return b.type() == a.type();
    case CapType::Null:
    case CapType::Zombie: break;
    }
    return false;
}

bool same_object(const Cap& a, const Cap& b) {
    switch (a.type()) {
    case CapType::Untyped: return false;
    case CapType::IrqControl: return b.is(CapType::IrqControl);
    case CapType::Frame:
        return b.is(CapType::Frame) && a.paddr() == b.paddr() && a.frame_size() == b.frame_size() &&
            a.is_device() == b.is_device();
    default: return same_region(a, b);
    }
}

bool is_mdb_parent(const Slot& parent, const Slot& child) {
    if (!parent.revocable()) return false;
    if (child.cap.is(CapType::Zombie)) {
        // Only an untyped can be above a dying object. A held zombie stands in the object's own memory.
        const void* inside = ZombieCap::is_held(child.cap) ? &child : ZombieCap::slots(child.cap);
        const u64 address = object_paddr(inside);
        return parent.cap.is(CapType::Untyped) && untyped_range(parent.cap).contains({address, address});
    }
    if (!same_region(parent.cap, child.cap)) return false;
    const CapType type = parent.cap.type();
    if ((type == CapType::Endpoint || type == CapType::Notification) && parent.cap.badge() != 0)
        return parent.cap.badge() == child.cap.badge() && !child.first_badged();
    return true;
}

bool has_children(const Slot& slot) {
    const Slot* next = slot.mdb_next();
    return next != nullptr && is_mdb_parent(slot, *next);
}

bool is_final(const Slot& slot) {
    const Slot* prev = slot.mdb_prev();
    if (prev != nullptr && same_object(prev->cap, slot.cap)) return false;
    const Slot* next = slot.mdb_next();
    return next == nullptr || !same_object(slot.cap, next->cap);
}

namespace {

void link_between(Slot& dest, Slot* prev, Slot* next, bool revocable, bool first_badged) {
    dest.set_mdb(prev, next, revocable, first_badged);
    if (prev != nullptr) prev->set_mdb_next(&dest);
    if (next != nullptr) next->set_mdb_prev(&dest);
}

bool derived_is_revocable(const Cap& cap, const Cap& source) {
    switch (cap.type()) {
    case CapType::Endpoint:
    case CapType::Notification: return cap.badge() != source.badge();
    case CapType::IrqHandler: return source.is(CapType::IrqControl);
    case CapType::Untyped: return true;
    default: return false;
    }
}

} // namespace

Cap without_own_marks(const Cap& cap) {
    switch (cap.type()) {
    case CapType::Frame: return cap.without_mapping();
    case CapType::Notification: return cap.with_made_sender(false);
    default: return cap;
    }
}

void insert_derived(const Cap& cap, Slot& source, Slot& dest) {
    ASSERT(dest.empty());
    const bool revocable = derived_is_revocable(cap, source.cap);
    // A copied untyped owns the memory alone while it exists: the source counts as used up.
    if (cap.is(CapType::Untyped) && source.cap.is(CapType::Untyped))
        source.cap = source.cap.with_free_index(source.cap.untyped_max_index());
    dest.cap = without_own_marks(cap);
    link_between(dest, &source, source.mdb_next(), revocable, revocable);
}

void install_derived(const Cap& cap, Slot* source, Slot& dest) {
    if (!cap.is_null() && source != nullptr && !source->empty()) insert_derived(cap, *source, dest);
}

void insert_original(const Cap& cap, Slot& parent, Slot& dest) {
    ASSERT(dest.empty());
    dest.cap = cap;
    link_between(dest, &parent, parent.mdb_next(), true, true);
}

void insert_root(const Cap& cap, Slot& dest) {
    ASSERT(dest.empty());
    dest.cap = cap;
    dest.set_mdb(nullptr, nullptr, true, true);
}

void move_slot(const Cap& cap, Slot& source, Slot& dest) {
    ASSERT(dest.empty() && !source.empty());
    dest.cap = cap;
    link_between(dest, source.mdb_prev(), source.mdb_next(), source.revocable(), source.first_badged());
    source = Slot{}; // `cap` may have been in it
    if (dest.cap.is(CapType::Zombie)) ZombieCap::moved(dest);
}

void swap_slots(const Cap& cap_a, Slot& a, const Cap& cap_b, Slot& b) {
    Slot temporary;
    move_slot(cap_a, a, temporary);
    move_slot(cap_b, b, a);
    move_slot(cap_a, temporary, b);
}

void remove_slot(Slot& slot) {
    Slot* prev = slot.mdb_prev();
    Slot* next = slot.mdb_next();
    if (prev != nullptr) prev->set_mdb_next(next);
    if (next != nullptr) {
        next->set_mdb_prev(prev);
        // What the removed capability headed is now headed by its first follower.
        if (slot.first_badged()) next->set_first_badged();
    }
    slot = Slot{};
}

} // namespace caps
