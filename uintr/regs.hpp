// UINTC register map, sender entries, CSR words and `uipi` encodings as types: the one source for driver, model,
// kernel and library.
// Invariants: every register is 64 bits wide and is reached by one aligned 64-bit access; a receiver index is below
// the entry count of the device tree and a vector below 64, wherever software writes one.
// Source: shared specification of user interrupts, sections 2 to 5 (profile P). Freestanding, header only.
#pragma once

#include <cstdint>

namespace uintr {

constexpr std::uint64_t entry_size = 32;        // one receiver entry in the device's window
constexpr std::uint32_t max_entries = 0x1'0000; // receiver indices have 16 bits
constexpr std::uint32_t vector_count = 64;
constexpr std::uint64_t sender_entry_size = 8;
constexpr std::uint64_t table_page_size = 0x1000; // a sender table is whole pages, contiguous
constexpr std::uint64_t entries_per_page = table_page_size / sender_entry_size;

// Registers of one receiver entry.
enum class ReceiverRegister : std::uint64_t {
    Send = 0x00,   // write: set pending bit `value`; reads 0
    Low = 0x08,    // Active, Mode, Hart
    High = 0x10,   // write: pending OR= value; read: pending, then pending = 0
    Active = 0x18, // bit 0
};

constexpr std::uint64_t offset_of(std::uint64_t receiver, ReceiverRegister reg) {
    return receiver * entry_size + static_cast<std::uint64_t>(reg);
}

// The word of ReceiverRegister::Low. Mode is stored and means nothing here; portable software always writes 1.
struct Low {
    static constexpr std::uint64_t active_bit = 1;
    static constexpr std::uint64_t mode_bit = 2;
    static constexpr unsigned hart_shift = 16;
    static constexpr std::uint64_t hart_mask = 0xffff;

    std::uint64_t raw = 0;

    static constexpr Low running(std::uint64_t hart) {
        return {(hart & hart_mask) << hart_shift | mode_bit | active_bit};
    }
    constexpr bool active() const { return (raw & active_bit) != 0; }
    constexpr bool mode() const { return (raw & mode_bit) != 0; }
    constexpr std::uint32_t hart() const { return static_cast<std::uint32_t>(raw >> hart_shift & hart_mask); }
};

// One entry of a sender table, in memory. Hardware ignores the reserved bits; software writes zeros.
struct SenderEntry {
    static constexpr std::uint64_t valid_bit = 1;
    static constexpr unsigned vector_shift = 16;
    static constexpr unsigned receiver_shift = 48;

    std::uint64_t raw = 0;

    static constexpr SenderEntry make(std::uint32_t receiver, std::uint32_t vector) {
        return {std::uint64_t{receiver} << receiver_shift | std::uint64_t{vector} << vector_shift | valid_bit};
    }
    constexpr bool valid() const { return (raw & valid_bit) != 0; }
    constexpr std::uint32_t vector() const { return static_cast<std::uint32_t>(raw >> vector_shift & 0xffff); }
    constexpr std::uint32_t receiver() const { return static_cast<std::uint32_t>(raw >> receiver_shift); }
    friend constexpr bool operator==(SenderEntry, SenderEntry) = default;
};

// CSR suist: the sender table of the thread on this hart; zero is none.
struct SenderTable {
    static constexpr std::uint64_t enable_bit = std::uint64_t{1} << 63;
    static constexpr unsigned size_shift = 44;
    static constexpr std::uint64_t size_mask = 0xfff;
    static constexpr std::uint64_t page_mask = (std::uint64_t{1} << size_shift) - 1;
    static constexpr std::uint64_t writable = enable_bit | size_mask << size_shift | page_mask;

    std::uint64_t raw = 0;

    static constexpr SenderTable make(std::uint64_t physical, std::uint64_t pages) {
        return {enable_bit | (pages & size_mask) << size_shift | (physical / table_page_size & page_mask)};
    }
    constexpr bool enabled() const { return (raw & enable_bit) != 0; }
    constexpr std::uint64_t pages() const { return raw >> size_shift & size_mask; }
    constexpr std::uint64_t base() const { return (raw & page_mask) * table_page_size; }
};

// CSR suirs: which receiver the thread on this hart is; zero is none.
struct ReceiverStatus {
    static constexpr std::uint64_t enable_bit = std::uint64_t{1} << 63;
    static constexpr std::uint64_t index_mask = 0xffff;
    static constexpr std::uint64_t writable = enable_bit | index_mask;

    std::uint64_t raw = 0;

    static constexpr ReceiverStatus make(std::uint32_t receiver) { return {enable_bit | receiver}; }
    constexpr bool enabled() const { return (raw & enable_bit) != 0; }
    constexpr std::uint32_t index() const { return static_cast<std::uint32_t>(raw & index_mask); }
};

// Numbers, since not every assembler knows the names.
enum class Csr : std::uint32_t {
    Ustatus = 0x000,
    Uie = 0x004,
    Utvec = 0x005,
    Uscratch = 0x040,
    Uepc = 0x041,
    Ucause = 0x042,
    Utval = 0x043,
    Uip = 0x044,
    Sideleg = 0x103,
    Suist = 0x1b0,
    Suirs = 0x1b1,
};

constexpr std::uint64_t software_interrupt = 1;                  // USIP, USIE, sideleg bit 0
constexpr std::uint64_t interrupts_enabled = 1;                  // ustatus.UIE
constexpr std::uint64_t software_cause = std::uint64_t{1} << 63; // ucause of a user software interrupt
constexpr std::uint64_t status_bits = interrupts_enabled | 0x10; // UIE, UPIE
constexpr std::uint32_t opcode = 0x7b;                           // custom-3
constexpr std::uint32_t funct3 = 6;                              // the obsolete forms had 2
constexpr std::uint32_t uret_word = 0x0020'0073;

enum class Uipi : std::uint32_t { Send = 0, Read = 1, Write = 2, Activate = 3, Deactivate = 4 }; // funct7

// What `.insn r 0x7b, 6, funct7, rd, rs1, x0` assembles to.
constexpr std::uint32_t encode(Uipi operation, std::uint32_t rd, std::uint32_t rs1) {
    return static_cast<std::uint32_t>(operation) << 25 | rs1 << 15 | funct3 << 12 | rd << 7 | opcode;
}

} // namespace uintr
