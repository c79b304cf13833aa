#include "syscalls/decode_system.hpp"

#include "caps/lookup.hpp"
#include "objects/irq.hpp"

namespace syscalls {

using api::Label;
using caps::CapType;

Result<IssueIrq> decode_irq_control(const Invocation& call) {
    const bool trigger = call.label == Label::RISCVIRQIssueIRQHandlerTrigger;
    if (!trigger && call.label != Label::IRQIssueIRQHandler) return fail(SyscallError::illegal_operation());
    const unsigned words = trigger ? 4 : 3;
    if (call.length < words || call.extra_count < 1) return fail(SyscallError::truncated());
    const u64 irq = call.word(0);
    if (irq < 1 || irq > objects::last_irq()) return fail(SyscallError::range(1, objects::last_irq()));
    if (objects::irq_state(irq) != objects::IrqState::Inactive) return fail(SyscallError::revoke_first());
    caps::Slot* dest = TRY(caps::lookup_target(call.extra[0]->cap, call.word(words - 2), call.word(words - 1), false));
    if (!dest->empty()) return fail(SyscallError::delete_first());
    return IssueIrq{irq, call.slot, dest};
}

Result<IrqHandlerOp> decode_irq_handler(const Invocation& call) {
    using Kind = IrqHandlerOp::Kind;
    const u64 irq = call.cap().irq();
    switch (call.label) {
    case Label::IRQAckIRQ: return IrqHandlerOp{Kind::Ack, irq, nullptr};
    case Label::IRQClearIRQHandler: return IrqHandlerOp{Kind::Clear, irq, nullptr};
    case Label::IRQSetIRQHandler: {
        if (call.extra_count < 1) return fail(SyscallError::truncated());
        const caps::Cap& cap = call.extra[0]->cap;
        if (!cap.is(CapType::Notification) || !cap.rights().write()) return fail(SyscallError::invalid_capability(0));
        return IrqHandlerOp{Kind::SetNotification, irq, call.extra[0]};
    }
    default: return fail(SyscallError::illegal_operation());
    }
}

namespace {

Result<DomainOp> decode_set(const Invocation& call) {
    if (call.length < 1) return fail(SyscallError::truncated());
    const u64 domain = call.word(0);
    if (domain >= scheduler::domain_count()) return fail(SyscallError::invalid_argument(0));
    if (call.extra_count < 1) return fail(SyscallError::truncated());
    if (!call.extra[0]->cap.is(CapType::Tcb)) return fail(SyscallError::invalid_argument(1));
    return DomainOp{DomainOp::Kind::Set, call.extra[0]->cap.as_tcb(), static_cast<u8>(domain), 0, {}};
}

Result<DomainOp> decode_configure(const Invocation& call) {
    constexpr u64 max_duration = (u64{1} << 56) - 1;
    if (call.length < 3) return fail(SyscallError::truncated());
    const u64 index = call.word(0);
    const u64 domain = call.word(1);
    const u64 duration = call.word(2);
    const u64 size = scheduler::domain_schedule_size();
    if (index >= size - 1) return fail(SyscallError::range(0, size - 2));
    if (domain >= scheduler::domain_count()) return fail(SyscallError::range(0, scheduler::domain_count() - 1));
    if (duration > max_duration) return fail(SyscallError::invalid_argument(2));
    if (duration == 0 && domain != 0) return fail(SyscallError::invalid_argument(1));
    if (duration == 0 && index == scheduler::domain_schedule_start()) return fail(SyscallError::invalid_argument(2));
    return DomainOp{DomainOp::Kind::Configure, nullptr, 0, static_cast<unsigned>(index), {domain, duration}};
}

Result<DomainOp> decode_set_start(const Invocation& call) {
    if (call.length < 1) return fail(SyscallError::truncated());
    const u64 index = call.word(0);
    const u64 size = scheduler::domain_schedule_size();
    if (index >= size) return fail(SyscallError::range(0, size - 1));
    if (scheduler::domain_schedule_entry(static_cast<unsigned>(index)).duration == 0)
        return fail(SyscallError::invalid_argument(0));
    return DomainOp{DomainOp::Kind::SetStart, nullptr, 0, static_cast<unsigned>(index), {}};
}

} // namespace

Result<DomainOp> decode_domain(const Invocation& call) {
    switch (call.label) {
    case Label::DomainSetSet: return decode_set(call);
    case Label::DomainScheduleConfigure: return decode_configure(call);
    case Label::DomainScheduleSetStart: return decode_set_start(call);
    default: return fail(SyscallError::illegal_operation());
    }
}

} // namespace syscalls
