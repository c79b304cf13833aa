#include "rootserver/machine/power.hpp"

namespace machine {

namespace {

constexpr std::uint32_t pass = 0x5555;
constexpr std::uint32_t fail_with_one = 1 << 16 | 0x3333;

volatile std::uint32_t* device = nullptr;

} // namespace

bool prepare_power_off(Memory& memory, seL4_Word test_device) {
    const seL4_Word page = test_device & ~(Memory::page_size - 1);
    const seL4_CPtr frame = test_device == 0 ? 0 : memory.device_frame(page);
    if (frame == 0) return false;
    const seL4_Word vaddr = memory.addresses(Memory::page_size);
    if (memory.make_tables(vaddr, Memory::page_size) != seL4_NoError || memory.map(frame, vaddr) != seL4_NoError)
        return false;
    device = reinterpret_cast<volatile std::uint32_t*>(vaddr + (test_device - page));
    return true;
}

void power_off(bool success) {
    if (device != nullptr) *device = success ? pass : fail_with_one;
    while (true) seL4_DebugHalt();
}

} // namespace machine
