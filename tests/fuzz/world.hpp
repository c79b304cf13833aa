// What a program starts from: a machine with few objects, all capabilities to them in one small CNode that is the
// CSpace of every thread and queue. Booted once for each kind of machine, through the kernel's own system calls; before
// each run the memory of that moment is put back.
#pragma once

#include "objects/async_queue.hpp"
#include "objects/tcb.hpp"

namespace fuzz {

// Slots of the CSpace. Those not named here are empty.
enum At : u64 {
    self = 1, // the CNode itself
    space = 2,
    other_space,
    pool,
    asid_control,
    irq_control,
    domain_control,
    threads = 8,
    endpoints = 14,
    notifications = 16,
    badged_endpoints = 19,
    badged_notifications = 21,
    small_node = 24,
    untypeds = 25,
    queues = 29,
    frames = 32,
    tables = 36,
    handlers = 39,
    last_node = 41, // no other capability to it
    free = 42,
};
inline constexpr u64 slot_count = 64;
inline constexpr unsigned cspace_radix = 6;
inline constexpr unsigned thread_count = 6;
inline constexpr unsigned queue_count = 3;
inline constexpr u32 first_source = 1; // of the two interrupt handlers

struct Kind {
    u32 harts;
    unsigned domains;
};
inline constexpr Kind kinds[] = {{1, 1}, {2, 1}, {1, 2}, {4, 1}, {2, 2}};
inline constexpr unsigned kind_count = sizeof kinds / sizeof kinds[0];

// Once, before everything else.
void boot_all();
// The machine as it was booted.
void start_over(unsigned kind);

caps::Slot& slot_at(u64 index);
// Null: the slot holds no such capability (any more).
objects::AsyncQueue* queue_at(u64 index);
// The thread that never blocks, of least priority, on hart 0.
bool is_initial(const objects::Tcb& thread);

// Everything the invariant checker knows; fails the run. Memory that belongs to no object is poisoned from here on.
void check_world();

} // namespace fuzz
