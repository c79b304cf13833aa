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

    .section .bss.stack, "aw", @nobits
    .balign 16
    .space  65536
    .globl root_stack_top
root_stack_top:
