/* Upstream splits seL4_getFault(): faults that every architecture has the same, and the others. */
#pragma once

#include <sel4/faults.h>

/* A null fault for a capability fault, too, and for what is no fault. */
static inline seL4_Fault_t seL4_getArchFault(seL4_MessageInfo_t info) {
    return seL4_isCapFault_tag(info) ? seL4_Fault_NullFault_new() : seL4_getFault(info);
}
