// The bells of a real machine. NotificationBell reaches a process wherever it waits: the ringer has a capability to
// signal, and no more. TaicBell reaches one that polls its TAIC queue, by two stores and without the kernel; each side
// has registered the other (connect), as whoever built the channel told them their TAIC processes. A wrong number
// wakes nobody who does not expect it. Source: async-design.md 4.1; taic.md 3.6, 7.3.
#pragma once

#include <sel4/sel4.h>
#include <sel4async/bell.hpp>
#include <sel4async/queue.hpp>

namespace sel4async {

class NotificationBell final : public Bell {
public:
    constexpr NotificationBell() = default;
    explicit constexpr NotificationBell(seL4_CPtr notification) : notification_(notification) {}
    void ring() override { seL4_Signal(notification_); }

private:
    seL4_CPtr notification_ = 0;
};

class TaicBell final : public Bell {
public:
    // Once per peer, by the thread that owns the queue, before the channel is used. False: one of both has no queue.
    [[nodiscard]] bool connect(KernelDoorbell& own, std::uint32_t peer) {
        if (own.taic_process() == 0 || peer == 0) return false;
        own.add_peer(peer);
        own_ = &own;
        peer_ = peer;
        return true;
    }
    void ring() override {
        own_->ring_peer(peer_);
        ++rings_;
    }
    std::uint64_t rings() const { return rings_; }

private:
    KernelDoorbell* own_ = nullptr;
    std::uint32_t peer_ = 0;
    std::uint64_t rings_ = 0;
};

} // namespace sel4async
