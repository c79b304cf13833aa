#include "boot/provoke.hpp"

#include "arch/arch.hpp"

extern "C" {
extern char kernel_start[];
extern char small_pages[];
}

namespace boot {

namespace {

[[gnu::noinline]] u64 overflow_stack(u64 depth) {
    volatile u64 words[64];
    for (unsigned i = 0; i < 64; ++i) words[i] = depth + i;
    return words[depth % 64] == depth ? depth : overflow_stack(depth + 1) + words[(depth + 1) % 64];
}

void write_to(char* address) { *static_cast<volatile char*>(address) = 0; }

} // namespace

void provoke(std::string_view what) {
    constexpr bool possible = TAIL4_DEBUG == 1;
    if (!possible) return;
    if (what == "stack") arch::print("{}\n", overflow_stack(1));
    if (what == "text") write_to(kernel_start);
    if (what == "rodata") write_to(small_pages);
    static u64 code[2] = {0x00008067, 0}; // ret
    if (what == "execute") reinterpret_cast<void (*)()>(code)();
}

} // namespace boot
