// Faults as messages: raising one to the thread's handler, the message's words, and what the reply does.
// Source: sel4-abi-riscv64.md 5.9, 5.10.
#pragma once

#include "ipc/message.hpp"

namespace ipc {

// Sends `fault` to the handler of `thread`; without a usable handler the thread stops (double fault).
void raise_fault(objects::Tcb& thread, const objects::Fault& fault);
void raise_cap_fault(objects::Tcb& thread, base::Cptr address, bool receive_phase, const caps::LookupFailure& lookup);

MessageInfo write_fault_message(objects::Tcb& sender, objects::Tcb& receiver, volatile Buffer* buffer);

// The handler's reply is in `handler`'s message registers. True: the faulter runs again; false: it stays stopped.
bool apply_fault_reply(objects::Tcb& handler, objects::Tcb& faulter);

} // namespace ipc
