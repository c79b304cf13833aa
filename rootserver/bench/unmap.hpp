// Many unmaps: 4,096 pages, each mapped by a capability of its own to one frame, taken away by system calls and by
// asynchronous ones, 64 in flight. On several harts a thread of the same address space runs on the second one, so each
// unmap must reach that hart's TLB before it is answered. Fewer pages where there is no time to measure.
#pragma once

#include "rootserver/bench/figures.hpp"
#include "rootserver/testing/suite.hpp"

namespace bench {

// Prints figures; what is wrong, or nullptr.
const char* unmap(testing::Fixture& fixture, Unit unit);

} // namespace bench
