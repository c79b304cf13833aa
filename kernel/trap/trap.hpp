// Kernel entries: what trap.S calls, and the way back to user mode. One entry = take the lock, handle the cause, decide
// what runs next, release the lock. Source: sel4-abi-riscv64.md 2.3, 9.8, 9.10.
#pragma once

#include "arch/arch.hpp"
#include "objects/tcb.hpp"

namespace trap {

// The rest of every entry, lock held: schedules and returns the context to resume, lock released. Waits here, with the
// lock released, while there is nothing to run.
arch::Context* leave();

// The slow ways of a system call, lock held; they return the context to resume, lock released. Never inlined: the fast
// path ends in them and shall not pay for their stack frame.
[[gnu::noinline]] arch::Context* slow_ecall(objects::Tcb& thread, i64 number);
[[gnu::noinline]] arch::Context* slow_call(objects::Tcb& thread, caps::Slot& slot); // Call; the slot it names
// The thread was stopped by another hart while this one waited for the lock: its call is made again later.
[[gnu::noinline]] arch::Context* leave_interrupted();

// Programs the next timer tick of the calling hart (2 ms).
void init_timer(u64 frequency);
void arm_timer();

} // namespace trap
