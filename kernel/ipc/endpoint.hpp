// Synchronous IPC: send, receive, reply, and what ends them early. Source: sel4-abi-riscv64.md 5.2, 5.5, 5.6, 5.8.
#pragma once

#include "ipc/transfer.hpp"

namespace ipc {

struct SendOptions {
    u64 badge;
    bool blocking;
    bool call;
    bool can_grant;
    bool can_grant_reply;
};

void send(objects::Tcb& sender, objects::Endpoint& endpoint, const SendOptions& options, const ExtraCaps* extra);

// `cap` is the endpoint capability the thread receives on.
void receive(objects::Tcb& receiver, const caps::Cap& cap, bool blocking);

// Answers the thread a reply capability names; the capability in `slot` is used up.
void reply(objects::Tcb& sender, caps::Slot& slot, const ExtraCaps* extra);

// The reply capability received last and not saved is lost (a Recv on an endpoint does that).
void delete_caller(objects::Tcb& thread);

// Restarts the senders that used the badge. False: preempted, call again.
[[nodiscard]] bool cancel_badged_sends(objects::Endpoint& endpoint, u64 badge);

// Makes a stopped thread run: its IPC is cancelled, and it executes its last instruction again.
void resume(objects::Tcb& thread);
// Gives the thread the reply master its callers' replies derive from (once, at its first start).
void ensure_reply_master(objects::Tcb& thread);

} // namespace ipc
