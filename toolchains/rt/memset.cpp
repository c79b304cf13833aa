#include "toolchains/rt/rt.hpp"

#include <cstdint>

namespace {
using Word [[gnu::may_alias]] = std::uint64_t;
constexpr std::uintptr_t word_mask = sizeof(Word) - 1;
} // namespace

extern "C" void* memset(void* to, int value, std::size_t size) {
    auto* out = static_cast<unsigned char*>(to);
    const auto byte = static_cast<unsigned char>(value);
    for (; size > 0 && (reinterpret_cast<std::uintptr_t>(out) & word_mask) != 0; --size) *out++ = byte;
    const Word pattern = byte * std::uint64_t{0x0101010101010101};
    for (; size >= sizeof(Word); size -= sizeof(Word)) {
        *static_cast<Word*>(static_cast<void*>(out)) = pattern;
        out += sizeof(Word);
    }
    for (; size > 0; --size) *out++ = byte;
    return to;
}
