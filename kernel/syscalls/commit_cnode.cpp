#include "syscalls/commit_cnode.hpp"

#include "caps/mdb.hpp"
#include "ipc/endpoint.hpp"
#include "lifetime/deletion.hpp"

namespace syscalls {

namespace {

void rotate(const CNodeOp& op) {
    if (op.source == op.dest) {
        caps::swap_slots(op.cap, *op.source, op.pivot_cap, *op.pivot);
        return;
    }
    caps::move_slot(op.pivot_cap, *op.pivot, *op.dest);
    caps::move_slot(op.cap, *op.source, *op.pivot);
}

} // namespace

Outcome commit_cnode(const CNodeOp& op, objects::Tcb* caller) {
    using Kind = CNodeOp::Kind;
    switch (op.kind) {
    case Kind::Revoke: return lifetime::revoke(*op.dest) ? Outcome::Done : Outcome::Preempted;
    case Kind::Delete: return lifetime::remove(*op.dest) ? Outcome::Done : Outcome::Preempted;
    case Kind::CancelBadgedSends:
        if (op.dest->cap.badge() != 0 && !ipc::cancel_badged_sends(*op.dest->cap.as_endpoint(), op.dest->cap.badge()))
            return Outcome::Preempted;
        break;
    case Kind::Insert: caps::insert_derived(op.cap, *op.source, *op.dest); break;
    case Kind::Move: caps::move_slot(op.cap, *op.source, *op.dest); break;
    case Kind::Rotate: rotate(op); break;
    case Kind::SaveCaller:
        if (caller != nullptr) {
            caps::Slot& slot = caller->slot(objects::TcbSlot::Caller);
            if (!slot.empty()) caps::move_slot(slot.cap, slot, *op.dest);
        }
        break;
    }
    return Outcome::Done;
}

} // namespace syscalls
