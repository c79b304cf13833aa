// The generator behind every choice of a run (xorshift64*): its seed alone decides.
#pragma once

#include "tests/guest/harness/context.hpp"

namespace guest::fuzz {

class Random {
public:
    explicit Random(Word seed) : state_(seed * 0x9e37'79b9'7f4a'7c15 + 0x1234'5678'9abc'def1) {}
    Word next() {
        state_ ^= state_ >> 12;
        state_ ^= state_ << 25;
        state_ ^= state_ >> 27;
        return state_ * 0x2545'f491'4f6c'dd1d;
    }
    Word below(Word limit) { return next() % limit; }
    bool one_in(Word chances) { return below(chances) == 0; }

private:
    Word state_;
};

} // namespace guest::fuzz
