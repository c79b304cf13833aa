// The registers of a thread, in the order of the messages.
// Made by tools/gen_api.py from kernel/api/sel4.toml; change the table, not this file.
#pragma once

#include <sel4/simple_types.h>

typedef struct seL4_UserContext_ {
    seL4_Word pc;
    seL4_Word ra;
    seL4_Word sp;
    seL4_Word gp;
    seL4_Word s0;
    seL4_Word s1;
    seL4_Word s2;
    seL4_Word s3;
    seL4_Word s4;
    seL4_Word s5;
    seL4_Word s6;
    seL4_Word s7;
    seL4_Word s8;
    seL4_Word s9;
    seL4_Word s10;
    seL4_Word s11;
    seL4_Word a0;
    seL4_Word a1;
    seL4_Word a2;
    seL4_Word a3;
    seL4_Word a4;
    seL4_Word a5;
    seL4_Word a6;
    seL4_Word a7;
    seL4_Word t0;
    seL4_Word t1;
    seL4_Word t2;
    seL4_Word t3;
    seL4_Word t4;
    seL4_Word t5;
    seL4_Word t6;
    seL4_Word tp;
} seL4_UserContext;
