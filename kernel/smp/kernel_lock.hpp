// The one lock of the kernel. Every entry takes it before it looks at any object and every exit releases it; all
// kernel state is under it unless its header says otherwise. Interrupts are off while it is held or waited for.
//
// A hart that waits for the lock serves requests of the holder meanwhile (remote_call). So the holder can make another
// hart leave user mode, save FPU registers or drop an address space, and rely on it, without giving up the lock.
#pragma once

#include "smp/hart.hpp"

namespace smp {

// What a holder may ask of other harts; bits of a word.
enum class Request : u32 {
    Enter = 1,              // come into the kernel: the user registers are saved and the thread does not run
    SaveFpu = 2,            // store the FPU registers of their owner, who owns them no more
    LeaveVSpace = 4,        // switch to the kernel's own address space
    DropUserInterrupts = 8, // store the user interrupt state that is loaded
};

// Called by a hart that waits for the lock, for requests the lock itself cannot serve (defined in scheduler/).
void serve_request(u32 requests);

void lock_slowly();
void unlock_slowly();
inline void lock_kernel() {
    if (hart_count > 1) lock_slowly();
}
inline void unlock_kernel() {
    if (hart_count > 1) unlock_slowly();
}
bool contended_slowly();
// True when another hart waits for the lock: who is in a long operation makes way at the next preemption point.
inline bool lock_contended() { return hart_count > 1 && contended_slowly(); }

// Makes each hart of `targets` (bits of logical harts, never the own one) serve `request`; returns when all have.
void remote_call(u64 targets, Request request);

// Interrupts the harts of `targets` once the lock is released: they have to look at their scheduler again.
void kick_at_unlock(u64 targets);

} // namespace smp
