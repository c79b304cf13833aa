// The interrupt controller under the kernel on the host, as the PLIC specification has it: a gateway per source makes
// a request while its line is up and none is in service; a claim puts the request into service, and only a completion
// by a context for which the source is enabled ends that. Stands for arch/riscv/plic.cpp, whose registers another test
// has (tests/host/arch).
#pragma once

#include "arch/arch.hpp"

namespace fake {

struct Plic {
    static constexpr u32 most_sources = 128;

    bool line[most_sources]{};
    bool pending[most_sources]{};
    bool in_service[most_sources]{};
    u64 enabled[most_sources]{}; // for these harts
    unsigned claims = 0;         // that gave a source
    unsigned completions = 0;
    unsigned idle_completions = 0;    // of a source that was not in service
    unsigned ignored_completions = 0; // of a source not enabled for that hart

    void set_line(u32 source, bool up);
    bool interrupts(base::HartIndex hart) const;
};

extern Plic plic;
extern u64 harts_without_context; // when a machine is made

} // namespace fake
