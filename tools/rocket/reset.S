# What the harts do before the firmware, and behind it. Machine::place_firmware fills the words in; it knows that they
# begin at 128, OpenSBI's at 192, and the trampoline at 256.
    .option norvc
    .text

# In ROM; the SoC's own ROM jumps here with every hart.
reset:
    csrr    a0, mhartid
    lla     t0, words
    ld      t1, 0(t0)
    bgeu    a0, t1, park
    ld      a1, 8(t0)
    lla     a2, dynamic
    ld      t2, 16(t0)
    beqz    a0, 2f              # hart 0 is first in the firmware, which takes the first one for the boot hart
    li      t3, 2000
1:  addi    t3, t3, -1
    bgtz    t3, 1b
2:  jr      t2
park:
    csrw    mie, zero
3:  wfi
    j       3b

    .org    128
words:                          # harts, device tree, firmware
    .dword  0, 0, 0
    .org    192
dynamic:                        # OpenSBI's fw_dynamic_info, version 2: where next, in S, no options, any boot hart
    .dword  0x4942534f, 2, 0, 1, 0, -1

# In memory; the firmware's next address. The hart's number stays in a0, the kernel's device tree is put into a1.
    .org    256
trampoline:
    lla     t0, question
    ld      t0, 0(t0)
1:  ld      t1, 8(t0)           # nothing yet
    beqz    t1, 1b
    ld      a1, 0(t0)
    jr      t1
    .balign 8
question:                       # the last word: the test device's register that answers
    .dword  0
