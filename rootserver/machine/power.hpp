// The end of the run: the machine's test device takes the exit status; without it the kernel halts.
#pragma once

#include "rootserver/machine/memory.hpp"

namespace machine {

// Maps the device now, while there is memory. False: there is none, or it cannot be had.
bool prepare_power_off(Memory& memory, seL4_Word test_device);
[[noreturn]] void power_off(bool success);

} // namespace machine
