/* Kernel entry and exit. sscratch holds the current thread's Context while in user mode, zero in the kernel.
 * An entry saves all 31 registers and the program counter (as fault_ip; next_ip is where to go on), then calls one of the three
 * upcalls of arch.hpp, each of which returns the Context to resume. */
#include "arch/riscv/asm_offsets.h"

    .section .text.trap, "ax"
    .balign 64
    .global trap_entry
trap_entry:
    csrrw   sp, sscratch, sp
    beqz    sp, from_kernel
    .irp n, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    sd      x\n, CONTEXT_X(\n)(sp)
    .endr
    csrr    s0, scause
    csrr    s1, sepc
    csrrw   s2, sscratch, zero      /* the user's sp; from here on in the kernel */
    mv      a0, sp
    sd      s2, CONTEXT_X(2)(a0)
    ld      tp, CONTEXT_HART(a0)
    sd      s1, CONTEXT_FAULT_IP(a0)
    ld      sp, HART_STACK_TOP(tp)
#if TAIL4_DEBUG                     /* smp/latency.hpp */
    rdcycle s2
    sd      s2, HART_STRETCH_START(tp)
    sd      s0, HART_STRETCH_CAUSE(tp)
    sd      a7, HART_STRETCH_NUMBER(tp)
    sd      a1, HART_STRETCH_TAG(tp)
#endif
    li      s2, 8
    bne     s0, s2, other_cause
    addi    s1, s1, 4               /* a system call goes on behind its ecall */
    sd      s1, CONTEXT_NEXT_IP(a0)
    call    trap_ecall

    .global arch_resume
arch_resume:                        /* a0 = Context to resume */
#if TAIL4_DEBUG
    mv      s0, a0
    call    latency_leave
    mv      a0, s0
#endif
    ld      t0, CONTEXT_NEXT_IP(a0)
    ld      t1, CONTEXT_SSTATUS(a0)
    csrw    sepc, t0
    csrw    sstatus, t1
    csrw    sscratch, a0
    .irp n, 1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    ld      x\n, CONTEXT_X(\n)(a0)
    .endr
    ld      a0, CONTEXT_X(10)(a0)
    sret

other_cause:
    sd      s1, CONTEXT_NEXT_IP(a0)
    mv      a1, s0
    bltz    s0, 1f
    csrr    a2, stval
    call    trap_exception
    j       arch_resume
1:  call    trap_interrupt
    j       arch_resume

from_kernel:                        /* the kernel's stack may be what is broken: the last words have their own */
    csrw    sscratch, zero
    lla     t0, last_words_taken
    li      t1, 1
    amoswap.w t1, t1, (t0)
    bnez    t1, 1f                  /* another hart, or a trap while printing */
    lla     sp, last_words_stack_top
    csrr    a0, scause
    csrr    a1, sepc
    csrr    a2, stval
    call    trap_from_kernel
1:  wfi
    j       1b

    .bss
    .balign 16
last_words_taken:
    .skip   16
    .skip   2048
last_words_stack_top:
