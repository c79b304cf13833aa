// The nine CNode invocations, checked (sel4-abi-riscv64.md 4.2).
#pragma once

#include "syscalls/invocation.hpp"

namespace syscalls {

struct CNodeOp {
    enum class Kind : u8 { Revoke, Delete, CancelBadgedSends, Insert, Move, Rotate, SaveCaller };
    Kind kind;
    caps::Slot* dest;
    caps::Slot* source;  // Insert, Move, Rotate
    caps::Slot* pivot;   // Rotate
    caps::Cap cap;       // what goes to dest (Insert, Move); Rotate: the source's, going to pivot
    caps::Cap pivot_cap; // Rotate: going to dest
};

Result<CNodeOp> decode_cnode(const Invocation& call);

} // namespace syscalls
