// The kernel's end of a queue's rings: taking requests out of user-writable memory, and giving completions back.
// Every word is read once, every index checked; what does not fit kills this queue and nothing else.
// Source: async-design.md 6.2, 6.4, 10.1 to 10.5; sel4/async_abi.h.
#pragma once

#include "objects/async_queue.hpp"

namespace async {

using objects::AsyncQueue;

enum class Fetch : u8 { Empty, Request, Dead };

// Copies the next request into queue.request.
Fetch fetch(AsyncQueue& queue);

// True when the user has published requests the kernel has not taken. May be asked without the lock, as a hint.
bool has_submissions(const AsyncQueue& queue);

// The message words of a request that the user may use, and the room for results.
inline unsigned request_words(const objects::AsyncRequest& request) {
    return (request.flags & TAIL4_ASYNC_SLOT_WIDE) != 0 ? TAIL4_ASYNC_WIDE_WORDS : TAIL4_ASYNC_SLOT_WORDS;
}

// Writes the outcome of queue.request into its slot and notes the completion, visible to the user at publish().
void complete(AsyncQueue& queue, u32 error, const u64* words, unsigned count);

enum class Wake : u8 {
    None,
    Dispatcher, // a polling executor has to look at the completion ring
    Sleeper,    // the executor sleeps in the kernel
};
// Makes the noted completions visible. `send_vector(vec)` is called for each that goes to its TAIC vector directly.
template <class SendVector>
Wake publish(AsyncQueue& queue, SendVector send_vector);

// The worker wants to sleep; false: there is something to do after all.
[[nodiscard]] bool prepare_sleep(AsyncQueue& queue);
// The worker was woken, by whatever doorbell.
void wake_up(AsyncQueue& queue);

void kill(AsyncQueue& queue, u32 reason);
void write_counters(AsyncQueue& queue);

// --- Parts of publish.
bool user_is_polling(const AsyncQueue& queue);
void mark_done(AsyncQueue& queue, const objects::PendingCompletion& completion);
void push_completion(AsyncQueue& queue, u32 index);
Wake conclude_publish(AsyncQueue& queue, bool ring_used);

template <class SendVector>
Wake publish(AsyncQueue& queue, SendVector send_vector) {
    const u32 count = queue.pending_count;
    if (count == 0) return Wake::None;
    queue.pending_count = 0;
    const bool direct = queue.taic_process != 0 && user_is_polling(queue);
    bool ring_used = false;
    // Results before `done` (release for the whole batch); partner: the user's acquire load of `done` or of cq_tail.
    __atomic_thread_fence(__ATOMIC_RELEASE);
    for (u32 i = 0; i < count; ++i) {
        const objects::PendingCompletion& completion = queue.pending[i];
        mark_done(queue, completion);
        if (direct && completion.vec != TAIL4_ASYNC_DISPATCHER) {
            send_vector(completion.vec);
        } else {
            push_completion(queue, completion.index);
            ring_used = true;
        }
    }
    return conclude_publish(queue, ring_used);
}

} // namespace async
