#include "syscalls/commit_uintr.hpp"

#include "objects/upcalls.hpp"

namespace syscalls {

Outcome commit_registration(const RegistrationOp& op, Results& results) {
    using Kind = RegistrationOp::Kind;
    switch (op.kind) {
    case Kind::RegisterReceiver: objects::register_receiver(*op.receiver); break;
    case Kind::RegisterSender:
        objects::register_sender(objects::current_thread(), *op.receiver, op.vector, op.entry);
        op.made->cap = op.made->cap.with_made_sender(true);
        results.count = 1;
        results.words[0] = op.entry;
        break;
    case Kind::UnregisterReceiver: objects::unregister_receiver(*op.receiver); break;
    case Kind::UnregisterSender: objects::remove_sender_entry(objects::current_thread(), op.entry); break;
    }
    return Outcome::Done;
}

} // namespace syscalls
