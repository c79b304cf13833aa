// The harts: each has a stack of its own and goes on until it is back in user mode, sleeps, spins or waits for the
// kernel lock. One runs at a time, whichever is asked to; so a run is the same each time.
#pragma once

#include "arch/arch.hpp"

namespace fuzz {

enum class Mode : u8 {
    User,
    Waiting,  // for the kernel lock
    Delayed,  // has trapped and not yet asked for the lock
    Sleeping, // wfi
    Spinning, // watches a ring without the lock
    Working,  // idle but for asynchronous requests, between two turns
    Running,
};

enum class Trap : u8 { SystemCall, Interrupt, Exception };

struct Entry {
    Trap trap = Trap::Interrupt;
    u64 cause = 0;
    u64 value = 0;
    bool delayed = false; // other harts may take the lock first
};

// All are in user mode, with nothing to go back to but the kernel.
void reset_harts(u32 count);
Mode mode_of(u32 hart);
// The hart that runs now; outside of all of them hart 0.
u32 running_hart();
// The thread's registers in user mode.
arch::Context* user_context(u32 hart);
bool lock_is_held();
bool nobody_runs(); // the world is being set up: no hart runs a program

// In user mode: traps. Returns when the hart stands still.
void trap(u32 hart, const Entry& entry);
// Not in user mode: goes on.
void go_on(u32 hart);
// All that wait for the lock have had it.
void finish_entries();
// A hart that spins goes on for so many looks at its interrupts when it is asked to.
void set_spin_looks(u32 looks);

// --- For the processor (processor.cpp).
void sleep_now();
void look_while_spinning(); // at each look for interrupts
// An idle hart may stand still here: nothing is half done.
void begin_turn();
// The others come into the kernel while the running hart holds the lock.
void interrupt_now(u64 harts);

} // namespace fuzz
