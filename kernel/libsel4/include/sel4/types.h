/* The types of the interface: words, capability pointers, message info, rights, CNode data and the IPC buffer, whose
 * layout the kernel shares. Source: sel4-abi-riscv64.md 1.3, 1.5, 1.6, 1.9, 4.10.4, 9.9. */
#pragma once

#include <sel4/config.h>
#include <sel4/constants.h>
#include <sel4/errors.h>
#include <sel4/macros.h>
#include <sel4/objecttype.h>
#include <sel4/syscall.h>
#include <stddef.h>
#include <stdint.h>

typedef int8_t seL4_Int8;
typedef int16_t seL4_Int16;
typedef int32_t seL4_Int32;
typedef int64_t seL4_Int64;
typedef uint8_t seL4_Uint8;
typedef uint16_t seL4_Uint16;
typedef uint32_t seL4_Uint32;
typedef uint64_t seL4_Uint64;
typedef seL4_Int8 seL4_Bool;
#define seL4_True 1
#define seL4_False 0

typedef seL4_Uint64 seL4_Word;
typedef seL4_Word seL4_CPtr;
typedef seL4_Word seL4_NodeId;
typedef seL4_Word seL4_PAddr;
typedef seL4_Word seL4_Domain;
typedef seL4_Uint64 seL4_Time;

typedef seL4_CPtr seL4_Untyped;
typedef seL4_CPtr seL4_TCB;
typedef seL4_CPtr seL4_CNode;
typedef seL4_CPtr seL4_IRQControl;
typedef seL4_CPtr seL4_IRQHandler;
typedef seL4_CPtr seL4_DomainSet;
typedef seL4_CPtr seL4_RISCV_Page;
typedef seL4_CPtr seL4_RISCV_PageTable;
typedef seL4_CPtr seL4_RISCV_ASIDControl;
typedef seL4_CPtr seL4_RISCV_ASIDPool;
typedef seL4_CPtr seL4_TaiL4_AsyncQueue;
typedef seL4_CPtr seL4_TaiL4_Notification;

typedef enum { seL4_RISCV_Default_VMAttributes = 0, seL4_RISCV_ExecuteNever = 1 } seL4_RISCV_VMAttributes;

/* label 63:12, capsUnwrapped 11:9, extraCaps 8:7, length 6:0 */
typedef struct seL4_MessageInfo {
    seL4_Word words[1];
} seL4_MessageInfo_t;

static inline seL4_MessageInfo_t seL4_MessageInfo_new(seL4_Word label, seL4_Word capsUnwrapped, seL4_Word extraCaps,
                                                      seL4_Word length) {
    seL4_MessageInfo_t info = {{label << 12 | (capsUnwrapped & 7) << 9 | (extraCaps & 3) << 7 | (length & 127)}};
    return info;
}
static inline seL4_Word seL4_MessageInfo_get_label(seL4_MessageInfo_t info) { return info.words[0] >> 12; }
static inline seL4_Word seL4_MessageInfo_get_capsUnwrapped(seL4_MessageInfo_t info) { return info.words[0] >> 9 & 7; }
static inline seL4_Word seL4_MessageInfo_get_extraCaps(seL4_MessageInfo_t info) { return info.words[0] >> 7 & 3; }
static inline seL4_Word seL4_MessageInfo_get_length(seL4_MessageInfo_t info) { return info.words[0] & 127; }
static inline seL4_MessageInfo_t seL4_MessageInfo_set_label(seL4_MessageInfo_t info, seL4_Word label) {
    info.words[0] = (info.words[0] & 0xfff) | label << 12;
    return info;
}
static inline seL4_MessageInfo_t seL4_MessageInfo_set_capsUnwrapped(seL4_MessageInfo_t info, seL4_Word caps) {
    info.words[0] = (info.words[0] & ~0xe00ul) | (caps & 7) << 9;
    return info;
}
static inline seL4_MessageInfo_t seL4_MessageInfo_set_extraCaps(seL4_MessageInfo_t info, seL4_Word caps) {
    info.words[0] = (info.words[0] & ~0x180ul) | (caps & 3) << 7;
    return info;
}
static inline seL4_MessageInfo_t seL4_MessageInfo_set_length(seL4_MessageInfo_t info, seL4_Word length) {
    info.words[0] = (info.words[0] & ~0x7ful) | (length & 127);
    return info;
}

/* grantReply 3, grant 2, read 1, write 0 */
typedef struct seL4_CapRights {
    seL4_Word words[1];
} seL4_CapRights_t;

