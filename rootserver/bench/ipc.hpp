// `suite=ipc`: what seL4's users measure with sel4bench, beside upstream's own figures (ipc_rows.hpp). Each row is a
// case that fails when it is worse; one more asks that the fast path is at least 10 % better than upstream's.
// With `fastpath=off` the same rows compare with upstream's slow path.
#pragma once

#include "rootserver/machine/device_tree.hpp"
#include "rootserver/testing/suite.hpp"

namespace bench {

struct IpcOptions {
    bool icount = false;   // else the figures are cycles, and nothing is judged
    bool fast_path = true; // the kernel's
    machine::Device clock;
};

std::uint64_t ipc_cases();
// Prints cases, table and verdict. False: a case failed.
bool ipc(machine::Memory& memory, const IpcOptions& options);

} // namespace bench
