#include "toolchains/rt/rt.hpp"

#include <cstdint>

extern "C" void* memmove(void* to, const void* from, std::size_t size) {
    // One unsigned compare: true when `to` lies before `from` or at or after its end.
    if (reinterpret_cast<std::uintptr_t>(to) - reinterpret_cast<std::uintptr_t>(from) >= size) {
        return memcpy(to, from, size);
    }
    auto* out = static_cast<unsigned char*>(to);
    const auto* in = static_cast<const unsigned char*>(from);
    while (size > 0) {
        --size;
        out[size] = in[size];
    }
    return to;
}
