// Appendix D of sel4-abi-riscv64.md as data: what the upstream kernel answered, in its order. Capabilities are slots of
// the machine's root CNode; vectors_test.cpp puts there what the appendix names.
#pragma once

#include "machine.hpp"

namespace kernel::test {

struct Probe {
    const char* name;
    u64 cap;
    Label label;
    Words words;
    Words extra;
    ErrorCode code;
    Words result;
};

enum : u64 {
    tcb = 100,
    ep,
    ntfn,
    pt,
    pt2,
    pt3,
    fr,
    fr2,
    mega,
    u12,
    u13,
    cn4,
    vs,
    ro,
};

// Stands for the physical address of `fr` in a result.
inline constexpr u64 address_of_frame = ~u64{0};

extern const std::vector<Probe> untyped_probes;
extern const std::vector<Probe> cnode_probes;
extern const std::vector<Probe> tcb_probes;
extern const std::vector<Probe> irq_probes;
extern const std::vector<Probe> domain_probes;
extern const std::vector<Probe> vspace_probes;

} // namespace kernel::test
