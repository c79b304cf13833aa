// `suite=channel`: calls from one process to another over a channel, each process with its own executor; the round trip
// of one call when 1, 8 and 64 are in flight, over each bell the machine has. One hart: the two take turns. More: each
// has its own.
#pragma once

#include "rootserver/testing/suite.hpp"

namespace bench {

// Prints case, table and verdict. False: a call failed.
bool channel(testing::Fixture& fixture, bool icount);

} // namespace bench
