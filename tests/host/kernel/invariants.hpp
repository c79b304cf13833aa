// What must hold between any two steps of the kernel, whatever is half deleted: the derivation lists are consistent,
// every slot in one lies in an object that is still accounted for, and every zombie's list of waiting zombies is sound.
#pragma once

#include "machine.hpp"

#include <set>
#include <string>

namespace kernel::test {

// Empty, or what is wrong. Looks at everything that can be reached from the root CNode and the initial thread.
std::string broken_invariant(Machine& machine);

// Every slot in some derivation list, found as above.
std::set<Slot*> all_slots(Machine& machine);

// Capabilities to memory within the untyped in `slot`, besides that itself and those above it.
unsigned count_inside(Machine& machine, const Slot& slot);

} // namespace kernel::test
