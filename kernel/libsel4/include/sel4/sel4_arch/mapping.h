/* After a page could not be mapped for want of a table (seL4_FailedLookup): which one. MR2 holds the number of address
 * bits that are left to translate. Source: sel4-abi-riscv64.md 1.8. */
#pragma once

#include <sel4/functions.h>

#define SEL4_MAPPING_LOOKUP_LEVEL 2
#define SEL4_MAPPING_LOOKUP_NO_PT seL4_LargePageBits /* the last level is missing */

static inline seL4_Word seL4_MappingFailedLookupLevel(void) { return seL4_GetMR(SEL4_MAPPING_LOOKUP_LEVEL); }
