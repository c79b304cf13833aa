// The processor under the kernel's portable part on the host: harts that take turns (set `cpu.hart`), an interrupt that
// becomes pending when the test says so, and a record of what the kernel told the TLBs and the other harts.
// Stands for arch/arch.hpp and arch/riscv/print.hpp; a physical address is a pointer.
#pragma once

#include "arch/arch.hpp"
#include "smp/hart.hpp"

#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace fake {

struct Fence {
    enum class Kind { Page, Asid, All, Code };
    Kind kind;
    u64 hart; // as a bit
    base::Vaddr vaddr;
    base::Asid asid;
    bool operator==(const Fence&) const = default;
};

struct Space {
    u64 root; // 0: the kernel's own
    base::Asid asid;
};

// The order of accesses to devices and of the fences around them, one character each, while a test asks for it.
enum class Order : char {
    Read = 'r', // a device's register
    Write = 'w',
    MemoryToDevice = 'P',
    DeviceToMemory = 'A',
    Full = 'F',
    BeginTurn = '[',
    EndTurn = ']'
};

// A device of which a test has a model: what the kernel does in its window goes there. Elsewhere a register is memory.
struct DeviceWindow {
    u64 start = 0;
    u64 size = 0;
    std::function<u64(u64 offset)> read;
    std::function<void(u64 offset, u64 value)> write;
};

struct Processor {
    u32 hart = 0;           // whose code runs
    bool few_asids = false; // the harts compare no ASID bits
    u64 pending = 0;        // interrupts, as bits of sip
    u32 quiet_checks = 0;   // so many looks at the interrupts find none yet
    u64 clock = 0;
    u64 clock_step = 0; // added at each look
    std::string console;
    std::vector<Fence> fences;
    unsigned full_fences = 0;
    unsigned begun_device_turns = 0;
    unsigned ended_device_turns = 0;
    const arch::Context* reservation_dropped_for = nullptr;
    std::vector<u64> ipis; // hart sets, in order
    Space space[base::max_harts]{};
    // The CSRs of user interrupts; a receiver status of 0 is none.
    arch::UserInterruptState user_interrupts[base::max_harts]{};
    uintr::ReceiverStatus receiver[base::max_harts]{};
    uintr::SenderTable sender_table[base::max_harts]{};
    bool watches_user_interrupts[base::max_harts]{};
    unsigned user_interrupt_loads = 0;
    unsigned timers_set = 0;
    unsigned fpu_saves = 0;
    unsigned fpu_loads = 0;
    u64 fpu_use = 0;         // by the thread that trapped, as sstatus bits
    bool serves_ipis = true; // an interrupted hart enters the kernel at once
    bool serving = false;    // that runs
    bool keeps_order = false;
    std::string order;
    std::vector<DeviceWindow> windows;

    void note(Order what) {
        if (keeps_order) order += static_cast<char>(what);
    }
    std::string take_order() { return std::exchange(order, {}); }
};

extern Processor cpu;
extern std::function<void()> at_remote_fence; // before a hart that is asked to fences translations; may be empty
extern std::function<void()> at_full_fence;   // at each fence of everything: what another hart does just then
extern std::function<void()> at_ipi;          // before other harts are interrupted
extern std::function<void()> at_wait;         // when a hart waits for an interrupt; empty: none may

// The next preemption points find an interrupt at step `steps` (1: the first). 0: never.
void preempt_after(u32 steps);

} // namespace fake
