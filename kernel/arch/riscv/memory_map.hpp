// The kernel's address space: all physical memory at the physical window, the kernel image at the top. Host tests have
// neither: there a physical address is a pointer. Source: sel4-abi-riscv64.md 7.3.
#pragma once

#include "base/types.hpp"

namespace arch {

inline constexpr base::Vaddr user_top = 0x3f'ffff'f000; // user addresses are below (7.3)

#ifdef __riscv
inline constexpr u64 physical_window = 0xffff'ffc0'0000'0000;
inline constexpr u64 image_window = 0xffff'ffff'8000'0000;
// Physical address minus virtual address of the image; set by head.S.
extern "C" u64 kernel_image_offset;
#else
inline constexpr u64 physical_window = 0;
inline constexpr u64 image_window = ~u64{0};
inline constexpr u64 kernel_image_offset = 0;
#endif

template <class T>
T* to_pointer(base::Paddr address) {
    return reinterpret_cast<T*>(physical_window + base::raw(address));
}

inline base::Paddr to_paddr(const volatile void* pointer) {
    const auto address = reinterpret_cast<u64>(pointer);
    return base::Paddr{address >= image_window ? address + kernel_image_offset : address - physical_window};
}

} // namespace arch
