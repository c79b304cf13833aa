// CSpace lookup. Three flavours (sel4-abi-riscv64.md 8): by cptr in a thread's CSpace (64 bits, leftover bits are
// ignored), by (index, depth) below a CNode capability (leftover bits are an error), and the node of a retype.
#pragma once

#include "caps/errors.hpp"
#include "caps/slot.hpp"

namespace caps {

struct ResolvedSlot {
    Slot* slot;
    u32 bits_remaining;
};

// Walks from `root` with the low `bits` bits of `cptr`.
LookupResult<ResolvedSlot> resolve(const Cap& root, base::Cptr cptr, unsigned bits);

// find_slot for a CSpace of several levels.
Slot* find_slot_deep(const Cap& root, base::Cptr cptr);

// The usual CSpace of one level: the guard is all that is above the index.
inline bool is_flat(const Cap& root) {
    return root.is(CapType::CNode) && root.guard_size() + root.radix() == base::word_bits;
}
inline Slot* find_slot_flat(const Cap& root, base::Cptr cptr) {
    const unsigned radix = root.radix();
    return cptr >> radix == root.guard() ? root.cnode_slots() + (cptr & base::mask_below_64(radix)) : nullptr;
}

// The slot a thread means by `cptr`, or null: lookup_slot without the reason of a failure.
inline Slot* find_slot(const Cap& root, base::Cptr cptr) {
    if (is_flat(root)) [[likely]]
        return find_slot_flat(root, cptr);
    return find_slot_deep(root, cptr);
}

// The same with the reason of a failure.
inline LookupResult<Slot*> lookup_slot(const Cap& root, base::Cptr cptr) {
    auto resolved = resolve(root, cptr, base::word_bits);
    if (!resolved) [[unlikely]]
        return base::Failure{resolved.error()};
    return resolved.value().slot;
}

// The slot at (index, depth) below the CNode capability `root`, for CNode operations.
Result<Slot*> lookup_target(const Cap& root, base::Cptr index, u64 depth, bool is_source);

} // namespace caps
