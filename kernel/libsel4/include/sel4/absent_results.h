/* Result types of methods that this configuration lacks (MCS, hardware breakpoints): upstream has the types in every
 * configuration, and programs name them in code that never runs. */
#pragma once

#include <sel4/simple_types.h>

typedef struct seL4_SchedContext_Consumed {
    int error;
    seL4_Uint64 consumed;
} seL4_SchedContext_Consumed_t;

typedef struct seL4_SchedContext_YieldTo {
    int error;
    seL4_Uint64 consumed;
} seL4_SchedContext_YieldTo_t;

typedef struct seL4_TCB_GetBreakpoint {
    int error;
    seL4_Word vaddr;
    seL4_Word type;
    seL4_Word size;
    seL4_Word rw;
    seL4_Bool is_enabled;
} seL4_TCB_GetBreakpoint_t;

typedef struct seL4_TCB_ConfigureSingleStepping {
    int error;
    seL4_Bool bp_was_consumed;
} seL4_TCB_ConfigureSingleStepping_t;
