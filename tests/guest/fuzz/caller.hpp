// One fuzzing thread: an own CNode of 64 slots as its CSpace, filled with objects of every kind from an own untyped, an
// own address space for mappings, and a generator whose seed alone decides every call it makes.
#pragma once

#include "tests/guest/harness/context.hpp"

namespace guest::fuzz {

struct Options {
    Word seed = 1;
    Word calls = 200'000;
    unsigned threads = 4;
};

// xorshift64*
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

private:
    Word state_;
};

struct Caller {
    Word seed = 0;
    Word calls = 0;
    Thread* thread = nullptr;
    Word cspace = 0; // in the initial CNode
};

[[nodiscard]] bool prepare(Context& t, Caller& caller, Word priority);
void move_to(Context& t, Caller& caller, Word hart);
void start(Context& t, Caller& caller, Word round);

} // namespace guest::fuzz
