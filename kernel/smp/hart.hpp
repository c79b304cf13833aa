// The harts. In the kernel tp points to the own Hart. Logical numbers follow the device tree; 0 need not be the one
// that booted. Filled at boot, constant afterwards.
#pragma once

#include "arch/arch.hpp"

namespace scheduler {
struct State;
}

namespace smp {

// A kernel stack grows down towards a page that is not mapped: an overflow traps (arch::protect_image).
struct KernelStack {
    unsigned char guard_[4096];
    unsigned char bytes_[16384];
};
// One per hart; the last is the boot stack.
extern KernelStack kernel_stacks[base::max_harts + 1];

// Since when interrupts wait, and for which kernel entry (smp/latency.hpp). Written by trap.S of debug kernels.
struct Stretch {
    u64 start_; // in cycles; 0: not measured
    u64 cause_;
    u64 number_;
    u64 tag_;
};

// An address space this hart may load without asking: its VSpace capability, as two words, and what the hart loads.
struct alignas(32) KnownSpace {
    u64 cap_words[2];
    arch::AddressSpace space;
};
inline constexpr unsigned known_spaces = 8; // by the low bits of the ASID

struct alignas(64) Hart {
    u64 stack_top_;               // trap.S loads it: first
    u64 hart_id_;                 // the hardware's number
    u32 index_;                   // the kernel's
    scheduler::State* scheduler_; // this hart's
    // The VSpace capability whose address space is loaded, as its two words; zero: the kernel's own.
    u64 vspace_words_[2];
    Stretch stretch_;
    KnownSpace known_spaces_[known_spaces];
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
