// The seL4_BootInfo frame as the kernel writes it (sel4-abi-riscv64.md 9.1, without MCS), and the extra bootinfo
// block that carries the device tree. All fields are written by the kernel once; the user only reads.
#pragma once

#include "boot/device_tree.hpp"
#include "boot/memory_plan.hpp"
#include <cstddef>
#include <new>
#include <span>

namespace boot {

struct SlotRegion {
    u64 start = 0;
    u64 end = 0;
};
constexpr SlotRegion slot_region(const Range& range) { return {range.start, range.end}; }

struct UntypedInfo {
    u64 paddr = 0;
    u8 size_bits = 0;
    u8 is_device = 0;
    u8 padding[6] = {};
};

struct BootInfo {
    u64 extra_bytes = 0;
    u64 node_id = 0;
    u64 node_count = 1;
    u64 io_page_table_levels = 0;
    u64 ipc_buffer = 0;
    SlotRegion empty;
    SlotRegion shared_frames;
    SlotRegion user_image_frames;
    SlotRegion user_image_paging;
    SlotRegion io_space_caps;
    SlotRegion extra_boot_info_pages;
    u8 cnode_radix = 13;
    u8 padding[7] = {};
    u64 domain = 0;
    SlotRegion untyped;
    UntypedInfo untyped_list[max_untypeds] = {};
};

static_assert(sizeof(UntypedInfo) == 16 && offsetof(UntypedInfo, is_device) == 9);
static_assert(offsetof(BootInfo, ipc_buffer) == 0x20 && offsetof(BootInfo, empty) == 0x28);
static_assert(offsetof(BootInfo, user_image_frames) == 0x48 && offsetof(BootInfo, user_image_paging) == 0x58);
static_assert(offsetof(BootInfo, extra_boot_info_pages) == 0x78 && offsetof(BootInfo, cnode_radix) == 0x88);
static_assert(offsetof(BootInfo, domain) == 0x90 && offsetof(BootInfo, untyped) == 0x98);
static_assert(offsetof(BootInfo, untyped_list) == 0xa8 && sizeof(BootInfo) == 0xf08);

inline constexpr u64 fdt_block_id = 6; // SEL4_BOOTINFO_HEADER_FDT

struct BlockHeader {
    u64 id = 0;
    u64 bytes = 0; // with this header
};
static_assert(sizeof(BlockHeader) == 16);

// extraLen of the bootinfo for a device tree of that size.
constexpr u64 extra_bytes_for(u64 tree_bytes) { return tree_bytes == 0 ? 0 : sizeof(BlockHeader) + tree_bytes; }

// Writes the one block: header, then the blob. false, and nothing written, if it does not fit.
[[nodiscard]] inline bool write_fdt_block(std::span<std::byte> out, Bytes tree) {
    if (tree.empty() || tree.size() > out.size() || out.size() - tree.size() < sizeof(BlockHeader)) return false;
    const BlockHeader header{fdt_block_id, extra_bytes_for(tree.size())};
    __builtin_memcpy(out.data(), &header, sizeof header);
    __builtin_memcpy(out.data() + sizeof header, tree.data(), tree.size());
    return true;
}

// Everything of the frame that follows from the plans. The page behind the structure has to be zero already.
inline void fill_boot_info(BootInfo& info, const AddressSpace& space, const SlotPlan& slots, const MemoryPlan& memory,
                           u64 extra_bytes, u64 node_count) {
    ::new (&info) BootInfo{}; // in place: 4 KiB are too much for a boot stack
    info.extra_bytes = extra_bytes;
    info.node_count = node_count;
    info.ipc_buffer = space.ipc_buffer;
    info.empty = slot_region(slots.empty);
    info.user_image_frames = slot_region(slots.image_frames);
    info.user_image_paging = slot_region(slots.paging);
    info.extra_boot_info_pages = slot_region(slots.extra_pages);
    info.untyped = slot_region(slots.untypeds);
    for (usize i = 0; i < memory.untypeds.size(); ++i) {
        const Untyped& piece = memory.untypeds[i];
        info.untyped_list[i] = {piece.address, piece.bits, static_cast<u8>(piece.device ? 1 : 0), {}};
    }
}

} // namespace boot
