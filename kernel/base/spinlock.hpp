// A fair ticket lock for the harts. Interrupts stay off in the kernel, so a holder is never preempted.
// Order: acquire() pairs with the release() of the previous holder on `serving_`.
#pragma once

#include "base/types.hpp"
#include <atomic>

namespace base {

// Looks until `done` says so, but no more than `most` times. False: it has not.
template <class Done>
[[nodiscard]] bool spin_until(Done done, u32 most) {
    for (u32 i = 0; i < most; ++i) {
        if (done()) return true;
    }
    return false;
}

class TicketLock {
public:
    // `while_waiting` is called again and again until the lock is ours.
    template <class F>
    void acquire(F while_waiting) {
        const u32 mine = next_.fetch_add(1, std::memory_order_relaxed);
        while (serving_.load(std::memory_order_acquire) != mine) while_waiting();
    }
    void release() {
        // Only the holder writes serving_, so the load needs no order.
        serving_.store(serving_.load(std::memory_order_relaxed) + 1, std::memory_order_release);
    }
    // True when somebody besides the holder wants the lock (a hint for polling loops).
    bool contended() const {
        return next_.load(std::memory_order_relaxed) - serving_.load(std::memory_order_relaxed) > 1;
    }

private:
    alignas(64) std::atomic<u32> next_{0};
    alignas(64) std::atomic<u32> serving_{0};
};

} // namespace base
