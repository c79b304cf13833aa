// What both test guests of our QEMU stand on: CSRs, checks, printing, the way out. Each brings its own put().
#pragma once

using u64 = unsigned long;
using u32 = unsigned int;

namespace bare {

constexpr u64 uart = 0x1000'0000;
constexpr u64 power = 0x10'0000;
constexpr u64 all_ones = ~u64{0};
constexpr u64 usip = 1, ssip = 2;

enum Csr : u32 {
    ustatus = 0x000,
    uie = 0x004,
    utvec = 0x005,
    uscratch = 0x040,
    uepc = 0x041,
    ucause = 0x042,
    utval = 0x043,
    uip = 0x044,
    sstatus = 0x100,
    sedeleg = 0x102,
    sideleg = 0x103,
    sie = 0x104,
    stvec = 0x105,
    sepc = 0x141,
    scause = 0x142,
    sip = 0x144,
    suist = 0x1b0,
    suirs = 0x1b1,
    suicfg = 0x1b2,
    mstatus = 0x300,
    mideleg = 0x303,
    mie = 0x304,
    mtvec = 0x305,
    mepc = 0x341,
    mcause = 0x342,
    mtval = 0x343,
    mip = 0x344,
    pmpcfg0 = 0x3a0,
    pmpaddr0 = 0x3b0,
    mhartid = 0xf14
};

template <u32 Csr>
u64 read_csr() {
    u64 value;
    asm volatile("csrr %0, %1" : "=r"(value) : "i"(Csr) : "memory");
    return value;
}
template <u32 Csr>
void write_csr(u64 value) {
    asm volatile("csrw %0, %1" ::"i"(Csr), "r"(value) : "memory");
}
template <u32 Csr>
void set_csr(u64 bits) {
    asm volatile("csrs %0, %1" ::"i"(Csr), "r"(bits) : "memory");
}
template <u32 Csr>
void clear_csr(u64 bits) {
    asm volatile("csrc %0, %1" ::"i"(Csr), "r"(bits) : "memory");
}

void put(char c);
inline u64 failures = 0;

inline void print(const char* text) {
    for (; *text; ++text) put(*text);
}

inline void print_hex(u64 value) {
    print("0x");
    for (int shift = 60; shift >= 0; shift -= 4) put("0123456789abcdef"[(value >> shift) & 15]);
}

inline void check(const char* name, u64 got, u64 expected) {
    print(got == expected ? "ok   " : "FAIL ");
    print(name);
    if (got != expected) {
        ++failures;
        print(": got ");
        print_hex(got);
        print(" expected ");
        print_hex(expected);
    }
    print("\n");
}

[[noreturn]] inline void power_off() {
    print(failures ? "devices: FAILED\n" : "devices: PASSED\n");
    *reinterpret_cast<volatile u32*>(power) = failures ? 0x1'3333 : 0x5555;
    for (;;) asm volatile("wfi");
}

} // namespace bare
