// The root task: a static 64-bit little-endian RISC-V ELF executable. The file is hostile; open() checks all that
// the other members rely on: segments lie in the file, do not wrap or overlap, and stay below the user top.
// Sources: sel4-abi-riscv64.md 7.3 (user top), 9.4 (the image is every page of [lowest, highest), gaps included).
#pragma once

#include "api/labels.hpp"
#include "arch/arch.hpp"
#include "base/result.hpp"
#include "boot/device_tree.hpp"
#include "boot/memory_plan_regions.hpp"
#include "boot/platform_error.hpp"
#include "boot/platform_list.hpp"
#include <span>

namespace boot {

using api::page_bits;
using arch::user_top;
inline constexpr u64 page_size = base::bit(page_bits);

struct Segment {
    u64 address = 0;
    u64 memory_size = 0;
    u64 file_offset = 0;
    u64 file_size = 0; // <= memory_size; the rest is zero
    bool readable = false;
    bool writable = false;
    bool executable = false;
};

class ElfImage {
public:
    static constexpr usize max_segments = 16; // both are in the texts of the errors
    static constexpr usize max_program_headers = 64;

    static base::Result<ElfImage, BootError> open(Bytes file);

    u64 entry() const { return entry_; }
    Range range() const { return range_; } // page-aligned, never empty
    u64 pages() const { return range_.size() / page_size; }
    std::span<const Segment> segments() const { return segments_; } // ascending, none empty

    // Writes page `index` of range() completely: file bytes where a segment has them, zeros elsewhere.
    // Page by page, because the frames may lie anywhere. Index must be < pages().
    void fill_page(u64 index, std::span<std::byte, page_size> page) const;

private:
    Bytes file_;
    u64 entry_ = 0;
    Range range_;
    List<Segment, max_segments> segments_;
};

} // namespace boot
