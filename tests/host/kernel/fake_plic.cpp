#include "fake_plic.hpp"

namespace fake {

Plic plic;
u64 harts_without_context = 0;

namespace {

void forward(u32 source) {
    if (plic.line[source] && !plic.in_service[source]) plic.pending[source] = true;
}

u32 first_pending(base::HartIndex hart) {
    for (u32 source = 1; source < Plic::most_sources; ++source) {
        if (plic.pending[source] && (plic.enabled[source] & base::bit(hart)) != 0) return source;
    }
    return 0;
}

} // namespace

void Plic::set_line(u32 source, bool up) {
    line[source] = up;
    forward(source);
}

bool Plic::interrupts(base::HartIndex hart) const { return first_pending(hart) != 0; }

} // namespace fake

namespace arch {

using fake::plic;

void Plic::init(base::Paddr, u32, const u32* contexts, u32 harts) {
    plic = {};
    for (u32 hart = 0; hart < harts; ++hart)
        contexts_[hart] = (fake::harts_without_context & base::bit(hart)) != 0 ? no_context : contexts[hart];
}

void Plic::open(base::HartIndex) {}

void Plic::enable(u32 source, base::HartIndex hart) {
    if (has_context(hart)) plic.enabled[source] |= base::bit(hart);
}

void Plic::disable(u32 source, base::HartIndex hart) {
    if (has_context(hart)) plic.enabled[source] &= ~base::bit(hart);
}

u32 Plic::claim(base::HartIndex hart) {
    const u32 source = has_context(hart) ? fake::first_pending(hart) : 0;
    if (source == 0) return 0;
    ++plic.claims;
    plic.pending[source] = false;
    plic.in_service[source] = true;
    return source;
}

void Plic::complete(u32 source, base::HartIndex hart) {
    ++plic.completions;
    if (!plic.in_service[source]) ++plic.idle_completions;
    if (!has_context(hart) || (plic.enabled[source] & base::bit(hart)) == 0) {
        ++plic.ignored_completions;
        return;
    }
    plic.in_service[source] = false;
    fake::forward(source);
}

} // namespace arch
