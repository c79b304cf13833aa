// Scheduling domains: the schedule, and the time left in the current slice. With one domain (the default) the slice
// never ends. All harts change domain together: the first one's ticks measure the slice, and whoever finds that it is
// over brings the others into the kernel before the next slice begins (end_slices). So threads of two domains never run
// at the same time, and a slice is late by no more than the first hart's tick. Source: sel4-abi-riscv64.md 4.8, 6.5.
#pragma once

#include "base/types.hpp"

namespace scheduler {

extern u64 domain_time_left; // ticks
inline bool domain_time_is_over() { return domain_time_left == 0; }
// Counts one tick of the calling hart; true when the slice has ended.
bool domain_tick();
// True: another domain's slice begins.
[[nodiscard]] bool next_domain();
// The threads that run on other harts are back in their ready queues, and all harts choose anew.
void end_slices();

} // namespace scheduler
