// The kernel guarded against itself: read-only data, unmapped pages below the stacks, and what is said when the kernel
// traps after all. The physical window maps all memory, the image too, read-write, but never executable, in 1 GiB
// pages: cutting the one with the image into smaller ones would cost every access to objects TLB entries.
#include "arch/arch.hpp"
#include "smp/hart.hpp"

extern "C" {
extern char small_pages[];
extern char rodata_end[];
extern u64 kernel_small_pages[512];
[[noreturn]] void trap_from_kernel(u64 cause, u64 epc, u64 tval);
}

namespace arch {

namespace {

constexpr u64 write_bit = 4;

u64& small_page(const void* address) {
    return kernel_small_pages[static_cast<usize>(static_cast<const char*>(address) - small_pages) >> 12];
}

} // namespace

void protect_image() {
    for (const char* page = small_pages; page < rodata_end; page += base::bit(12)) small_page(page) &= ~write_bit;
    for (const smp::KernelStack& stack : smp::kernel_stacks) small_page(stack.guard_) = 0;
    local_flush_all();
}

} // namespace arch

void trap_from_kernel(u64 cause, u64 epc, u64 tval) {
    const u64 offset = tval - reinterpret_cast<u64>(smp::kernel_stacks);
    if (offset < sizeof(smp::kernel_stacks) && offset % sizeof(smp::KernelStack) < sizeof(smp::KernelStack::guard_))
        arch::print("\nTaiL4: panic: kernel stack {} overflows at {}\n", offset / sizeof(smp::KernelStack),
                    arch::hex(epc));
    else
        arch::print("\nTaiL4: panic: trap in the kernel, cause {} at {}, address {}\n", cause, arch::hex(epc),
                    arch::hex(tval));
    arch::power_off(1);
}
