// TAIC register map as types: the one source for the driver, the model and the documents.
// Invariants: every register is 64 bits wide and 8-byte aligned; the number of local queues per global
// queue that enters a page address is a property of the hardware, never of its user.
// Source: shared TAIC specification, section 2. Freestanding, header only.
#pragma once

#include <cstdint>

namespace taic {

constexpr std::uint64_t page_size = 0x1000;
constexpr std::uint64_t window_size = 0x100'0000;     // reads as zero past the last local queue
constexpr std::uint64_t all_ones = ~std::uint64_t{0}; // failed allocation; `whart`: no hart
constexpr std::uint64_t register_size = 8;

// Page 0, the allocator page; kernel only.
enum class AllocatorRegister : std::uint64_t {
    Allocate = 0x00,         // write os, write process, read Index or all ones
    Free = 0x08,             // write Index
    SimulateExternal = 0x10, // [line]: a pulse on that line, value ignored
};

// One page per local queue. All but Enqueue and Dequeue act on the whole global queue.
enum class QueueRegister : std::uint64_t {
    Enqueue = 0x00,          // write: append a task word
    Dequeue = 0x08,          // read, destructive; 0 = empty
    Error = 0x10,            // read, cleared by the read; bring-up only
    RegisterSender = 0x18,   // write os, Peer
    CancelSender = 0x20,     // write os, Peer
    RegisterReceiver = 0x28, // write os, Peer, handler
    Send = 0x30,             // write os, Peer
    BindHart = 0x38,         // write hart id, all ones = none ("whart")
    RegisterExternal = 0x40, // [line]: handler word, 0 = none
};

constexpr std::uint64_t offset_of(AllocatorRegister reg, std::uint64_t index = 0) {
    return static_cast<std::uint64_t>(reg) + register_size * index;
}

constexpr std::uint64_t offset_of(QueueRegister reg, std::uint64_t index = 0) {
    return static_cast<std::uint64_t>(reg) + register_size * index;
}

// What the device tree says about the hardware.
struct Geometry {
    std::uint32_t global_queues = 4;
    std::uint32_t local_queues = 8; // per global queue
    std::uint32_t external_lines = 6;

    friend constexpr bool operator==(const Geometry&, const Geometry&) = default;
};

// Name of a local queue: the allocation result and the operand of Free.
struct Index {
    std::uint32_t global = 0;
    std::uint32_t local = 0;

    constexpr std::uint64_t word() const { return std::uint64_t{global} << 32 | local; }
    static constexpr Index from_word(std::uint64_t word) {
        return {static_cast<std::uint32_t>(word >> 32), static_cast<std::uint32_t>(word)};
    }
    friend constexpr bool operator==(const Index&, const Index&) = default;
};

constexpr std::uint64_t page_offset(const Geometry& geometry, Index index) {
    return page_size * (1 + std::uint64_t{geometry.local_queues} * index.global + index.local);
}

// The other side of a software interrupt. `irq` is a tag compared as a whole, not a table index.
struct Peer {
    std::uint64_t os = 0;
    std::uint32_t process = 0; // 0 = the kernel of that os
    std::uint32_t irq = 0;

    constexpr std::uint64_t word() const { return std::uint64_t{process} << 32 | irq; }
    friend constexpr bool operator==(const Peer&, const Peer&) = default;
};

// What an enqueue stores and a dequeue returns. Word 0 means "empty", so id 0 cannot travel without a flag.
struct TaskWord {
    std::uint64_t raw = 0;

    static constexpr TaskWord from_id(std::uint64_t id) { return {id << 2}; }
    constexpr bool empty() const { return raw == 0; }
    constexpr std::uint64_t id() const { return raw >> 2; }
    friend constexpr bool operator==(TaskWord, TaskWord) = default;
};

// What a wake delivers: id << 2 | reusable << 1 | preempt. It arrives at the dequeue unmodified.
struct HandlerWord {
    static constexpr std::uint64_t preempt_bit = 1;  // head of local queue 0, and raise SSIP or USIP
    static constexpr std::uint64_t reusable_bit = 2; // the registration survives its delivery

    std::uint64_t raw = 0;

    static constexpr HandlerWord make(std::uint64_t id, bool reusable, bool preempt) {
        return {id << 2 | (reusable ? reusable_bit : 0) | (preempt ? preempt_bit : 0)};
    }
    static constexpr HandlerWord none() { return {0}; }
    constexpr bool empty() const { return raw == 0; }
    constexpr std::uint64_t id() const { return raw >> 2; }
    constexpr bool preempt() const { return (raw & preempt_bit) != 0; }
    constexpr bool reusable() const { return (raw & reusable_bit) != 0; }
    constexpr TaskWord delivered() const { return {raw}; }
    friend constexpr bool operator==(HandlerWord, HandlerWord) = default;
};

// Bits of QueueRegister::Error.
struct ErrorBit {
    static constexpr std::uint64_t full = 1;
    static constexpr std::uint64_t not_initialised = 2;
    static constexpr std::uint64_t no_send_permission = 4;
    static constexpr std::uint64_t no_receive_permission = 8;
    static constexpr std::uint64_t not_allocated = 16;
};

// Output lines per hart, in the order of the device tree's interrupts-extended.
enum class Line : unsigned { Supervisor = 0, User = 1 };

} // namespace taic
