// Threads, seen from the list of all of them, and the scheduler: who runs, who is ready, who waits for what.
#pragma once

#include "checks/objects.hpp"

namespace checks {

// After all objects have been looked at: `counts` is their view.
void check_threads(const Counts& counts, Report& report);

} // namespace checks
