// The bus policy of our device drivers: registers through the physical map, with the fences of the processor.
#pragma once

#include "arch/arch.hpp"

namespace async {

struct DeviceBus {
    u64 start;

    u64 read64(u64 offset) const { return arch::read_device(base::Paddr{start + offset}); }
    void write64(u64 offset, u64 value) const { arch::write_device(base::Paddr{start + offset}, value); }
    void publish() const { arch::fence_memory_to_device(); }
    void acquire() const { arch::fence_device_to_memory(); }
    void settle() const { arch::full_fence(); }
};

} // namespace async
