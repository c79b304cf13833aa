/* Every path an upstream program may include, and the value of every constant that no other test pins. */
#pragma once

#include <autoconf.h>
#include <interfaces/sel4_client.h>
#include <kernel/gen_config.h>
#include <sel4/arch/constants.h>
#include <sel4/arch/deprecated.h>
#include <sel4/arch/exIPC.h>
#include <sel4/arch/invocation.h>
#include <sel4/arch/mapping.h>
#include <sel4/arch/objecttype.h>
#include <sel4/arch/shared_types.h>
#include <sel4/arch/simple_types.h>
#include <sel4/arch/syscalls.h>
#include <sel4/arch/types.h>
#include <sel4/assert.h>
#include <sel4/benchmark_tracepoints_types.h>
#include <sel4/benchmark_track_types.h>
#include <sel4/benchmark_utilisation_types.h>
#include <sel4/bootinfo.h>
#include <sel4/bootinfo_types.h>
#include <sel4/config.h>
#include <sel4/constants.h>
#include <sel4/debug_assert.h>
#include <sel4/deprecated.h>
#include <sel4/errors.h>
#include <sel4/faults.h>
#include <sel4/functions.h>
#include <sel4/gen_config.h>
#include <sel4/invocation.h>
#include <sel4/macros.h>
#include <sel4/mode/types.h>
#include <sel4/objecttype.h>
#include <sel4/plat/api/constants.h>
#include <sel4/sel4.h>
#include <sel4/sel4_arch/constants.h>
#include <sel4/sel4_arch/deprecated.h>
#include <sel4/sel4_arch/faults.h>
#include <sel4/sel4_arch/invocation.h>
#include <sel4/sel4_arch/mapping.h>
#include <sel4/sel4_arch/objecttype.h>
#include <sel4/sel4_arch/simple_types.h>
#include <sel4/sel4_arch/syscalls.h>
#include <sel4/sel4_arch/types.h>
#include <sel4/sel4_arch/types_gen.h>
#include <sel4/shared_types.h>
#include <sel4/shared_types_gen.h>
#include <sel4/simple_types.h>
#include <sel4/syscall.h>
#include <sel4/syscalls.h>
#include <sel4/syscalls_master.h>
#include <sel4/types.h>
#include <sel4/virtual_client.h>
#include <stdio.h>
#include <string.h>

/* Sizes are macros, so that the preprocessor may compare them. */
#if seL4_PageBits != 12 || seL4_LargePageBits != 21 || seL4_HugePageBits != 30 || seL4_TeraPageBits != 39
#error page sizes
#endif
#if CONFIG_MAX_NUM_NODES != 1 || CONFIG_NUM_DOMAINS != 1 || CONFIG_NUM_DOMAIN_SCHEDULES != 2 || !CONFIG_FASTPATH
#error configuration
#endif
#if !CONFIG_RISCV_EXT_F || !CONFIG_RISCV_EXT_D || !CONFIG_SEL4_ARCH_RISCV64 || CONFIG_TIMER_FREQUENCY != 10000000
#error configuration
#endif
#if !CONFIG_LIB_SEL4_INLINE_INVOCATIONS || !CONFIG_LIB_SEL4_USE_THREAD_LOCALS || defined CONFIG_KERNEL_MCS
#error configuration
#endif
#if CONFIG_FIRST_HART_ID || CONFIG_PADDR_USER_DEVICE_TOP != 549755813888 || CONFIG_RESET_CHUNK_BITS < 6
#error configuration
#endif

