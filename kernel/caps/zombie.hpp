// A zombie stands in a slot for an object (CNode, TCB, async queue) whose last capability was deleted and whose own
// slots are still being emptied. It keeps the object's memory accounted for in the derivation list while the deletion
// is preempted. Two forms:
//   top:  holds the object and the number of slots still to empty, in the slot where the deletion started (the anchor);
//   held: stands in one of the object's own slots (which tells how many are left), while the anchor is busy with a
//         capability that was found there.
// Zombies of one deletion form a list from the anchor on (`next`), a mere list of things left to do: each can be
// finished, or taken out, on its own. Every step is O(1), so deletion is preemptible anywhere and needs no stack.
#pragma once

#include "caps/slot.hpp"

#include "arch/arch.hpp"

namespace caps {

inline u64 object_paddr(const void* object) { return base::raw(arch::to_paddr(object)); }

// What kind of object dies; for a CNode its radix (0..63 minus the two below).
inline constexpr unsigned zombie_kind_tcb = 62;
inline constexpr unsigned zombie_kind_async_queue = 63;
inline constexpr usize tcb_slot_count = 5;
using api::tcb_bits;
inline constexpr usize async_queue_slot_count = 4;
inline constexpr unsigned tcb_block_bits = 8;
inline constexpr unsigned async_queue_block_bits = 7;

class ZombieCap {
public:
    static Cap top(Slot* slots, unsigned kind, usize count, Slot* next) {
        Cap cap{CapType::Zombie, KindField::make(kind) | ObjectField::make(pack(slots)) | CountHigh::make(count >> 21),
                NextField::make(pack(next)) | CountLow::make(count)};
        return cap;
    }
    static Cap held(unsigned kind, Slot* prev, Slot* next) {
        return {CapType::Zombie, KindField::make(kind) | HeldField::make(1) | ObjectField::make(pack(prev)),
                NextField::make(pack(next))};
    }

    static unsigned kind(const Cap& cap) { return static_cast<unsigned>(KindField::get(cap.w0_)); }
    static bool is_held(const Cap& cap) { return HeldField::get(cap.w0_) != 0; }
    static Slot* next(const Cap& cap) { return unpack(NextField::get(cap.w1_)); }
    static void set_next(Cap& cap, Slot* next) { NextField::set(cap.w1_, pack(next)); }

    // Top form only.
    static Slot* slots(const Cap& cap) {
        ASSERT(!is_held(cap));
        return unpack(ObjectField::get(cap.w0_));
    }
    static usize count(const Cap& cap) { return CountHigh::get(cap.w0_) << 21 | CountLow::get(cap.w1_); }
    static void set_count(Cap& cap, usize count) {
        CountHigh::set(cap.w0_, count >> 21);
        CountLow::set(cap.w1_, count);
    }
    // Held form only.
    static Slot* prev(const Cap& cap) { return unpack(ObjectField::get(cap.w0_)); }
    static void set_prev(Cap& cap, Slot* prev) { ObjectField::set(cap.w0_, pack(prev)); }

    static usize slot_count(unsigned kind) {
        if (kind == zombie_kind_tcb) return tcb_slot_count;
        if (kind == zombie_kind_async_queue) return async_queue_slot_count;
        return usize{1} << kind;
    }
    // Size of the aligned block that begins with the object's slots and has all of them.
    static unsigned block_bits(unsigned kind) {
        if (kind == zombie_kind_tcb) return tcb_block_bits;
        if (kind == zombie_kind_async_queue) return async_queue_block_bits;
        return kind + slot_bits;
    }
    // Size of the aligned block that is the object, or at least has what the kernel keeps of it.
    static unsigned object_bits(unsigned kind) {
        if (kind == zombie_kind_tcb) return tcb_bits;
        if (kind == zombie_kind_async_queue) return 12;
        return kind + slot_bits;
    }
    static Slot* slots_of_held(Slot& slot) {
        return reinterpret_cast<Slot*>(base::align_down(reinterpret_cast<u64>(&slot), block_bits(kind(slot.cap))));
    }

    // The zombie in `slot` came from another slot: its successor must know.
    static void moved(Slot& slot) {
        Slot* next_slot = next(slot.cap);
        if (next_slot != nullptr) set_prev(next_slot->cap, &slot);
    }

private:
    using KindField = base::Field<53, 6>;
    using HeldField = base::Field<52, 1>;
    using CountHigh = base::Field<43, 9>;
    using ObjectField = base::Field<0, 43>; // the object's slots (top) or the previous zombie's slot (held), / 32
    using NextField = base::Field<0, 43>;
    using CountLow = base::Field<43, 21>;

    static u64 pack(const Slot* slot) { return reinterpret_cast<u64>(slot) >> slot_bits & base::mask(43); }
    static Slot* unpack(u64 packed) {
        return reinterpret_cast<Slot*>(static_cast<u64>(static_cast<i64>(packed << 21) >> 21) << slot_bits);
    }
};

} // namespace caps
