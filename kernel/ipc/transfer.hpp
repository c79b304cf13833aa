// Moving one message from a sender to a receiver: words, capabilities, badge and tag; or the message of a fault.
// Source: sel4-abi-riscv64.md 5.4, 5.9.
#pragma once

#include "ipc/message.hpp"
#include "objects/endpoint.hpp"

namespace ipc {

// `endpoint` is the one used, or null for replies (nothing is unwrapped then). `extra` are the sender's capabilities
// if the caller has looked them up already.
void transfer(objects::Tcb& sender, objects::Endpoint* endpoint, u64 badge, bool can_grant, objects::Tcb& receiver,
              const ExtraCaps* extra);

} // namespace ipc
