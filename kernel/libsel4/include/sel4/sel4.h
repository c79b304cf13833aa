/* The whole seL4 interface of TaiL4 for user programs, C99, C11 and C++20, freestanding. Under upstream's paths lie
 * small files that lead to the headers listed here. */
#pragma once

#include <sel4/absent_results.h>
#include <sel4/bootinfo.h>
#include <sel4/client.h>
#include <sel4/deprecated.h>
#include <sel4/faults.h>
#include <sel4/functions.h>
#include <sel4/invocation.h>
#include <sel4/syscalls.h>
#include <sel4/types.h>
