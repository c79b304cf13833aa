#include "smp/hart.hpp"

namespace smp {

[[gnu::section(".bss.kernel_stacks")]] alignas(sizeof(KernelStack::guard_))
    KernelStack kernel_stacks[base::max_harts + 1];
[[gnu::section(".bss.hot.harts")]] Hart harts[base::max_harts];
u32 hart_count = 1;

} // namespace smp
