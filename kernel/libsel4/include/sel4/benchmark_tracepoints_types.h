/* An entry of the log of a kernel with CONFIG_BENCHMARK_TRACEPOINTS. */
#pragma once

#include <sel4/simple_types.h>

#ifdef CONFIG_BENCHMARK_TRACEPOINTS
typedef struct benchmark_tracepoint_log_entry {
    seL4_Word id;
    seL4_Word duration;
} benchmark_tracepoint_log_entry_t;
#endif
