#include "scheduler/scheduler.hpp"

#include "arch/arch.hpp"
#include "base/bits.hpp"
#include "objects/upcalls.hpp"
#include "objects/user_interrupts.hpp"
#include "scheduler/domains.hpp"
#include "smp/kernel_lock.hpp"
#include "smp/latency.hpp"

namespace scheduler {

using objects::Tcb;

namespace {

[[gnu::section(".bss.hot.scheduler")]] constinit State states[base::max_harts] = {};

void mark_ready(State& state, unsigned domain, unsigned priority) {
    const unsigned rank = priorities - 1 - priority;
    state.ready[domain][rank / 64] |= base::bit(rank % 64);
    state.summary[domain] |= base::bit(rank / 64);
}

void unmark_ready(State& state, unsigned domain, unsigned priority) {
    const unsigned rank = priorities - 1 - priority;
    u64& word = state.ready[domain][rank / 64];
    word &= ~base::bit(rank % 64);
    if (word == 0) state.summary[domain] &= ~base::bit(rank / 64);
}

// Another hart got a thread: it has to look, unless what it runs is at least as important.
void notify_hart(const Tcb& thread) {
    const Tcb* other = states[thread.affinity].current;
    if (other == nullptr || other->priority < thread.priority || other->domain != current_domain())
        let_choose(thread.affinity);
}

[[gnu::hot]] void insert(Tcb& thread, bool at_head) {
    if (thread.queued) return;
    State& state = states[thread.affinity];
    objects::ReadyQueue& queue = state.queues[thread.domain][thread.priority];
    if (queue.empty()) mark_ready(state, thread.domain, thread.priority);
    if (at_head)
        queue.push_front(thread);
    else
        queue.push_back(thread);
    thread.queued = true;
    if (&state != &own_state())
        notify_hart(thread);
    else if (thread.domain == current_domain() &&
             (state.current == nullptr || thread.priority > state.current->priority)) [[unlikely]]
        objects::reschedule_required(); // whichever way it came here, nobody less important goes on
}

void switch_to(State& state, Tcb& thread) {
    state.current = &thread;
    arch::drop_reservation(thread.context);
    if (thread.interrupt_id != 0) [[unlikely]]
        objects::exchange_user_interrupts(&thread); // schedule() has stored the last owner's
    if (thread.fpu_eager) [[unlikely]]
        give_fpu(state, thread);
    objects::activate_vspace(&thread);
}

[[gnu::hot]] void choose(State& state) {
    if (domain_time_is_over() && next_domain()) end_slices();
    const int priority = highest_ready(state);
    if (priority < 0) {
        state.current = nullptr;
        objects::activate_vspace(nullptr);
        return;
    }
    switch_to(state, take_first(state, static_cast<unsigned>(priority)));
}

// A candidate wins directly unless something else is at least as good.
void run_candidate(State& state, Tcb& candidate, bool current_was_runnable) {
    const Tcb* current = state.current;
    const bool lower = current == nullptr || candidate.priority < current->priority;
    if (lower && candidate.priority < highest_ready(state)) {
        objects::enqueue(candidate);
        choose(state);
    } else if (current_was_runnable && candidate.priority == current->priority) {
        objects::append(candidate);
        choose(state);
    } else {
        switch_to(state, candidate);
    }
}

// The same for a running thread that nothing has put at the end of its queue. It would be queued first of its priority,
// so it goes on unless something is above it: then it need not be queued at all. False: it may have to give way.
bool keeps_running(State& state, Tcb& current, Tcb* action) {
    if (current.queued || current.domain != current_domain() || domain_time_is_over()) return false;
    if (action == choose_new || action == &current) return highest_ready(state) <= current.priority;
    if (action->priority > current.priority) return false;
    insert(*action, action->priority < current.priority);
    ASSERT(highest_ready(state) <= current.priority); // two that wake up make it choose_new
    return true;
}

} // namespace

State& state_of(base::HartIndex hart) { return states[hart]; }

void let_choose(base::HartIndex hart) {
    State& other = states[hart];
    ASSERT(other.action == nullptr || other.action == choose_new); // no hart leaves the lock with a candidate
    other.action = choose_new;
    smp::kick_at_unlock(base::bit(hart));
}

bool action_is_sound(const State& state) {
    const Tcb* candidate = state.action;
    if (candidate == nullptr || candidate == choose_new) return true;
    return &state == &own_state() && candidate->runnable() && !candidate->queued && candidate != state.current &&
        candidate->affinity == smp::this_hart().index_ && candidate->domain == current_domain();
}

Tcb& take_first(State& state, unsigned priority) {
    objects::ReadyQueue& queue = state.queues[current_domain()][priority];
    Tcb& thread = queue.pop_front();
    if (queue.empty()) unmark_ready(state, current_domain(), priority);
    thread.queued = false;
    return thread;
}

[[gnu::hot]] void schedule() {
    State& state = own_state();
    if (state.action == nullptr) return;
    if (state.interrupt_owner != nullptr) [[unlikely]]
        objects::leave_user_interrupts(*state.interrupt_owner);
    Tcb* action = state.action;
    ASSERT(action_is_sound(state));
    state.action = nullptr;
    Tcb* current = state.current;
    const bool was_runnable = current != nullptr && current->runnable();
    if (was_runnable) {
        if (keeps_running(state, *current, action)) {
            if (current->interrupt_id != 0) [[unlikely]]
                objects::exchange_user_interrupts(current);
            return;
        }
        objects::enqueue(*current);
    }
    if (action == choose_new)
        choose(state);
    else
        run_candidate(state, *action, was_runnable);
    state.action = nullptr; // what choosing itself has queued needs no second look
}

// Nobody above the running thread is ready, so it is the next of its own priority's turn.
void yield() {
    State& state = own_state();
    Tcb& thread = *state.current;
    objects::ReadyQueue& queue = state.queues[thread.domain][thread.priority];
    if (state.action != nullptr || state.interrupt_owner != nullptr) {
        objects::append(thread);
        objects::reschedule_required();
    } else if (!queue.empty()) {
        Tcb& next = queue.pop_front();
        next.queued = false;
        queue.push_back(thread);
        thread.queued = true;
        switch_to(state, next);
    }
}

void timer_tick() {
    Tcb* thread = own_state().current;
    // A thread in Restart has been interrupted within a long call: that is its time, too, and equals take turns there.
    if (thread != nullptr && thread->runnable()) {
        if (thread->time_slice > 1) {
            --thread->time_slice;
        } else {
            thread->time_slice = objects::time_slice_ticks;
            objects::append(*thread);
            objects::reschedule_required();
        }
    }
    if (domain_tick()) objects::reschedule_required();
    if (objects::has_parked_receivers(smp::this_hart().index_)) [[unlikely]]
        objects::poll_parked_receivers();
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
    objects::move_parked_receiver(thread, thread.affinity, hart);
    thread.affinity = hart;
    thread.context.hart_ = &smp::harts[hart];
    // What it has synchronised its fetches with so far was another hart's.
    if (hart == smp::this_hart().index_)
        arch::local_fence_i();
    else
        smp::shoot_down(base::bit(hart), {smp::bit_of(smp::Request::FenceCode), 0, 0});
    if (is_current) {
        // It leaves this hart: what follows here is chosen anew.
        own.current = nullptr;
        objects::reschedule_required();
    }
    if (thread.runnable()) objects::possible_switch_to(thread);
}

} // namespace scheduler

