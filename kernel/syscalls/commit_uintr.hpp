// Carries out checked registrations for user interrupts.
#pragma once

#include "syscalls/decode_uintr.hpp"

namespace syscalls {

Outcome commit_registration(const RegistrationOp& op, Results& results);

} // namespace syscalls
