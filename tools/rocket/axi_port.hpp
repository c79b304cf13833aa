// An AXI4 slave port of the simulated SoC: bursts are served in order, a beat a cycle, after a latency. State is plain
// data, so that a snapshot can hold it. In each cycle: the outputs are driven before the clock falls, accept_*() and
// take_*() say what was exchanged at the rising edge, then advance() decides the outputs of the next cycle.
// Source: AMBA AXI4, A3 (handshake, burst addresses of INCR).
#pragma once

#include "tools/rocket/view.hpp"

#include <array>
#include <cstring>

namespace rocket {

struct AxiAddress {
    u64 address;
    u32 id, length, size; // length: beats less one; size: log2 of the bytes of a beat
};

// What is behind a port. `lanes` is the whole bus word; a beat uses those that its address and size say.
class AxiTarget {
public:
    virtual ~AxiTarget() = default;
    virtual void read(u64 address, unsigned size, u8* lanes) = 0;
    virtual void write(u64 address, unsigned size, const u8* lanes, u64 strobe) = 0;
    // Cycles from the acceptance of a burst to its first beat, or to the answer to a write.
    virtual u64 latency(u64 address, bool writes) const = 0;
};

template <class T, unsigned capacity>
class Fifo {
public:
    bool empty() const { return count_ == 0; }
    bool full() const { return count_ == capacity; }
    T& front() { return items_[first_]; }
    void push(const T& item) { items_[(first_ + count_++) % capacity] = item; }
    void pop() { first_ = (first_ + 1) % capacity, --count_; }

private:
    std::array<T, capacity> items_;
    unsigned first_, count_;
};

class AxiPort {
public:
    static constexpr unsigned widest = 16; // bytes of the bus
    // Serial: one access at a time, the next begins when the last one is over.
    AxiPort(unsigned bus_bytes, bool serial) : bus_bytes_(bus_bytes), serial_(serial) {}

    // --- Outputs
    bool read_address_ready() const { return !state_.reads.full(); }
    bool write_address_ready() const { return !state_.writes.full(); }
    bool write_data_ready() const { return !state_.beats.full(); }
    bool read_valid() const { return state_.read_valid; }
    bool answer_valid() const { return state_.answer_valid; }
    u32 read_id() const { return state_.read_id; }
    u32 answer_id() const { return state_.answer_id; }
    bool read_last() const { return state_.read_last; }
    const u8* read_data() const { return state_.read_data.data(); }

    // --- Exchanged at the edge of cycle `now`
    void accept_read(const AxiAddress& burst, u64 now, const AxiTarget& target);
    void accept_write(const AxiAddress& burst) { state_.writes.push(burst); }
    void accept_data(const u8* lanes, u64 strobe, bool last);
    void take_read() { state_.read_valid = false; }
    void take_answer() { state_.answer_valid = false; }
    void advance(u64 now, AxiTarget& target);

    u64 read_bursts() const { return state_.read_bursts; }
    u64 write_bursts() const { return state_.write_bursts; }

    // Plain data, for snapshots.
    void* state() { return &state_; }
    static constexpr std::size_t state_size() { return sizeof(State); }

private:
    struct Read {
        AxiAddress burst;
        u64 ready;
        u32 beat;
    };
    struct Beat {
        std::array<u8, widest> lanes;
        u64 strobe;
        bool last;
    };
    struct Answer {
        u32 id;
        u64 ready;
    };
    struct State {
        Fifo<Read, 16> reads{};
        Fifo<AxiAddress, 16> writes{};
        Fifo<Beat, 32> beats{};
        Fifo<Answer, 32> answers{};
        std::array<u8, widest> read_data{};
        u64 free_at = 0, read_bursts = 0, write_bursts = 0;
        u32 beat = 0, read_id = 0, answer_id = 0;
        bool read_valid = false, read_last = false, answer_valid = false;
    };

    u64 ready_at(u64 address, bool writes, u64 now, const AxiTarget& target);
    void carry_out_writes(u64 now, AxiTarget& target);

    unsigned bus_bytes_;
    bool serial_;
    State state_;
};

} // namespace rocket
