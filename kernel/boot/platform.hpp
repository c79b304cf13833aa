// What the kernel needs to know of the machine, read from the device tree once at boot.
// Harts keep the order of the tree, so that hart ids with gaps still give dense logical numbers; which of them
// boots is the caller's business, but it is always among them. Missing PLIC, CLINT, TAIC, UINTC, UART and test device
// are legal. What cannot be used or held is left out with a note, where that is safe.
// Sources: sel4-abi-riscv64.md 9.3, 9.8; axu15eg.md 1; taic.md 6; uintr.md 5.2.
#pragma once

#include "base/result.hpp"
#include "boot/device_tree.hpp"
#include "boot/memory_plan_regions.hpp"
#include "boot/platform_error.hpp"
#include "boot/platform_list.hpp"
#include <optional>
#include <string_view>

namespace boot {

inline constexpr u32 no_context = ~u32{0};

struct Hart {
    u64 id = 0;
    u32 plic_context = no_context; // supervisor context
    u32 phandle = 0;               // of its interrupt controller; 0 if there is none
    bool fpu = false;              // with the D extension
};

struct Plic {
    Range window;
    u32 sources = 0; // riscv,ndev: sources are 1..sources
};

struct Taic {
    Range window;
    u32 global_queues = 4;
    u32 local_queues = 8;
    u32 slots = 6;
    u32 depth = 64;
    u32 external_lines = 6;
    Bytes line_sources = {}; // taic,external-sources: one cell a line; empty if the tree does not say

    // The PLIC source on the same wire as a line, 0 if none; without a table line j is source j + 1 (taic.md 6).
    u32 source_of(u32 line) const {
        return line_sources.empty() ? line + 1 : read_cell(line_sources, line).value_or(0);
    }
};

struct Uart {
    Range window;
    u32 reg_offset = 0;
    u32 reg_shift = 0;
    u32 interrupt = 0; // 0: none
};

// "key=value" and bare words separated by blanks. Views into the device tree.
class BootArgs {
public:
    constexpr BootArgs() = default;
    constexpr explicit BootArgs(std::string_view text) : text_(text) {}

    // The value of the last "key=value"; empty for a bare "key"; nullopt if the key does not occur.
    [[nodiscard]] std::optional<std::string_view> find(std::string_view key) const;
    // The same as a decimal or 0x number; nullopt also if it is not one or does not fit.
    [[nodiscard]] std::optional<u64> find_number(std::string_view key) const;
    std::string_view text() const { return text_; }

private:
    std::string_view text_;
};

// One line for the console about a node.
struct Note {
    std::string_view about; // lies in the tree
    const char* text = nullptr;
};

// 8 KiB, not for a stack.
struct Platform {
    static constexpr usize max_regions = 64; // of each kind, after those that touch have become one
    static constexpr usize max_notes = 32;

    RegionSet memory;
    RegionSet reserved; // /reserved-memory and the reservation block
    List<Hart, base::max_harts> harts;
    bool fpu = false; // on every one of them
    List<Note, max_notes> notes;
    usize notes_dropped = 0;
    u64 timebase_frequency = 0; // never 0 in a platform that was read
    Range initrd;               // empty if there is none
    BootArgs arguments;
    std::optional<Plic> plic;
    std::optional<Range> clint;
    std::optional<Taic> taic;
    std::optional<Range> uintc;       // one entry of 32 bytes for each receiver
    std::optional<Range> test_device; // sifive,test0: power off and exit codes
    std::optional<Uart> uart;
    // Registers of the second and later PLICs, CLINTs, TAICs and UINTCs (other sockets'): not used, and no user's.
    static constexpr usize max_spare_devices = 16;
    List<Range, max_spare_devices> spare_devices;
    u32 spare_plics = 0; // how many of them

    // Logical number of a hart id; nullopt if it is not in the list.
    [[nodiscard]] std::optional<usize> hart_index(u64 hart_id) const;
    void note(std::string_view about, const char* text) {
        if (!notes.push_back({about, text})) ++notes_dropped;
    }
};

// Fills a fresh `platform`; after an error only its notes mean anything. The blob has to stay where it is: `arguments`,
// the notes and others are views into it.
base::Result<base::Ok, BootError> read_platform(Bytes blob, u64 boot_hart, Platform& platform);

} // namespace boot
