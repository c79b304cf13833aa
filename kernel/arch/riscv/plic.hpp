// The platform-level interrupt controller: sources 1.., one supervisor context per hart, named by the device tree.
#pragma once

#include "base/types.hpp"

namespace arch {

class Plic {
public:
    static constexpr u32 no_context = ~u32{0};

    // `contexts[i]`: the supervisor context of logical hart i.
    void init(base::Paddr window, u32 sources, const u32* contexts, u32 harts);

    // Each hart for itself, once it runs: the firmware closes a hart's context when it starts that hart.
    void open(base::HartIndex hart);

    // Can it interrupt this hart at all? Without a context all below does nothing.
    bool has_context(base::HartIndex hart) const { return contexts_[hart] != no_context; }
    void enable(u32 source, base::HartIndex hart);
    void disable(u32 source, base::HartIndex hart);
    // The source to serve, or 0. It is held back until the same context completes it; any hart may write that, but a
    // source that is not enabled for the context is ignored.
    u32 claim(base::HartIndex hart);
    void complete(u32 source, base::HartIndex hart);

private:
    volatile u32& word(u64 offset) const;

    base::Paddr window_{0};
    u32 contexts_[base::max_harts] = {};
};

} // namespace arch
