// State of the TAIC model: one block of plain data whose arrays are sized by the configuration.
// Invariants: nothing in the block past `host` is a pointer, so the block may be moved and the part from
// `device` on may be saved and restored; every field type accepts every bit pattern.
// Source: shared TAIC specification, section 3.11.
#pragma once

#include "taic/model/taic_model.h"
#include "taic/regs.hpp"

#include <cstddef>
#include <cstdint>

namespace taic::model {

// A bounded view into the block; std::span could call into the C++ library on hardened builds.
template <class T>
struct View {
    T* first;
    std::uint32_t size;

    T& operator[](std::uint32_t index) const { return first[index]; }
    T* begin() const { return first; }
    T* end() const { return first + size; }
};

enum class AllocPhase : std::uint32_t { Idle, HaveOs, Ready };

struct Device {
    std::uint64_t latched_os, result;
    std::uint64_t external_levels; // device lines, one bit each
    AllocPhase phase;
    std::uint32_t unused;
};

// One protection domain. Two machines follow each multi-write sequence: the queue's own, which accepts a store or does
// not, and that of the capability unit, which holds the tables and gets every accepted store but those of a send. They
// go in step, until a last free inside a sequence clears the unit alone (3.8).
struct GlobalQueue {
    std::uint64_t os, process;
    std::uint64_t allocated; // one bit per local queue
    std::uint64_t hart, error;
    std::uint64_t last_word;        // quirk Q1: the stale "word to enqueue" register
    std::uint64_t pending_external; // one bit per line; only a full queue leaves them set
    std::uint64_t pending_sends;    // one bit per send slot; set while an allocation is open
    std::uint64_t latched[2];
    std::uint64_t target_os, target_word; // quirk Q6: the live destination of a send
    std::uint32_t stored;
    std::uint32_t sequence, phase;  // the register whose sequence is half done, 0 for none; its stores so far
    std::uint32_t unit, unit_phase; // the same of the capability unit, where `latched` is
    std::uint8_t reserved, ssip, usip, unused;

    // The hardware's own test; differs from `reserved` only after the quirky alloc(0, 0).
    bool initialised() const { return os != 0 || process != 0; }
};

// A local queue is the contiguous part [head, head + count) of the words of its global queue.
struct Window {
    std::uint32_t head, count;
};

// Empty means all fields zero. Send slots leave `handler` at zero.
struct Slot {
    std::uint64_t os, word, handler;

    bool used() const { return (os | word | handler) != 0; }
    bool names(std::uint64_t peer_os, std::uint64_t peer_word) const { return os == peer_os && word == peer_word; }
};

// Byte offsets from the start of the block.
struct Layout {
    std::size_t queues, senders, receivers, externals, words, windows, outputs, end;

    static Layout of(const TaicConfig& config);
};

constexpr std::uint64_t bit(std::uint32_t index) { return std::uint64_t{1} << index; }

} // namespace taic::model

struct TaicModel {
    TaicConfig config;
    TaicHost host;
    taic::model::Layout layout;
    taic::model::Device device;

    template <class T>
    taic::model::View<T> array(std::size_t offset, std::uint32_t row, std::uint32_t length) const {
        // The block is ours alone; const methods of the model only read through what they get here.
        auto* base = const_cast<char*>(reinterpret_cast<const char*>(this)) + offset;
        return {reinterpret_cast<T*>(base) + std::size_t{row} * length, length};
    }
    taic::model::View<taic::model::GlobalQueue> queues() const {
        return array<taic::model::GlobalQueue>(layout.queues, 0, config.global_queues);
    }
    taic::model::GlobalQueue& queue(std::uint32_t gq) const { return queues()[gq]; }
    taic::model::View<taic::model::Slot> senders(std::uint32_t gq) const {
        return array<taic::model::Slot>(layout.senders, gq, config.slots);
    }
    taic::model::View<taic::model::Slot> receivers(std::uint32_t gq) const {
        return array<taic::model::Slot>(layout.receivers, gq, config.slots);
    }
    taic::model::View<std::uint64_t> externals(std::uint32_t gq) const {
        return array<std::uint64_t>(layout.externals, gq, config.external_lines);
    }
    taic::model::View<std::uint64_t> words(std::uint32_t gq) const {
        return array<std::uint64_t>(layout.words, gq, config.depth);
    }
    taic::model::View<taic::model::Window> windows(std::uint32_t gq) const {
        return array<taic::model::Window>(layout.windows, gq, config.local_queues);
    }
    // Level of each output: bit 0 SSIP, bit 1 USIP.
    taic::model::View<std::uint8_t> outputs() const { return array<std::uint8_t>(layout.outputs, 0, config.harts); }

    bool quirks() const { return config.rtl_quirks; }

    void guest_error(const char* message, std::uint64_t a, std::uint64_t b) const {
        if (host.guest_error != nullptr) host.guest_error(host.opaque, message, a, b);
    }
    void trace(TaicEvent event, std::uint32_t gq, std::uint32_t lq, std::uint64_t a, std::uint64_t b) const {
        if (host.trace != nullptr) host.trace(host.opaque, event, gq, lq, a, b);
    }
};
