// What several processes at once get done: each maps and unmaps pages of its own, eight at a time, by system calls and
// by asynchronous ones over a queue of its own. The kernel is one: this shows what they take from each other.
#pragma once

#include "rootserver/bench/figures.hpp"
#include "rootserver/testing/suite.hpp"

namespace bench {

// Up to `most` processes, 2 to 7. Prints table and figures; what is wrong, or nullptr.
const char* clients(testing::Fixture& fixture, Unit unit, unsigned most);

} // namespace bench
