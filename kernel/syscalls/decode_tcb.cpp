#include "syscalls/decode_tcb.hpp"

#include "caps/derive.hpp"
#include "lifetime/deletion.hpp"
#include "objects/endpoint.hpp"
#include "smp/hart.hpp"

namespace syscalls {

using api::Label;
using caps::Cap;
using caps::CapType;
using objects::Tcb;
using objects::TcbSlot;

namespace {

using Kind = TcbOp::Kind;

constexpr unsigned ipc_buffer_bits = 10;

TcbOp base_op(const Invocation& call, Kind kind) {
    TcbOp op{kind};
    op.thread = call.cap().as_tcb();
    return op;
}

Result<TcbOp> decode_read(const Invocation& call) {
    if (call.length < 2) return fail(SyscallError::truncated());
    TcbOp op = base_op(call, Kind::ReadRegisters);
    op.a = call.word(0);
    op.b = call.word(1);
    if (op.b < 1 || op.b > arch::user_context_words) return fail(SyscallError::range(1, arch::user_context_words));
    if (op.thread == call.caller) return fail(SyscallError::illegal_operation());
    return op;
}

Result<TcbOp> decode_write(const Invocation& call) {
    if (call.length < 2) return fail(SyscallError::truncated());
    TcbOp op = base_op(call, Kind::WriteRegisters);
    op.a = call.word(0);
    op.b = call.word(1);
    if (call.length - 2 < op.b) return fail(SyscallError::truncated());
    if (op.thread == call.caller) return fail(SyscallError::illegal_operation());
    if (op.b > arch::user_context_words) op.b = arch::user_context_words;
    return op;
}

Result<TcbOp> decode_copy(const Invocation& call) {
    if (call.length < 1 || call.extra_count < 1) return fail(SyscallError::truncated());
    if (!call.extra[0]->cap.is(CapType::Tcb)) return fail(SyscallError::invalid_capability(1));
    TcbOp op = base_op(call, Kind::CopyRegisters);
    op.source = call.extra[0]->cap.as_tcb();
    op.a = call.word(0);
    return op;
}

// The authority TCB of the priority calls: its MCP bounds `value`.
Result<u8> checked_priority(const Invocation& call, u64 value) {
    const u64 limit = call.extra[0]->cap.as_tcb()->max_priority;
    if (value > limit) return fail(SyscallError::range(0, limit));
    return static_cast<u8>(value);
}

Result<TcbOp> decode_priority(const Invocation& call, Kind kind) {
    const unsigned words = kind == Kind::SetSchedParams ? 2 : 1;
    if (call.length < words || call.extra_count < 1) return fail(SyscallError::truncated());
    if (!call.extra[0]->cap.is(CapType::Tcb)) return fail(SyscallError::invalid_capability(1));
    TcbOp op = base_op(call, kind);
    op.a = TRY(checked_priority(call, call.word(0)));
    if (kind == Kind::SetSchedParams) op.b = TRY(checked_priority(call, call.word(1)));
    return op;
}

bool slot_needs_long_removal(const Tcb& thread, TcbSlot which) {
    return !lifetime::removal_is_short(thread.slot(which));
}

Result<Install> checked_buffer(u64 address, caps::Slot* source) {
    if (address == 0) return Install{};
    const Cap cap = TRY(caps::derive(*source, source->cap));
    if (!cap.is(CapType::Frame) || cap.is_device()) return fail(SyscallError::illegal_operation());
    if (!base::is_aligned(address, ipc_buffer_bits)) return fail(SyscallError::alignment());
    return Install{cap, source};
}

Result<Install> checked_cspace(caps::Slot* source, u64 data) {
    Cap cap = source->cap;
    if (data != 0) cap = caps::apply_data(cap, data, false);
    if (!cap.is_null()) cap = TRY(caps::derive(*source, cap));
    if (!cap.is(CapType::CNode)) return fail(SyscallError::illegal_operation());
    return Install{cap, source};
}

Result<Install> checked_vspace(caps::Slot* source) {
    const Cap cap = TRY(caps::derive(*source, source->cap));
    if (!cap.is(CapType::PageTable) || !cap.is_mapped()) return fail(SyscallError::illegal_operation());
    return Install{cap, source};
}

Result<TcbOp> with_spaces(TcbOp op, caps::Slot* cspace, u64 data, caps::Slot* vspace) {
    if (slot_needs_long_removal(*op.thread, TcbSlot::CSpace) || slot_needs_long_removal(*op.thread, TcbSlot::VSpace))
        return fail(SyscallError::illegal_operation());
    op.cspace = TRY(checked_cspace(cspace, data));
    op.vspace = TRY(checked_vspace(vspace));
    op.set_space = true;
    return op;
}

Result<TcbOp> decode_configure(const Invocation& call) {
    if (call.length < 4 || call.extra_count < 3) return fail(SyscallError::truncated());
    TcbOp op = base_op(call, Kind::Configure);
    op.a = call.word(0);
    op.b = call.word(3);
    op.buffer = TRY(checked_buffer(op.b, call.extra[2]));
    op.set_buffer = true;
    return with_spaces(op, call.extra[0], call.word(1), call.extra[1]);
}

Result<TcbOp> decode_set_space(const Invocation& call) {
    if (call.length < 3 || call.extra_count < 2) return fail(SyscallError::truncated());
    TcbOp op = base_op(call, Kind::SetSpace);
    op.a = call.word(0);
    return with_spaces(op, call.extra[0], call.word(1), call.extra[1]);
}

Result<TcbOp> decode_set_buffer(const Invocation& call) {
    if (call.length < 1 || call.extra_count < 1) return fail(SyscallError::truncated());
    TcbOp op = base_op(call, Kind::SetIpcBuffer);
    op.b = call.word(0);
    op.buffer = TRY(checked_buffer(op.b, call.extra[0]));
    op.set_buffer = true;
    return op;
}

Result<TcbOp> decode_bind(const Invocation& call) {
    if (call.extra_count < 1) return fail(SyscallError::truncated());
    TcbOp op = base_op(call, Kind::Bind);
    const Cap& cap = call.extra[0]->cap;
    if (op.thread->bound_notification != nullptr || !cap.is(CapType::Notification) || !cap.rights().read())
        return fail(SyscallError::illegal_operation());
    op.notification = cap.as_notification();
    if (op.notification->waiting() || op.notification->bound_tcb != nullptr)
        return fail(SyscallError::illegal_operation());
    return op;
}

Result<TcbOp> decode_unbind(const Invocation& call) {
    if (call.cap().as_tcb()->bound_notification == nullptr) return fail(SyscallError::illegal_operation());
    return base_op(call, Kind::Unbind);
}

Result<TcbOp> decode_words(const Invocation& call, Kind kind, unsigned words) {
    if (call.length < words) return fail(SyscallError::truncated());
    TcbOp op = base_op(call, kind);
    op.a = call.word(0);
    if (words > 1) op.b = call.word(1);
    if (kind == Kind::SetAffinity && op.a >= smp::hart_count) return fail(SyscallError::illegal_operation());
    return op;
}

} // namespace

[[gnu::hot]] Result<TcbOp> decode_tcb(const Invocation& call) {
    switch (call.label) {
    case Label::TCBReadRegisters: return decode_read(call);
    case Label::TCBWriteRegisters: return decode_write(call);
    case Label::TCBCopyRegisters: return decode_copy(call);
    case Label::TCBSuspend: return base_op(call, Kind::Suspend);
    case Label::TCBResume: return base_op(call, Kind::Resume);
    case Label::TCBConfigure: return decode_configure(call);
    case Label::TCBSetPriority: return decode_priority(call, Kind::SetPriority);
    case Label::TCBSetMCPriority: return decode_priority(call, Kind::SetMcPriority);
    case Label::TCBSetSchedParams: return decode_priority(call, Kind::SetSchedParams);
    case Label::TCBSetIPCBuffer: return decode_set_buffer(call);
    case Label::TCBSetSpace: return decode_set_space(call);
    case Label::TCBBindNotification: return decode_bind(call);
    case Label::TCBUnbindNotification: return decode_unbind(call);
    case Label::TCBSetAffinity: return decode_words(call, Kind::SetAffinity, 1);
    case Label::TCBSetTLSBase: return decode_words(call, Kind::SetTlsBase, 1);
    case Label::TCBSetFlags: return decode_words(call, Kind::SetFlags, 2);
    default: return fail(SyscallError::illegal_operation());
    }
}

} // namespace syscalls
