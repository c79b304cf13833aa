// Creates the objects of a checked Retype. Preemptible while it clears memory; the watermark in the untyped capability
// keeps the progress, so the restarted call goes on where it stopped.
#pragma once

#include "syscalls/decode_untyped.hpp"

namespace syscalls {

Outcome commit_retype(const Retype& op, Origin origin);

} // namespace syscalls
