// Deleting and revoking capabilities, and the end of the objects behind the last ones.
//
// Deleting the last capability of a CNode, thread or asynchronous queue leaves a zombie (caps/zombie.hpp) in the slot
// (the anchor), whose own slots are then emptied from the top down. A last capability of another such object found
// there is brought to the anchor, its new zombie goes first, and the old one waits, held in the freed slot. No
// recursion, constant work per step, a preemption point after each: the interrupted call is simply made again. Threads
// that wait for an endpoint or notification are restarted one a step before its last capability goes. Source:
// sel4-abi-riscv64.md 4.2.2, 4.2.3, 7.7. Kernel lock held.
#pragma once

#include "caps/slot.hpp"

namespace lifetime {

// Empties the slot. False: preempted, call again.
[[nodiscard]] bool remove(caps::Slot& slot);

// Removes everything derived from the slot's capability, which stays. False: preempted, call again.
[[nodiscard]] bool revoke(caps::Slot& slot);

// Whether the slot holds no zombie and no last capability that becomes one.
bool removal_is_short(const caps::Slot& slot);
// For slots that are known to hold no last capability of anything that takes more than one step.
void remove_short(caps::Slot& slot);
// One step, for slots without the last capability of a CNode, thread or queue. False: of an object that threads wait
// for, and some still do.
[[nodiscard]] bool try_remove_short(caps::Slot& slot);

} // namespace lifetime
