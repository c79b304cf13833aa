// One list per file of this folder.
#pragma once

#include "tests/guest/harness/suite.hpp"

namespace guest {

List register_cases();
List ipc_cases();
List fault_cases();
List notification_cases();
List scheduling_cases();
List machine_cases();

} // namespace guest
