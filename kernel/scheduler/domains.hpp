// Scheduling domains: the schedule, and the time left in the current slice. With one domain (the default) the slice
// never ends. Source: sel4-abi-riscv64.md 4.8, 6.5.
#pragma once

#include "base/types.hpp"

namespace scheduler {

extern u64 domain_time_left; // ticks
inline bool domain_time_is_over() { return domain_time_left == 0; }
// Counts one tick; true when the slice has ended.
bool domain_tick();
void next_domain();

} // namespace scheduler
