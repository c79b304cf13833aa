// Endpoint (16 bytes) and Notification (32 bytes). Both are zero when idle. An endpoint's queue holds either senders
// or receivers, told by the state of its first thread; FIFO, independent of priority (sel4-abi-riscv64.md 5.2, 5.7).
#pragma once

#include "objects/thread_queue.hpp"

namespace objects {

struct Endpoint {
    WaitQueue queue;

    bool idle() const { return queue.empty(); }
    bool has_senders() const { return !queue.empty() && queue.head->state == ThreadState::BlockedOnSend; }
    bool has_receivers() const { return !queue.empty() && queue.head->state == ThreadState::BlockedOnReceive; }
};
static_assert(sizeof(Endpoint) == 16);

struct Notification {
    // Waiting: the queue is not empty. Active: queue.tail == active_mark with an empty head. Idle: both null.
    WaitQueue queue;
    Tcb* bound_tcb;
    u64 badge_word;

    bool waiting() const { return queue.head != nullptr; }
    bool active() const { return queue.head == nullptr && queue.tail != nullptr; }
    void set_active(u64 word) {
        queue.tail = active_mark();
        badge_word = word;
    }
    u64 consume() {
        queue.tail = nullptr;
        const u64 word = badge_word;
        badge_word = 0;
        return word;
    }

private:
    static Tcb* active_mark() { return reinterpret_cast<Tcb*>(u64{1}); }
};
static_assert(sizeof(Notification) == 32);

} // namespace objects
