// Untyped_Retype, checked (sel4-abi-riscv64.md 4.1). The reset of a childless untyped is part of the operation.
#pragma once

#include "objects/types.hpp"
#include "syscalls/invocation.hpp"

namespace syscalls {

struct Retype {
    caps::Slot* untyped;
    objects::ObjectType type;
    u64 size_bits;     // the user's argument
    unsigned bits;     // log2 of one object
    caps::Slot* slots; // destination, consecutive
    u64 count;
    bool reset; // the untyped has no children: start from its beginning, cleared
};

Result<Retype> decode_retype(const Invocation& call);

} // namespace syscalls
