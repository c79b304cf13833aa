// One end of a channel: two rings in shared memory, of which it produces one and consumes the other. No waiting, no
// coroutines, so that it is tested on the host against a peer that writes whatever it likes. What it believes (its own
// indices, the slots, whether the channel lives) is in private memory.
// One thread owns a port. Orders: channel_abi.h; partners are named at each atomic.
// Source: async-design.md 6.2, 6.4, 10.14.
#pragma once

#include <cstdint>
#include <sel4async/bell.hpp>
#include <sel4async/channel_abi.h>

namespace sel4async {

enum class ChannelSide : std::uint8_t { Client, Server };

class ChannelPort {
public:
    struct Setup {
        void* memory = nullptr;  // tail4_channel_size(slots) bytes, zero at first
        std::uint32_t slots = 0; // a power of two
        Bell* sleeper = nullptr; // for a peer that is BLOCKED
        Bell* poller = nullptr;  // for one that is POLLING; null: the same
        bool watches = false;    // our doorbell's poll() sees the peer's bell, so that we can be POLLING
    };
    // False: nothing done.
    [[nodiscard]] bool attach(const Setup& setup, ChannelSide side);

    bool dead() const { return dead_; }
    std::uint32_t slots() const { return mask_ + 1; }
    std::uint64_t rings() const { return rings_; }

    // --- Sending
    // Messages that can be put now; looks at what the peer has consumed only when its knowledge is used up.
    std::uint32_t room(std::uint32_t wanted = 1);
    // There is room, and the length is right: what is beyond it is not sent. Nobody sees it before publish().
    void put(const tail4_ChannelMessage& message);
    std::uint32_t unpublished() const { return out_tail_ - published_; }
    // All that was put: one store, one fence, at most one ring.
    void publish();

    // --- Receiving
    // Messages that can be taken; 0 also when the channel is dead.
    std::uint32_t available();
    // The next one, copied once; words beyond its length are not set. There is one.
    tail4_ChannelMessage take();
    // Lets the peer use the places of what was taken.
    void release();

    // --- Waiting
    // How this side looks from now on. True: something is there already, or the channel is dead.
    bool announce(std::uint32_t state);
    bool watches() const { return setup_.watches; }
    // Leaves: the peer finds the channel dead.
    void close();

    // The peer broke the rules: nothing is taken from it any more.
    void die();

private:
    tail4_ChannelDirection* out_ = nullptr;
    tail4_ChannelDirection* in_ = nullptr;
    tail4_ChannelMessage* out_messages_ = nullptr;
    const tail4_ChannelMessage* in_messages_ = nullptr;
    Setup setup_;
    std::uint32_t mask_ = 0;
    std::uint32_t out_tail_ = 0;
    std::uint32_t published_ = 0;
    std::uint32_t out_head_ = 0; // the peer's, as last seen and found good
    std::uint32_t in_head_ = 0;
    std::uint32_t released_ = 0;
    std::uint32_t in_tail_ = 0; // the peer's, the same
    std::uint64_t rings_ = 0;
    bool dead_ = true;
};

// For who built a channel, when one of its processes is gone: tells the other. Then its bell is to be rung.
void bury_channel(void* memory);

} // namespace sel4async
