# Entry of every program here: a0 is what the one who started it has to say, the boot info or the IPC buffer.
# tp is the base of the thread-local storage, of which libsel4 needs one pointer; it starts as zero here.
    .section .text.start, "ax", @progbits
    .globl _start
_start:
    .option push
    .option norelax
    la      gp, __global_pointer$
    .option pop
    la      sp, stack_top
    la      tp, thread_storage
    call    program
1:  j       1b

    .section .bss.start, "aw", @nobits
    .balign 16
thread_storage:
    .space  64
    .space  16384
stack_top:
