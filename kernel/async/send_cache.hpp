// Which (process, vector) pairs the kernel's global queue is registered to send to. The device has few send slots (6 or
// 32) for all processes together, so they are a cache: a hit costs one bit test, a miss replaces the oldest entry.
// A pair stands here if and only if it stands in the device's send table. That is the kernel's own queue's: it is never
// freed and nobody else has its page, so a process that gives its queue back changes neither. Pairs are compared as a
// whole, as the device does: a number that is out of range must not come here.
#pragma once

#include "base/panic.hpp"
#include "base/types.hpp"

namespace async {

class SendCache {
public:
    static constexpr u32 max_slots = 64;
    static constexpr u32 max_processes = 8;
    static constexpr u32 max_vectors = 64;

    struct Entry {
        u32 process;
        u32 vector;
    };

    void init(u32 slots) { slots_ = slots < max_slots ? slots : max_slots; }

    bool contains(u32 process, u32 vector) const {
        ASSERT(process < max_processes && vector < max_vectors);
        return (present_[process] & base::bit(vector)) != 0;
    }

    // Adds a pair that is not there. True: `victim` was replaced and has to be cancelled first.
    bool insert(u32 process, u32 vector, Entry& victim) {
        const bool full = used_ == slots_;
        const u32 place = full ? oldest_ : used_++;
        if (full) {
            oldest_ = (oldest_ + 1) % slots_;
            victim = entries_[place];
            present_[victim.process] &= ~base::bit(victim.vector);
        }
        entries_[place] = {process, vector};
        present_[process] |= base::bit(vector);
        return full;
    }

private:
    Entry entries_[max_slots];
    u64 present_[max_processes];
    u32 slots_;
    u32 used_;
    u32 oldest_;
};

} // namespace async
