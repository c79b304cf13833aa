// What a process of the soak is told, what it does, and what it has counted. Orders are the child's own copy: the
// parent writes them before the start and reads them at any time (machine::Process::at). `announced` is counted before
// a batch is published and `submitted` after it, so whatever moment a child dies at, submitted <= requests the kernel
// will ever see <= announced; the same for those that must be rejected.
#pragma once

#include "rootserver/machine/process.hpp"
#include "rootserver/testing/random.hpp"

#include <sel4async/queue.hpp>

namespace soak {

// How a process treats its queue. All but the first are hostile.
enum class Role : std::uint32_t {
    Honest,       // strands under an executor, every answer checked
    Scribbles,    // random words everywhere in the shared area
    NeverDrains,  // submits, and never looks at a completion
    NeverSubmits, // rings, drives and changes states for nothing
    Floods,       // rings without end
    Dies,         // at each step of a request, in several ways
    Replays,      // slots, generations, vectors and task words of the past, and those of others
    Hogs          // the longest operations there are
};
inline constexpr unsigned roles = 8;

inline constexpr seL4_Word queue_bits = 16;
inline constexpr seL4_CPtr own_frame = machine::ChildBell; // never mapped
inline constexpr seL4_CPtr own_page = machine::ChildBell + 1;
inline constexpr seL4_CPtr own_untyped = machine::ChildBell + 2;
inline constexpr seL4_CPtr free_slot = 24; // and above
inline constexpr seL4_Word untyped_bits = 17;

struct Orders {
    // For the child.
    Role role = Role::Honest;
    sel4async::DoorbellKind doorbell = sel4async::DoorbellKind::Taic;
    std::uint64_t seed = 1;
    std::uint64_t frame_address = 0; // of own_frame
    bool other_harts = false;
    bool stop = false; // Honest only: comes to an end, so that all can be counted
    // From the child.
    std::uint32_t kind = 0; // sel4async::DoorbellKind + 1, of its queue
    std::uint64_t rounds = 0;
    std::uint64_t announced = 0;
    std::uint64_t submitted = 0;
    std::uint64_t bad_announced = 0;
    std::uint64_t bad_submitted = 0;
    std::uint64_t good = 0;  // right answers
    std::uint64_t wrong = 0; // others
    std::uint64_t rings = 0;
    std::uint32_t done = 0;
};
extern Orders orders;

// One thread writes, the parent looks whenever it likes.
inline void add(std::uint64_t& counter, std::uint64_t number = 1) {
    __atomic_store_n(&counter, counter + number, __ATOMIC_RELAXED);
}

using testing::Random;

// The first function of every child.
void child_main();
// The hostile ones, on a connected queue. They come back when the queue is dead, or when it is time to die.
void hostile_main(sel4async::Queue& queue);

} // namespace soak
