// Fills the seL4_BootInfo frame (sel4-abi-riscv64.md 9.1, without MCS) and the extra bootinfo block that carries the
// device tree. The layout is the user's own header, so that there is one definition and its size checks.
#pragma once

#include "boot/device_tree.hpp"
#include "boot/memory_plan.hpp"
#include <cstddef>
#include <sel4/bootinfo_types.h>
#include <span>

namespace boot {

static_assert(max_untypeds == CONFIG_MAX_NUM_BOOTINFO_UNTYPED_CAPS && root_radix == CONFIG_ROOT_CNODE_SIZE_BITS);
static_assert(initial_slots == seL4_NumInitialCaps);

// extraLen of the bootinfo for a device tree of that size.
constexpr u64 extra_bytes_for(u64 tree_bytes) { return tree_bytes == 0 ? 0 : sizeof(seL4_BootInfoHeader) + tree_bytes; }

// Writes the one block: header, then the blob. false, and nothing written, if it does not fit.
[[nodiscard]] inline bool write_fdt_block(std::span<std::byte> out, Bytes tree) {
    if (tree.empty() || tree.size() > out.size() || out.size() - tree.size() < sizeof(seL4_BootInfoHeader))
        return false;
    const seL4_BootInfoHeader header{SEL4_BOOTINFO_HEADER_FDT, extra_bytes_for(tree.size())};
    __builtin_memcpy(out.data(), &header, sizeof header);
    __builtin_memcpy(out.data() + sizeof header, tree.data(), tree.size());
    return true;
}

constexpr seL4_SlotRegion slot_region(const Range& range) { return {range.start, range.end}; }

// Everything of the frame that follows from the plans. The page behind the structure has to be zero already.
inline void fill_boot_info(seL4_BootInfo& info, const AddressSpace& space, const SlotPlan& slots,
                           const MemoryPlan& memory, u64 extra_bytes, u64 node_count) {
    __builtin_memset(&info, 0, sizeof info);
    info.extraLen = extra_bytes;
    info.numNodes = node_count;
    info.ipcBuffer = reinterpret_cast<seL4_IPCBuffer*>(space.ipc_buffer); // an address of the user
    info.empty = slot_region(slots.empty);
    info.userImageFrames = slot_region(slots.image_frames);
    info.userImagePaging = slot_region(slots.paging);
    info.extraBIPages = slot_region(slots.extra_pages);
    info.initThreadCNodeSizeBits = slots.radix;
    info.untyped = slot_region(slots.untypeds);
    for (usize i = 0; i < memory.untypeds.size(); ++i) {
        const Untyped& piece = memory.untypeds[i];
        info.untypedList[i] = {piece.address, piece.bits, static_cast<u8>(piece.device ? 1 : 0), {}};
    }
}

} // namespace boot
