/* Stands in front of libsel4's file of this name on the host: system calls go to a function of the test. */
#pragma once

#include <sel4/types.h>

typedef struct sel4_Registers {
    seL4_Word a0, a1, a2, a3, a4, a5;
} sel4_Registers;

#ifdef __cplusplus
extern "C" {
#endif
void sel4_ecall(seL4_Syscall_ID number, sel4_Registers* registers);
seL4_Word sel4_ecall_short(seL4_Syscall_ID number, seL4_Word first, seL4_Word second);
#ifdef __cplusplus
}
#endif
