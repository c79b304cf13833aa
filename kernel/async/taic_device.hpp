// The kernel's use of TAIC. At boot it takes one global queue for itself and all others for processes 1, 2, ...:
// nothing is allocated or freed while a user could race the allocator. The kernel's queue holds doorbells only (taic.md
// 7.1). Processes are lent to asynchronous queues; one that comes back is cleaned and has to prove it before it is lent
// again (taic/pool.hpp). What comes late for the last owner finds its registration gone, or one of the next owner, who
// believes a vector only if the slot of its request is done, and a strand's word only with its generation.
// Kernel lock held everywhere.
#pragma once

#include "base/types.hpp"
#include "taic/driver.hpp"

namespace async {

inline constexpr u32 max_processes = 8;
inline constexpr u64 os_id = 1;
inline constexpr u32 kernel_vector = 0; // the tag of a process' doorbell to the kernel

// What the device tree says.
struct TaicNode {
    base::Paddr window;
    taic::Geometry geometry;
    u32 slots; // of each capability table of a global queue
};
// False when the device does not answer as its node says.
[[nodiscard]] bool init_taic(const TaicNode& node);
bool taic_present();

// A process whose queue can be lent; 0: none.
u32 free_process();
void acquire_process(u32 process);
// The caller has unmapped its page everywhere.
void release_process(u32 process);
base::Paddr process_page(u32 process);
// Behind the last queue the device reads as zero, and ignores what is written (taic.md 2.1).
base::Paddr empty_page();
u32 vectors_per_process();

// Wakes `vector` of the process: one of acquire_process(), and below vectors_per_process().
void send(u32 process, u32 vector);

// The next doorbell of the kernel's own queue; a word of no process means nothing.
taic::TaskWord dequeue();

// Which hart doorbells interrupt; no_service_hart: none (they wait in the queue).
inline constexpr u32 no_service_hart = ~u32{0};
void set_service_hart(u32 hart);
u32 service_hart();

// --- What the kernel believes the device holds, for tests that have the device before them.
bool send_registered(u32 process, u32 vector);
bool rings_itself(); // it is registered with itself, to interrupt harts (smp::raise_line)
taic::Index kernel_index();
taic::Index process_index(u32 process);
bool process_aside(u32 process); // it came back and is not clean

} // namespace async
