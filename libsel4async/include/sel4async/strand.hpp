// A strand: one line of execution, that is a started task with all it awaits. What it waits for is either one request
// (its ticket names it as waiter) or the innermost of its Waits, so it can be interrupted, or dropped, anywhere: a Wait
// knows how to end early and how to forget its strand. Requests are the hot path and need no Wait.
// Source: async-design.md 6.5, 9.13, 9.15.
#pragma once

#include <coroutine>
#include <cstdint>
#include <sel4async/slot_buffer.hpp>
#include <sel4async/timers.hpp>

namespace sel4async {

class Executor;
struct Strand;

struct Wait {
    // The strand shall go on soon: ask what it waits for to end. Null: nothing can be asked.
    void (*interrupt)(Wait& self, Strand& strand) = nullptr;
    // The strand's frames, and this Wait in them, are destroyed next.
    void (*leave)(Wait& self, Strand& strand) = nullptr;
    Wait* outer = nullptr;
    bool encloses = false; // does not wait itself, but for as long as what it encloses runs
};

namespace detail {

struct PromiseBase;

// Somebody who is told when a task ends: one of the strands that wait for its result, or a group it belongs to.
struct Join {
    void (*ended)(Join& self, PromiseBase& child, bool killed) = nullptr;
    Join* next = nullptr;
};

} // namespace detail

// How a vector is registered with TAIC: for good, or again after each wake-up.
enum class Registration : std::uint8_t { Persistent, OneShot };

// How important a strand is: 0..7, the larger the more, as with seL4's priorities.
using Level = std::uint8_t;
inline constexpr Level levels = 8;
inline constexpr Level default_level = 3;

// Of a task, when it is started.
struct Options {
    Level level = default_level;
    Registration registration = Registration::Persistent;
    bool vector = true; // wants a TAIC vector of its own; without one the dispatcher wakes it
};

// One line of the cache.
struct alignas(64) Strand {
    std::coroutine_handle<> resume; // its innermost coroutine, at all times: tasks change it when they begin and end
    FreeSlots* slots;               // the queue's, or an empty set: then Executor::reserve() decides
    Ticket* ticket;                 // of the request it waits for; a refused one has a ticket, too, whose slot says why
    std::uint8_t vector;
    Level level;
    bool unread;        // ready because its request is complete
    bool cancelled : 1; // was asked to end
    bool asked : 1;     // is in the list of next_asked
    bool parked : 1;    // waits for its own task word
    bool dying : 1;     // its frames are being destroyed
    Registration registration : 1;
    std::uint32_t generation;
    Executor* executor;
    Strand* next;
    Wait* wait; // the innermost one
    // Not taken yet: one if it was asked to end, and one for each expired time-out around it (each had a Timer).
    std::uint16_t cancels;
    std::uint16_t next_asked; // of those whose waits are being interrupted: its number, from 1 on; 0: none
    std::uint32_t takes;      // how often its cancellations were taken, so that none is taken back twice

    void enter(Wait& inner) {
        inner.outer = wait;
        wait = &inner;
    }
    void exit(const Wait& inner) { wait = inner.outer; }
    bool awaits_request() const { return ticket->who == this; }
};
static_assert(sizeof(Strand) == 64 && Timers::capacity < 0xffff);

} // namespace sel4async
