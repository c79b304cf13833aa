/* What the kernel tells the initial thread: the boot info frame and the capabilities it starts with.
 * Source: sel4-abi-riscv64.md 9.1, 9.2. */
#pragma once

#include <sel4/types.h>

enum seL4_RootCNodeCapSlots {
    seL4_CapNull = 0,
    seL4_CapInitThreadTCB = 1,
    seL4_CapInitThreadCNode = 2,
    seL4_CapInitThreadVSpace = 3,
    seL4_CapIRQControl = 4,
    seL4_CapASIDControl = 5,
    seL4_CapInitThreadASIDPool = 6,
    seL4_CapIOPortControl = 7, /* this one, 8 and 12 to 15 are empty on RISC-V */
    seL4_CapIOSpace = 8,
    seL4_CapBootInfoFrame = 9,
    seL4_CapInitThreadIPCBuffer = 10,
    seL4_CapDomain = 11,
    seL4_CapSMMUSIDControl = 12,
    seL4_CapSMMUCBControl = 13,
    seL4_CapInitThreadSC = 14,
    seL4_CapSMC = 15,
    seL4_NumInitialCaps = 16
};

#define seL4_CapInitThreadPD seL4_CapInitThreadVSpace /* its old name */

#define seL4_BootInfoFrameSize LIBSEL4_BIT(seL4_BootInfoFrameBits)

typedef seL4_Word seL4_SlotPos;

/* Half-open. */
typedef struct seL4_SlotRegion {
    seL4_SlotPos start;
    seL4_SlotPos end;
} seL4_SlotRegion;

typedef struct seL4_UntypedDesc {
    seL4_Word paddr;
    seL4_Uint8 sizeBits;
    seL4_Uint8 isDevice;
    seL4_Uint8 padding[6];
} seL4_UntypedDesc;

typedef struct seL4_BootInfo {
    seL4_Word extraLen; /* bytes of seL4_BootInfoHeader blocks in the pages behind this one */
    seL4_NodeId nodeID;
    seL4_Word numNodes;
    seL4_Word numIOPTLevels;
    seL4_IPCBuffer* ipcBuffer;
    seL4_SlotRegion empty;
    seL4_SlotRegion sharedFrames;
    seL4_SlotRegion userImageFrames;
    seL4_SlotRegion userImagePaging;
    seL4_SlotRegion ioSpaceCaps;
    seL4_SlotRegion extraBIPages;
    seL4_Word initThreadCNodeSizeBits;
    seL4_Domain initThreadDomain;
    seL4_SlotRegion untyped;
    seL4_UntypedDesc untypedList[CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS]; /* [i] is slot untyped.start + i */
} seL4_BootInfo;

SEL4_STATIC_ASSERT(sizeof(seL4_UntypedDesc) == 16, "untyped description");
SEL4_STATIC_ASSERT(sizeof(seL4_BootInfo) == 0xf08, "boot info");
SEL4_STATIC_ASSERT(offsetof(seL4_BootInfo, ipcBuffer) == 0x20, "boot info");
SEL4_STATIC_ASSERT(offsetof(seL4_BootInfo, empty) == 0x28, "boot info");
SEL4_STATIC_ASSERT(offsetof(seL4_BootInfo, sharedFrames) == 0x38, "boot info");
SEL4_STATIC_ASSERT(offsetof(seL4_BootInfo, userImageFrames) == 0x48, "boot info");
SEL4_STATIC_ASSERT(offsetof(seL4_BootInfo, userImagePaging) == 0x58, "boot info");
SEL4_STATIC_ASSERT(offsetof(seL4_BootInfo, ioSpaceCaps) == 0x68, "boot info");
SEL4_STATIC_ASSERT(offsetof(seL4_BootInfo, extraBIPages) == 0x78, "boot info");
SEL4_STATIC_ASSERT(offsetof(seL4_BootInfo, initThreadCNodeSizeBits) == 0x88, "boot info");
SEL4_STATIC_ASSERT(offsetof(seL4_BootInfo, initThreadDomain) == 0x90, "boot info");
SEL4_STATIC_ASSERT(offsetof(seL4_BootInfo, untyped) == 0x98, "boot info");
SEL4_STATIC_ASSERT(offsetof(seL4_BootInfo, untypedList) == 0xa8, "boot info");

typedef enum {
    SEL4_BOOTINFO_HEADER_PADDING = 0,
    SEL4_BOOTINFO_HEADER_X86_VBE = 1,
    SEL4_BOOTINFO_HEADER_X86_MBMMAP = 2,
    SEL4_BOOTINFO_HEADER_X86_ACPI_RSDP = 3,
    SEL4_BOOTINFO_HEADER_X86_FRAMEBUFFER = 4,
    SEL4_BOOTINFO_HEADER_X86_TSC_FREQ = 5,
    SEL4_BOOTINFO_HEADER_FDT = 6,
    SEL4_BOOTINFO_HEADER_NUM = 7
} seL4_BootInfoID;

/* Starts each extra block; len counts it. */
typedef struct seL4_BootInfoHeader {
    seL4_Word id;
    seL4_Word len;
} seL4_BootInfoHeader;

SEL4_STATIC_ASSERT(sizeof(seL4_BootInfoHeader) == 16, "boot info header");
