// The measurements of `suite=ipc`, by subject. Each fills its rows of `measured`; false: the kernel refused something.
#pragma once

#include "rootserver/bench/ipc_threads.hpp"
#include "rootserver/machine/device_tree.hpp"

namespace bench {

bool measure_messages(Workers& workers, Measured& measured);
bool measure_signals(Workers& workers, Measured& measured);
bool measure_scheduling(Workers& workers, Measured& measured);
bool measure_faults(Workers& workers, Measured& measured);
// Needs a clock that interrupts at once when its alarm lies in the past (Goldfish).
bool measure_interrupts(Workers& workers, machine::Memory& memory, const machine::Device& clock, Measured& measured);
// 2,048 pages, or 64: those few are simulated in little time.
bool measure_pages(machine::Memory& memory, bool few, Measured& measured);

inline constexpr seL4_Word high_priority = 200;
inline constexpr seL4_Word low_priority = 100;

} // namespace bench
