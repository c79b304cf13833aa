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

// The slot a thread means by `cptr`, or null; the usual case of lookup_slot, without the reason of a failure.
inline Slot* find_slot(const Cap& root, base::Cptr cptr) {
    const Cap* node = &root;
    unsigned bits = base::word_bits;
    while (node->is(CapType::CNode)) [[likely]] {
            const unsigned guard_size = node->guard_size();
            const unsigned radix = node->radix();
            if (guard_size + radix == bits) [[likely]] {
                // The last level: what is above the index has to be the guard.
                const u64 rest = bits == base::word_bits ? cptr : cptr & base::mask(bits);
                return rest >> radix == node->guard() ? node->cnode_slots() + (cptr & base::mask(radix)) : nullptr;
            }
            if (guard_size + radix > bits) return nullptr;
            bits -= guard_size;
            if (guard_size != 0 && ((cptr >> bits) & base::mask(guard_size)) != node->guard()) return nullptr;
            bits -= radix;
            Slot* slot = node->cnode_slots() + ((cptr >> bits) & base::mask(radix));
            if (!slot->cap.is(CapType::CNode)) return slot;
            node = &slot->cap;
        }
    return nullptr;
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
