// Address spaces against capabilities, both ways. A mapped frame or table capability either finds its entry or is
// stale, which is allowed: tables and ASIDs may vanish below a mapping. But every entry a hart could use must be
// found by the capability (or asynchronous queue) it is for, with the rights it gives.
//
// Without memory: the capabilities' pass marks the entries it finds (a bit the hardware ignores; in ASID entries a bit
// beside the hart set), the entries' pass takes the marks off and misses none. Harts may walk the tables meanwhile.
#pragma once

#include "checks/slot_walk.hpp"

namespace checks {

// First pass, for each capability slot.
void claim_entries(const Slot& slot, Report& report);
// Second pass: everything reachable from the ASID pools; `pools` of them have a capability.
void check_spaces(u64 pools, Report& report);

} // namespace checks
