#include "syscalls/commit_system.hpp"

#include "caps/mdb.hpp"
#include "lifetime/deletion.hpp"
#include "objects/irq.hpp"
#include "objects/upcalls.hpp"
#include "smp/hart.hpp"

namespace syscalls {

Outcome commit_irq_control(const IssueIrq& op, Origin origin) {
    objects::activate_irq(op.irq, origin.hart);
    caps::insert_derived(caps::Cap::irq_handler(op.irq), *op.control, *op.dest);
    return Outcome::Done;
}

Outcome commit_irq_handler(const IrqHandlerOp& op) {
    using Kind = IrqHandlerOp::Kind;
    if (op.kind == Kind::Ack) {
        objects::complete_irq(op.irq);
        return Outcome::Done;
    }
    caps::Slot& slot = objects::irq_slot(op.irq);
    // With no notification there is nobody left who could acknowledge what was claimed. Replacing one acknowledges
    // nothing, as on seL4: the driver behind both may be at work on it.
    const bool orphaned = slot.empty() || objects::irq_claim(op.irq) == objects::IrqClaim::Unheard;
    if (!lifetime::remove(slot)) return Outcome::Preempted;
    if (op.kind == Kind::SetNotification && !op.notification->empty())
        caps::insert_derived(op.notification->cap, *op.notification, slot);
    if (op.kind == Kind::Clear || orphaned) objects::complete_irq(op.irq);
    return Outcome::Done;
}

Outcome commit_domain(const DomainOp& op) {
    switch (op.kind) {
    case DomainOp::Kind::Set:
        objects::stall_remote(*op.thread); // it may be running elsewhere, in no queue
        scheduler::set_domain(*op.thread, op.domain);
        break;
    case DomainOp::Kind::Configure: scheduler::set_domain_schedule_entry(op.index, op.slice); break;
    case DomainOp::Kind::SetStart: scheduler::set_domain_schedule_start(op.index); break;
    }
    return Outcome::Done;
}

} // namespace syscalls
