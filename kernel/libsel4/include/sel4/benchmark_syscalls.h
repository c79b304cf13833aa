/* The benchmark calls, for programs built with CONFIG_ENABLE_BENCHMARKS. TaiL4's release kernel is upstream's with
 * CONFIG_BENCHMARK_GENERIC: it has ResetLog, FinalizeLog, NullSyscall and FlushCaches; the others are unknown system
 * calls to it, and to its debug kernel all are. Source: sel4-abi-riscv64.md 2.6. */
#pragma once

#include <sel4/arch/syscall.h>
#include <sel4/benchmark_tracepoints_types.h>
#include <sel4/benchmark_track_types.h>
#include <sel4/benchmark_utilisation_types.h>
#include <sel4/types.h>

#ifdef CONFIG_ENABLE_BENCHMARKS

static inline seL4_Error seL4_BenchmarkResetLog(void) {
    return (seL4_Error)sel4_ecall_short(seL4_SysBenchmarkResetLog, 0, 0);
}
/* The number of entries in the log. */
static inline seL4_Word seL4_BenchmarkFinalizeLog(void) { return sel4_ecall_short(seL4_SysBenchmarkFinalizeLog, 0, 0); }
static inline seL4_Error seL4_BenchmarkSetLogBuffer(seL4_Word frame) {
    return (seL4_Error)sel4_ecall_short(seL4_SysBenchmarkSetLogBuffer, frame, 0);
}
static inline void seL4_BenchmarkNullSyscall(void) { (void)sel4_ecall_short(seL4_SysBenchmarkNullSyscall, 0, 0); }
static inline void seL4_BenchmarkFlushCaches(void) { (void)sel4_ecall_short(seL4_SysBenchmarkFlushCaches, 0, 0); }
static inline void seL4_BenchmarkFlushL1Caches(seL4_Word cacheType) {
    (void)sel4_ecall_short(seL4_SysBenchmarkFlushCaches, 1, cacheType);
}

#ifdef CONFIG_BENCHMARK_TRACK_UTILISATION
/* The figures are in the IPC buffer afterwards (benchmark_track_util_ipc_index). */
static inline void seL4_BenchmarkGetThreadUtilisation(seL4_Word tcb) {
    (void)sel4_ecall_short(seL4_SysBenchmarkGetThreadUtilisation, tcb, 0);
}
static inline void seL4_BenchmarkResetThreadUtilisation(seL4_Word tcb) {
    (void)sel4_ecall_short(seL4_SysBenchmarkResetThreadUtilisation, tcb, 0);
}
#ifdef CONFIG_DEBUG_BUILD
static inline void seL4_BenchmarkDumpAllThreadsUtilisation(void) {
    (void)sel4_ecall_short(seL4_SysBenchmarkDumpAllThreadsUtilisation, 0, 0);
}
static inline void seL4_BenchmarkResetAllThreadsUtilisation(void) {
    (void)sel4_ecall_short(seL4_SysBenchmarkResetAllThreadsUtilisation, 0, 0);
}
#endif
#endif

#endif
