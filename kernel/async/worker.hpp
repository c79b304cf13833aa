// The worker: one kernel coroutine per bound queue. It takes requests, runs them with the decode and commit of the
// synchronous calls, publishes the results, and suspends when there is nothing left or its turn is over.
#pragma once

#include "base/coro/task.hpp"
#include "objects/async_queue.hpp"

namespace async {

// How many requests one turn serves; TLB fences and completions of a turn are batched.
inline constexpr u32 turn_budget = objects::max_pending_completions;

// The coroutine, suspended at its start; its frame lies in the queue's own memory.
base::coro::Worker<objects::AsyncQueue> worker(objects::AsyncQueue& queue);

// The request of one slot, without rings; see objects::execute.
u64 execute_now(objects::AsyncQueue& queue, u64 slot);
// One turn, of at most `budget` requests, without the coroutine: for who drives a queue by a system call. The worker
// stays where it is. True: another turn would find more.
bool serve_now(objects::AsyncQueue& queue, u64 budget);

} // namespace async
