# Code whose registers are known word by word. Called from C++ as ordinary functions.
    .section .text.probe, "ax", @progbits

# void register_probe(Word file[33]): one ecall with x1, x3..x31 from the file and all of them back into it. sp points
# to the file meanwhile, so it is checked by the probe coming back at all.
    .globl register_probe
    .globl register_probe_ecall
register_probe:
    addi    sp, sp, -128
    sd      ra, 0(sp)
    sd      gp, 8(sp)
    sd      tp, 16(sp)
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    sd      s\n, (24 + 8 * \n)(sp)
    .endr
    sd      sp, 256(a0)
    mv      sp, a0
    .irp    n, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    ld      x\n, (8 * \n)(sp)
    .endr
register_probe_ecall:
    ecall
    .irp    n, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    sd      x\n, (8 * \n)(sp)
    .endr
    ld      sp, 256(sp)
    ld      ra, 0(sp)
    ld      gp, 8(sp)
    ld      tp, 16(sp)
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11
    ld      s\n, (24 + 8 * \n)(sp)
    .endr
    addi    sp, sp, 128
    ret

# Word snippet_*(Word a0, Word a1): one instruction that may trap, at a known address.
    .macro  snippet name, text:vararg
    .globl  snippet_\name
    .balign 4
snippet_\name:
    \text
    ret
    .endm
    .option push
    .option norvc
    snippet load, ld a0, 0(a0)
    snippet store, sd a1, 0(a0)
    snippet amo, amoadd.d a0, a1, (a0)
    snippet break, ebreak
    snippet illegal, .word 0
    snippet privileged, csrr a0, sstatus

# Endless loops that count in a0, in a1, and in a0 with floating point; they need no stack.
    .macro  spin name, counter
    .globl  spin_\name
    .balign 4
spin_\name:
    addi    \counter, \counter, 1
    j       spin_\name
    .endm
    spin first, a0
    spin second, a1
    .option push
    .option arch, +d
    .globl  spin_float
spin_float:
    fadd.d  ft0, ft0, ft0
    addi    a0, a0, 1
    j       spin_float
    .option pop

    .globl  snippet_jump
    .balign 4
snippet_jump:
    jr      a0
    .option pop

# Floating point: all 32 registers and fcsr from, or to, 33 doublewords.
    .option push
    .option arch, +d
    .globl  float_load
float_load:
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    fld     f\n, (8 * \n)(a0)
    .endr
    ld      t0, 256(a0)
    fscsr   t0
    ret
    .globl  float_store
float_store:
    .irp    n, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31
    fsd     f\n, (8 * \n)(a0)
    .endr
    frcsr   t0
    sd      t0, 256(a0)
    ret
    .globl  float_spin
# Word float_spin(Word file[33], Word rounds): loads the file, spins, and stores it again.
float_spin:
    mv      t2, ra
    call    float_load
1:  addi    a1, a1, -1
    bnez    a1, 1b
    mv      ra, t2
    j       float_store
    .option pop
