/* RISC-V 64 has no calls of its own. */
#pragma once

#include <sel4/syscalls.h>
