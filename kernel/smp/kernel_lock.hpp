// The one lock of the kernel. Every entry takes it before it looks at any object and every exit releases it; all
// kernel state is under it unless its header says otherwise. Interrupts are off while it is held or waited for.
//
// A hart that waits for the lock serves requests of the holder meanwhile (remote_call). So the holder can make another
// hart leave user mode, save FPU registers or drop an address space, and rely on it, without giving up the lock. Fences
// are served even on the way to the lock, and the hart then goes back to its user program without it.
#pragma once

#include "base/bits.hpp"
#include "smp/hart.hpp"

namespace smp {

// What a holder may ask of other harts; bits of a word.
enum class Request : u32 {
    Enter = 1,              // come into the kernel: the user registers are saved and the thread does not run
    SaveFpu = 2,            // store the FPU registers of their owner, who owns them no more
    LeaveVSpace = 4,        // switch to the kernel's own address space
    DropUserInterrupts = 8, // store the user interrupt state that is loaded
    FencePage = 16,         // TLB: one page of one address space,
    FenceSpace = 32,        // one address space,
    FenceAll = 64,          // everything
    FenceCode = 128,        // stores of other harts to code are seen by fetches
    // Not waited for: come in and look at what this hart has to do; set before its software interrupt (kick_at_unlock).
    Look = 256,
};
constexpr u32 bit_of(Request request) { return static_cast<u32>(request); }

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

// What a hart has to forget: requests for fences, and which page and address space those are for.
struct Shootdown {
    u32 requests;
    base::Asid asid;
    base::Vaddr vaddr;
};
// Makes each hart of `targets` fence; returns when all have. What their threads did through the old translations has
// been done by then, for devices, too. User code cannot delay it.
void shoot_down(u64 targets, const Shootdown& fences);
// On an interrupt in user mode, without the lock. True: it was a shoot-down's and nothing else.
[[nodiscard]] bool serve_alone();
[[nodiscard]] inline bool serve_shoot_down() { return hart_count > 1 && serve_alone(); }

// Raises the supervisor's line of a hart by a device, which is quicker than firmware (defined in async/). False: it has
// to be the firmware. lower_line() takes it down again; until then no other is raised.
[[nodiscard]] bool raise_line(u32 hart);
void lower_line();

// Interrupts the harts of `targets` once the lock is released: they have to look at their scheduler again.
void kick_at_unlock(u64 targets);
// The own hart is interrupted after the exit, and looks then.
void kick_self();
// It looks now. To be called when the software interrupt has been cleared.
void begin_look();

} // namespace smp
