# Entry of the device test: OpenSBI jumps here in S-mode with a0 = hart, a1 = device tree.
    .section .text.entry
    .globl _start
_start:
    la      sp, stack_top
    tail    run

# void enter_user(void (*function)()): calls the function in U-mode, on the same stack. The function
# returns to the ecall below, which the trap handler turns into a return to S-mode.
    .text
    .globl enter_user
enter_user:
    addi    sp, sp, -16
    sd      ra, 0(sp)
    csrw    sepc, a0
    li      t0, 0x120               # sstatus.SPP, SPIE: S-mode comes back with interrupts off
    csrc    sstatus, t0
    la      ra, 1f
    sret
1:  ecall
    ld      ra, 0(sp)
    addi    sp, sp, 16
    ret

    .bss
    .balign 16
    .space  16384
stack_top:
