// One derivation list, from its head on: the depth-first order of the tree. What holds in it:
// - capabilities to memory, to interrupts, to the domains, to ASIDs and reply capabilities do not mix;
// - below an untyped, objects stand newest first, so their addresses fall: they cannot overlap, and the capabilities to
//   one object stand side by side;
// - an object lies within the untyped above it and below its watermark, and an untyped that was copied is full;
// - of one endpoint or notification, capabilities with another badge begin a group of their own, and the flags say so;
// - a zombie's count and its list of waiting zombies are sound (caps/zombie.hpp).
#pragma once

#include "checks/slot_walk.hpp"

namespace checks {

void check_list(Slot& head, Report& report);

} // namespace checks
