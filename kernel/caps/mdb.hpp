// The derivation list: insert, move, remove, swap, and the two questions asked of it (is A the parent of B, is this
// the last capability to its object). Rules: sel4-abi-riscv64.md 7.6. Kernel lock held.
#pragma once

#include "caps/slot.hpp"

namespace caps {

// Do both capabilities reach the same object (for an untyped: does `a` cover the memory of `b`)?
bool same_region(const Cap& a, const Cap& b);
// The same, but strictly the same object: an untyped and its child differ.
bool same_object(const Cap& a, const Cap& b);

bool is_mdb_parent(const Slot& parent, const Slot& child);
bool has_children(const Slot& slot);
bool is_final(const Slot& slot);

// The capability without what belongs to one slot only, which goes where that slot's capability is moved and to no copy
// of it: where a frame is mapped, and that a notification made a sender of user interrupts. (A page table's mapping is
// its object's and a CNode's guard a copy's own; what a copied untyped has used, insert_derived() sees to; the master
// of reply capabilities is never copied.)
Cap without_own_marks(const Cap& cap);
// Puts `cap`, derived from `source`, into the empty slot `dest`, directly behind `source` in the list; a copy has no
// marks of its own yet.
void insert_derived(const Cap& cap, Slot& source, Slot& dest);
// The same, if there is anything to put: `cap` may be null, and its source (null: none) may be gone meanwhile.
void install_derived(const Cap& cap, Slot* source, Slot& dest);
// Puts an original capability (fresh object) into `dest` as the first child of `parent`.
void insert_original(const Cap& cap, Slot& parent, Slot& dest);
// The same without a parent: the roots of the tree, at boot.
void insert_root(const Cap& cap, Slot& dest);
// Moves the list position of `source` to the empty slot `dest`, with a possibly changed capability.
void move_slot(const Cap& cap, Slot& source, Slot& dest);
// Exchanges two slots, each getting the other's position; `cap_a` is what stood in `a` (it goes to `b`).
void swap_slots(const Cap& cap_a, Slot& a, const Cap& cap_b, Slot& b);
// Takes the slot out of the list and makes it empty.
void remove_slot(Slot& slot);

} // namespace caps