#define VALUE(name, value) SEL4_STATIC_ASSERT((name) == (value), #name);
VALUE(seL4_UserTop, 0x3ffffff000)
VALUE(seL4_UserVSpaceTop, 0x3fffffefff)
VALUE(seL4_UntypedRetypeMaxObjects, 256)
VALUE(seL4_LogBufferSize, 1u << 20)
VALUE(seL4_NonArchObjectTypeCount, 5)
VALUE(seL4_ModeObjectTypeCount, 6)
VALUE(seL4_RISCV_Tera_Page, 0xffffffff)
VALUE(seL4_AsyncEndpointObject, 3)
VALUE(seL4_CapInitThreadPD, 3)
VALUE(seL4_BootInfoFrameSize, 4096)
VALUE(SEL4_MAPPING_LOOKUP_LEVEL, 2)
VALUE(SEL4_MAPPING_LOOKUP_NO_PT, 21)
VALUE(seL4_NoFault, 0)
VALUE(seL4_CapFault, 1)
VALUE(seL4_UnknownSyscall, 2)
VALUE(seL4_UserException, 3)
VALUE(seL4_VMFault, 5)
VALUE(SEL4_PFIPC_LABEL, 5)
VALUE(SEL4_PFIPC_LENGTH, 4)
VALUE(SEL4_PFIPC_FAULT_IP, 0)
VALUE(SEL4_PFIPC_FAULT_ADDR, 1)
VALUE(SEL4_PFIPC_PREFETCH_FAULT, 2)
VALUE(SEL4_PFIPC_FSR, 3)
VALUE(SEL4_EXCEPT_IPC_LABEL, 2)
VALUE(SEL4_USER_EXCEPTION_LABEL, 3)
VALUE(SEL4_USER_EXCEPTION_LENGTH, 4)
VALUE(Entry_Unknown, 0)
VALUE(Entry_Interrupt, 1)
VALUE(Entry_UnknownSyscall, 2)
VALUE(Entry_UserLevelFault, 3)
VALUE(Entry_DebugFault, 4)
VALUE(Entry_VMFault, 5)
VALUE(Entry_Syscall, 6)
VALUE(BENCHMARK_TCB_UTILISATION, 0)
VALUE(BENCHMARK_TCB_NUMBER_SCHEDULES, 1)
VALUE(BENCHMARK_TCB_KERNEL_UTILISATION, 2)
VALUE(BENCHMARK_TCB_NUMBER_KERNEL_ENTRIES, 3)
VALUE(BENCHMARK_IDLE_LOCALCPU_UTILISATION, 4)
VALUE(BENCHMARK_IDLE_TCBCPU_UTILISATION, 5)
VALUE(BENCHMARK_IDLE_NUMBER_SCHEDULES, 6)
VALUE(BENCHMARK_IDLE_KERNEL_UTILISATION, 7)
VALUE(BENCHMARK_IDLE_NUMBER_KERNEL_ENTRIES, 8)
VALUE(BENCHMARK_TOTAL_UTILISATION, 9)
VALUE(BENCHMARK_TOTAL_NUMBER_SCHEDULES, 10)
VALUE(BENCHMARK_TOTAL_KERNEL_UTILISATION, 11)
VALUE(BENCHMARK_TOTAL_NUMBER_KERNEL_ENTRIES, 12)
VALUE(sizeof(kernel_entry_t), 9)
VALUE(sizeof(benchmark_track_kernel_entry_t), 24)
VALUE(sizeof(benchmark_tracepoint_log_entry_t), 16)
VALUE(sizeof(((seL4_SchedContext_Consumed_t*)0)->consumed), 8)
VALUE(sizeof(((seL4_SchedContext_YieldTo_t*)0)->consumed), 8)
VALUE(sizeof(((seL4_TCB_GetBreakpoint_t*)0)->is_enabled), 1)
VALUE(sizeof(((seL4_TCB_ConfigureSingleStepping_t*)0)->bp_was_consumed), 1)

/* The helpers of macros.h. */
enum names_wide { names_one = 1, SEL4_FORCE_LONG_ENUM(names_wide) };
struct SEL4_PACKED names_packed {
    seL4_Uint8 byte;
    seL4_Uint64 word;
};
VALUE(sizeof(enum names_wide), 8)
VALUE(sizeof(struct names_packed), 9)
VALUE(LIBSEL4_BIT(40), 1ul << 40)
SEL4_SIZE_SANITY(seL4_PageTableEntryBits, seL4_PageTableIndexBits, 12)
LIBSEL4_INLINE_FUNC CONST LIBSEL4_UNUSED int names_inline(void) { return 1; }
LIBSEL4_INLINE PURE LIBSEL4_UNUSED int names_pure(void) { return 1; }
extern LIBSEL4_THREAD_LOCAL int names_thread_local;
LIBSEL4_WEAK LIBSEL4_NOINLINE SEL4_DEPRECATED("a test") void names_weak(void);
