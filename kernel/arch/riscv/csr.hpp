// Control and status registers, by number.
#pragma once

#include "base/types.hpp"

namespace arch {

enum class Csr : u16 {
    Sstatus = 0x100,
    Sie = 0x104,
    Stvec = 0x105,
    Scounteren = 0x106,
    Sscratch = 0x140,
    Sip = 0x144,
    Satp = 0x180,
    Cycle = 0xc00,
    Time = 0xc01,
};

// Of Csr, or of uintr::Csr.
template <auto csr>
u64 read_csr() {
    u64 value = 0;
    asm volatile("csrr %0, %1" : "=r"(value) : "i"(csr));
    return value;
}
template <auto csr>
void write_csr(u64 value) {
    asm volatile("csrw %0, %1" : : "i"(csr), "r"(value) : "memory");
}
template <auto csr>
void set_csr(u64 bits) {
    asm volatile("csrs %0, %1" : : "i"(csr), "r"(bits) : "memory");
}
template <auto csr>
void clear_csr(u64 bits) {
    asm volatile("csrc %0, %1" : : "i"(csr), "r"(bits) : "memory");
}

} // namespace arch