namespace objects {

using scheduler::own_state;

void enqueue(Tcb& thread) { scheduler::insert(thread, true); }
void append(Tcb& thread) { scheduler::insert(thread, false); }

void dequeue(Tcb& thread) {
    if (!thread.queued) {
        scheduler::State& own = own_state();
        // No hart leaves the lock with a candidate, so it can only be the own one's.
        if (own.action == &thread) own.action = scheduler::choose_new;
        return;
    }
    scheduler::State& state = scheduler::state_of(thread.affinity);
    ReadyQueue& queue = state.queues[thread.domain][thread.priority];
    queue.remove(thread);
    if (queue.empty()) scheduler::unmark_ready(state, thread.domain, thread.priority);
    thread.queued = false;
}

void reschedule_required() {
    scheduler::State& state = own_state();
    Tcb* action = state.action;
    state.action = scheduler::choose_new;
    if (action != nullptr && action != scheduler::choose_new) enqueue(*action);
}

void possible_switch_to(Tcb& thread) {
    ASSERT(thread.runnable() && !thread.queued);
    scheduler::State& state = own_state();
    if (thread.domain != scheduler::current_domain() || thread.affinity != smp::this_hart().index_) {
        enqueue(thread);
    } else if (state.action != nullptr) {
        enqueue(thread);
        reschedule_required();
    } else {
        state.action = &thread;
    }
}

void set_state(Tcb& thread, ThreadState state) {
    thread.state = state;
    if (thread.stopped()) {
        dequeue(thread);
        scheduler::State& own = own_state();
        if (own.current == &thread && own.action == nullptr) own.action = scheduler::choose_new;
    }
}

Tcb& current_thread() { return *own_state().current; }
Tcb* current_or_null() { return own_state().current; }

bool preemption_point() {
    smp::end_stretch();
    smp::count_look();
    return arch::interrupt_pending() || smp::lock_contended();
}

} // namespace objects
