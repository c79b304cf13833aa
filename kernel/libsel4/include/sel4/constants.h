/* Limits and addresses of the interface. Sizes of objects are generated: sel4/sizes.h.
 * Source: sel4-abi-riscv64.md 1.3, 4.5.13, 7.3. */
#pragma once

#include <sel4/config.h>
#include <sel4/macros.h>
#include <sel4/sizes.h>

enum {
    seL4_MsgLengthBits = 7,
    seL4_MsgExtraCapBits = 2,
    seL4_MsgMaxLength = 120,
    seL4_MsgMaxExtraCaps = 3,
    seL4_FastMessageRegisters = 4,
    seL4_CapRightsBits = 4,
    seL4_UntypedRetypeMaxObjects = CONFIG_RETYPE_FAN_OUT_LIMIT
};

enum { seL4_InvalidPrio = -1, seL4_MinPrio = 0, seL4_MaxPrio = CONFIG_NUM_PRIORITIES - 1 };

typedef enum {
    seL4_TCBFlag_NoFlag = 0,
    seL4_TCBFlag_fpuDisabled = 1,
    seL4_TCBFlag_MASK = seL4_TCBFlag_fpuDisabled
} seL4_TCBFlag;

#define seL4_NilData 0
/* The first address user space cannot have. */
#define seL4_UserTop 0x3ffffff000ul
