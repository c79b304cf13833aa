// The invariant checker of the debug kernel (host tests use it too; a release kernel has nothing of it). It looks at
// every capability slot, all objects behind them, threads, ready and wait queues, page tables and asynchronous queues,
// and names the first thing that is broken. It needs no memory and changes nothing it does not put back.
// Boot argument check=N: after every N-th kernel entry (0: never), whatever broke ends in
//   TaiL4: invariant broken: <name> ...
// and each time their number has doubled, from 1024 on, a line says that there are checks:
//   TaiL4: 1024 checks done
// Kernel lock held.
#pragma once

#include "checks/report.hpp"

namespace checks {

struct Outcome {
    Finding finding;
    Cost cost;
};
// Everything once. Between kernel entries only: no scheduler action may be pending.
Outcome check_everything();

// At boot, while there is the initial thread only: from now on after every `entries`-th entry; the first time now, with
// a line on the console about what it looked at.
void start(u64 entries);

extern u64 entries_left; // before the next check; 0: never
void check_at_exit();

// At every exit to user mode.
inline void after_entry() {
    if constexpr (TAIL4_DEBUG != 0) {
        if (entries_left != 0 && --entries_left == 0) [[unlikely]]
            check_at_exit();
    }
}

} // namespace checks
