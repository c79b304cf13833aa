// The list of all threads, and what a new one starts with.
#include "objects/upcalls.hpp"
#include "scheduler/scheduler.hpp"

namespace scheduler {

namespace {

constexpr bool names_threads = TAIL4_DEBUG == 1; // as in seL4: only debug kernels spend time on it

objects::Tcb* threads = nullptr;

void name_after(objects::Tcb& thread, const objects::Tcb* creator) {
    unsigned length = 0;
    // A short name: a nest of them must not make 256 new threads a long operation.
    constexpr unsigned limit = 40;
    const auto put = [&thread, &length](const char* text) {
        for (; length < limit && *text != '\0'; ++text) thread.name[length++] = *text;
    };
    put("child of: '");
    put(creator != nullptr ? creator->name : "kernel");
    put("'");
    thread.name[length] = '\0';
}

} // namespace

void init_thread(objects::Tcb& thread, u8 domain, base::HartIndex hart) {
    thread.context.sstatus_ = arch::sstatus_spie;
    thread.affinity = hart;
    thread.context.hart_ = &smp::harts[hart];
    thread.domain = domain;
    thread.time_slice = objects::time_slice_ticks;
    if constexpr (names_threads) name_after(thread, objects::current_or_null());
    thread.debug_prev = nullptr;
    thread.debug_next = threads;
    if (threads != nullptr) threads->debug_prev = &thread;
    threads = &thread;
}

objects::Tcb* first_thread() { return threads; }

} // namespace scheduler

namespace objects {

void forget_thread(Tcb& thread) {
    (thread.debug_prev != nullptr ? thread.debug_prev->debug_next : scheduler::threads) = thread.debug_next;
    if (thread.debug_next != nullptr) thread.debug_next->debug_prev = thread.debug_prev;
    // Its memory may be another object's before this kernel entry is over.
    scheduler::State& own = scheduler::own_state();
    if (own.current == &thread) own.current = nullptr;
}

} // namespace objects
