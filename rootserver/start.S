# Entry of the initial thread: a0 = address of the boot info. Other threads start at their own function with the
# registers their creator wrote.
    .section .text.start, "ax", @progbits
    .globl _start
_start:
    .option push
    .option norelax
    la      gp, __global_pointer$
    .option pop
    la      sp, root_stack_top
    call    root_main
1:  j       1b

    # Its top page and the variables behind it are neighbours in the TLB (sel4async/places.hpp): 16 KiB, aligned.
    .section .bss.stack, "aw", @nobits
    .balign 16384
    .space  65536 + 4096
    .globl root_stack_top
root_stack_top:
    .space  0x300 # the sets in which page tables begin stay free
