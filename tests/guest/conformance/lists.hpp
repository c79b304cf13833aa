// One list per file of this folder.
#pragma once

#include "tests/guest/harness/suite.hpp"

namespace guest {

List boot_cases();
List register_cases();
List ipc_cases();
List fast_path_cases();
List reply_cases();
List fault_cases();
List notification_cases();
List scheduling_cases();
List machine_cases();
List cnode_error_cases();
List tcb_error_cases();
List vspace_error_cases();
List system_error_cases();
List interrupt_cases(bool plic_takes_levels);
List cspace_cases();
List derivation_cases();
List lifetime_cases();
List memory_cases();
List mapping_cases();
List buffer_cases();
List isolation_cases();
List preemption_cases();
List message_cases();
List user_interrupt_cases();
List user_interrupt_device_cases();
List user_interrupt_smp_cases();
List user_interrupt_storm_cases(Word steps); // steps: of the storm; 0: as many as suit the harts
List coverage_cases();                       // at the end, if all others have run
List smp_cases();                            // none in a uniprocessor's image
List smp_thread_cases();                     // likewise

// Only for rows that ask for them: their machines have what these need.
List large_memory_cases(); // a GiB of memory in one piece
List domain_cases();       // domains=4
List domain_smp_cases();   // domains=2, several harts
List no_fpu_cases();       // no D extension

} // namespace guest
