#include "scheduler/scheduler.hpp"

#include "arch/arch.hpp"
#include "objects/upcalls.hpp"
#include "scheduler/domains.hpp"
#include "smp/kernel_lock.hpp"

#include <bit>

namespace scheduler {

using objects::Tcb;
using objects::ThreadState;

namespace {

State states[base::max_harts];

void mark_ready(State& state, unsigned domain, unsigned priority) {
    state.ready[domain][priority / 64] |= base::bit(priority % 64);
    state.summary[domain] |= base::bit(priority / 64);
}

void unmark_ready(State& state, unsigned domain, unsigned priority) {
    u64& word = state.ready[domain][priority / 64];
    word &= ~base::bit(priority % 64);
    if (word == 0) state.summary[domain] &= ~base::bit(priority / 64);
}

int highest(const State& state, unsigned domain) {
    const u64 summary = state.summary[domain];
    if (summary == 0) return -1;
    const int word = 63 - std::countl_zero(summary);
    return word * 64 + 63 - std::countl_zero(state.ready[domain][word]);
}

// Another hart got a thread: it has to look, unless what it runs is at least as important.
void notify_hart(const Tcb& thread) {
    State& other = states[thread.affinity];
    if (other.current == nullptr || other.current->priority < thread.priority ||
        other.current->domain != current_domain()) {
        other.choose_new = true;
        smp::kick_at_unlock(base::bit(thread.affinity));
    }
}

void insert(Tcb& thread, bool at_head) {
    if (thread.queued) return;
    State& state = states[thread.affinity];
    objects::ReadyQueue& queue = state.queues[thread.domain][thread.priority];
    if (queue.empty()) mark_ready(state, thread.domain, thread.priority);
    if (at_head)
        queue.push_front(thread);
    else
        queue.push_back(thread);
    thread.queued = true;
    if (&state != &own_state()) notify_hart(thread);
}

void switch_to(State& state, Tcb* thread) {
    state.current = thread;
    if (thread == nullptr) {
        objects::activate_vspace(nullptr);
        return;
    }
    thread->context.hart_ = &smp::this_hart();
    objects::activate_vspace(thread);
}

void choose(State& state) {
    if (domain_time_is_over()) next_domain();
    const int priority = highest(state, current_domain());
    if (priority < 0) {
        switch_to(state, nullptr);
        return;
    }
    Tcb& thread = *state.queues[current_domain()][priority].head;
    objects::dequeue(thread);
    switch_to(state, &thread);
}

// A candidate wins directly unless something else is at least as good.
void run_candidate(State& state, Tcb& candidate, bool current_was_runnable) {
    const Tcb* current = state.current;
    const bool lower = current == nullptr || candidate.priority < current->priority;
    if (lower && candidate.priority < highest(state, current_domain())) {
        objects::enqueue(candidate);
        choose(state);
    } else if (current_was_runnable && candidate.priority == current->priority) {
        objects::append(candidate);
        choose(state);
    } else {
        switch_to(state, &candidate);
    }
}

} // namespace

State& state_of(base::HartIndex hart) { return states[hart]; }
State& own_state() { return states[smp::this_hart().index_]; }

void schedule() {
    State& state = own_state();
    Tcb* candidate = state.candidate;
    if (candidate == nullptr && !state.choose_new) [[likely]]
        return;
    const bool choose_new = state.choose_new;
    state.candidate = nullptr;
    state.choose_new = false;
    const bool was_runnable = state.current != nullptr && state.current->runnable();
    if (was_runnable) objects::enqueue(*state.current);
    if (choose_new)
        choose(state);
    else
        run_candidate(state, *candidate, was_runnable);
    // Enqueueing our own thread must not leave a new action behind.
    ASSERT(state.candidate == nullptr);
}

void activate_current() {
    Tcb* thread = own_state().current;
    if (thread != nullptr && thread->state == ThreadState::Restart) {
        thread->context.next_ip_ = thread->context.fault_ip_;
        thread->state = ThreadState::Running;
    }
}

void yield() {
    objects::append(objects::current_thread());
    objects::reschedule_required();
}

void timer_tick() {
    Tcb* thread = own_state().current;
    if (thread != nullptr && thread->state == ThreadState::Running) {
        if (thread->time_slice > 1) {
            --thread->time_slice;
        } else {
            thread->time_slice = objects::time_slice_ticks;
            objects::append(*thread);
            objects::reschedule_required();
        }
    }
    if (domain_tick()) objects::reschedule_required();
}

void set_priority(Tcb& thread, u8 priority) {
    objects::dequeue(thread);
    thread.priority = priority;
    if (!thread.runnable()) return;
    if (&thread == objects::current_or_null())
        objects::reschedule_required();
    else
        objects::possible_switch_to(thread);
}

void set_domain(Tcb& thread, u8 domain) {
    objects::dequeue(thread);
    thread.domain = domain;
    if (thread.runnable() && &thread != objects::current_or_null()) objects::enqueue(thread);
    if (&thread == objects::current_or_null()) objects::reschedule_required();
}

void set_affinity(Tcb& thread, base::HartIndex hart) {
    if (thread.affinity == hart) return;
    objects::dequeue(thread);
    objects::release_fpu(thread);
    State& own = own_state();
    const bool is_current = own.current == &thread;
    thread.affinity = hart;
    if (is_current) {
        // It leaves this hart: what follows here is chosen anew.
        own.current = nullptr;
        objects::reschedule_required();
    }
    if (thread.runnable()) objects::enqueue(thread);
}

int highest_ready(base::HartIndex hart) { return highest(states[hart], current_domain()); }

} // namespace scheduler

namespace objects {

using scheduler::own_state;

void enqueue(Tcb& thread) { scheduler::insert(thread, true); }
void append(Tcb& thread) { scheduler::insert(thread, false); }

void dequeue(Tcb& thread) {
    if (!thread.queued) return;
    scheduler::State& state = scheduler::state_of(thread.affinity);
    ReadyQueue& queue = state.queues[thread.domain][thread.priority];
    queue.remove(thread);
    if (queue.empty()) scheduler::unmark_ready(state, thread.domain, thread.priority);
    thread.queued = false;
}

void reschedule_required() {
    scheduler::State& state = own_state();
    Tcb* candidate = state.candidate;
    state.candidate = nullptr;
    state.choose_new = true;
    if (candidate != nullptr) enqueue(*candidate);
}

void possible_switch_to(Tcb& thread) {
    scheduler::State& state = own_state();
    if (thread.domain != scheduler::current_domain() || &state != &scheduler::state_of(thread.affinity)) {
        enqueue(thread);
    } else if (state.candidate != nullptr || state.choose_new) {
        enqueue(thread);
        reschedule_required();
    } else {
        state.candidate = &thread;
    }
}

void set_state(Tcb& thread, ThreadState state) {
    thread.state = state;
    if (thread.stopped()) {
        scheduler::State& own = own_state();
        if (own.current == &thread && own.candidate == nullptr && !own.choose_new) own.choose_new = true;
    }
}

Tcb& current_thread() { return *own_state().current; }
Tcb* current_or_null() { return own_state().current; }

bool preemption_point() {
    constexpr u32 work_units_per_check = 100;
    scheduler::State& state = own_state();
    if (++state.work_units < work_units_per_check) return false;
    state.work_units = 0;
    return arch::interrupt_pending();
}

} // namespace objects
