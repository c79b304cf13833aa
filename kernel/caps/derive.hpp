// What becomes of a capability when it is copied, minted, mutated or transferred (sel4-abi-riscv64.md 4.2.1, 4.3).
#pragma once

#include "caps/errors.hpp"
#include "caps/mdb.hpp"

namespace caps {

// The copy of the capability `cap` (which stands, perhaps with more rights, in `source`); what belongs to its slot only
// is left behind when it is inserted (insert_derived). A null result means: this type cannot be copied; callers turn it
// into their own error.
Result<Cap> derive(const Slot& source, const Cap& cap);

// Removes rights from a capability; types without rights are unchanged.
Cap mask_rights(const Cap& cap, Rights rights);

// Applies the user's data word: badge or guard. `preserve`: the capability keeps its identity (Mutate, Rotate), so a
// badge cannot be set. A null result means: refused.
Cap apply_data(const Cap& cap, u64 data, bool preserve);

inline VmRights mask_vm_rights(VmRights rights, Rights mask) {
    if (!mask.read() || rights == VmRights::KernelOnly) return VmRights::KernelOnly;
    return mask.write() ? rights : VmRights::ReadOnly;
}

} // namespace caps
