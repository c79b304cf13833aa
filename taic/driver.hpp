// TAIC driver: typed access to the allocator page and to local-queue pages over a bus policy.
// Invariants: 64-bit accesses only; the fences of rule 14 stand where data crosses the device; nothing here
// blocks, allocates or locks. LOCKS ARE THE CALLER'S: one for page 0 around allocate() and release(), one
// per GLOBAL queue around register_sender, cancel_sender, register_receiver and send, shared by all pages,
// harts and address spaces that use that queue. The other operations are single accesses and need none.
// Handles do not own: dropping or copying one frees nothing. Source: shared TAIC specification, section 7.1.
#pragma once

#include "taic/regs.hpp"

#include <concepts>
#include <cstdint>

namespace taic {

// How registers are reached. Offsets count from the base the bus was made with. Fences, in RISC-V terms:
//   publish  fence w,o   before a store that announces data written to memory
//   acquire  fence i,r   after a load that names data to be read from memory
//   settle   fence o,io  waits until the device has taken the stores before it
template <class T>
concept Bus = std::copy_constructible<T> && requires(T bus, std::uint64_t value) {
    { bus.read64(value) } -> std::same_as<std::uint64_t>;
    bus.write64(value, value);
    bus.publish();
    bus.acquire();
    bus.settle();
};

// A value or nothing; std::optional is no freestanding header in C++20.
template <class T>
class [[nodiscard]] Maybe {
public:
    constexpr Maybe() = default;
    constexpr Maybe(T value) : value_(value), present_(true) {}

    constexpr explicit operator bool() const { return present_; }
    constexpr const T& operator*() const { return value_; }
    constexpr const T* operator->() const { return &value_; }

private:
    T value_{};
    bool present_ = false;
};

// Page 0. Kernel only: whoever maps it owns every queue. On the published hardware allocate before the first
// sender exists and do not free at run time (race R3).
template <Bus B>
class Allocator {
public:
    Allocator(B bus, Geometry geometry) : bus_(bus), geometry_(geometry) {}

    // A further local queue of (os, process). Nothing if the device is out of queues, and for (0, 0), which
    // the hardware takes for "unallocated". Process ids have 32 bits by type.
    Maybe<Index> allocate(std::uint64_t os, std::uint32_t process) {
        if (os == 0 && process == 0) return {};
        bus_.write64(offset_of(AllocatorRegister::Allocate), os);
        bus_.write64(offset_of(AllocatorRegister::Allocate), process);
        const std::uint64_t word = bus_.read64(offset_of(AllocatorRegister::Allocate));
        if (word == all_ones) return {};
        const Index index = Index::from_word(word);
        if (!exists(index)) return {}; // the device tree and the device disagree
        return index;
    }

    // Before the last one of a global queue: finish open sequences, unbind the hart, dequeue until empty.
    // False for an index that would wedge the hardware.
    [[nodiscard]] bool release(Index index) {
        if (!exists(index)) return false;
        bus_.write64(offset_of(AllocatorRegister::Free), index.word());
        return true;
    }

    // A pulse on an external line, as if its device had raised it.
    [[nodiscard]] bool simulate_external(std::uint32_t line) {
        if (line >= geometry_.external_lines) return false;
        bus_.publish();
        bus_.write64(offset_of(AllocatorRegister::SimulateExternal, line), 1);
        return true;
    }

private:
    bool exists(Index index) const {
        return index.global < geometry_.global_queues && index.local < geometry_.local_queues;
    }

    B bus_;
    Geometry geometry_;
};

// One page. All but enqueue and dequeue act on the whole global queue.
template <Bus B>
class LocalQueue {
public:
    // `page` is the offset of the page on this bus: 0 for a process that maps nothing but its page.
    LocalQueue(B bus, std::uint64_t page, std::uint32_t external_lines)
        : bus_(bus), page_(page), external_lines_(external_lines) {}

    // False for the empty word, which could not be told from an empty queue. A full queue drops the word
    // without telling: count in software.
    [[nodiscard]] bool enqueue(TaskWord word) {
        if (word.empty()) return false;
        bus_.publish();
        write(QueueRegister::Enqueue, word.raw);
        return true;
    }

    // Takes the wake line of the global queue down, whatever it returns. The word comes with its flag bits.
    [[nodiscard]] TaskWord dequeue() {
        const TaskWord word{bus_.read64(page_ + offset_of(QueueRegister::Dequeue))};
        if (!word.empty()) bus_.acquire();
        return word;
    }

    // Register each peer once: the published hardware spends a slot on every repetition (Q2).
    void register_sender(Peer receiver) { pair(QueueRegister::RegisterSender, receiver); }
    void cancel_sender(Peer receiver) { pair(QueueRegister::CancelSender, receiver); }

    void register_receiver(Peer sender, HandlerWord handler) {
        pair(QueueRegister::RegisterReceiver, sender);
        write(QueueRegister::RegisterReceiver, handler.raw);
    }

    // Lost without a trace when the receiver is not registered or not allocated.
    void send(Peer receiver) {
        bus_.publish();
        pair(QueueRegister::Send, receiver);
    }

    // Which hart gets the preemption line. `settle` before a step that relies on the line having moved.
    void bind_hart(std::uint64_t hart) { write(QueueRegister::BindHart, hart); }
    void unbind_hart() { bind_hart(all_ones); }
    void settle() { bus_.settle(); }

    // HandlerWord::none() unregisters. False for a line the device does not have.
    [[nodiscard]] bool register_external(std::uint32_t line, HandlerWord handler) {
        if (line >= external_lines_) return false;
        bus_.write64(page_ + offset_of(QueueRegister::RegisterExternal, line), handler.raw);
        return true;
    }

    // Bring-up and tests only: the read clears, and can wedge a running queue (H6).
    [[nodiscard]] std::uint64_t read_errors() { return bus_.read64(page_ + offset_of(QueueRegister::Error)); }

private:
    void write(QueueRegister reg, std::uint64_t value) { bus_.write64(page_ + offset_of(reg), value); }
    void pair(QueueRegister reg, Peer peer) {
        write(reg, peer.os);
        write(reg, peer.word());
    }

    B bus_;
    std::uint64_t page_;
    std::uint32_t external_lines_;
};

// The whole window, for who may see it; a user process makes its LocalQueue itself.
template <Bus B>
class Driver {
public:
    Driver(B bus, Geometry geometry) : bus_(bus), geometry_(geometry) {}

    const Geometry& geometry() const { return geometry_; }
    Allocator<B> allocator() const { return {bus_, geometry_}; }
    // `index` comes from allocate(); any other is a page without an owner, which must not be touched.
    LocalQueue<B> queue(Index index) const { return {bus_, page_offset(geometry_, index), geometry_.external_lines}; }

private:
    B bus_;
    Geometry geometry_;
};

} // namespace taic
