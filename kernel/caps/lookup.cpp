#include "caps/lookup.hpp"

namespace caps {

LookupResult<ResolvedSlot> resolve(const Cap& root, base::Cptr cptr, unsigned bits) {
    if (!root.is(CapType::CNode)) [[unlikely]]
        return base::Failure{LookupFailure::invalid_root()};
    Cap node = root;
    while (true) {
        const unsigned radix = node.radix();
        const unsigned guard_size = node.guard_size();
        const unsigned level = radix + guard_size;
        // The low `bits` bits are still to be resolved; their top guard_size bits must equal the guard.
        const u64 top = guard_size == 0 ? 0 : (cptr >> ((bits - guard_size) & 63)) & base::mask(guard_size);
        if (guard_size > bits || top != node.guard()) [[unlikely]]
            return base::Failure{LookupFailure::guard(bits, node.guard(), guard_size)};
        if (level > bits) [[unlikely]]
            return base::Failure{LookupFailure::depth(bits, level)};
        bits -= level;
        Slot* slot = node.cnode_slots() + ((cptr >> bits) & base::mask(radix));
        if (bits == 0 || !slot->cap.is(CapType::CNode)) return ResolvedSlot{slot, bits};
        node = slot->cap;
    }
}

Slot* find_slot_deep(const Cap& root, base::Cptr cptr) {
    const auto found = lookup_slot(root, cptr);
    return found ? found.value() : nullptr;
}

Result<Slot*> lookup_target(const Cap& root, base::Cptr index, u64 depth, bool is_source) {
    if (!root.is(CapType::CNode)) [[unlikely]]
        return fail(SyscallError::failed_lookup(is_source, LookupFailure::invalid_root()));
    if (depth < 1 || depth > base::word_bits) [[unlikely]]
        return fail(SyscallError::range(1, base::word_bits));
    auto resolved = resolve(root, index, static_cast<unsigned>(depth));
    if (!resolved) [[unlikely]]
        return fail(SyscallError::failed_lookup(is_source, resolved.error()));
    if (resolved.value().bits_remaining != 0) [[unlikely]]
        return fail(SyscallError::failed_lookup(is_source, LookupFailure::depth(resolved.value().bits_remaining, 0)));
    return resolved.value().slot;
}

} // namespace caps
