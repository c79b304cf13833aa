/* Fault messages: seL4_getFault() takes one out of the message registers. Types, message layouts and accessors are
 * generated (sel4/fault_types.h). Source: sel4-abi-riscv64.md 5.9. */
#pragma once

#include <sel4/fault_types.h>
#include <sel4/functions.h>

typedef seL4_FaultType seL4_Fault_tag_t;

SEL4_FIELD(seL4_Fault, seL4_FaultType, 0, 0, seL4_WordBits)
static inline int seL4_Fault_seL4_FaultType_equals(seL4_Fault_t fault, seL4_Word type) {
    return fault.words[0] == type;
}

/* A message that is no fault becomes a null fault. */
static inline seL4_Fault_t seL4_getFault(seL4_MessageInfo_t info) {
    seL4_Fault_t fault = {{0}};
    const int length = sel4_fault_length(seL4_MessageInfo_get_label(info));
    if (length > 0) {
        fault.words[0] = seL4_MessageInfo_get_label(info);
        for (int i = 0; i < length; ++i) {
            fault.words[1 + i] = seL4_GetMR(i);
        }
    }
    return fault;
}

#include <sel4/sel4_arch/faults.h>
