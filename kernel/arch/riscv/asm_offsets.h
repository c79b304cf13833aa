/* Offsets that head.S and trap.S use; asm_offsets.cpp asserts them. */
#pragma once

#define CONTEXT_X(n) (((n)-1) * 8)
#define CONTEXT_FAULT_IP 248
#define CONTEXT_NEXT_IP 256
#define CONTEXT_SSTATUS 264
#define CONTEXT_HART 272
#define HART_STACK_TOP 0
#define HART_ID 8
#define HART_SIZE 16448
#define HARTS _ZN3smp5hartsE /* smp::harts */
#define HARTS_COUNT 8

#define KERNEL_STACK_BITS 14
