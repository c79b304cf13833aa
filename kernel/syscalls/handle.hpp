// The system calls of a trapping thread: the main calls of sel4-abi-riscv64.md 2.4, the debug calls of 2.5, and the
// unknown ones, which are faults. The thread's registers are in its context; next_ip_ points behind the ecall already.
#pragma once

#include "objects/tcb.hpp"

namespace syscalls {

// Which label set the user programs were built for (2.2, 3.1): seL4's unicore or SMP build. Set once at boot.
void select_interface(bool smp);
bool smp_interface();

void handle(objects::Tcb& thread, i64 number);
// Call, when the capability it names has been looked up already.
void handle_call(objects::Tcb& thread, caps::Slot& slot);
// Call on an asynchronous queue: AsyncQueueDrive and AsyncQueueExecute go straight to the queue.
// False: it is another call, or one that fails; nothing has happened.
bool handle_queue_call(objects::Tcb& thread, const caps::Cap& cap);

// Boot argument debug=off: as an upstream kernel that prints and has no debug calls, only DebugPutChar is left, and no
// process learns of another's threads or ends the machine. Set once at boot.
extern bool debug_calls;
// Upstream's benchmark kernel has no debug calls, and its debug kernel no benchmark calls.
inline constexpr bool benchmark_calls = TAIL4_DEBUG == 0;
// A debug or benchmark call; false: no such call.
bool handle_debug(objects::Tcb& thread, i64 number);

} // namespace syscalls
