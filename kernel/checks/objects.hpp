// What the objects behind the capabilities must look like: endpoints, notifications, reply capabilities, interrupts,
// asynchronous queues. Counts what the threads' own view is compared with (checks/threads.hpp).
#pragma once

#include "checks/slot_walk.hpp"

namespace checks {

struct Counts {
    u64 waiting = 0;  // threads in the queues of endpoints and notifications
    u64 bound = 0;    // notifications with a bound thread
    u64 handlers = 0; // interrupts somebody has a handler capability for
    u64 queues = 0;   // asynchronous queues the executor should know
    u64 ready = 0;    // those of them that want to run
    u64 pools = 0;    // ASID pools
    u64 threads = 0;  // TCB objects
};

// One capability; `counts` grows with the first one of each object.
void check_object(Slot& slot, Counts& counts, Report& report);

// After all slots: interrupt states, the executor's table.
void check_interrupts(const Counts& counts, Report& report);
void check_executor(const Counts& counts, Report& report);

} // namespace checks
