#pragma once

// Carries out a checked CNode operation. Revoke and Delete may be preempted; what is done by then stays done.

#include "syscalls/decode_cnode.hpp"

namespace syscalls {

// `caller`: the thread whose reply capability SaveCaller saves; null for none.
Outcome commit_cnode(const CNodeOp& op, objects::Tcb* caller);

} // namespace syscalls
