// The memory of one channel, as a test sees it, and a bell that counts.
#pragma once

#include "tests/host/libsel4async/world.hpp"

#include <atomic>
#include <sel4async/channel.hpp>
#include <vector>

namespace sel4async::test {

struct CountingBell final : Bell {
    std::atomic<unsigned> rung{0};
    void ring() override { ++rung; }
};

struct Block {
    explicit Block(std::uint32_t count) : slots(count), bytes(tail4_channel_size(count) / 64) {}
    struct alignas(64) Line {
        std::uint64_t word[8] = {};
    };
    ChannelPort::Setup setup(Bell& bell) { return {bytes.data(), slots, &bell, nullptr, false}; }
    tail4_ChannelControl& control() { return *reinterpret_cast<tail4_ChannelControl*>(bytes.data()); }
    tail4_ChannelMessage& request(std::uint32_t i) { return message(i & (slots - 1)); }
    tail4_ChannelMessage& reply(std::uint32_t i) { return message(slots + (i & (slots - 1))); }
    tail4_ChannelMessage& message(std::uint32_t i) {
        return reinterpret_cast<tail4_ChannelMessage*>(bytes.data() + TAIL4_CHANNEL_CONTROL_SIZE / 64)[i];
    }
    std::uint64_t& word(std::size_t i) { return bytes[i / 8 % bytes.size()].word[i % 8]; }

    std::uint32_t slots;
    std::vector<Line> bytes;
};

} // namespace sel4async::test
