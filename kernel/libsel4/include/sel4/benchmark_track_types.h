/* Why the kernel was entered, and an entry of the log of a kernel with CONFIG_BENCHMARK_TRACK_KERNEL_ENTRIES. */
#pragma once

#include <sel4/simple_types.h>

#if defined(CONFIG_BENCHMARK_TRACK_KERNEL_ENTRIES) || defined(CONFIG_DEBUG_BUILD)
typedef enum {
    Entry_Unknown,
    Entry_Interrupt,
    Entry_UnknownSyscall,
    Entry_UserLevelFault,
    Entry_DebugFault,
    Entry_VMFault,
    Entry_Syscall
} entry_type_t;

/* `path` says which half of the union counts: that of interrupts and faults, or that of system calls. */
typedef struct SEL4_PACKED kernel_entry {
    seL4_Word path : 3;
    __extension__ union {
        __extension__ struct {
            seL4_Word core : 3;
            seL4_Word word : 26;
        };
        __extension__ struct {
            seL4_Word syscall_no : 4;
            seL4_Word cap_type : 5;
            seL4_Word is_fastpath : 1;
            seL4_Word invocation_tag : 19;
        };
    };
} kernel_entry_t;
#endif

#ifdef CONFIG_BENCHMARK_TRACK_KERNEL_ENTRIES
typedef struct benchmark_syscall_log_entry {
    uint64_t start_time;
    uint32_t duration;
    kernel_entry_t entry;
} benchmark_track_kernel_entry_t;
#endif
