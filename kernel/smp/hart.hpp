// The harts. In the kernel tp points to the own Hart. Logical numbers follow the device tree; 0 need not be the one
// that booted. Filled at boot, constant afterwards.
#pragma once

#include "base/types.hpp"

namespace scheduler {
struct State;
}

namespace smp {

inline constexpr unsigned kernel_stack_bits = 14;

struct Hart {
    u64 stack_top_;               // trap.S loads it: first
    u64 hart_id_;                 // the hardware's number
    u32 index_;                   // the kernel's
    scheduler::State* scheduler_; // this hart's
    // The VSpace capability whose address space is loaded, as its two words; zero: the kernel's own.
    u64 vspace_words_[2];
    alignas(64) unsigned char stack_[base::bit(kernel_stack_bits)];
};

extern Hart harts[base::max_harts];
extern u32 hart_count;

#ifdef __riscv
inline Hart& this_hart() {
    Hart* hart = nullptr;
    asm("mv %0, tp" : "=r"(hart));
    return *hart;
}
#else
Hart& this_hart();
#endif

} // namespace smp
