// On the host a physical address is a pointer; both ways must agree, or no test of the kernel means anything.
#include "arch/riscv/memory_map.hpp"

#include <gtest/gtest.h>

namespace {

TEST(MemoryMap, PointersAndAddressesAreTheSameOnTheHost) {
    int object = 0;
    const base::Paddr address = arch::to_paddr(&object);
    EXPECT_EQ(base::raw(address), reinterpret_cast<u64>(&object));
    EXPECT_EQ(arch::to_pointer<int>(address), &object);
}

} // namespace
