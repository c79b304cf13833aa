// The device trees of the tests, as dtc made them; see trees.hpp.
    .section .rodata
    .balign 8
    .globl qemu_virt_begin, qemu_virt_end, axu15eg_begin, axu15eg_end
qemu_virt_begin:
    .incbin "qemu_virt.dtb"
qemu_virt_end:
    .balign 8
axu15eg_begin:
    .incbin "axu15eg.dtb"
axu15eg_end:
    .section .note.GNU-stack, "", @progbits
