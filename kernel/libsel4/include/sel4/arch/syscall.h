/* The only place of the user headers that enters the kernel. a7 = number, a0..a5 in and out; the kernel keeps every
 * other register. A host test puts its own file of this name in front. Source: sel4-abi-riscv64.md 1.1. */
#pragma once

#include <sel4/types.h>

typedef struct sel4_Registers {
    seL4_Word a0, a1, a2, a3, a4, a5;
} sel4_Registers;

static inline void sel4_ecall(seL4_Syscall_ID number, sel4_Registers* registers) {
    register seL4_Word a0 __asm__("a0") = registers->a0;
    register seL4_Word a1 __asm__("a1") = registers->a1;
    register seL4_Word a2 __asm__("a2") = registers->a2;
    register seL4_Word a3 __asm__("a3") = registers->a3;
    register seL4_Word a4 __asm__("a4") = registers->a4;
    register seL4_Word a5 __asm__("a5") = registers->a5;
    register long a7 __asm__("a7") = number;
    __asm__ volatile("ecall" : "+r"(a0), "+r"(a1), "+r"(a2), "+r"(a3), "+r"(a4), "+r"(a5) : "r"(a7) : "memory");
    registers->a0 = a0;
    registers->a1 = a1;
    registers->a2 = a2;
    registers->a3 = a3;
    registers->a4 = a4;
    registers->a5 = a5;
}

/* For calls without message registers; returns a0. */
static inline seL4_Word sel4_ecall_short(seL4_Syscall_ID number, seL4_Word first, seL4_Word second) {
    register seL4_Word a0 __asm__("a0") = first;
    register seL4_Word a1 __asm__("a1") = second;
    register long a7 __asm__("a7") = number;
    __asm__ volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a7) : "memory");
    return a0;
}
