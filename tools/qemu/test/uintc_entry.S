# Entry of the UINTC test: all harts start here in M-mode. Traps to M and S, and the way into other modes.
    .section .text.entry
    .globl _start
_start:
    csrr    t0, mhartid
    la      sp, stacks_top
    slli    t1, t0, 14
    sub     sp, sp, t1
    la      t1, machine_entry
    csrw    mtvec, t1
    tail    run

# Traps to M: an environment call ends enter_mode; anything else goes to on_machine_trap, which sets mepc.
    .text
    .balign 4
machine_entry:
    csrw    mscratch, t0
    csrr    t0, mcause
    addi    t0, t0, -8              # calls from U and S are 8 and 9
    sltiu   t0, t0, 2
    bnez    t0, end_of_mode
    csrr    t0, mscratch
    addi    sp, sp, -256
    .irp n, 1, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31
    sd      x\n, (\n * 8)(sp)
    .endr
    call    on_machine_trap
    .irp n, 1, 5, 6, 7, 10, 11, 12, 13, 14, 15, 16, 17, 28, 29, 30, 31
    ld      x\n, (\n * 8)(sp)
    .endr
    addi    sp, sp, 256
    mret
end_of_mode:
    li      t0, 0x1800
    csrs    mstatus, t0             # back to M, behind the call
    la      t0, left_mode
    csrw    mepc, t0
    csrr    sp, sscratch            # the code may have called from anywhere
    mret

# void enter_mode(function, mode): on the same stack; the function returns to the ecall.
    .globl enter_mode
enter_mode:
    addi    sp, sp, -256
    .irp n, 1, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27
    sd      x\n, (\n * 8)(sp)
    .endr
    csrw    sscratch, sp
    li      t0, 0x1800
    csrc    mstatus, t0
    slli    a1, a1, 11
    csrs    mstatus, a1
    csrw    mepc, a0
    la      ra, 1f
    mret
1:  ecall
left_mode:
    .irp n, 1, 8, 9, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27
    ld      x\n, (\n * 8)(sp)
    .endr
    addi    sp, sp, 256
    ret

# A vectored utvec: only entry 0 is a handler; each of the others would be a wrong turn.
    .globl vector_table
    .balign 64
vector_table:
    tail    vectored_user_trap
    .rept   32
    unimp
    .endr
vectored_user_trap:
    j       user_trap_entry

    .bss
    .balign 16
    .space  16384 * 4
stacks_top:
