// The bells of a real machine. NotificationBell reaches a process wherever it waits: the ringer has a capability to
// signal, and no more. TaicBell reaches one that polls its TAIC queue, by two stores and without the kernel; each side
// has registered the other (connect), as whoever built the channel told them their TAIC processes. A wrong number
// wakes nobody who does not expect it. UintcBell reaches a receiver of user interrupts by one instruction, whether it
// polls or sleeps. Source: async-design.md 4.1; taic.md 3.6, 7.3; shared specification of user interrupts, 6.6, 6.8.
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

// The peer's thread is a receiver (UserInterrupts) of its bound notification, and its queue's doorbell is Uintc.
class UintcBell final : public Bell {
public:
    // Once per peer, by the thread that rings. The capability's badge is the vector, which is not that of the peer's
    // queue; the bell lives as long as the capability. False: the peer is no receiver, or there is no place.
    [[nodiscard]] bool connect(seL4_CPtr notification) {
        const auto result = seL4_TaiL4_Notification_RegisterSender(notification);
        index_ = result.index;
        return result.error == seL4_NoError;
    }
    // To a peer that is gone it reaches nobody, or another whom this thread may ring.
    void ring() override {
        send_user_interrupt(index_);
        ++rings_;
    }
    std::uint64_t rings() const { return rings_; }

private:
    std::uint64_t index_ = 0;
    std::uint64_t rings_ = 0;
};

} // namespace sel4async
