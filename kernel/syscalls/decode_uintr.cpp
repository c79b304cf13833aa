#include "syscalls/decode_uintr.hpp"

#include "uintr/regs.hpp"

namespace syscalls {

using api::Label;
using caps::Cap;
using caps::CapType;

namespace {

using Kind = RegistrationOp::Kind;

bool receives(const objects::Tcb* thread) { return thread != nullptr && thread->user_interrupts.receiver != 0; }

Result<RegistrationOp> decode_receiver(const Invocation& call) {
    if (call.extra_count < 1) return fail(SyscallError::truncated());
    const Cap& tcb = call.extra[0]->cap;
    if (!tcb.is(CapType::Tcb)) return fail(SyscallError::invalid_capability(1));
    if (!call.cap().rights().read()) return fail(SyscallError::invalid_capability(0));
    RegistrationOp op{Kind::RegisterReceiver, tcb.as_tcb()};
    if (call.cap().as_notification()->bound_tcb != op.receiver) return fail(SyscallError::illegal_operation());
    if (!receives(op.receiver) && !objects::receiver_available()) return fail(SyscallError::not_enough_memory(0));
    return op;
}

Result<RegistrationOp> decode_unregister_receiver(const Invocation& call) {
    if (!call.cap().rights().read()) return fail(SyscallError::invalid_capability(0));
    RegistrationOp op{Kind::UnregisterReceiver, call.cap().as_notification()->bound_tcb};
    if (!receives(op.receiver)) return fail(SyscallError::illegal_operation());
    return op;
}

Result<RegistrationOp> decode_sender(const Invocation& call, Kind kind) {
    const Cap& cap = call.cap();
    if (!cap.rights().write()) return fail(SyscallError::invalid_capability(0));
    if (cap.badge() >= uintr::vector_count) return fail(SyscallError::range(0, uintr::vector_count - 1));
    RegistrationOp op{kind, cap.as_notification()->bound_tcb, static_cast<u32>(cap.badge())};
    if (!receives(op.receiver)) return fail(SyscallError::illegal_operation());
    const bool adding = kind == Kind::RegisterSender;
    op.entry = adding ? objects::find_sender_entry(*call.caller, *op.receiver, op.vector)
                      : objects::existing_sender_entry(*call.caller, *op.receiver, op.vector);
    if (op.entry == objects::no_sender_entry)
        return fail(adding ? SyscallError::not_enough_memory(0) : SyscallError::illegal_operation());
    op.made = call.slot;
    return op;
}

} // namespace

Result<RegistrationOp> decode_registration(const Invocation& call) {
    // Only a thread can be a sender; there are no operations of asynchronous slots for these.
    if (call.caller == nullptr || !is_registration(static_cast<u64>(call.label)))
        return fail(SyscallError::invalid_capability(0));
    if (!objects::user_interrupts_present()) return fail(SyscallError::illegal_operation());
    switch (call.label) {
    case Label::NotificationRegisterReceiver: return decode_receiver(call);
    case Label::NotificationRegisterSender: return decode_sender(call, Kind::RegisterSender);
    case Label::NotificationUnregisterReceiver: return decode_unregister_receiver(call);
    default: return decode_sender(call, Kind::UnregisterSender);
    }
}

} // namespace syscalls
