/* What user programs and the kernel share: message info, rights, CNode data and the IPC buffer. Source:
 * sel4-abi-riscv64.md 1.5, 1.6, 1.9, 4.10.4. */
#pragma once

#include <sel4/bitfield.h>
#include <sel4/constants.h>
#include <stddef.h>

typedef struct seL4_MessageInfo {
    seL4_Word words[1];
} seL4_MessageInfo_t;

SEL4_FIELD(seL4_MessageInfo, label, 0, 12, 52)
SEL4_FIELD(seL4_MessageInfo, capsUnwrapped, 0, 9, 3)
SEL4_FIELD(seL4_MessageInfo, extraCaps, 0, seL4_MsgLengthBits, seL4_MsgExtraCapBits)
SEL4_FIELD(seL4_MessageInfo, length, 0, 0, seL4_MsgLengthBits)

static inline seL4_MessageInfo_t seL4_MessageInfo_new(seL4_Word label, seL4_Word capsUnwrapped, seL4_Word extraCaps,
                                                      seL4_Word length) {
    seL4_MessageInfo_t info = {{label << 12 | (capsUnwrapped & 7) << 9 | (extraCaps & 3) << 7 | (length & 127)}};
    return info;
}
static inline void seL4_MessageInfo_ptr_new(seL4_MessageInfo_t* info, seL4_Word label, seL4_Word capsUnwrapped,
                                            seL4_Word extraCaps, seL4_Word length) {
    *info = seL4_MessageInfo_new(label, capsUnwrapped, extraCaps, length);
}

typedef struct seL4_CapRights {
    seL4_Word words[1];
} seL4_CapRights_t;

SEL4_FIELD(seL4_CapRights, capAllowGrantReply, 0, 3, 1)
SEL4_FIELD(seL4_CapRights, capAllowGrant, 0, 2, 1)
SEL4_FIELD(seL4_CapRights, capAllowRead, 0, 1, 1)
SEL4_FIELD(seL4_CapRights, capAllowWrite, 0, 0, 1)

static inline seL4_CapRights_t seL4_CapRights_new(seL4_Word grantReply, seL4_Word grant, seL4_Word read,
                                                  seL4_Word write) {
    seL4_CapRights_t rights = {{(grantReply & 1) << 3 | (grant & 1) << 2 | (read & 1) << 1 | (write & 1)}};
    return rights;
}
static inline void seL4_CapRights_ptr_new(seL4_CapRights_t* rights, seL4_Word grantReply, seL4_Word grant,
                                          seL4_Word read, seL4_Word write) {
    *rights = seL4_CapRights_new(grantReply, grant, read, write);
}

#define seL4_NoRights seL4_CapRights_new(0, 0, 0, 0)
#define seL4_AllRights seL4_CapRights_new(1, 1, 1, 1)
#define seL4_ReadWrite seL4_CapRights_new(0, 0, 1, 1)
#define seL4_CanRead seL4_CapRights_new(0, 0, 1, 0)
#define seL4_CanWrite seL4_CapRights_new(0, 0, 0, 1)
#define seL4_CanGrant seL4_CapRights_new(0, 1, 0, 0)
#define seL4_CanGrantReply seL4_CapRights_new(1, 0, 0, 0)
#define seL4_NoWrite seL4_CapRights_new(1, 1, 1, 0)
#define seL4_NoRead seL4_CapRights_new(1, 1, 0, 1)

typedef struct seL4_CNode_CapData {
    seL4_Word words[1];
} seL4_CNode_CapData_t;

SEL4_FIELD(seL4_CNode_CapData, guard, 0, seL4_GuardSizeBits, seL4_GuardBits)
SEL4_FIELD(seL4_CNode_CapData, guardSize, 0, 0, seL4_GuardSizeBits)

static inline seL4_CNode_CapData_t seL4_CNode_CapData_new(seL4_Word guard, seL4_Word guardSize) {
    seL4_CNode_CapData_t data = {{guard << seL4_GuardSizeBits | (guardSize & SEL4_FIELD_MASK(seL4_GuardSizeBits))}};
    return data;
}
static inline void seL4_CNode_CapData_ptr_new(seL4_CNode_CapData_t* data, seL4_Word guard, seL4_Word guardSize) {
    *data = seL4_CNode_CapData_new(guard, guardSize);
}

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
