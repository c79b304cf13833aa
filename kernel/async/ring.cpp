#include "async/ring.hpp"

#include "arch/arch.hpp"

namespace async {

using objects::AsyncRequest;
using objects::PendingCompletion;
using objects::QueueState;

namespace {

u32 load_relaxed(const u32& word) { return __atomic_load_n(&word, __ATOMIC_RELAXED); }
u32 load_acquire(const u32& word) { return __atomic_load_n(&word, __ATOMIC_ACQUIRE); }
void store_relaxed(u32& word, u32 value) { __atomic_store_n(&word, value, __ATOMIC_RELAXED); }
void store_release(u32& word, u32 value) { __atomic_store_n(&word, value, __ATOMIC_RELEASE); }

bool exchange(u32& word, u32 expected, u32 desired) {
    return __atomic_compare_exchange_n(&word, &expected, desired, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED);
}

bool in_flight(const AsyncQueue& queue, u32 index) {
    return (queue.in_flight[index / 64] & base::bit(index % 64)) != 0;
}
void set_in_flight(AsyncQueue& queue, u32 index) { queue.in_flight[index / 64] |= base::bit(index % 64); }
void clear_in_flight(AsyncQueue& queue, u32 index) { queue.in_flight[index / 64] &= ~base::bit(index % 64); }

u32 slots_of(u32 flags) { return (flags & TAIL4_ASYNC_SLOT_WIDE) != 0 ? TAIL4_ASYNC_WIDE_SLOTS : 1; }

Fetch die(AsyncQueue& queue, u32 reason) {
    kill(queue, reason);
    return Fetch::Dead;
}

// One copy of one slot. The words of a wide request go on in the three slots behind it, 16 in each.
void copy_slot(const AsyncQueue& queue, u32 index, AsyncRequest& request) {
    const volatile tail4_AsyncSlot& slot = queue.shared[index];
    request.op = slot.op;
    request.flags = slot.flags;
    request.vec = slot.vec;
    request.generation = slot.generation;
    request.cptr = slot.cptr;
    for (unsigned i = 0; i < TAIL4_ASYNC_SLOT_WORDS; ++i) request.words[i] = slot.words[i];
    for (unsigned i = 0; i < TAIL4_ASYNC_SLOT_CAPS; ++i) request.caps[i] = slot.caps[i];
    request.index = index;
}

void copy_wide_words(const AsyncQueue& queue, u32 index, AsyncRequest& request) {
    const auto* words = reinterpret_cast<const volatile u64*>(&queue.shared[index + 1]);
    for (unsigned i = TAIL4_ASYNC_SLOT_WORDS; i < TAIL4_ASYNC_WIDE_WORDS; ++i)
        request.words[i] = words[i - TAIL4_ASYNC_SLOT_WORDS];
}

} // namespace

Fetch fetch(AsyncQueue& queue) {
    // Acquire: pairs with the user's release of sq_tail; slots before it are written.
    const u32 tail = load_acquire(queue.control->sq_tail);
    const u32 available = tail - queue.sq_head;
    if (available == 0) return Fetch::Empty;
    if (available > queue.slot_count) [[unlikely]]
        return die(queue, TAIL4_ASYNC_BAD_TAIL);
    const u32 mask = queue.slot_count - 1;
    u32 index = load_relaxed(queue.sq[queue.sq_head & mask]);
    if (index > mask) [[unlikely]]
        return die(queue, TAIL4_ASYNC_BAD_INDEX);
    index &= mask; // also for speculation past the check
    if (in_flight(queue, index)) [[unlikely]]
        return die(queue, TAIL4_ASYNC_SLOT_IN_USE);
    copy_slot(queue, index, queue.request);
    if ((queue.request.flags & TAIL4_ASYNC_SLOT_WIDE) != 0) [[unlikely]] {
        if (index % TAIL4_ASYNC_WIDE_SLOTS != 0) return die(queue, TAIL4_ASYNC_BAD_INDEX);
        for (u32 i = 1; i < TAIL4_ASYNC_WIDE_SLOTS; ++i) {
            if (in_flight(queue, index + i)) return die(queue, TAIL4_ASYNC_SLOT_IN_USE);
            set_in_flight(queue, index + i);
        }
        copy_wide_words(queue, index, queue.request);
    }
    set_in_flight(queue, index);
    ++queue.sq_head;
    ++queue.requests;
    return Fetch::Request;
}

bool has_submissions(const AsyncQueue& queue) { return load_relaxed(queue.control->sq_tail) != queue.sq_head; }

void complete(AsyncQueue& queue, u32 error, const u64* words, unsigned count) {
    const AsyncRequest& request = queue.request;
    volatile tail4_AsyncSlot& slot = queue.shared[request.index];
    const unsigned room = request_words(request);
    if (count > room) count = room;
    auto* wide = reinterpret_cast<volatile u64*>(&queue.shared[request.index + (room > TAIL4_ASYNC_SLOT_WORDS)]);
    for (unsigned i = 0; i < count; ++i) {
        if (i < TAIL4_ASYNC_SLOT_WORDS)
            slot.words[i] = words[i];
        else
            wide[i - TAIL4_ASYNC_SLOT_WORDS] = words[i];
    }
    queue.pending[queue.pending_count++] = {request.index, request.generation, request.vec,
                                            tail4_async_status(error, count)};
    clear_in_flight(queue, request.index);
    for (u32 i = 1; i < slots_of(request.flags); ++i) clear_in_flight(queue, request.index + i);
    ++queue.completions;
}

bool user_is_polling(const AsyncQueue& queue) { return load_relaxed(queue.control->ustate) == TAIL4_ASYNC_POLLING; }

void mark_done(AsyncQueue& queue, const PendingCompletion& completion) {
    tail4_AsyncSlot& slot = queue.shared[completion.index];
    store_relaxed(slot.status, completion.status);
    store_release(slot.done, completion.generation);
}

void push_completion(AsyncQueue& queue, u32 index) {
    store_relaxed(queue.cq[queue.cq_tail & (queue.slot_count - 1)], index);
    ++queue.cq_tail;
}

Wake conclude_publish(AsyncQueue& queue, bool ring_used) {
    if (ring_used) store_release(queue.control->cq_tail, queue.cq_tail);
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
    store_relaxed(queue.control->sq_head, queue.sq_head);
    write_counters(queue);
    store_relaxed(state, TAIL4_ASYNC_BLOCKED);
    __atomic_thread_fence(__ATOMIC_SEQ_CST); // partner: the user's fence between sq_tail and kstate
    if (!has_submissions(queue)) return true;
    store_relaxed(state, TAIL4_ASYNC_RUNNING); // if the user had NOTIFIED us, that doorbell finds nothing to do
    return false;
}

void wake_up(AsyncQueue& queue) { store_relaxed(queue.control->kstate, TAIL4_ASYNC_RUNNING); }

void kill(AsyncQueue& queue, u32 reason) {
    queue.state = QueueState::Dead;
    store_relaxed(queue.control->dead_reason, reason);
    write_counters(queue);
    store_release(queue.control->kstate, TAIL4_ASYNC_DEAD);
}

void write_counters(AsyncQueue& queue) {
    volatile tail4_AsyncControl& control = *queue.control;
    control.requests = queue.requests;
    control.completions = queue.completions;
    control.rejected = queue.rejected;
    control.wakeups = queue.wakeups;
}

} // namespace async
