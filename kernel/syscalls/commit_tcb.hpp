// Carries out a checked TCB operation. A target that runs on another hart is stalled first, so that its registers are
// in memory.
#pragma once

#include "syscalls/decode_tcb.hpp"

namespace syscalls {

Outcome commit_tcb(const TcbOp& op, const Invocation& call, Results& results);

} // namespace syscalls
