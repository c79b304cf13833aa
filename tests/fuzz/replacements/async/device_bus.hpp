// The bus under the kernel's device drivers: here it ends in the models of TAIC and UINTC. In the place of
// kernel/async/device_bus.hpp.
#pragma once

#include "base/types.hpp"

namespace fuzz {
u64 device_read(u64 address);
void device_write(u64 address, u64 value);
} // namespace fuzz

namespace async {

struct DeviceBus {
    u64 start;

    u64 read64(u64 offset) const { return fuzz::device_read(start + offset); }
    void write64(u64 offset, u64 value) const { fuzz::device_write(start + offset, value); }
    void publish() const {}
    void acquire() const {}
    void settle() const {}
};

} // namespace async
