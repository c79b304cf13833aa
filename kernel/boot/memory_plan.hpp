// Who gets which physical memory: root-server objects, root task image, untypeds. Pure arithmetic; reproduces the
// lists of seL4 for the same input (sel4-abi-riscv64.md 9.2-9.4).
// Untypeds: devices first, then RAM, each ascending. As in seL4 a device is all that is neither RAM nor the kernel's,
// so reserved memory, too. If there are more than 230, the smallest RAM pieces go first (among equals the highest),
// down to half of the list; then device pieces in the same way. `untypeds_dropped` counts them.
#pragma once

#include "api/labels.hpp"
#include "base/result.hpp"
#include "boot/elf_image.hpp"
#include "boot/memory_plan_regions.hpp"
#include "boot/platform.hpp"
#include "boot/platform_error.hpp"
#include "boot/platform_list.hpp"
#include <algorithm>
#include <bit>
#include <sel4/config.h>
#include <span>

namespace boot {

using api::max_untyped_bits;
using api::min_untyped_bits;
using api::tcb_bits;
inline constexpr usize max_untypeds = 230;
inline constexpr u64 device_top = CONFIG_PADDR_USER_DEVICE_TOP;
inline constexpr u64 kernel_window = 0x3f'8000'0000; // physical memory the kernel window reaches (7.3)
inline constexpr unsigned kernel_device_bits = 21;   // the kernel maps its devices in 2 MiB pages
inline constexpr unsigned root_radix = 13;           // of the root CNode, unless the boot argument cnode=N says more
inline constexpr unsigned min_root_radix = 8;
inline constexpr unsigned max_root_radix = 24;
inline constexpr u64 initial_slots = 16;

// What the boot arguments say.
base::Result<unsigned, BootError> root_radix_of(const BootArgs& arguments);

// Virtual layout of the root task: image, IPC buffer, bootinfo, extra bootinfo, and the tables that cover it.
struct AddressSpace {
    Range image;
    u64 ipc_buffer = 0;
    u64 boot_info = 0;
    u64 extra_boot_info = 0; // address also given if there is none
    u64 extra_pages = 0;     // mapped: the actual size
    unsigned extra_bits = 0; // reserved: a power of two; 0 if there is none
    Range cover;
    u64 level1_tables = 0; // one per GiB
    u64 level0_tables = 0; // one per 2 MiB
    u64 tables() const { return level1_tables + level0_tables; }
};

// `image` page-aligned as from ElfImage::range(); `extra_bytes` = extraLen of the bootinfo (0: no block).
base::Result<AddressSpace, BootError> plan_address_space(Range image, u64 extra_bytes);

// Physical addresses of the root-server objects: one block, largest object first, each naturally aligned.
struct RootObjects {
    Range block;
    u64 cnode = 0;
    u64 vspace = 0;
    u64 extra_boot_info = 0; // 0 if there is none; 2^extra_bits bytes
    u64 asid_pool = 0;
    u64 ipc_buffer = 0;
    u64 boot_info = 0;
    u64 tables = 0; // level-1 tables, then level-0 tables, 4 KiB each
    u64 tcb = 0;
};

struct Untyped {
    u64 address = 0;
    u8 bits = 0;
    bool device = false;
    friend constexpr bool operator==(const Untyped&, const Untyped&) = default;
};
using UntypedList = List<Untyped, max_untypeds>;

struct MemoryInput {
    std::span<const Range> memory;   // Platform::memory
    std::span<const Range> reserved; // Platform::reserved
    std::span<const Range> devices;  // windows only the kernel may touch; see kernel_devices()
    Range kernel;                    // image with stacks; memory below it in its region is the firmware's
    Range kernel_recycled;           // part of `kernel` not needed after boot, may be empty
    Range tree;                      // device tree blob, kept
    Range initrd;                    // readable until the image is loaded, then free
    Range image_in_place;            // root task already in memory (elfloader); empty: place it
    AddressSpace space;
    unsigned radix = root_radix; // of the root CNode
};

struct MemoryPlan {
    RegionSet ram;       // what counts as RAM at all
    RegionSet reserved;  // of the input, without the kernel, the tree and the initrd
    RegionSet devices;   // what the device untypeds are cut from
    RegionSet free;      // what the others are cut from
    RootObjects objects; // outside of initrd, so that it can be filled while the initrd is read
    Range image;         // root task frames, contiguous: page i at image.start + i * 4 KiB
    UntypedList untypeds;
    usize device_untypeds = 0; // the first so many of `untypeds`
    usize untypeds_dropped = 0;
};

// CLINT, PLIC, TAIC and UINTC of the platform, those not used included, rounded to 2 MiB.
using DeviceWindows = List<Range, 4 + Platform::max_spare_devices>;
DeviceWindows kernel_devices(const Platform& platform);

// Kernel and initrd lie in usable memory: to be asked before the initrd is touched. Ignores devices, image and space.
// Uses `plan` as scratch memory.
base::Result<base::Ok, BootError> check_memory(const MemoryInput& input, MemoryPlan& plan);

// Fills `plan`, 17 KiB that do not belong on a boot stack. After an error its contents mean nothing.
base::Result<base::Ok, BootError> plan_memory(const MemoryInput& input, MemoryPlan& plan);

// The first piece of the greedy cut (9.3): min(alignment of start, floor log2 of the length, 38). Not for empty ranges.
constexpr unsigned cut_bits(const Range& range) {
    const unsigned length = static_cast<unsigned>(std::bit_width(range.size())) - 1;
    const unsigned alignment = static_cast<unsigned>(std::countr_zero(range.start)); // 64 for address 0
    return std::min({alignment, length, max_untyped_bits});
}

// Dynamic slots of the root CNode (9.2), half-open like seL4_SlotRegion.
struct SlotPlan {
    Range paging;
    Range extra_pages;
    Range image_frames;
    Range untypeds;
    Range empty;
    unsigned radix = root_radix;
};
base::Result<SlotPlan, BootError> plan_slots(const AddressSpace& space, u64 untyped_count, unsigned radix);

} // namespace boot
