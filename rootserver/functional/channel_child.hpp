// The child processes of the channel cases: what one is told, what it does, what it has found out. A child's Orders are
// its own copy; the parent writes it before the start and reads it afterwards (machine::Process::at).
#pragma once

#include "rootserver/machine/process.hpp"

#include <sel4async/channel.hpp>

namespace functional {

inline constexpr std::uint32_t channel_slots = 64;
inline constexpr seL4_Word channel_pages = 3; // tail4_channel_size(64)
inline constexpr seL4_Word channel_stride = 0x4000;
inline constexpr seL4_Word child_queue_bits = 16;

enum class Role : std::uint32_t { Client, Server, Hostile };

struct Orders {
    // For the child. Channel i is at child_shared + i * channel_stride, its bell in slot ChildBell + i: the
    // peer's notification, its badge the number of the channel there.
    Role role = Role::Client;
    std::uint32_t channels = 1;
    std::uint32_t strands = 1;
    std::uint32_t calls = 1;      // of each strand
    std::uint32_t stop_after = 0; // requests; then a server vanishes without a word, or a client. 0: never
    bool other_harts = false;
    bool measured = false; // nothing but calls
    // Bells through TAIC, too: the child tells its TAIC process and waits; then peers[i] is that of channel i's peer.
    bool bells = false;
    bool receiver = false; // of user interrupts, as are its peers: bells by these
    std::uint32_t peers[machine::Nursery::max_children] = {};
    std::uint32_t go = 0;
    sel4async::Registration registration = sel4async::Registration::Persistent;
    // From the child.
    std::uint32_t met = 0; // `process` is there
    std::uint32_t process = 0;
    std::uint64_t rings = 0;   // by TAIC, or by user interrupt
    std::uint64_t entries = 0; // of its handler of user interrupts
    std::uint64_t words = 0;   // its executor took from the doorbell
    std::uint32_t kind = 0;    // sel4async::DoorbellKind + 1, of its queue
    std::uint64_t good = 0;    // right answers, or requests served
    std::uint64_t wrong = 0;
    std::uint64_t dead = 0; // answers channel_dead, or clients lost
    std::uint64_t nops = 0; // asynchronous calls of the kernel that succeeded
    std::uint64_t sleeps = 0;
    std::uint64_t time = 0;    // from the first call to the last answer, machine::now()
    std::uint32_t stopped = 0; // sel4async::Stopped + 1, why its executor did
    std::uint32_t done = 0;
};
extern Orders orders;

void child_main();

} // namespace functional
