/* Upstream's path of the system calls; entering the kernel is sel4/arch/syscall.h. */
#pragma once

#include <sel4/syscalls.h>
