// The two processes of the message suite, client and server: what each is told, what it finds out. Orders are the
// child's own copy; the parent writes them before the start and reads them afterwards (machine::Process::at).
#pragma once

#include "rootserver/bench/figures.hpp"
#include "rootserver/machine/process.hpp"

namespace bench {

enum class MessageKind : std::uint32_t { Sync, Notification, Taic, Uintc };

inline constexpr std::uint32_t message_steps = 6; // 1, 2, 4 ... 32 in flight
inline constexpr std::uint32_t message_slots = 64;
inline constexpr seL4_Word message_pages = 3; // tail4_channel_size(64)

struct MessageOrders {
    // For the child. The channel is at child_shared; what wakes the peer, or the endpoint between the two, in slot
    // ChildBell.
    MessageKind kind = MessageKind::Sync;
    bool client = false;
    bool other_harts = false;
    std::uint32_t calls = 0; // of a step
    std::uint32_t peer = 0;  // its TAIC process, there once `go` is set
    std::uint32_t go = 0;
    // From the child.
    std::uint32_t process = 0; // its own, there once `met` is set
    std::uint32_t met = 0;
    std::uint32_t done = 0;
    std::uint32_t wrong = 0;
    struct Step {
        std::uint64_t mean = 0;
        std::uint32_t p50 = 0;
        std::uint32_t p99 = 0;
        std::uint32_t slept = 0;  // its counter stood still: only `mean` is right
        std::uint32_t sleeps = 0; // the client's, until the signal of an answer
        std::uint32_t wakes = 0;  // by a word from its doorbell
    } steps[message_steps];
};
extern MessageOrders message_orders;

void message_child();

} // namespace bench
