// The generator behind every choice of a run (xorshift64*): its seed alone decides.
#pragma once

#include <cstdint>

namespace testing {

class Random {
public:
    explicit constexpr Random(std::uint64_t seed) : state_(seed * 0x9e37'79b9'7f4a'7c15 + 0x1234'5678'9abc'def1) {}
    std::uint64_t next() {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        return state_ * 0x2545'f491'4f6c'dd1d;
    }
    std::uint64_t below(std::uint64_t limit) { return next() % limit; }
    bool one_in(std::uint64_t chances) { return below(chances) == 0; }

private:
    std::uint64_t state_;
};

} // namespace testing
