// Carries out a checked operation on an asynchronous queue.
#pragma once

#include "syscalls/decode_async.hpp"

namespace syscalls {

Outcome commit_async(const AsyncOperation& op, Results& results);

} // namespace syscalls
