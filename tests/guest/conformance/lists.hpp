// One list per file of this folder.
#pragma once

#include "tests/guest/harness/suite.hpp"

namespace guest {

List register_cases();

} // namespace guest
