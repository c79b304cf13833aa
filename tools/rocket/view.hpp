// What the harness sees of a hart in one cycle: its write-back stage, in which an instruction ends, and what it waits
// for.
#pragma once

#include <cstdint>
#include <string_view>

namespace rocket {

using u8 = std::uint8_t;
using u32 = std::uint32_t;
using u64 = std::uint64_t;

enum class Privilege : u8 { User = 0, Supervisor = 1, Machine = 3 };

struct HartView {
    u64 counter = 0;     // of the instruction in the stage, sign-extended
    u64 stack = 0;       // register sp
    u64 argument = 0;    // register a0
    u64 space = 0;       // page number of the root of the page tables
    u64 cause = 0;       // of the trap
    u32 instruction = 0; // compressed ones as what they stand for
    Privilege privilege = Privilege::Machine;
    bool valid = false;                          // there is one in the stage; it may have to be repeated
    bool retires = false;                        // it ends
    bool traps = false;                          // in place of it, or behind it (ecall), a trap begins
    bool sleeps = false;                         // in wfi
    bool walks = false, walks_for_fetch = false; // the page-table walker
    // A line is awaited by the data or the instruction cache, or an answer to an access past the caches.
    bool data_miss = false, fetch_miss = false, device = false;
    bool gives_line = false; // the data cache gives a line up, or a share in it, because another hart asks
};

// Looks on: at each hart in each cycle, at what is read from memory, and at the lines of the console.
class Watcher {
public:
    virtual ~Watcher() = default;
    virtual void look(unsigned hart, const HartView& view) = 0;
    virtual void memory_read(u64 address) = 0;
    virtual void line(std::string_view text) = 0;
    virtual void end_cycle() = 0;
};

} // namespace rocket
