#include "async/executor.hpp"

#include "arch/arch.hpp"
#include "async/ring.hpp"
#include "async/taic_device.hpp"
#include "async/worker.hpp"
#include "objects/upcalls.hpp"
#include "scheduler/scheduler.hpp"
#include "smp/kernel_lock.hpp"

namespace async {

using objects::AsyncQueue;
using objects::QueueState;
using objects::WorkerState;

namespace {

// Task ids below this are TAIC processes; above: table index, and the generation of its use.
constexpr u64 first_queue_id = 64;
constexpr unsigned generation_shift = 16;
constexpr u32 spin_limit = 4000;

struct Entry {
    AsyncQueue* queue;
    u32 generation;
};
Entry table[max_queues];
u32 bound_queues = 0;
AsyncQueue* process_queue[max_processes];

// The ready queue of a machine without TAIC: each worker stands in it at most once, so it cannot overflow.
u64 ready_ring[max_queues];
u32 ready_head = 0;
u32 ready_tail = 0;
u32 ready_words = 0; // put there by make_ready and not taken yet, in whichever ready queue

struct alignas(64) Watch {
    AsyncQueue* queue;
    bool expired;
};
Watch watches[base::max_harts];

Watch& own_watch() { return watches[smp::this_hart().index_]; }

u64 id_of(const AsyncQueue& queue) {
    const u64 generation = table[queue.table_index].generation & 0xffff;
    return (first_queue_id + queue.table_index) | generation << generation_shift;
}

AsyncQueue* find(u64 id) {
    if (id < first_queue_id) return id < max_processes ? process_queue[id] : nullptr;
    const u64 index = (id & base::mask(generation_shift)) - first_queue_id;
    if (index >= max_queues) return nullptr;
    const Entry& entry = table[index];
    return (entry.generation & 0xffff) == id >> generation_shift ? entry.queue : nullptr;
}

// The owner may sleep: it has to see that nothing comes any more.
void bury(AsyncQueue& queue) {
    const caps::Cap& cap = queue.slots[static_cast<unsigned>(objects::QueueSlot::Notification)].cap;
    if (queue.in_table && cap.is(caps::CapType::Notification)) objects::signal(*cap.as_notification(), cap.badge());
    leave(queue);
}

void resume(AsyncQueue& queue) {
    queue.worker_state = WorkerState::Running;
    base::coro::resume(queue.worker);
    // A dead queue never runs again; its place is free for another.
    if (queue.state == QueueState::Dead) bury(queue);
}

// Takes the next ready worker; null: none. A doorbell's word may name a worker that is awake already.
AsyncQueue* take_ready(bool& found) {
    found = false;
    u64 id = 0;
    if (taic_present()) {
        const taic::TaskWord word = dequeue();
        if (word.empty()) return nullptr;
        id = word.id();
    } else {
        if (ready_head == ready_tail) return nullptr;
        id = ready_ring[ready_head++ % max_queues];
    }
    found = true;
    if (id >= first_queue_id && ready_words != 0) --ready_words;
    AsyncQueue* queue = find(id);
    if (queue != nullptr && id >= first_queue_id) queue->word_queued = false;
    return queue;
}

void stop_watching(const AsyncQueue& queue) {
    for (Watch& watch : watches) {
        if (watch.queue == &queue) watch.queue = nullptr;
    }
}

} // namespace

bool table_has_room() { return bound_queues < max_queues; }
bool active() { return bound_queues != 0; }
bool work_left() { return ready_words != 0; }

void enter(AsyncQueue& queue) {
    u32 index = 0;
    while (table[index].queue != nullptr) ++index;
    table[index].queue = &queue;
    queue.table_index = index;
    queue.in_table = true;
    ++bound_queues;
    if (queue.taic_process != 0) process_queue[queue.taic_process] = &queue;
    queue.worker_state = WorkerState::Asleep;
    update_service_hart();
}

void leave(AsyncQueue& queue) {
    if (!queue.in_table) return;
    queue.in_table = false;
    Entry& entry = table[queue.table_index];
    entry.queue = nullptr;
    ++entry.generation;
    --bound_queues;
    if (queue.taic_process != 0) process_queue[queue.taic_process] = nullptr;
    stop_watching(queue);
    update_service_hart();
}

void make_ready(AsyncQueue& queue) {
    queue.worker_state = WorkerState::Ready;
    if (queue.word_queued) return;
    queue.word_queued = true;
    ++ready_words;
    const u64 id = id_of(queue);
    if (taic_present())
        enqueue(taic::TaskWord::from_id(id));
    else
        ready_ring[ready_tail++ % max_queues] = id;
}

void run_now(AsyncQueue& queue) {
    if (queue.state != QueueState::Bound || queue.worker_state == WorkerState::Running) return;
    if (queue.worker_state == WorkerState::Ready || has_submissions(queue) || queue.preempted) resume(queue);
}

void run_ready() {
    const objects::Tcb* running = objects::current_or_null();
    bool found = true;
    while (found && objects::current_or_null() == running) {
        AsyncQueue* queue = take_ready(found);
        if (queue != nullptr && queue->worker_state != WorkerState::Running) resume(*queue);
        if (found && (arch::interrupt_pending() || smp::lock_contended())) return;
    }
}

void update_service_hart() {
    if (!taic_present()) return;
    if (bound_queues == 0) {
        set_service_hart(no_service_hart);
        return;
    }
    int queue_priority = -1;
    for (const AsyncQueue* queue : process_queue) {
        if (queue != nullptr && queue->priority > queue_priority) queue_priority = queue->priority;
    }
    const auto priority_of = [](u32 hart) {
        const objects::Tcb* thread = scheduler::state_of(hart).current;
        return thread == nullptr ? -1 : int{thread->priority};
    };
    u32 best = no_service_hart;
    int best_priority = queue_priority;
    const u32 present = service_hart();
    for (u32 hart = 0; hart < smp::hart_count; ++hart) {
        const int priority = priority_of(hart);
        if (priority < best_priority || (priority == best_priority && hart == present && best != no_service_hart)) {
            best = hart;
            best_priority = priority;
        }
    }
    set_service_hart(best);
}

bool may_poll() {
    return smp::hart_count > 1 && scheduler::own_state().current == nullptr && !own_watch().expired &&
        own_watch().queue == nullptr;
}

bool is_polling() { return own_watch().queue != nullptr; }

void watch(AsyncQueue& queue) { own_watch().queue = &queue; }

void spin() {
    // The queue may end meanwhile; reading its old memory is harmless, and end_polling looks again under the lock.
    const AsyncQueue* queue = own_watch().queue;
    if (queue == nullptr) return;
    for (u32 i = 0; i < spin_limit; ++i) {
        if (has_submissions(*queue) || arch::interrupt_pending()) return;
    }
}

void end_polling() {
    Watch& watch = own_watch();
    AsyncQueue* queue = watch.queue;
    if (queue == nullptr) return;
    watch.queue = nullptr;
    // With nothing to do the worker must now go to sleep properly: it has to run for that, too.
    watch.expired = !has_submissions(*queue);
    resume(*queue);
    watch.expired = false;
}

} // namespace async
