// A capability slot: the capability and its place in the derivation list (MDB). The list is the depth-first order of
// the derivation tree; parenthood is computed, not stored (sel4-abi-riscv64.md 7.6). All of it is under the kernel
// lock.
#pragma once

#include "api/labels.hpp"
#include "caps/cap.hpp"

namespace caps {

struct Slot {
    Cap cap;
    // Neighbours in the list; use the accessors. The two low bits of next_ are flags.
    u64 prev_ = 0;
    u64 next_ = 0;

    bool empty() const { return cap.is_null(); }

    Slot* mdb_prev() const { return reinterpret_cast<Slot*>(prev_); }
    Slot* mdb_next() const { return reinterpret_cast<Slot*>(next_ & ~flag_mask); }
    bool revocable() const { return (next_ & revocable_flag) != 0; }
    bool first_badged() const { return (next_ & first_badged_flag) != 0; }

    void set_mdb_prev(Slot* slot) { prev_ = reinterpret_cast<u64>(slot); }
    void set_mdb_next(Slot* slot) { next_ = reinterpret_cast<u64>(slot) | (next_ & flag_mask); }
    void set_mdb(Slot* prev, Slot* next, bool revocable, bool first_badged) {
        prev_ = reinterpret_cast<u64>(prev);
        next_ = reinterpret_cast<u64>(next) | (revocable ? revocable_flag : 0) | (first_badged ? first_badged_flag : 0);
    }
    void set_revocable() { next_ |= revocable_flag; }
    void set_first_badged() { next_ |= first_badged_flag; }

    static constexpr u64 revocable_flag = 2;
    static constexpr u64 first_badged_flag = 1;
    static constexpr u64 flag_mask = 3;
};

using api::slot_bits;
static_assert(sizeof(Slot) == base::bit(slot_bits));

} // namespace caps
