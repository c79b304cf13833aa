#include "tools/rocket/axi_port.hpp"

namespace rocket {

u64 AxiPort::ready_at(u64 address, bool writes, u64 now, const AxiTarget& target) {
    const u64 begin = serial_ && state_.free_at > now ? state_.free_at : now;
    const u64 ready = begin + target.latency(address, writes);
    if (serial_) state_.free_at = ready;
    return ready;
}

void AxiPort::accept_read(const AxiAddress& burst, u64 now, const AxiTarget& target) {
    state_.reads.push({burst, ready_at(burst.address, false, now, target), 0});
    ++state_.read_bursts;
}

void AxiPort::accept_data(const u8* lanes, u64 strobe, bool last) {
    Beat beat{{}, strobe, last};
    std::memcpy(beat.lanes.data(), lanes, bus_bytes_);
    state_.beats.push(beat);
}

void AxiPort::carry_out_writes(u64 now, AxiTarget& target) {
    while (!state_.beats.empty() && !state_.writes.empty() && !state_.answers.full()) {
        const AxiAddress burst = state_.writes.front();
        const Beat beat = state_.beats.front();
        target.write(burst.address + (u64{state_.beat} << burst.size), burst.size, beat.lanes.data(), beat.strobe);
        ++state_.beat;
        state_.beats.pop();
        if (!beat.last) continue;
        state_.answers.push({burst.id, ready_at(burst.address, true, now, target)});
        state_.writes.pop();
        state_.beat = 0;
        ++state_.write_bursts;
    }
}

void AxiPort::advance(u64 now, AxiTarget& target) {
    carry_out_writes(now, target);
    if (!state_.answer_valid && !state_.answers.empty() && state_.answers.front().ready <= now + 1) {
        state_.answer_valid = true;
        state_.answer_id = state_.answers.front().id;
        state_.answers.pop();
    }
    if (state_.read_valid || state_.reads.empty() || state_.reads.front().ready > now + 1) return;
    Read& read = state_.reads.front();
    target.read(read.burst.address + (u64{read.beat} << read.burst.size), read.burst.size, state_.read_data.data());
    state_.read_valid = true;
    state_.read_id = read.burst.id;
    state_.read_last = read.beat == read.burst.length;
    ++read.beat;
    if (state_.read_last) state_.reads.pop();
}

} // namespace rocket
