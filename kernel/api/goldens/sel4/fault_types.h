// Fault types, the words of their messages, and accessors.
// Made by tools/gen_api.py from kernel/api/sel4.toml; change the table, not this file.
#pragma once

#include <sel4/types.h>

typedef enum {
    seL4_Fault_NullFault = 0,
    seL4_Fault_CapFault = 1,
    seL4_Fault_UnknownSyscall = 2,
    seL4_Fault_UserException = 3,
    seL4_Fault_VMFault = 5,
} seL4_FaultType;

typedef enum {
    seL4_CapFault_IP = 0,
    seL4_CapFault_Addr = 1,
    seL4_CapFault_InRecvPhase = 2,
    seL4_CapFault_LookupFailureType = 3,
    seL4_CapFault_MR4 = 4,
    seL4_CapFault_MR5 = 5,
    seL4_CapFault_MR6 = 6,
    seL4_CapFault_BitsLeft = 4,
    seL4_CapFault_DepthMismatch_BitsFound = 5,
    seL4_CapFault_GuardMismatch_GuardFound = 5,
    seL4_CapFault_GuardMismatch_BitsFound = 6,
    seL4_CapFault_Length = 7,
} seL4_CapFault_Msg;

typedef enum {
    seL4_UnknownSyscall_FaultIP = 0,
    seL4_UnknownSyscall_SP = 1,
    seL4_UnknownSyscall_RA = 2,
    seL4_UnknownSyscall_A0 = 3,
    seL4_UnknownSyscall_A1 = 4,
    seL4_UnknownSyscall_A2 = 5,
    seL4_UnknownSyscall_A3 = 6,
    seL4_UnknownSyscall_A4 = 7,
    seL4_UnknownSyscall_A5 = 8,
    seL4_UnknownSyscall_A6 = 9,
    seL4_UnknownSyscall_Syscall = 10,
    seL4_UnknownSyscall_Length = 11,
} seL4_UnknownSyscall_Msg;

typedef enum {
    seL4_UserException_FaultIP = 0,
    seL4_UserException_SP = 1,
    seL4_UserException_Number = 2,
    seL4_UserException_Code = 3,
    seL4_UserException_Length = 4,
} seL4_UserException_Msg;

typedef enum {
    seL4_VMFault_IP = 0,
    seL4_VMFault_Addr = 1,
    seL4_VMFault_PrefetchFault = 2,
    seL4_VMFault_FSR = 3,
    seL4_VMFault_Length = 4,
} seL4_VMFault_Msg;

/* words[0] is the type, the message follows. */
typedef struct seL4_Fault {
    seL4_Word words[12];
} seL4_Fault_t;

/* The longest message of a fault label; 0 for a label that is none. */
static inline int sel4_fault_length(seL4_Word label) {
    switch (label) {
    case seL4_Fault_CapFault: return 7;
    case seL4_Fault_UnknownSyscall: return 11;
    case seL4_Fault_UserException: return 4;
    case seL4_Fault_VMFault: return 4;
    default: return 0;
    }
}

static inline seL4_Bool seL4_isNullFault_tag(seL4_MessageInfo_t tag) {
    return seL4_MessageInfo_get_label(tag) == seL4_Fault_NullFault;
}
static inline seL4_Fault_t seL4_Fault_NullFault_new(void) {
    seL4_Fault_t fault = {{seL4_Fault_NullFault}};
    return fault;
}
static inline seL4_Bool seL4_isCapFault_tag(seL4_MessageInfo_t tag) {
    return seL4_MessageInfo_get_label(tag) == seL4_Fault_CapFault;
}
static inline seL4_Fault_t seL4_Fault_CapFault_new(seL4_Word IP, seL4_Word Addr, seL4_Word InRecvPhase, seL4_Word LookupFailureType, seL4_Word MR4, seL4_Word MR5, seL4_Word MR6) {
    seL4_Fault_t fault = {{seL4_Fault_CapFault, IP, Addr, InRecvPhase, LookupFailureType, MR4, MR5, MR6}};
    return fault;
}
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_CapFault, IP, 1, 0, 64)
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_CapFault, Addr, 2, 0, 64)
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_CapFault, InRecvPhase, 3, 0, 64)
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_CapFault, LookupFailureType, 4, 0, 64)
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_CapFault, MR4, 5, 0, 64)
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_CapFault, MR5, 6, 0, 64)
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_CapFault, MR6, 7, 0, 64)
static inline seL4_Bool seL4_isUnknownSyscall_tag(seL4_MessageInfo_t tag) {
    return seL4_MessageInfo_get_label(tag) == seL4_Fault_UnknownSyscall;
}
static inline seL4_Fault_t seL4_Fault_UnknownSyscall_new(seL4_Word FaultIP, seL4_Word SP, seL4_Word RA, seL4_Word A0, seL4_Word A1, seL4_Word A2, seL4_Word A3, seL4_Word A4, seL4_Word A5, seL4_Word A6, seL4_Word Syscall) {
    seL4_Fault_t fault = {{seL4_Fault_UnknownSyscall, FaultIP, SP, RA, A0, A1, A2, A3, A4, A5, A6, Syscall}};
    return fault;
}
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_UnknownSyscall, FaultIP, 1, 0, 64)
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_UnknownSyscall, SP, 2, 0, 64)
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_UnknownSyscall, RA, 3, 0, 64)
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_UnknownSyscall, A0, 4, 0, 64)
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_UnknownSyscall, A1, 5, 0, 64)
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_UnknownSyscall, A2, 6, 0, 64)
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_UnknownSyscall, A3, 7, 0, 64)
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_UnknownSyscall, A4, 8, 0, 64)
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_UnknownSyscall, A5, 9, 0, 64)
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_UnknownSyscall, A6, 10, 0, 64)
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_UnknownSyscall, Syscall, 11, 0, 64)
static inline seL4_Bool seL4_isUserException_tag(seL4_MessageInfo_t tag) {
    return seL4_MessageInfo_get_label(tag) == seL4_Fault_UserException;
}
static inline seL4_Fault_t seL4_Fault_UserException_new(seL4_Word FaultIP, seL4_Word SP, seL4_Word Number, seL4_Word Code) {
    seL4_Fault_t fault = {{seL4_Fault_UserException, FaultIP, SP, Number, Code}};
    return fault;
}
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_UserException, FaultIP, 1, 0, 64)
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_UserException, SP, 2, 0, 64)
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_UserException, Number, 3, 0, 64)
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_UserException, Code, 4, 0, 64)
static inline seL4_Bool seL4_isVMFault_tag(seL4_MessageInfo_t tag) {
    return seL4_MessageInfo_get_label(tag) == seL4_Fault_VMFault;
}
static inline seL4_Fault_t seL4_Fault_VMFault_new(seL4_Word IP, seL4_Word Addr, seL4_Word PrefetchFault, seL4_Word FSR) {
    seL4_Fault_t fault = {{seL4_Fault_VMFault, IP, Addr, PrefetchFault, FSR}};
    return fault;
}
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_VMFault, IP, 1, 0, 64)
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_VMFault, Addr, 2, 0, 64)
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_VMFault, PrefetchFault, 3, 0, 64)
SEL4_FIELD_OF(seL4_Fault_t, seL4_Fault_VMFault, FSR, 4, 0, 64)
