#include "async/ring.hpp"

#include "arch/arch.hpp"

namespace async {

using objects::QueueState;

namespace {

using base::load_relaxed;
using base::store_relaxed;
using base::store_release;

bool exchange(u32& word, u32 expected, u32 desired) {
    return __atomic_compare_exchange_n(&word, &expected, desired, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

Fetch die(AsyncQueue& queue, u32 reason) {
    kill(queue, reason);
    return Fetch::Dead;
}

} // namespace

Fetch look_for_requests(AsyncQueue& queue) {
    // Acquire: pairs with the user's release of sq_tail; slots before it are written.
    const u32 tail = base::load_acquire(queue.control->sq_tail);
    const u32 available = tail - static_cast<u32>(queue.sq_head);
    if (available == 0) return Fetch::Empty;
    if (available > queue.slot_mask + 1) return die(queue, TAIL4_ASYNC_BAD_TAIL);
    queue.sq_tail = queue.sq_head + available;
    return Fetch::Request;
}

void fetch_rest(AsyncQueue& queue, const tail4_AsyncSlot& slot) {
    for (unsigned i = first_line_words; i < TAIL4_ASYNC_SLOT_WORDS; ++i) queue.words[i] = load_relaxed(slot.words[i]);
    for (unsigned i = 1; i < TAIL4_ASYNC_SLOT_CAPS; ++i) queue.caps[i] = load_relaxed(slot.more_caps[i - 1]);
}

Fetch fetch_wide(AsyncQueue& queue) {
    const AsyncRequest& request = queue.request;
    if ((request.flags() & TAIL4_ASYNC_SLOT_WIDE) == 0) return Fetch::Request; // refused when carried out
    if (request.index % TAIL4_ASYNC_WIDE_SLOTS != 0) return die(queue, TAIL4_ASYNC_BAD_INDEX);
    const auto* words = reinterpret_cast<const u64*>(&queue.shared[request.index + 1]);
    const bool each = (request.flags() & TAIL4_ASYNC_SLOT_EACH) != 0;
    const unsigned end = each ? unsigned{TAIL4_ASYNC_EACH_END} : unsigned{TAIL4_ASYNC_WIDE_WORDS};
    queue.each_done = 0;
    for (unsigned i = TAIL4_ASYNC_SLOT_WORDS; i < end; ++i)
        queue.words[i] = load_relaxed(words[i - TAIL4_ASYNC_SLOT_WORDS]);
    return Fetch::Request;
}

unsigned write_results(AsyncQueue& queue, const u64* words, unsigned count) {
    tail4_AsyncSlot& slot = queue.shared[queue.request.index];
    const unsigned room = request_words(queue.request);
    if (count > room) count = room;
    for (unsigned i = 0; i < count && i < TAIL4_ASYNC_SLOT_WORDS; ++i) store_relaxed<u64>(slot.words[i], words[i]);
    if (count > TAIL4_ASYNC_SLOT_WORDS) {
        auto* wide = reinterpret_cast<u64*>(&queue.shared[queue.request.index + 1]);
        for (unsigned i = TAIL4_ASYNC_SLOT_WORDS; i < count; ++i)
            store_relaxed(wide[i - TAIL4_ASYNC_SLOT_WORDS], words[i]);
    }
    return count;
}

void follow_submitter(AsyncQueue& queue) {
    const u32 wanted = load_relaxed(queue.control->sq_priority);
    if (wanted == 0)
        queue.priority = queue.own_priority;
    else
        queue.priority = wanted < queue.max_priority ? static_cast<u8>(wanted) : queue.max_priority;
}

bool user_is_polling(const AsyncQueue& queue) { return load_relaxed(queue.control->ustate) == TAIL4_ASYNC_POLLING; }

bool user_is_blocked(const AsyncQueue& queue) {
    arch::full_fence(); // partner: the user's fence between ustate = BLOCKED and its look at kstate
    const u32 state = load_relaxed(queue.control->ustate);
    return state == TAIL4_ASYNC_BLOCKED || state > TAIL4_ASYNC_POLLING;
}

Wake publish(AsyncQueue& queue) {
    const u32 tail = static_cast<u32>(queue.cq_tail);
    const bool ring_used = queue.announced != tail;
    queue.announced = tail;
    if (ring_used) store_release(queue.control->cq_tail, tail);
    // Publish, then look: the user changes ustate, then looks at the ring and at its TAIC queue. One of both sees the
    // other (async-design.md 6.2); device stores of direct wake-ups take part.
    arch::full_fence();
    const u32 state = load_relaxed(queue.control->ustate);
    switch (state) {
    case TAIL4_ASYNC_RUNNING:
    case TAIL4_ASYNC_NOTIFIED:
    case TAIL4_ASYNC_DEAD: return Wake::None;
    case TAIL4_ASYNC_POLLING:
        if (!ring_used) return Wake::None;
        return exchange(queue.control->ustate, state, TAIL4_ASYNC_NOTIFIED) ? Wake::Dispatcher : Wake::None;
    default: // BLOCKED; an unknown value counts as it
        return exchange(queue.control->ustate, state, TAIL4_ASYNC_NOTIFIED) ? Wake::Sleeper : Wake::None;
    }
}

bool prepare_sleep(AsyncQueue& queue) {
    u32& state = queue.control->kstate;
    store_relaxed(queue.control->sq_head, static_cast<u32>(queue.sq_head));
    write_counters(queue);
    store_relaxed<u32>(state, TAIL4_ASYNC_BLOCKED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST); // partner: the user's fence between sq_tail and kstate
    if (!has_submissions(queue)) return true;
    store_relaxed<u32>(state, TAIL4_ASYNC_RUNNING); // if the user had NOTIFIED us, that doorbell finds nothing to do
    return false;
}

void kill(AsyncQueue& queue, u32 reason) {
    queue.state = QueueState::Dead;
    store_relaxed(queue.control->dead_reason, reason);
    write_counters(queue);
    store_release<u32>(queue.control->kstate, TAIL4_ASYNC_DEAD);
}

void write_counters(AsyncQueue& queue) {
    volatile tail4_AsyncControl& control = *queue.control;
    control.requests = queue.requests();
    control.completions = queue.completed();
    control.rejected = queue.rejected;
    control.wakeups = queue.wakeups;
}

} // namespace async
