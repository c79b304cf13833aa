// Whether a hart can run the kernel, and whether it has an FPU, as far as its node in the device tree says. The image
// is compiled for RV64IMAC with Zicsr and Zifencei; the kernel saves floating-point registers as the D extension has
// them.
#pragma once

#include "boot/device_tree.hpp"

namespace boot {

struct HartIsa {
    const char* lacks = nullptr; // "it lacks ...", or null: nothing that the tree knows of
    bool fpu = false;            // with the D extension; F alone counts as none
};

// `cpu` stands on a cpu node. `mmu_named`: harts of this tree say which MMU they have, so that one that does not has
// none.
[[nodiscard]] HartIsa read_isa(const TreeWalk& cpu, bool mmu_named);

} // namespace boot
