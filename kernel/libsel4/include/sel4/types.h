/* The types of the interface. Words are in simple_types.h, what the kernel reads and writes in shared_types.h.
 * Source: sel4-abi-riscv64.md 1.3, 9.9. */
#pragma once

#include <sel4/constants.h>
#include <sel4/errors.h>
#include <sel4/objecttype.h>
#include <sel4/shared_types.h>
#include <sel4/simple_types.h>
#include <sel4/syscall.h>
#include <sel4/user_context.h>

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
typedef seL4_CPtr seL4_SchedContext; /* no such object without MCS; upstream has the names all the same */
typedef seL4_CPtr seL4_SchedControl;
typedef seL4_CPtr seL4_RISCV_Page;
typedef seL4_CPtr seL4_RISCV_PageTable;
typedef seL4_CPtr seL4_RISCV_ASIDControl;
typedef seL4_CPtr seL4_RISCV_ASIDPool;
typedef seL4_CPtr seL4_TaiL4_AsyncQueue;
typedef seL4_CPtr seL4_TaiL4_Notification;

typedef enum { seL4_RISCV_Default_VMAttributes = 0, seL4_RISCV_ExecuteNever = 1 } seL4_RISCV_VMAttributes;

typedef seL4_Word api_object_t;
typedef seL4_Word object_t;

SEL4_STATIC_ASSERT(sizeof(seL4_UserContext) == 32 * sizeof(seL4_Word), "user context");
SEL4_STATIC_ASSERT(offsetof(seL4_UserContext, a0) == 16 * sizeof(seL4_Word), "user context");
SEL4_STATIC_ASSERT(offsetof(seL4_UserContext, tp) == 31 * sizeof(seL4_Word), "user context");

#include <sel4/arch/objecttype.h>
