// The kernel's end of a queue's rings: taking requests out of user-writable memory, and giving completions back.
// Every word is read once, every index checked; what does not fit kills this queue and nothing else. A request is
// carried out before the next is taken, so the only slot in flight is that of queue.request.
// Source: async-design.md 6.2, 6.4, 10.1 to 10.5; sel4/async_abi.h.
#pragma once

#include "api/labels.hpp"
#include "base/atomic.hpp"
#include "objects/async_queue.hpp"

namespace async {

using objects::AsyncQueue;
using objects::AsyncRequest;

enum class Fetch : u8 { Empty, Request, Dead };

void kill(AsyncQueue& queue, u32 reason);
// The queue's priority becomes that of its pending requests, as the user says, up to the binder's MCP.
void follow_submitter(AsyncQueue& queue);
void write_counters(AsyncQueue& queue);

// Published requests that have been seen or are seen now; a hint, and not checked.
inline u32 submissions(const AsyncQueue& queue) {
    return base::load_relaxed(queue.control->sq_tail) - static_cast<u32>(queue.sq_head);
}
// True when the user has published requests the kernel has not taken. May be asked without the lock, as a hint.
inline bool has_submissions(const AsyncQueue& queue) { return submissions(queue) != 0; }

// Looks at the user's tail; afterwards queue.sq_tail is what may be fetched up to.
Fetch look_for_requests(AsyncQueue& queue);
// The words and capabilities behind the first ones.
void fetch_rest(AsyncQueue& queue, const tail4_AsyncSlot& slot);
// The rest of a fetch when the request is wide; Dead if it may not be.
Fetch fetch_wide(AsyncQueue& queue);

// Two neighbouring 32-bit words of a slot as one.
using Pair [[gnu::may_alias]] = u64;
inline u64 load_pair(const u32& first) {
    return *static_cast<const volatile Pair*>(static_cast<const volatile void*>(&first));
}

inline constexpr unsigned first_line_words = 3;
static_assert(offsetof(tail4_AsyncSlot, words) + first_line_words * sizeof(u64) == TAIL4_ASYNC_LINE);

// Copies a request, once: its header into queue.request, and as many words and capabilities as its operation takes.
[[gnu::always_inline]] inline void fetch_slot(AsyncQueue& queue, u64 index) {
    tail4_AsyncSlot& slot = queue.shared[index];
    // A store first: the line crosses from the user's hart once, for good, and not again for the answer.
    base::store_relaxed<u32>(slot.status, 0);
    queue.request = {load_pair(slot.op), load_pair(slot.vec), base::load_relaxed(slot.cptr), index};
    // What is in the first line is the usual request; the rest only if the operation takes it.
    for (unsigned i = 0; i < first_line_words; ++i) queue.words[i] = base::load_relaxed(slot.words[i]);
    queue.caps[0] = base::load_relaxed(slot.cap);
    const u32 op = queue.request.op();
    const bool long_one =
        op >= api::first_fixed_shape || api::shapes[op].words > first_line_words || api::shapes[op].caps > 1;
    if (long_one) [[unlikely]]
        fetch_rest(queue, slot);
}

// Copies the next request of the submission ring.
[[gnu::always_inline]] inline Fetch fetch(AsyncQueue& queue) {
    const u64 head = queue.sq_head;
    if (head == queue.sq_tail) [[unlikely]] {
        const Fetch found = look_for_requests(queue);
        if (found != Fetch::Request) return found;
    }
    const u64 mask = queue.slot_mask;
    const u64 index = base::load_relaxed(queue.sq[head & mask]);
    if (index > mask) [[unlikely]] {
        kill(queue, TAIL4_ASYNC_BAD_INDEX);
        return Fetch::Dead;
    }
    fetch_slot(queue, index & mask); // masked: also for speculation past the check
    queue.sq_head = head + 1;
    return queue.request.what >> 32 == 0 ? Fetch::Request : fetch_wide(queue);
}

// The message words of a request that the user may use, and the room for results.
inline unsigned request_words(const AsyncRequest& request) {
    return (request.flags() & TAIL4_ASYNC_SLOT_WIDE) != 0 ? TAIL4_ASYNC_WIDE_WORDS : TAIL4_ASYNC_SLOT_WORDS;
}

// Results of queue.request into its slot; returns how many there was room for.
unsigned write_results(AsyncQueue& queue, const u64* words, unsigned count);

// Marks a slot done: status and generation in one store, after the results (release; partner: the user's acquire).
inline void mark_done(AsyncQueue& queue, const AsyncRequest& request, u32 status) {
    static_assert(offsetof(tail4_AsyncSlot, status) % 8 == 0 && offsetof(tail4_AsyncSlot, done) % 8 == 4);
    auto* word = static_cast<volatile Pair*>(static_cast<volatile void*>(&queue.shared[request.index].status));
    __atomic_thread_fence(__ATOMIC_RELEASE);
    *word = request.generation_high() | status;
    if constexpr (TAIL4_DEBUG != 0) ++queue.delivered;
}

inline void push_completion(AsyncQueue& queue, u64 index) {
    base::store_relaxed(queue.cq[queue.cq_tail & queue.slot_mask], static_cast<u32>(index));
    ++queue.cq_tail;
}

// Makes the completion ring up to cq_tail visible to a user who runs beside the worker; publish() follows and wakes.
inline void show_completions(const AsyncQueue& queue) {
    base::store_release(queue.control->cq_tail, static_cast<u32>(queue.cq_tail));
}

enum class Wake : u8 {
    None,
    Dispatcher, // a polling executor has to look at the completion ring
    Sleeper,    // the executor sleeps in the kernel
};
bool user_is_polling(const AsyncQueue& queue);
// After kill(): it sleeps, or will look at kstate before it does.
bool user_is_blocked(const AsyncQueue& queue);
// Makes the completion ring up to cq_tail visible and asks who has to be woken for it.
Wake publish(AsyncQueue& queue);

// The worker wants to sleep; false: there is something to do after all.
[[nodiscard]] bool prepare_sleep(AsyncQueue& queue);
// The worker was woken, by whatever doorbell.
inline void wake_up(AsyncQueue& queue) { base::store_relaxed<u32>(queue.control->kstate, TAIL4_ASYNC_RUNNING); }

} // namespace async
