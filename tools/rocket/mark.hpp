// Marks in a program, for a profile or a trace of exactly one part of it: rocket::mark<N>() is the instruction
// slti x0, x0, N. It changes nothing, on any RISC-V machine; the simulated one sees it retire.
// Source: The RISC-V Instruction Set Manual, volume I, "HINT instructions" (SLTI with rd=x0 is free for custom use).
#pragma once

#include <cstdint>

namespace rocket {

constexpr unsigned most_marks = 2048;

constexpr std::uint32_t mark_instruction(unsigned number) { return number << 20 | 0x2013; }

// The number of the mark that an instruction is; below 0: it is none.
constexpr int mark_number(std::uint32_t instruction) {
    return (instruction & 0x800f'ffff) == 0x2013 ? static_cast<int>(instruction >> 20) : -1;
}

#ifdef __riscv
// Also a barrier for the compiler: what the program wrote before is before the mark.
template <unsigned number>
inline void mark() {
    static_assert(number < most_marks);
    asm volatile("slti x0, x0, %0" : : "i"(number) : "memory");
}
#endif

} // namespace rocket
