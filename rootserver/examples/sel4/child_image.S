# The ELF file of the child process, as bytes.
    .section .rodata.child, "a", @progbits
    .balign 4096
    .globl child_image
child_image:
    .incbin "child.elf"
    .globl child_image_end
child_image_end:
