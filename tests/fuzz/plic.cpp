// The platform-level interrupt controller, as its specification has it: a claim takes a source until it is completed,
// and one whose level is still up then is pending again. In the place of kernel/arch/riscv/plic.cpp.
#include "arch/riscv/plic.hpp"

#include "processor.hpp"

namespace fuzz {

namespace {

struct Source {
    bool level;
    bool claimed;
    bool enabled[base::max_harts];
};
constexpr u32 sources = 16; // users can name no others
Source source_of[sources];

u32 first_pending(u32 hart) {
    for (u32 i = 1; i < sources; ++i) {
        const Source& source = source_of[i];
        if (source.level && !source.claimed && source.enabled[hart]) return i;
    }
    return 0;
}

} // namespace

bool plic_asks(u32 hart) { return first_pending(hart) != 0; }
void set_source(u32 source, bool level) { source_of[source].level = level; }
bool source_level(u32 source) { return source_of[source].level; }

} // namespace fuzz

namespace arch {

using fuzz::source_of;

void Plic::init(base::Paddr, u32, const u32*, u32) {}
void Plic::open(base::HartIndex) {}
void Plic::enable(u32 source, base::HartIndex hart) { source_of[source % fuzz::sources].enabled[hart] = true; }
void Plic::disable(u32 source, base::HartIndex hart) { source_of[source].enabled[hart] = false; }
u32 Plic::claim(base::HartIndex hart) {
    const u32 source = fuzz::first_pending(hart);
    source_of[source].claimed = true;
    return source;
}
void Plic::complete(u32 source, base::HartIndex hart) {
    if (source_of[source].enabled[hart]) source_of[source].claimed = false;
}

} // namespace arch
