// Bus policy of the TAIC driver for RISC-V memory-mapped registers.
// Invariants: every access is one volatile 64-bit load or store; the fences are those of rule 14, and also
// keep the compiler from moving memory accesses across them. Source: shared TAIC specification, section 7.1.
#pragma once

#include <cstdint>

namespace taic {

class MmioBus {
public:
    explicit MmioBus(std::uintptr_t base) : base_(base) {}

    std::uint64_t read64(std::uint64_t offset) { return *reg(offset); }
    void write64(std::uint64_t offset, std::uint64_t value) { *reg(offset) = value; }
    void publish() { asm volatile("fence w, o" ::: "memory"); }
    void acquire() { asm volatile("fence i, r" ::: "memory"); }
    void settle() { asm volatile("fence o, io" ::: "memory"); }

private:
    volatile std::uint64_t* reg(std::uint64_t offset) const {
        return reinterpret_cast<volatile std::uint64_t*>(base_ + offset);
    }

    std::uintptr_t base_;
};

} // namespace taic
