// The scheduler: per hart 256 priorities per domain, FIFO within a priority, one running thread that is in no queue.
// Each kernel entry may leave an action (nothing, a candidate thread, or "choose anew"); schedule() turns it into the
// thread to run. One entry may carry out many operations, so a candidate is not remembered apart from the thread: a
// runnable thread has exactly one place (it runs, stands in a ready queue, or is the candidate of its hart), and
// whoever changes its state, priority, domain or hart, or ends it, takes it out of its place, whichever that is
// (objects::dequeue; objects::set_state does it for a thread that stops). A thread that is made runnable for another
// hart goes into that hart's queue, that hart's action becomes "choose anew" in the same critical section, and the hart
// is interrupted: the wake-up lives in memory under the lock, the interrupt is only a hint to look, so none can be
// lost. Source: sel4-abi-riscv64.md section 6.
#pragma once

#include "base/bits.hpp"
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
    objects::Tcb* current; // null: the hart is idle
    // What the kernel entry wants: null (go on), choose_new, or the candidate thread.
    objects::Tcb* action;
    objects::Tcb* fpu_owner; // whose registers the FPU holds
    // Whose user interrupt state is loaded: the current thread if it has any, else nobody (exchanged with the thread).
    objects::Tcb* interrupt_owner;
    // Which queues are not empty, highest priority first: priority p is bit 255 - p, the lowest set bit is the best.
    u64 summary[max_domains];
    u64 ready[max_domains][priorities / 64];
    objects::ReadyQueue queues[max_domains][priorities];
};

inline objects::Tcb* const choose_new = reinterpret_cast<objects::Tcb*>(u64{1});

State& state_of(base::HartIndex hart);
inline State& own_state() { return *smp::this_hart().scheduler_; }

// That hart, another one, has to look at its ready queues: it is interrupted when the lock is released.
void let_choose(base::HartIndex hart);

// The other harts that `which` wants are in the kernel when this returns, and stay there until the lock is released:
// what their threads had begun with a device is done.
void enter_others(bool (*which)(const State& state));

void init(unsigned domains);
unsigned domain_count();

// A fresh (zeroed) TCB becomes a thread of that domain and hart, with a full time slice, listed for debugging.
void init_thread(objects::Tcb& thread, u8 domain, base::HartIndex hart);
// All threads, newest first, for DumpScheduler and the invariant checker.
objects::Tcb* first_thread();

// Nothing, "choose anew", or a candidate that may run on this hart and has no other place.
bool action_is_sound(const State& state);

// Carries out the pending action; afterwards own_state().current is the thread to run, or null.
[[gnu::noinline]] void schedule();

// Puts a restarted thread back to its trapping instruction.
inline void activate(objects::Tcb& thread) {
    if (thread.state == objects::ThreadState::Restart) [[unlikely]] {
        thread.context.next_ip_ = thread.context.fault_ip_;
        thread.state = objects::ThreadState::Running;
    }
}

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
extern u8 running_domain;
inline u8 current_domain() { return running_domain; }

// The highest priority that is ready in the running domain, or -1.
[[gnu::always_inline]] inline int highest_ready(const State& state) {
    const u64 summary = state.summary[running_domain];
    if (summary == 0) return -1;
    const unsigned word = base::lowest_bit(summary);
    return static_cast<int>(priorities - 1 - word * 64 - base::lowest_bit(state.ready[running_domain][word]));
}

// The first of the running domain's queue of that priority, which is not empty.
inline objects::Tcb& first_ready(State& state, unsigned priority) {
    return *state.queues[running_domain][priority].head;
}
objects::Tcb& take_first(State& state, unsigned priority); // leaves the queue

// FPU. A thread gets the registers when its first use traps (fpu_trap; false: it may not have them). From then on it
// gets them with the processor (give_fpu), until it lets a turn pass without using them: those that use them at every
// turn pay no trap, those that have used them once pay nothing.
bool fpu_trap();
void give_fpu(State& state, objects::Tcb& thread);

} // namespace scheduler
