#include "lifetime/deletion.hpp"

#include "caps/mdb.hpp"
#include "caps/zombie.hpp"
#include "lifetime/finalise.hpp"
#include "objects/upcalls.hpp"

namespace lifetime {

using caps::Cap;
using caps::CapType;
using caps::Slot;
using caps::ZombieCap;

namespace {

bool is_container(const Cap& cap) {
    return cap.is(CapType::CNode) || cap.is(CapType::Tcb) || cap.is(CapType::AsyncQueue);
}

bool inside(const Slot& slot, const Slot* slots, unsigned kind) {
    const u64 start = reinterpret_cast<u64>(slots);
    const u64 address = reinterpret_cast<u64>(&slot);
    return address >= start && address < start + base::bit(ZombieCap::block_bits(kind));
}

// Turns the last capability of a container into the zombie of its object.
void make_zombie(Slot& slot) {
    const Container object = retire_container(slot.cap);
    slot.cap = ZombieCap::top(object.slots, object.kind, ZombieCap::slot_count(object.kind), nullptr);
}

// A held zombie is taken out of its list and becomes an anchor of its own, in its own object.
void make_standalone(Slot& slot) {
    const Cap cap = slot.cap;
    Slot* prev = ZombieCap::prev(cap);
    Slot* next = ZombieCap::next(cap);
    if (prev != nullptr) ZombieCap::set_next(prev->cap, next);
    if (next != nullptr) ZombieCap::set_prev(next->cap, prev);
    Slot* slots = ZombieCap::slots_of_held(slot);
    slot.cap = ZombieCap::top(slots, ZombieCap::kind(cap), static_cast<usize>(&slot - slots), nullptr);
}

// The list of `anchor` ends where `tail_of` begins: hangs `other` behind its last element.
void append_to_list(Slot& anchor, Slot& other) {
    Slot* last = &anchor;
    while (Slot* next = ZombieCap::next(last->cap)) last = next;
    ZombieCap::set_next(last->cap, &other);
    ZombieCap::set_prev(other.cap, last);
}

// `found`, in the dying object of `anchor`, holds the last capability of another container (or a zombie of one): that
// goes to the anchor and is done first, the present zombie waits in `found`.
void descend(Slot& anchor, Slot& found) {
    const Cap outer = anchor.cap;
    const Cap waiting = ZombieCap::held(ZombieCap::kind(outer), nullptr, ZombieCap::next(outer));
    caps::swap_slots(waiting, anchor, found.cap, found);
    append_to_list(anchor, found);
}

// The same for an anchor that is a slot of its own dying object, above `found`: waiting in `found`, the zombie would
// never look at the anchor again. So it waits right above, and `found` is the new anchor.
void descend_inside(Slot& anchor, Slot& found) {
    const Cap outer = anchor.cap;
    const Cap waiting = ZombieCap::held(ZombieCap::kind(outer), nullptr, ZombieCap::next(outer));
    Slot& above = *(&found + 1); // empty, or the anchor itself
    if (&above == &anchor)
        anchor.cap = waiting;
    else
        caps::move_slot(waiting, anchor, above);
    append_to_list(found, above);
}

// The object is empty: its zombie goes. What was waiting becomes the anchor; returns it, or null when all is done.
Slot* finish(Slot& anchor) {
    const Cap cap = anchor.cap;
    const bool anchor_dies = inside(anchor, ZombieCap::slots(cap), ZombieCap::kind(cap));
    Slot* next = ZombieCap::next(cap);
    caps::remove_slot(anchor);
    if (next == nullptr) return nullptr;
    ZombieCap::set_prev(next->cap, nullptr);
    Slot* rest = ZombieCap::next(next->cap);
    make_standalone(*next);
    ZombieCap::set_next(next->cap, rest);
    if (rest != nullptr) ZombieCap::set_prev(rest->cap, next);
    if (anchor_dies) return next;
    caps::move_slot(next->cap, *next, anchor);
    return &anchor;
}

// One step of emptying the zombie's object. Returns the anchor to go on with, or null.
Slot* step(Slot& anchor) {
    const usize count = ZombieCap::count(anchor.cap);
    if (count == 0) return finish(anchor);
    Slot& last = ZombieCap::slots(anchor.cap)[count - 1];
    if (&last != &anchor && !last.empty()) {
        if (!removal_is_short(last)) {
            if (!last.cap.is(CapType::Zombie)) make_zombie(last);
            if (&anchor > &last && inside(anchor, ZombieCap::slots(anchor.cap), ZombieCap::kind(anchor.cap))) {
                descend_inside(anchor, last);
                return step(last); // so that each call gets on; `last` is not in its own object: one level deep
            }
            descend(anchor, last);
            return &anchor;
        }
        if (!try_remove_short(last)) return &anchor;
    }
    ZombieCap::set_count(anchor.cap, count - 1);
    return &anchor;
}

} // namespace

bool removal_is_short(const Slot& slot) {
    return !slot.cap.is(CapType::Zombie) && !(is_container(slot.cap) && caps::is_final(slot));
}

bool try_remove_short(Slot& slot) {
    if (slot.empty()) return true;
    ASSERT(removal_is_short(slot));
    if (!finalise(slot, caps::is_final(slot))) return false;
    caps::remove_slot(slot);
    return true;
}

void remove_short(Slot& slot) {
    if (!try_remove_short(slot))
        base::panic("a last capability in a place that cannot have one", __FILE_NAME__, __LINE__);
}

bool remove(Slot& slot) {
    if (removal_is_short(slot)) {
        while (!try_remove_short(slot)) {
            if (objects::preemption_point()) return false;
        }
        return true;
    }
    if (!slot.cap.is(CapType::Zombie))
        make_zombie(slot);
    else if (ZombieCap::is_held(slot.cap))
        make_standalone(slot);
    for (Slot* anchor = &slot; anchor != nullptr;) {
        anchor = step(*anchor);
        if (anchor != nullptr && objects::preemption_point()) return false;
    }
    return true;
}

bool revoke(Slot& slot) {
    while (!slot.empty()) {
        Slot* next = slot.mdb_next();
        if (next == nullptr || !caps::is_mdb_parent(slot, *next)) break;
        if (!remove(*next) || objects::preemption_point()) return false;
    }
    return true;
}

} // namespace lifetime
