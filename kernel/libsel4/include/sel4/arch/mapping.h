/* The same on RISC-V with 32 and with 64 bits. */
#pragma once

#include <sel4/sel4_arch/mapping.h>
