/* Configuration of the user headers, under upstream's names. Without further definitions: the uniprocessor debug
 * kernel. -DCONFIG_ENABLE_SMP_SUPPORT gives the SMP interface (other invocation labels), -DSEL4_RELEASE one without
 * the debug calls and with the benchmark calls, -DCONFIG_NUM_DOMAINS=16 the schedule of the boot argument `domains=16`,
 * -DSEL4_GLOBAL_IPC_BUFFER a program without TLS. The number of harts is a matter of the boot, not of the build:
 * seL4_BootInfo.numNodes. What is not defined here is off, as in upstream's generated header. Macros only, so that
 * assembly may include it. Source: sel4-abi-riscv64.md 10. */
#pragma once

#define CONFIG_ARCH riscv
#define CONFIG_ARCH_RISCV 1
#define CONFIG_ARCH_RISCV64 1
#define CONFIG_SEL4_ARCH riscv64
#define CONFIG_SEL4_ARCH_RISCV64 1
#define CONFIG_PLAT_QEMU_RISCV_VIRT 1
#define CONFIG_WORD_SIZE 64
#define CONFIG_PT_LEVELS 3
#define CONFIG_PADDR_USER_DEVICE_TOP 0x8000000000
#define CONFIG_HAVE_FPU 1
#define CONFIG_RISCV_EXT_F 1
#define CONFIG_RISCV_EXT_D 1
#define CONFIG_FIRST_HART_ID 0
#define CONFIG_TIMER_FREQUENCY 10000000 /* of QEMU's virt board; the device tree says it for all machines */

#define CONFIG_NUM_PRIORITIES 256
#ifndef CONFIG_NUM_DOMAINS
#define CONFIG_NUM_DOMAINS 1
#endif
#if CONFIG_NUM_DOMAINS == 1
#define CONFIG_NUM_DOMAIN_SCHEDULES 2
#else
#define CONFIG_NUM_DOMAIN_SCHEDULES 100
#endif
#ifdef CONFIG_ENABLE_SMP_SUPPORT
#define CONFIG_MAX_NUM_NODES 8
#else
#define CONFIG_MAX_NUM_NODES 1
#endif
#define CONFIG_ROOT_CNODE_SIZE_BITS 13
#define CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS 230
#define CONFIG_RETYPE_FAN_OUT_LIMIT 256
#define CONFIG_RESET_CHUNK_BITS 10
#define CONFIG_TIMER_TICK_MS 2
#define CONFIG_TIME_SLICE 5
#define CONFIG_FASTPATH 1

#ifdef SEL4_RELEASE
#define CONFIG_ENABLE_BENCHMARKS 1
#define CONFIG_BENCHMARK_GENERIC 1
#else
#define CONFIG_DEBUG_BUILD 1
#define CONFIG_PRINTING 1
#ifndef CONFIG_ENABLE_BENCHMARKS
#define CONFIG_NO_BENCHMARKS 1
#endif
#endif

#define CONFIG_LIB_SEL4_INLINE_INVOCATIONS 1
#ifndef SEL4_GLOBAL_IPC_BUFFER
#define CONFIG_LIB_SEL4_USE_THREAD_LOCALS 1
#endif
