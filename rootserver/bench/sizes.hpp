// What the asynchronous side costs in memory: a queue by its slots, a task of the PageMap suite by its parts.
#pragma once

#include "rootserver/testing/suite.hpp"

namespace bench {

// What is wrong, or nullptr.
const char* sizes(testing::Fixture& fixture);

} // namespace bench
