// The AXI4 port: when beats come, in which order, and one access at a time where the port is serial.
#include "tools/rocket/axi_port.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace rocket {
namespace {

// Reads give the address; writes are kept.
class Target final : public AxiTarget {
public:
    void read(u64 address, unsigned, u8* lanes) override { std::memcpy(lanes, &address, sizeof address); }
    void write(u64 address, unsigned, const u8* lanes, u64 strobe) override {
        u64 value = 0;
        std::memcpy(&value, lanes, sizeof value);
        written.push_back({address, value, strobe});
    }
    u64 latency(u64, bool writes) const override { return writes ? 4 : 10; }

    struct Write {
        u64 address, value, strobe;
        bool operator==(const Write&) const = default;
    };
    std::vector<Write> written;
};

class Port : public testing::Test {
protected:
    // Steps until the port shows a beat, which is taken; the cycle in which it was shown.
    u64 next_beat() {
        while (!port.read_valid()) port.advance(now++, behind);
        data = 0;
        std::memcpy(&data, port.read_data(), sizeof data);
        id = port.read_id();
        last = port.read_last();
        port.take_read();
        return now;
    }
    u64 next_answer() {
        while (!port.answer_valid()) port.advance(now++, behind);
        id = port.answer_id();
        port.take_answer();
        return now;
    }
    void write(u64 address, u64 value, u32 number) {
        port.accept_write({address, number, 0, 3});
        port.accept_data(reinterpret_cast<const u8*>(&value), 0xff, true);
    }

    AxiPort port{8, false};
    Target behind;
    bool last = false;
    u64 now = 100, data = 0;
    u32 id = 0;
};

TEST_F(Port, ABurstComesAfterItsLatencyABeatACycle) {
    port.accept_read({0x1000, 3, 7, 3}, now, behind);
    for (u64 beat = 0; beat < 8; ++beat) {
        EXPECT_EQ(next_beat(), 110 + beat);
        EXPECT_EQ(data, 0x1000 + 8 * beat);
        EXPECT_EQ(id, 3U);
        EXPECT_EQ(last, beat == 7);
    }
    EXPECT_EQ(port.read_bursts(), 1U);
}

TEST_F(Port, ABeatWaitsUntilItIsTaken) {
    port.accept_read({0x1000, 0, 1, 3}, now, behind);
    while (now < 150) port.advance(now++, behind);
    EXPECT_EQ(next_beat(), 150U);
    EXPECT_EQ(data, 0x1000U);
    EXPECT_EQ(next_beat(), 151U);
    EXPECT_EQ(data, 0x1008U);
}

TEST_F(Port, ReadsAreServedInOrderAndTogether) {
    port.accept_read({0x1000, 1, 0, 3}, now, behind);
    port.accept_read({0x2000, 2, 0, 3}, now, behind);
    EXPECT_EQ(next_beat(), 110U);
    EXPECT_EQ(next_beat(), 111U);
    EXPECT_EQ(id, 2U);
}

TEST_F(Port, ASerialPortServesOneAtATime) {
    port = AxiPort(8, true);
    write(0x40, 5, 6);
    EXPECT_EQ(next_answer(), 104U); // accepted in cycle 100
    port.accept_read({0x1000, 1, 0, 3}, now, behind);
    port.accept_read({0x2000, 2, 0, 3}, now, behind);
    EXPECT_EQ(next_beat(), 114U);
    EXPECT_EQ(next_beat(), 124U);
}

TEST_F(Port, AWriteIsCarriedOutBeforeItsAnswer) {
    write(0x40, 0x1234, 6);
    port.advance(now++, behind);
    EXPECT_EQ(behind.written, (std::vector<Target::Write>{{0x40, 0x1234, 0xff}}));
    EXPECT_FALSE(port.answer_valid());
    EXPECT_EQ(next_answer(), 104U);
    EXPECT_EQ(id, 6U);
}

TEST_F(Port, ItsStateGoesIntoASnapshot) {
    port.accept_read({0x1000, 3, 7, 3}, now, behind);
    next_beat();
    AxiPort other{8, false};
    std::memcpy(other.state(), port.state(), AxiPort::state_size());
    port = other;
    EXPECT_EQ(next_beat(), 111U);
    EXPECT_EQ(data, 0x1008U);
}

TEST_F(Port, ItTakesNoMoreThanItHolds) {
    unsigned taken = 0;
    for (; port.read_address_ready(); ++taken) port.accept_read({0x1000, 0, 0, 3}, now, behind);
    EXPECT_EQ(taken, 16U);
}

} // namespace
} // namespace rocket
