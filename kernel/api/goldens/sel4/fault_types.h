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

static inline seL4_FaultType seL4_Fault_get_seL4_FaultType(seL4_Fault_t fault) {
    return (seL4_FaultType)fault.words[0];
}

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
static inline seL4_Bool seL4_isCapFault_tag(seL4_MessageInfo_t tag) {
    return seL4_MessageInfo_get_label(tag) == seL4_Fault_CapFault;
}
static inline seL4_Word seL4_Fault_CapFault_get_IP(seL4_Fault_t fault) {
    return fault.words[1];
}
static inline seL4_Word seL4_Fault_CapFault_get_Addr(seL4_Fault_t fault) {
    return fault.words[2];
}
static inline seL4_Word seL4_Fault_CapFault_get_InRecvPhase(seL4_Fault_t fault) {
    return fault.words[3];
}
static inline seL4_Word seL4_Fault_CapFault_get_LookupFailureType(seL4_Fault_t fault) {
    return fault.words[4];
}
static inline seL4_Word seL4_Fault_CapFault_get_MR4(seL4_Fault_t fault) {
    return fault.words[5];
}
static inline seL4_Word seL4_Fault_CapFault_get_MR5(seL4_Fault_t fault) {
    return fault.words[6];
}
static inline seL4_Word seL4_Fault_CapFault_get_MR6(seL4_Fault_t fault) {
    return fault.words[7];
}
static inline seL4_Bool seL4_isUnknownSyscall_tag(seL4_MessageInfo_t tag) {
    return seL4_MessageInfo_get_label(tag) == seL4_Fault_UnknownSyscall;
}
static inline seL4_Word seL4_Fault_UnknownSyscall_get_FaultIP(seL4_Fault_t fault) {
    return fault.words[1];
}
static inline seL4_Word seL4_Fault_UnknownSyscall_get_SP(seL4_Fault_t fault) {
    return fault.words[2];
}
static inline seL4_Word seL4_Fault_UnknownSyscall_get_RA(seL4_Fault_t fault) {
    return fault.words[3];
}
static inline seL4_Word seL4_Fault_UnknownSyscall_get_A0(seL4_Fault_t fault) {
    return fault.words[4];
}
static inline seL4_Word seL4_Fault_UnknownSyscall_get_A1(seL4_Fault_t fault) {
    return fault.words[5];
}
static inline seL4_Word seL4_Fault_UnknownSyscall_get_A2(seL4_Fault_t fault) {
    return fault.words[6];
}
static inline seL4_Word seL4_Fault_UnknownSyscall_get_A3(seL4_Fault_t fault) {
    return fault.words[7];
}
static inline seL4_Word seL4_Fault_UnknownSyscall_get_A4(seL4_Fault_t fault) {
    return fault.words[8];
}
static inline seL4_Word seL4_Fault_UnknownSyscall_get_A5(seL4_Fault_t fault) {
    return fault.words[9];
}
static inline seL4_Word seL4_Fault_UnknownSyscall_get_A6(seL4_Fault_t fault) {
    return fault.words[10];
}
static inline seL4_Word seL4_Fault_UnknownSyscall_get_Syscall(seL4_Fault_t fault) {
    return fault.words[11];
}
static inline seL4_Bool seL4_isUserException_tag(seL4_MessageInfo_t tag) {
    return seL4_MessageInfo_get_label(tag) == seL4_Fault_UserException;
}
static inline seL4_Word seL4_Fault_UserException_get_FaultIP(seL4_Fault_t fault) {
    return fault.words[1];
}
static inline seL4_Word seL4_Fault_UserException_get_SP(seL4_Fault_t fault) {
    return fault.words[2];
}
static inline seL4_Word seL4_Fault_UserException_get_Number(seL4_Fault_t fault) {
    return fault.words[3];
}
static inline seL4_Word seL4_Fault_UserException_get_Code(seL4_Fault_t fault) {
    return fault.words[4];
}
static inline seL4_Bool seL4_isVMFault_tag(seL4_MessageInfo_t tag) {
    return seL4_MessageInfo_get_label(tag) == seL4_Fault_VMFault;
}
static inline seL4_Word seL4_Fault_VMFault_get_IP(seL4_Fault_t fault) {
    return fault.words[1];
}
static inline seL4_Word seL4_Fault_VMFault_get_Addr(seL4_Fault_t fault) {
    return fault.words[2];
}
static inline seL4_Word seL4_Fault_VMFault_get_PrefetchFault(seL4_Fault_t fault) {
    return fault.words[3];
}
static inline seL4_Word seL4_Fault_VMFault_get_FSR(seL4_Fault_t fault) {
    return fault.words[4];
}
