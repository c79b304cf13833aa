/* Configuration of the user headers, under upstream's names. Without further definitions: the uniprocessor debug
 * kernel. -DCONFIG_ENABLE_SMP_SUPPORT gives the SMP interface (other invocation labels), -DSEL4_RELEASE one without
 * the debug calls. The number of harts is a matter of the boot, not of the build: seL4_BootInfo.numNodes. Source:
 * sel4-abi-riscv64.md 10. */
#pragma once

#define CONFIG_ARCH_RISCV 1
#define CONFIG_ARCH_RISCV64 1
#define CONFIG_PLAT_QEMU_RISCV_VIRT 1
#define CONFIG_WORD_SIZE 64
#define CONFIG_PT_LEVELS 3
#define CONFIG_HAVE_FPU 1
#define CONFIG_NUM_PRIORITIES 256
#define CONFIG_NUM_DOMAINS 1
#define CONFIG_ROOT_CNODE_SIZE_BITS 13
#define CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS 230
#define CONFIG_RETYPE_FAN_OUT_LIMIT 256
#define CONFIG_TIMER_TICK_MS 2
#define CONFIG_TIME_SLICE 5

#ifndef SEL4_RELEASE
#define CONFIG_DEBUG_BUILD 1
#define CONFIG_PRINTING 1
#endif
