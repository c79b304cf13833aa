#include "async/executor.hpp"

#include "arch/arch.hpp"
#include "async/doorbell.hpp"
#include "async/ready_list.hpp"
#include "async/ring.hpp"
#include "async/worker.hpp"
#include "scheduler/scheduler.hpp"
#include "smp/kernel_lock.hpp"

namespace async {

using objects::QueueState;
using objects::WorkerState;

namespace {

constexpr u32 spin_limit = 4000;
constexpr u32 max_polled = 16;
// Doorbells taken in one go; a user that rings for ever must not keep the hart.
constexpr u32 most_doorbells = 64;
// A thread's time goes to queues of its own priority for at most one part in so many.
constexpr u64 least_pause = 31;

u32 bound_queues = 0;
u32 taic_queues = 0; // of these, in process_queue
AsyncQueue* process_queue[max_processes];
[[gnu::section(".bss.hot.async")]] ReadyList ready_lists[scheduler::max_domains];
u8 offered_domain = 0; // whose ready queues have been offered to the harts

// Of the domain that runs; the others' queues wait for their time.
ReadyList& ready() { return ready_lists[scheduler::current_domain()]; }
bool has_time(const AsyncQueue& queue) { return queue.domain == scheduler::current_domain(); }

// What a spinning hart compares, without the lock, while others may end the queue and reuse its memory: it must not
// follow pointers there, but a word of RAM is harmless to read, and what it says is a hint only.
struct Sight {
    const u32* tail;
    u32 head;
    // The queue's, as of set_sight(): while another domain runs, what has come for this one is no reason to stop
    // spinning. A copy, as the queue may be gone; whoever takes the lock asks the queue itself (has_time).
    u32 domain;
    bool changed() const {
        return base::load_relaxed(*base::load_relaxed(tail)) != base::load_relaxed(head) &&
            base::load_relaxed(domain) == base::load_relaxed(scheduler::running_domain);
    }
};

// Sights and their count are read without the lock by harts that spin; one of an ended queue stays readable.
[[gnu::section(".bss.hot.async")]] AsyncQueue* polled[max_polled];
[[gnu::section(".bss.hot.async")]] Sight polled_sights[max_polled];
u32 polled_count = 0;
// The one hart that watches them. As long as a hart is idle there is one: who gets a thread hands over, and who becomes
// idle takes it up. Harts read it without the lock while they spin.
u32 watcher = no_service_hart;

struct alignas(64) Watch {
    AsyncQueue* queue; // lock held
    bool expired;
    bool idle; // the hart is in its idle loop and can watch
    Sight sight;
};
[[gnu::section(".bss.hot.async")]] Watch watches[base::max_harts];

// What each hart ran when it last chose the service hart, as a priority.
constexpr int never_chosen = -2;
int chosen_with[base::max_harts];

u64 pause_end[base::max_harts]; // before then the hart's ticks serve no queue of equal priority

Watch& own_watch() { return watches[smp::this_hart().index_]; }

void set_sight(Sight& sight, const AsyncQueue& queue) {
    base::store_relaxed<const u32*>(sight.tail, &queue.control->sq_tail);
    base::store_relaxed(sight.head, static_cast<u32>(queue.sq_head));
    base::store_relaxed(sight.domain, u32{queue.domain});
}

void resume(AsyncQueue& queue) {
    ready_lists[queue.domain].remove(queue);
    queue.worker_state = WorkerState::Running;
    base::coro::resume(queue.worker);
    if (queue.state == QueueState::Dead) bury(queue);
}

void stop_watching(const AsyncQueue& queue) {
    for (Watch& watch : watches) {
        if (watch.queue == &queue) watch.queue = nullptr;
    }
    for (u32 i = 0; queue.polled && i < polled_count; ++i) {
        if (polled[i] != &queue) continue;
        base::store_relaxed(polled_count, polled_count - 1);
        polled[i] = polled[polled_count];
        set_sight(polled_sights[i], *polled[i]);
    }
}

bool polled_work() {
    if (base::load_relaxed(polled_count) == 0) return false;
    // Acquire: pairs with the release in enter(). An older sight may have no tail, and no branch orders a load.
    const u32 count = base::load_acquire(polled_count);
    for (u32 i = 0; i < count; ++i) {
        if (polled_sights[i].changed()) return true;
    }
    return false;
}

void look_at_polled() {
    for (u32 i = 0; i < polled_count; ++i) {
        if (polled[i]->worker_state != WorkerState::Polling) continue;
        if (has_submissions(*polled[i]))
            make_ready(*polled[i]);
        else
            set_sight(polled_sights[i], *polled[i]); // a Drive may have taken what there was
    }
}

int priority_on(u32 hart) {
    const objects::Tcb* thread = scheduler::state_of(hart).current;
    return thread == nullptr ? -1 : int{thread->priority};
}

// The hart that runs the least important thing, if that is below `limit`; among equals `favourite`.
u32 least_important_hart(int limit, u32 favourite) {
    u32 best = no_service_hart;
    for (u32 hart = 0; hart < smp::hart_count; ++hart) {
        const int priority = priority_on(hart);
        if (priority < limit || (priority == limit && hart == favourite && best != no_service_hart)) {
            best = hart;
            limit = priority;
        }
    }
    return best;
}

u32 own_hart() { return smp::this_hart().index_; }

// An idle hart, which may sleep, watches the polled queues from now on.
void call_watcher() {
    u32 idle = 0;
    while (idle < smp::hart_count && !watches[idle].idle) ++idle;
    const bool found = polled_count != 0 && idle < smp::hart_count;
    base::store_relaxed(watcher, found ? idle : no_service_hart);
    if (found && idle != own_hart()) smp::kick_at_unlock(base::bit(idle));
}

void choose_service_hart() {
    if (!taic_present()) return;
    if (bound_queues == 0) {
        set_service_hart(no_service_hart);
        return;
    }
    int limit = -1;
    for (const AsyncQueue* queue : process_queue) {
        if (queue != nullptr && has_time(*queue) && queue->priority > limit) limit = queue->priority;
    }
    set_service_hart(least_important_hart(limit, service_hart()));
}

// The first ready queue goes to the hart with the least important thing to do; if there is none it waits for a tick.
void offer() {
    if (ready().empty()) return;
    const u32 hart = least_important_hart(ready().highest(), own_hart());
    if (hart == no_service_hart) return;
    if (hart == own_hart())
        smp::kick_self();
    else
        smp::kick_at_unlock(base::bit(hart));
}

} // namespace

u32 bound_count() { return bound_queues; }
const AsyncQueue* queue_of_process(u32 process) { return process_queue[process]; }
const AsyncQueue* first_ready(u8 domain, u8 priority) { return ready_lists[domain].first(priority); }
bool active() { return bound_queues != 0; }
bool work_left() { return !ready().empty(); }

void enter(AsyncQueue& queue) {
    queue.bound = true;
    if (bound_queues++ == 0) {
        for (u64& end : pause_end) end = 0;
        for (int& priority : chosen_with) priority = never_chosen;
    }
    if (queue.taic_process != 0) {
        process_queue[queue.taic_process] = &queue;
        ++taic_queues;
    }
    queue.worker_state = WorkerState::Asleep;
    if (queue.polled) {
        polled[polled_count] = &queue;
        set_sight(polled_sights[polled_count], queue);
        base::store_release(polled_count, polled_count + 1); // a sight is there before it is counted
        make_ready(queue);                                   // its first turn makes it Polling
        if (polled_count == 1) call_watcher();
    }
    choose_service_hart();
}

void leave(AsyncQueue& queue) {
    if (!queue.bound) return;
    queue.bound = false;
    --bound_queues;
    ready_lists[queue.domain].remove(queue);
    if (queue.taic_process != 0) {
        process_queue[queue.taic_process] = nullptr;
        --taic_queues;
    }
    stop_watching(queue);
    choose_service_hart();
}

void make_ready(AsyncQueue& queue) {
    queue.worker_state = WorkerState::Ready;
    ready_lists[queue.domain].remove(queue);
    follow_submitter(queue);
    ready_lists[queue.domain].push(queue);
}

// A word may be late, or name a worker that is awake already.
void take_doorbells() {
    if (!taic_present()) return;
    for (u32 taken = 0; taken < most_doorbells; ++taken) {
        const taic::TaskWord word = dequeue();
        if (word.empty()) return;
        AsyncQueue* queue = word.id() < max_processes ? process_queue[word.id()] : nullptr;
        if (queue != nullptr && queue->worker_state == WorkerState::Asleep) make_ready(*queue);
    }
}

void look_for_lost_doorbells() {
    u32 left = taic_queues;
    for (u32 process = 0; left != 0 && process < max_processes; ++process) {
        AsyncQueue* queue = process_queue[process];
        if (queue == nullptr) continue;
        --left;
        if (queue->worker_state != WorkerState::Asleep) continue;
        const u32 state = base::load_relaxed(queue->control->kstate); // a hint of the user's, no more
        if (state == TAIL4_ASYNC_NOTIFIED) make_ready(*queue);
    }
}

void bury(AsyncQueue& queue) {
    if (!queue.bound) return;
    NotificationDoorbell::rouse(queue);
    leave(queue);
}

[[gnu::hot]] void run_ready() {
    const objects::Tcb* running = objects::current_or_null();
    while (ready().highest() > priority_on(own_hart())) {
        resume(*ready().pop());                            // at least one: whatever interrupts come, there is progress
        if (objects::current_or_null() != running) return; // the thread ended itself through its queue
        take_doorbells();
        if (arch::interrupt_pending() || smp::lock_contended()) {
            // Lets others in, then goes on; an idle hart comes back by itself.
            if (running != nullptr && work_left()) smp::kick_self();
            return;
        }
    }
    if (work_left()) offer(); // a word of the device may have been for another hart, which no longer sees it
}

void tick() {
    take_doorbells();
    look_for_lost_doorbells();
    look_at_polled();
    const objects::Tcb* running = objects::current_or_null();
    const u64 start = arch::read_time();
    u64& pause = pause_end[own_hart()];
    if (ready().highest() == priority_on(own_hart()) && ready().highest() >= 0 && start >= pause) {
        resume(*ready().pop());
        const u64 end = arch::read_time();
        pause = end + least_pause * (end - start); // a long turn is paid for before the next
        if (objects::current_or_null() != running) return;
    }
    run_ready();
}

void follow_domain() {
    if (offered_domain == scheduler::current_domain()) return;
    offered_domain = scheduler::current_domain();
    choose_service_hart();
    offer();
}

[[gnu::hot]] void update_service_hart() {
    const int priority = priority_on(own_hart());
    if (priority == chosen_with[own_hart()]) return;
    chosen_with[own_hart()] = priority;
    choose_service_hart();
}

bool may_poll() {
    return smp::hart_count > 1 && scheduler::own_state().current == nullptr && !own_watch().expired &&
        own_watch().queue == nullptr;
}

bool is_watching() { return own_watch().queue != nullptr; }

bool take_up_polling() {
    own_watch().idle = true;
    if (polled_count != 0 && watcher == no_service_hart) base::store_relaxed(watcher, own_hart());
    return is_watching() || (polled_count != 0 && watcher == own_hart());
}

void stop_polling() {
    own_watch().idle = false;
    if (watcher == own_hart()) call_watcher();
    if (is_watching()) end_polling();
}

void watch(AsyncQueue& queue) {
    if (!queue.polled) {
        own_watch().queue = &queue;
        set_sight(own_watch().sight, queue);
        return;
    }
    for (u32 i = 0; i < polled_count; ++i) {
        if (polled[i] == &queue) set_sight(polled_sights[i], queue);
    }
}

void spin() {
    const Watch& own = own_watch(); // its sight is this hart's alone
    const bool watching = base::load_relaxed(own.queue) != nullptr;
    const bool polling = base::load_relaxed(watcher) == own_hart(); // who is called now is interrupted as well
    // For the polled queues it goes on without an end: a hart that takes the lock now and then just to look once more
    // would keep it from those who work.
    for (u32 i = 0; i < spin_limit || !watching; ++i) {
        if ((watching && own.sight.changed()) || (polling && polled_work()) || arch::interrupt_pending()) return;
        if (!watching && base::load_relaxed(polled_count) == 0) return;
    }
}

void end_polling() {
    look_at_polled();
    Watch& watch = own_watch();
    AsyncQueue* queue = watch.queue;
    if (queue == nullptr) return;
    watch.queue = nullptr;
    if (!has_time(*queue)) {
        make_ready(*queue);
        return;
    }
    // With nothing to do the worker must now go to sleep properly: it has to run for that, too.
    watch.expired = !has_submissions(*queue);
    resume(*queue);
    watch.expired = false;
    if (queue->worker_state == WorkerState::Ready) offer();
}

} // namespace async

namespace objects {

bool room_for_polled() { return async::polled_count < async::max_polled; }

void wake(AsyncQueue& queue) {
    if (queue.worker_state == WorkerState::Asleep) async::make_ready(queue);
    async::offer();
}

} // namespace objects
