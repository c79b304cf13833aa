// The scheduler: per hart 256 priorities per domain, FIFO within a priority, one running thread that is in no queue.
// Each kernel entry may leave an action (nothing, a candidate thread, or "choose anew"); schedule() turns it into the
// thread to run. A thread that is made runnable for another hart goes into that hart's queue, that hart's action
// becomes "choose anew" in the same critical section, and the hart is interrupted: the wake-up lives in memory under
// the lock, the interrupt is only a hint to look, so none can be lost. Source: sel4-abi-riscv64.md section 6.
#pragma once

#include "objects/thread_queue.hpp"
#include "smp/hart.hpp"

namespace scheduler {

inline constexpr unsigned priorities = 256;
inline constexpr unsigned max_domains = 4;
inline constexpr unsigned max_domain_schedule = 100;

struct DomainSlice {
    u64 domain = 0;
    u64 duration = 0; // ticks; {0, 0} ends the schedule
};

struct State {
    objects::ReadyQueue queues[max_domains][priorities];
    u64 summary[max_domains];                // bit i: word i of `ready` is not zero
    u64 ready[max_domains][priorities / 64]; // bit: the queue is not empty
    objects::Tcb* current;                   // null: the hart is idle
    objects::Tcb* candidate;                 // valid when !choose_new
    bool choose_new;
    objects::Tcb* fpu_owner; // whose registers the FPU holds
    u64 satp_root;           // paddr of the active root table
    u32 work_units;          // since the last preemption point
};

State& state_of(base::HartIndex hart);
State& own_state();

void init(unsigned domains);
unsigned domain_count();

// A fresh (zeroed) TCB becomes a thread: on this hart, in `domain`, with a full time slice, listed for debugging.
void init_thread(objects::Tcb& thread, u8 domain);
// All threads, newest first, for DumpScheduler and the invariant checker.
objects::Tcb* first_thread();

// Carries out the pending action; afterwards own_state().current is the thread to run, or null.
void schedule();
// Makes the chosen thread ready for user mode (a restarted one goes back to its trapping instruction).
void activate_current();

void yield();
void timer_tick();

void set_priority(objects::Tcb& thread, u8 priority);
void set_domain(objects::Tcb& thread, u8 domain);
void set_affinity(objects::Tcb& thread, base::HartIndex hart);

// The domain schedule of DomainSet (6.5). Checks are the caller's.
unsigned domain_schedule_size();
DomainSlice domain_schedule_entry(unsigned index);
unsigned domain_schedule_start();
void set_domain_schedule_entry(unsigned index, DomainSlice slice);
void set_domain_schedule_start(unsigned index);
u8 current_domain();

// FPU: gives the registers to the current thread after its first use trapped; false if it may not have them.
bool fpu_trap();

// The highest priority that is ready on a hart, or -1.
int highest_ready(base::HartIndex hart);

} // namespace scheduler
