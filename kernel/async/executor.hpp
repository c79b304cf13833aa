// Runs the queues' worker coroutines: the most important first, round-robin among equals. A doorbell through TAIC is a
// task word that names a TAIC process; words are validated here, so a late or forged one finds nothing. What becomes
// ready in the kernel itself costs no device access: it goes into a list.
//
// Where: doorbells interrupt the "service hart", the one that runs the least important thing (best: nothing), if that
// is less important than the queues; on one busy hart nobody, and work waits for a Drive, a tick or for the hart to be
// idle. A worker runs in place of a thread only if its queue is more important; at a tick also if it is equal.
// A queue belongs to the domain of the thread that bound it: in another domain's time its worker does not run, whatever
// rings, and no hart looks for its work. (A Drive is the caller's own time.) Kernel lock held, except where said.
#pragma once

#include "objects/async_queue.hpp"

namespace async {

void enter(objects::AsyncQueue& queue);
void leave(objects::AsyncQueue& queue);

// What is known, for the invariant checker.
u32 bound_count();
const objects::AsyncQueue* queue_of_process(u32 process);
const objects::AsyncQueue* first_ready(u8 domain, u8 priority);

// True when some queue is bound, so that there may be work at all.
bool active();

// The worker goes on when its turn comes.
void make_ready(objects::AsyncQueue& queue);
// Makes the workers ready whose TAIC doorbells have rung.
void take_doorbells();
// The same for those that have rung, as their users say, and whose word has not come: TAIC drops what is sent to a full
// queue, which a flooder can see to, and the published hardware loses some (taic.md 3.6, 7.3). Who has rung runs on,
// into a tick, or makes way, for an idle hart in the end: both look.
void look_for_lost_doorbells();
// Runs ready workers that are more important than this hart's thread, until there are none, an interrupt waits or
// another hart wants the lock. What is left then comes back as an interrupt.
void run_ready();
// The same with each timer tick; equal priority is enough for one turn, and the longer that takes, the later comes the
// next: whoever runs loses a small part of its time to others' queues, whatever these ask for. Takes what rang without
// interrupting anybody, and looks at the polled queues.
void tick();
// True when workers of the running domain are known to be ready (not: doorbells that nobody has looked at).
bool work_left();
// A dead queue never runs again; its owner, who may sleep, is told.
void bury(objects::AsyncQueue& queue);

// The domain may have changed: a hart is told of the new one's ready queues.
void follow_domain();
// This hart may run something else than before: if it is of another priority, the service hart is chosen anew.
void update_service_hart();

// Polling: an idle hart may watch a queue's ring for a while before the worker goes to sleep. The polled queues are
// always watched by one idle hart, if any is: more would only take the lock from each other.
bool may_poll();
void watch(objects::AsyncQueue& queue);
bool is_watching(); // a queue that is not polled
// This hart is idle: true if it has something of either kind to watch.
bool take_up_polling();
// It has a thread to run: the watch is over, and another idle hart watches the polled queues.
void stop_polling();
// Without the lock: returns as soon as a watched ring has something or an interrupt waits; with a queue that is not
// polled also after a while.
void spin();
// The watch is over, whatever it saw: the worker runs, or goes to sleep.
void end_polling();

} // namespace async
