// The kernel's own invariant checker (kernel/checks) and what else the tests ask of all slots.
#pragma once

#include "machine.hpp"

#include <set>
#include <string>

namespace kernel::test {

// Empty, or the name of what is broken.
std::string broken_invariant(Machine& machine);

// Every slot in some derivation list.
std::set<Slot*> all_slots(Machine& machine);

// Capabilities to memory within the untyped in `slot`, besides that itself and those above it.
unsigned count_inside(Machine& machine, const Slot& slot);

} // namespace kernel::test
