// The suite `ipc`: what seL4's users measure with sel4bench, beside upstream's own figures (ipc_rows.hpp). Instructions
// are judged: a row that is worse fails the suite; and that the fast path is at least 10 % better than upstream's.
// With `fastpath=off` the same rows compare with upstream's slow path.
#pragma once

#include "rootserver/bench/figures.hpp"
#include "rootserver/machine/device_tree.hpp"

namespace bench {

struct IpcOptions {
    Unit unit = Unit::None; // only instructions are judged
    bool fast_path = true;  // the kernel's
    machine::Device clock;
};

// Prints table, figures and verdict. What is wrong, or nullptr.
const char* ipc(machine::Memory& memory, const IpcOptions& options);

} // namespace bench
