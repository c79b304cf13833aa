// Runs the queues' worker coroutines. A worker is named by a task word: the number of a TAIC process (its doorbell
// rang) or table index and generation (it asked to go on later). Words are validated here, so a late or forged one
// finds nothing. The ready queue is TAIC's; a machine without TAIC has a software ring instead.
//
// Where: doorbells interrupt the "service hart", the one that runs the least important thing (best: nothing), if that
// is less important than the queues; on one busy hart nobody, and work waits for a Drive or for the hart to be idle.
// Kernel lock held, except where said.
#pragma once

#include "objects/async_queue.hpp"

namespace async {

inline constexpr u32 max_queues = 256;

bool table_has_room();
void enter(objects::AsyncQueue& queue);
void leave(objects::AsyncQueue& queue);

// True when some queue is bound, so that there may be work at all.
bool active();

// The worker goes on when its turn comes.
void make_ready(objects::AsyncQueue& queue);
// Runs ready workers until there are none, an interrupt waits or another hart wants the lock.
void run_ready();
// True when workers are known to be ready (not: doorbells that nobody has looked at).
bool work_left();
// Runs this queue's worker now if it has anything to do.
void run_now(objects::AsyncQueue& queue);

// A hart changed what it runs: chooses the service hart anew.
void update_service_hart();

// Polling: an idle hart may watch a queue's ring for a while before the worker goes to sleep.
bool may_poll();
void watch(objects::AsyncQueue& queue);
bool is_polling();
// Without the lock: returns as soon as the watched ring has something or an interrupt waits, or after a while.
void spin();
// The watch is over, whatever it saw: the worker runs, or goes to sleep.
void end_polling();

} // namespace async
