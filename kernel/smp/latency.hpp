// Debug kernels measure how long an interrupt can wait: the longest stretch of instructions with interrupts off between
// two moments at which a pending one would be taken or looked for: kernel entry, preemption point, exit. trap.S notes
// the entry in the Hart. Time in the firmware counts, waiting for work does not. Means something under --icount only.
//
// They count, too, how long a hart waits for the kernel lock: in looks of the harts before it, that is moments at which
// these take the lock or would make way for it. Means something anywhere.
#pragma once

#include "smp/hart.hpp"

namespace smp {

inline constexpr bool measures_latency = TAIL4_DEBUG == 1;

// The present stretch ends here and another begins.
void end_stretch();
// Another begins; what was before does not count (it was idle).
void begin_stretch();

// The longest of the calling hart since the last question.
struct Longest {
    u64 instructions;
    u64 cause;  // scause of the entry
    u64 number; // a7 at the entry: for system calls the number
    u64 tag;    // a1 at the entry: the message tag of an invocation
    u64 looks;  // the longest wait for the kernel lock
};
Longest take_longest();

// Kernel lock held: a moment at which its holder would make way.
void count_look();
// So many there have been; any hart may ask.
u64 looks();
// The calling hart has waited from `before` on and has the lock now.
void end_wait(u64 before);

} // namespace smp

extern "C" void latency_leave();
