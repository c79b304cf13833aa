// Messages between two processes, each with its own executor: a call and its answer of two words each, 1 to 32 in
// flight over a channel with each bell the machine has, and one at a time over an endpoint (Call, ReplyRecv). One hart:
// the two take turns. More: each has its own.
#pragma once

#include "rootserver/bench/message_child.hpp"
#include "rootserver/testing/suite.hpp"

namespace bench {

// There is to be room for so many processes, two or more. Prints table and figures; what is wrong, or nullptr.
const char* messages(testing::Fixture& fixture, Unit unit, unsigned processes);

} // namespace bench
