/* Where upstream splits the object types: generic ones, those of the 64-bit machine, those of RISC-V. All of them are
 * in one enumeration here (sel4/objecttype.h). */
#pragma once

#include <sel4/objecttype.h>

enum { seL4_NonArchObjectTypeCount = seL4_CapTableObject + 1, seL4_ModeObjectTypeCount = seL4_RISCV_4K_Page };

typedef seL4_ObjectType seL4_ModeObjectType;
typedef seL4_ObjectType seL4_ArchObjectType;

/* Sv39 has none: a type that Retype refuses. */
#define seL4_RISCV_Tera_Page 0xffffffff
