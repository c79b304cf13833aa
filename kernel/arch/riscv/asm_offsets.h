/* Offsets that head.S and trap.S use; asm_offsets.cpp asserts them. */
#pragma once

#define CONTEXT_HART 0
#define CONTEXT_X(n) ((n)*8)
#define CONTEXT_FAULT_IP 256
#define CONTEXT_NEXT_IP 264
#define CONTEXT_SSTATUS 272
#define HART_STACK_TOP 0
#define HART_ID 8
#define HART_STRETCH_START 48
#define HART_STRETCH_CAUSE 56
#define HART_STRETCH_NUMBER 64
#define HART_STRETCH_TAG 72
#define HART_SIZE 384
#define HARTS _ZN3smp5hartsE /* smp::harts */
#define HARTS_COUNT 8

#define KERNEL_STACKS _ZN3smp13kernel_stacksE /* smp::kernel_stacks: one per hart, and the boot stack */
#define KERNEL_STACK_SIZE 20480               /* with its guard page */
