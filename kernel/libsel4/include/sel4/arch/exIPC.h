/* RISC-V has no messages beside those of faults. */
#pragma once

#include <sel4/faults.h>
