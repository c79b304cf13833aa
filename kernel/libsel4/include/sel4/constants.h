/* Limits and addresses of the interface; assembly sees the macros only. Sizes of objects are generated: sel4/sizes.h.
 * Source: sel4-abi-riscv64.md 1.3, 4.5.13, 7.3. */
#pragma once

#include <sel4/config.h>
#include <sel4/macros.h>
#include <sel4/sizes.h>

#ifndef __ASSEMBLER__
enum seL4_MsgLimits {
    seL4_MsgLengthBits = 7,
    seL4_MsgExtraCapBits = 2,
    seL4_MsgMaxLength = 120,
    seL4_MsgMaxExtraCaps = 3,
    seL4_FastMessageRegisters = 4
};

enum priorityConstants { seL4_InvalidPrio = -1, seL4_MinPrio = 0, seL4_MaxPrio = CONFIG_NUM_PRIORITIES - 1 };

typedef enum {
    seL4_TCBFlag_NoFlag = 0,
    seL4_TCBFlag_fpuDisabled = 1,
    seL4_TCBFlag_MASK = seL4_TCBFlag_fpuDisabled
} seL4_TCBFlag;
#endif

#define seL4_CapRightsBits 4
#define seL4_UntypedRetypeMaxObjects CONFIG_RETYPE_FAN_OUT_LIMIT
#define seL4_NilData 0
#define seL4_TeraPageBits (seL4_HugePageBits + seL4_PageTableIndexBits) /* of Sv48 */
/* The first address user space cannot have, and the last it can. */
#define seL4_UserTop 0x3ffffff000
#define seL4_UserVSpaceTop (seL4_UserTop - 1)

#ifdef CONFIG_ENABLE_BENCHMARKS
#define seL4_LogBufferSize LIBSEL4_BIT(20)
#endif
