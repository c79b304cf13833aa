/* Entry from the firmware: a0 = hart id, a1 = device tree, MMU off, at any 2 MiB-aligned physical address.
 * Builds two roots with the same kernel half: image window (kernel.lds) and physical window in 1 GiB pages. Only the
 * first has an identity page as well; a hart uses it for the switch and leaves it at once for the kernel's own root.
 * The boot hart goes to kernel_main. Secondary harts come to secondary_entry with a1 = their Hart (virtual).
 * A and D bits are set beforehand; text is read-execute, all else read-write until protect_image(). */
#include "arch/riscv/asm_offsets.h"

#define PTE_TABLE 0x01
#define PTE_RX    0xeb /* V R X G A D */
#define PTE_RW    0xe7 /* V R W G A D */
#define PTE_RWX   0xcf /* V R W X A D, not global: only the switch sees the identity page */

    .section .head, "ax"
    .global _start
_start:
    /* Only the first hart boots. OpenSBI (seen with 1.1) may send a secondary here: hart_start() shows its state
     * before it writes the entry address, so a hart awake then starts at the old one. By then harts[] is filled. */
    lla     t0, boot_taken
    li      t1, 1
    amoswap.w.aq t1, t1, (t0)
    bnez    t1, late_hart

    /* .bss lies behind the file's bytes; clear it once. */
    lla     t0, bss_start
    lla     t1, bss_end
1:  sd      zero, 0(t0)
    addi    t0, t0, 8
    bltu    t0, t1, 1b

    /* s0 = physical - virtual of the image */
    lla     t0, _start
    ld      t1, link_address
    sub     s0, t0, t1
    lla     t1, kernel_image_offset
    sd      s0, 0(t1)

    /* level 1 of the image window: 2 MiB pages from the image's own place on */
    lla     t2, boot_image_table
    srli    t1, t0, 21
    slli    t1, t1, 19              /* page number field of the first page */
    ori     t3, t1, PTE_RX
    sd      t3, 8(t2)               /* link address is 2 MiB into the window: entry 1 = text */
    li      t4, 8                   /* entries 2..9, of which 2 becomes a table */
    addi    t5, t2, 16
    li      t6, 1 << 19
2:  add     t1, t1, t6
    ori     t3, t1, PTE_RW
    sd      t3, 0(t5)
    addi    t5, t5, 8
    addi    t4, t4, -1
    bnez    t4, 2b

    /* level 0 of entry 2: read-only data and stacks in 4 KiB pages */
    ld      t3, 16(t2)
    lla     t5, kernel_small_pages
    srli    t1, t5, 2
    ori     t1, t1, PTE_TABLE
    sd      t1, 16(t2)
    li      t4, 512
    li      t6, 1 << 10
5:  sd      t3, 0(t5)
    add     t3, t3, t6
    addi    t5, t5, 8
    addi    t4, t4, -1
    bnez    t4, 5b

    /* level 2: physical window in entries 256..509, image window in 510 */
    lla     t1, kernel_root_table
    li      t2, 256 * 8
    lla     t5, boot_root_table
    add     t5, t5, t2
    add     t2, t2, t1
    li      t3, PTE_RW
    li      t4, 254
    li      t6, 1 << 28
3:  sd      t3, 0(t2)
    sd      t3, 0(t5)
    add     t3, t3, t6
    addi    t2, t2, 8
    addi    t5, t5, 8
    addi    t4, t4, -1
    bnez    t4, 3b
    lla     t3, boot_image_table
    srli    t3, t3, 2
    ori     t3, t3, PTE_TABLE
    sd      t3, 0(t2)
    sd      t3, 0(t5)

    /* identity page of this code, in the lower half */
    lla     t1, boot_root_table
    srli    t4, t0, 30
    slli    t5, t4, 28
    ori     t5, t5, PTE_RWX
    slli    t4, t4, 3
    add     t4, t4, t1
    sd      t5, 0(t4)

    call    enable_translation
    lla     sp, KERNEL_STACKS + (HARTS_COUNT + 1) * KERNEL_STACK_SIZE
    tail    kernel_main

/* Called at a physical address; returns in the image window, on the kernel's root. s0 = physical - virtual. */
enable_translation:
    lla     t1, boot_root_table
    srli    t1, t1, 12
    li      t3, 8 << 60
    or      t1, t1, t3
    lla     t4, kernel_root_table
    srli    t4, t4, 12
    or      t4, t4, t3
    lla     t2, 1f
    sub     t2, t2, s0
    sub     ra, ra, s0
    lla     t3, trap_entry
    sub     t3, t3, s0
    csrw    stvec, t3
    csrw    sscratch, zero
    sfence.vma
    csrw    satp, t1
    csrr    t5, satp                /* keeps its old value, zero, if the hart has no Sv39 */
    beqz    t5, no_translation
    sfence.vma
    jr      t2
1:  csrw    satp, t4
    sfence.vma
    ret

no_translation:                     /* still at the physical address; nothing but the firmware can be used */
    lla     s1, no_translation_text
1:  lbu     a0, 0(s1)
    beqz    a0, 2f
    li      a7, 1                   /* the legacy console */
    ecall
    addi    s1, s1, 1
    j       1b
2:  li      a7, 0x53525354          /* system reset: shut down, system failure */
    li      a6, 0
    li      a0, 0
    li      a1, 1
    ecall
3:  wfi
    j       3b

late_hart:                          /* finds its Hart by number and goes on as a secondary */
    lla     t0, kernel_image_offset
    ld      s0, 0(t0)
1:  lla     a1, HARTS
    li      t2, HARTS_COUNT
    li      t3, HART_SIZE
2:  ld      t4, HART_STACK_TOP(a1)
    ld      t1, HART_ID(a1)
    beqz    t4, 3f
    beq     t1, a0, 4f
3:  add     a1, a1, t3
    addi    t2, t2, -1
    bnez    t2, 2b
    j       1b
4:  sub     a1, a1, s0

    .global secondary_entry
secondary_entry:
    lla     t0, kernel_image_offset
    ld      s0, 0(t0)
    mv      s2, a1
    call    enable_translation
    fence.i                         /* user code was loaded by the boot hart */
    mv      tp, s2
    ld      sp, HART_STACK_TOP(tp)
    mv      a0, tp
    tail    secondary_main

    .balign 8
link_address:
    .dword  _start
no_translation_text:
    .asciz  "TaiL4: error: the CPU has no MMU with Sv39\n"

    .data                           /* not .bss: it decides before that is cleared */
    .balign 4
boot_taken:
    .word   0

    .bss
    .balign 4096
    .global kernel_root_table
kernel_root_table:
    .skip   4096
boot_root_table:
    .skip   4096
boot_image_table:
    .skip   4096
    .global kernel_small_pages
kernel_small_pages:
    .skip   4096
