// The register state of a user thread, at the start of what trap.S saves into. All 31 integer registers in
// hardware order, then the two program counters seL4 keeps (fault_ip: the trapping instruction; next_ip: where the
// thread continues), the sstatus it runs with, and the hart it runs on (that of its affinity).
// Source: sel4-abi-riscv64.md 1.1, 2.8, 9.9. Offsets are used by trap.S through asm_offsets.hpp.
#pragma once

#include "base/types.hpp"

namespace smp {
struct Hart;
}

namespace arch {

// Index into Context::x_ (x1 is at index 0).
enum class Reg : u8 {
    Ra = 0,
    Sp,
    Gp,
    Tp,
    T0,
    T1,
    T2,
    S0,
    S1,
    A0,
    A1,
    A2,
    A3,
    A4,
    A5,
    A6,
    A7,
    S2,
    S3,
    S4,
    S5,
    S6,
    S7,
    S8,
    S9,
    S10,
    S11,
    T3,
    T4,
    T5,
    T6,
};

struct Context {
    smp::Hart* hart_; // in the place of x0
    u64 x_[31];
    u64 fault_ip_;
    u64 next_ip_;
    u64 sstatus_;

    u64& operator[](Reg reg) { return x_[static_cast<unsigned>(reg)]; }
    u64 operator[](Reg reg) const { return x_[static_cast<unsigned>(reg)]; }
};

// What a thread with user interrupts has in CSRs while it runs.
struct UserInterruptState {
    u64 status_;
    u64 vector_;
    u64 scratch_;
    u64 pc_;
    u64 cause_;
    u64 value_;
};

struct FpuState {
    u64 f_[32];
    u64 fcsr_;
};

// sstatus of a user thread: SPIE set, SPP clear, FS as ownership of the FPU demands.
inline constexpr u64 sstatus_spie = u64{1} << 5;
inline constexpr u64 sstatus_fs_mask = u64{3} << 13;
inline constexpr u64 sstatus_fs_clean = u64{2} << 13;
inline constexpr u64 sstatus_fs_dirty = u64{3} << 13;

// The thread's seL4_UserContext, word by word (sel4-abi-riscv64.md 9.9). Word 0 is the pc and is not in this table.
inline constexpr Reg user_context_order[31] = {
    Reg::Ra, Reg::Sp, Reg::Gp,  Reg::S0,  Reg::S1, Reg::S2, Reg::S3, Reg::S4, Reg::S5, Reg::S6, Reg::S7,
    Reg::S8, Reg::S9, Reg::S10, Reg::S11, Reg::A0, Reg::A1, Reg::A2, Reg::A3, Reg::A4, Reg::A5, Reg::A6,
    Reg::A7, Reg::T0, Reg::T1,  Reg::T2,  Reg::T3, Reg::T4, Reg::T5, Reg::T6, Reg::Tp,
};
inline constexpr unsigned user_context_words = 32;
inline constexpr unsigned user_context_frame_words = 16; // pc, ra, sp, gp, s0..s11

} // namespace arch
