#include "arch/riscv/plic.hpp"

#include "arch/arch.hpp"

namespace arch {

namespace {

constexpr u64 priority_offset = 0x0;
constexpr u64 enable_offset = 0x2000;
constexpr u64 enable_stride = 0x80;
constexpr u64 threshold_offset = 0x20'0000;
constexpr u64 claim_offset = 0x20'0004;
constexpr u64 context_stride = 0x1000;
constexpr u32 source_priority = 2;

} // namespace

volatile u32& Plic::word(u64 offset) const { return *to_pointer<volatile u32>(window_ + offset); }

void Plic::init(base::Paddr window, u32 sources, const u32* contexts, u32 harts) {
    window_ = window;
    for (u32 source = 1; source <= sources; ++source) word(priority_offset + 4 * u64{source}) = source_priority;
    for (u32 hart = 0; hart < harts; ++hart) {
        contexts_[hart] = contexts[hart];
        if (!has_context(hart)) continue;
        for (u32 source = 0; source <= sources; source += 32)
            word(enable_offset + enable_stride * contexts[hart] + u64{source} / 32 * 4) = 0;
    }
}

void Plic::open(base::HartIndex hart) {
    if (has_context(hart)) word(threshold_offset + context_stride * contexts_[hart]) = 0;
}

void Plic::enable(u32 source, base::HartIndex hart) {
    if (!has_context(hart)) return;
    volatile u32& bits = word(enable_offset + enable_stride * contexts_[hart] + u64{source} / 32 * 4);
    bits = bits | u32{1} << source % 32;
}

void Plic::disable(u32 source, base::HartIndex hart) {
    if (!has_context(hart)) return;
    volatile u32& bits = word(enable_offset + enable_stride * contexts_[hart] + u64{source} / 32 * 4);
    bits = bits & ~(u32{1} << source % 32);
}

u32 Plic::claim(base::HartIndex hart) {
    return has_context(hart) ? word(claim_offset + context_stride * contexts_[hart]) : 0;
}

void Plic::complete(u32 source, base::HartIndex hart) {
    if (has_context(hart)) word(claim_offset + context_stride * contexts_[hart]) = source;
}

} // namespace arch
