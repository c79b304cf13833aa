// The initial thread: its memory, capabilities, address space and bootinfo, as seL4 programs expect them
// (sel4-abi-riscv64.md 9.1 to 9.4).
#pragma once

#include "boot/platform.hpp"

namespace boot {

// Null, or what is wrong with the root task or the memory.
[[nodiscard]] const char* create_root_task(const Platform& platform, Bytes tree, u64 tree_paddr);

} // namespace boot
