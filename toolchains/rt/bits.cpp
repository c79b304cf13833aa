#include "toolchains/rt/rt.hpp"

extern "C" int __popcountdi2(unsigned long value) {
    value -= (value >> 1) & 0x5555555555555555;
    value = (value & 0x3333333333333333) + ((value >> 2) & 0x3333333333333333);
    value = (value + (value >> 4)) & 0x0f0f0f0f0f0f0f0f;
    return static_cast<int>((value * 0x0101010101010101) >> 56);
}

// The bits below the lowest set bit, counted. As in libgcc the result for zero is unspecified.
extern "C" int __ctzdi2(unsigned long value) { return __popcountdi2(~value & (value - 1)); }

extern "C" int __clzdi2(unsigned long value) {
    for (unsigned int shift = 1; shift < 64; shift *= 2) value |= value >> shift;
    return 64 - __popcountdi2(value);
}

extern "C" unsigned long __bswapdi2(unsigned long value) {
    value = ((value >> 8) & 0x00ff00ff00ff00ff) | ((value & 0x00ff00ff00ff00ff) << 8);
    value = ((value >> 16) & 0x0000ffff0000ffff) | ((value & 0x0000ffff0000ffff) << 16);
    return (value >> 32) | (value << 32);
}

extern "C" unsigned int __bswapsi2(unsigned int value) { return static_cast<unsigned int>(__bswapdi2(value) >> 32); }
