// Sizes of objects and fields, log2.
// Made by tools/gen_api.py from kernel/api/sel4.toml; change the table, not this file.
#pragma once

enum {
    seL4_WordBits = 64,
    seL4_WordSizeBits = 3,
    seL4_SlotBits = 5,
    seL4_TCBBits = 11,
    seL4_EndpointBits = 4,
    seL4_NotificationBits = 5,
    seL4_PageBits = 12,
    seL4_LargePageBits = 21,
    seL4_HugePageBits = 30,
    seL4_PageTableBits = 12,
    seL4_PageTableEntryBits = 3,
    seL4_PageTableIndexBits = 9,
    seL4_VSpaceBits = 12,
    seL4_VSpaceIndexBits = 9,
    seL4_NumASIDPoolsBits = 7,
    seL4_ASIDPoolBits = 12,
    seL4_ASIDPoolIndexBits = 9,
    seL4_IPCBufferSizeBits = 10,
    seL4_BootInfoFrameBits = 12,
    seL4_MinUntypedBits = 4,
    seL4_MaxUntypedBits = 38,
    seL4_BadgeBits = 64,
    seL4_GuardSizeBits = 6,
    seL4_GuardBits = 58,
    seL4_TaiL4_MinAsyncQueueBits = 15,
    seL4_TaiL4_MaxAsyncQueueBits = 20,
};
