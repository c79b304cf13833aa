// A connection to the kernel's asynchronous side: a queue object, its mapping, its executor. And the clock.
#pragma once

#include "rootserver/machine/device_tree.hpp"
#include "rootserver/machine/memory.hpp"

#include <sel4async/executor.hpp>
#include <sel4async/queue.hpp>
#include <sel4async/task.hpp>
#include <string_view>

namespace machine {

// Where a queue lives: made once, used again for the next queue when the last one is gone.
struct QueuePlace {
    seL4_CPtr untyped = 0;
    seL4_CPtr slot = 0;
    seL4_CPtr notification = 0;
    seL4_CPtr badged = 0; // the same notification with the vector as its badge
    seL4_Word vaddr = 0;
    seL4_Word size_bits = 0;
};
[[nodiscard]] bool make_place(Memory& memory, QueuePlace& place, seL4_Word size_bits);

struct ConnectionOptions {
    seL4_CPtr cspace = seL4_CapInitThreadCNode;
    sel4async::DoorbellKind doorbell = sel4async::DoorbellKind::Trap;
    bool other_harts = false;
    sel4async::UserInterrupts* interrupts = nullptr; // for Uintc; made a receiver of if it is none
};
// As arguments name it: taic (also every other word), uintc, ipi, trap, poll.
sel4async::DoorbellKind doorbell_of(std::string_view name);
// What the first queue that wants this kind must get on a machine with these devices.
sel4async::DoorbellKind expected_doorbell(sel4async::DoorbellKind wanted, const TreeFacts& facts, bool other_harts);
// The vector of the kernel's wake-ups of a queue; others are free.
inline constexpr seL4_Word kernel_vector = 63;

// True if the initial thread could take user interrupts; it is no receiver afterwards.
bool has_user_interrupts(Memory& memory);

// Makes and binds the queue. What was in the place before is deleted first.
seL4_Error connect(const QueuePlace& place, sel4async::Queue& queue, const ConnectionOptions& options);

// The same in a child process, for the queue its parent made (Nursery::make_queue). Its first step: nothing of libsel4
// works before it. It is a receiver already if its parent says so.
seL4_Error connect_child(sel4async::Queue& queue, const ConnectionOptions& options);

// The process' own TAIC page of a queue that was connected with TAIC.
inline seL4_Word taic_page(const QueuePlace& place) { return place.vaddr + (1ul << 20); }

// Retired instructions under --icount, cycles of the hart else.
inline std::uint64_t now() {
    std::uint64_t value = 0;
    asm volatile("rdcycle %0" : "=r"(value));
    return value;
}

} // namespace machine
