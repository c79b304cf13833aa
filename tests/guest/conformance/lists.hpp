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
List cnode_error_cases();
List tcb_error_cases();
List vspace_error_cases();
List system_error_cases();
List interrupt_cases();

} // namespace guest
