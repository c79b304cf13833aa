// The child processes of the flight cases: what one is told, what it does, what it has found out. Its Flight is its own
// copy; the parent writes and reads it at any time (machine::Process::at), each word by one of the two only.
#pragma once

#include "rootserver/functional/child.hpp"

namespace functional {

// Slots of the child's CSpace.
inline constexpr unsigned flight_frames = 4;
enum FlightSlot : seL4_CPtr {
    FlightFault = machine::ChildBell, // its fault handler
    FlightUntyped,
    FlightFrame, // the first
    FlightCopy = FlightFrame + flight_frames,
    FlightObject
};
inline constexpr seL4_Word flight_untyped_bits = 15;
inline constexpr seL4_Word flight_pages = 0x80'0000; // of the frames; the table above them is the parent's to map

struct Flight {
    // For the child.
    sel4async::DoorbellKind doorbell = sel4async::DoorbellKind::Taic;
    sel4async::Registration registration = sel4async::Registration::Persistent;
    bool other_harts = false;
    bool touches = false;                     // writes to the pages it has mapped
    std::uint32_t stop_at = 0;                // the step at which its parent is woken, unless `due`
    std::uint64_t addresses[flight_frames]{}; // of the frames
    std::uint32_t go = 0;                     // of a bystander: so many bursts are asked for
    bool ending = false;                      // something goes from now on: requests may be refused
    bool stop = false;
    // From the child.
    std::uint32_t kind = 0; // sel4async::DoorbellKind + 1, of its queue
    std::uint32_t steps = 0;
    std::uint32_t due = 1; // it has woken its parent, who puts it back for the next time
    std::uint64_t good = 0;
    std::uint64_t refused = 0;
    std::uint64_t wrong = 0;
    std::uint64_t error = 0;   // of the last wrong answer
    std::uint32_t served = 0;  // bursts
    std::uint32_t stopped = 0; // sel4async::Stopped + 1
    std::uint32_t done = 0;
};
extern Flight flight;

inline constexpr std::uint32_t burst_answers = 64;

void flight_main();    // requests in flight until it is told to stop, or cannot go on
void bystander_main(); // a burst of requests whenever it is asked

} // namespace functional
