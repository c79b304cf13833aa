/* The whole seL4 interface of TaiL4 for user programs, C11 and C++20, freestanding. */
#pragma once

#include <sel4/bootinfo.h>
#include <sel4/client.h>
#include <sel4/faults.h>
#include <sel4/functions.h>
#include <sel4/invocation.h>
#include <sel4/syscalls.h>
#include <sel4/types.h>
