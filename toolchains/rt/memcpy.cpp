#include "toolchains/rt/rt.hpp"

#include <cstdint>

namespace {
// Two pointers into user or device data may hold any type, so words are read as such an alias.
using Word [[gnu::may_alias]] = std::uint64_t;
constexpr std::uintptr_t word_mask = sizeof(Word) - 1;
} // namespace

extern "C" void* memcpy(void* to, const void* from, std::size_t size) {
    auto* out = static_cast<unsigned char*>(to);
    const auto* in = static_cast<const unsigned char*>(from);
    if (((reinterpret_cast<std::uintptr_t>(out) | reinterpret_cast<std::uintptr_t>(in)) & word_mask) == 0) {
        for (; size >= sizeof(Word); size -= sizeof(Word)) {
            *static_cast<Word*>(static_cast<void*>(out)) = *static_cast<const Word*>(static_cast<const void*>(in));
            out += sizeof(Word);
            in += sizeof(Word);
        }
    }
    for (; size > 0; --size) *out++ = *in++;
    return to;
}
