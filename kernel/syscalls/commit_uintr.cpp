#include "syscalls/commit_uintr.hpp"

#include "objects/upcalls.hpp"

namespace syscalls {

namespace {

// What ended receivers and senders have left goes first, a step at a time. False: the kernel is to be left before that
// is done.
bool make_room(bool (&step)(const objects::Tcb&), const objects::Tcb& thread) {
    while (!step(thread)) {
        if (objects::preemption_point()) return false;
    }
    return true;
}

} // namespace

Outcome commit_registration(const RegistrationOp& op, Results& results) {
    using Kind = RegistrationOp::Kind;
    switch (op.kind) {
    case Kind::RegisterReceiver:
        if (!make_room(objects::make_room_for_receiver, *op.receiver)) return Outcome::Preempted;
        objects::register_receiver(*op.receiver);
        break;
    case Kind::RegisterSender:
        if (!make_room(objects::make_room_for_sender, objects::current_thread())) return Outcome::Preempted;
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