static inline seL4_CapRights_t seL4_CapRights_new(seL4_Word grantReply, seL4_Word grant, seL4_Word read,
                                                  seL4_Word write) {
    seL4_CapRights_t rights = {{(grantReply & 1) << 3 | (grant & 1) << 2 | (read & 1) << 1 | (write & 1)}};
    return rights;
}
static inline seL4_Word seL4_CapRights_get_capAllowGrantReply(seL4_CapRights_t r) { return r.words[0] >> 3 & 1; }
static inline seL4_Word seL4_CapRights_get_capAllowGrant(seL4_CapRights_t r) { return r.words[0] >> 2 & 1; }
static inline seL4_Word seL4_CapRights_get_capAllowRead(seL4_CapRights_t r) { return r.words[0] >> 1 & 1; }
static inline seL4_Word seL4_CapRights_get_capAllowWrite(seL4_CapRights_t r) { return r.words[0] & 1; }

#define seL4_NoRights seL4_CapRights_new(0, 0, 0, 0)
#define seL4_AllRights seL4_CapRights_new(1, 1, 1, 1)
#define seL4_ReadWrite seL4_CapRights_new(0, 0, 1, 1)
#define seL4_CanRead seL4_CapRights_new(0, 0, 1, 0)
#define seL4_CanWrite seL4_CapRights_new(0, 0, 0, 1)
#define seL4_CanGrant seL4_CapRights_new(0, 1, 0, 0)
#define seL4_CanGrantReply seL4_CapRights_new(1, 0, 0, 0)
#define seL4_NoWrite seL4_CapRights_new(1, 1, 1, 0)
#define seL4_NoRead seL4_CapRights_new(1, 1, 0, 1)

/* guard 63:6, guardSize 5:0 */
typedef struct seL4_CNode_CapData {
    seL4_Word words[1];
} seL4_CNode_CapData_t;

static inline seL4_CNode_CapData_t seL4_CNode_CapData_new(seL4_Word guard, seL4_Word guardSize) {
    seL4_CNode_CapData_t data = {{guard << 6 | (guardSize & 63)}};
    return data;
}
static inline seL4_Word seL4_CNode_CapData_get_guard(seL4_CNode_CapData_t data) { return data.words[0] >> 6; }
static inline seL4_Word seL4_CNode_CapData_get_guardSize(seL4_CNode_CapData_t data) { return data.words[0] & 63; }

typedef struct seL4_IPCBuffer_ {
    seL4_MessageInfo_t tag;
    seL4_Word msg[seL4_MsgMaxLength];
    seL4_Word userData;
    seL4_Word caps_or_badges[seL4_MsgMaxExtraCaps];
    seL4_CPtr receiveCNode;
    seL4_CPtr receiveIndex;
    seL4_Word receiveDepth;
} __attribute__((aligned(1024))) seL4_IPCBuffer;

SEL4_STATIC_ASSERT(sizeof(seL4_IPCBuffer) == 1024, "IPC buffer");
SEL4_STATIC_ASSERT(offsetof(seL4_IPCBuffer, tag) == 0x000, "IPC buffer");
SEL4_STATIC_ASSERT(offsetof(seL4_IPCBuffer, msg) == 0x008, "IPC buffer");
SEL4_STATIC_ASSERT(offsetof(seL4_IPCBuffer, userData) == 0x3c8, "IPC buffer");
SEL4_STATIC_ASSERT(offsetof(seL4_IPCBuffer, caps_or_badges) == 0x3d0, "IPC buffer");
SEL4_STATIC_ASSERT(offsetof(seL4_IPCBuffer, receiveCNode) == 0x3e8, "IPC buffer");
SEL4_STATIC_ASSERT(offsetof(seL4_IPCBuffer, receiveIndex) == 0x3f0, "IPC buffer");
SEL4_STATIC_ASSERT(offsetof(seL4_IPCBuffer, receiveDepth) == 0x3f8, "IPC buffer");

#include <sel4/user_context.h> /* needs seL4_Word */

SEL4_STATIC_ASSERT(sizeof(seL4_UserContext) == 32 * sizeof(seL4_Word), "user context");
SEL4_STATIC_ASSERT(offsetof(seL4_UserContext, a0) == 16 * sizeof(seL4_Word), "user context");
SEL4_STATIC_ASSERT(offsetof(seL4_UserContext, tp) == 31 * sizeof(seL4_Word), "user context");
