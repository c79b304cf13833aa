#include "syscalls/decode_async.hpp"

#include "caps/derive.hpp"
#include "objects/user_interrupts.hpp"
#include "uintr/regs.hpp"
#include "vspace/vspace.hpp"

namespace syscalls {

using api::Label;
using caps::Cap;
using caps::CapType;
using objects::QueueState;

namespace {

using Kind = AsyncOperation::Kind;

constexpr u64 known_bind_flags =
    TAIL4_ASYNC_BIND_NOTIFICATION | TAIL4_ASYNC_BIND_TAIC | TAIL4_ASYNC_BIND_UINTC | TAIL4_ASYNC_BIND_POLL;

// One kind per queue.
bool doorbell_of(u64 flags, objects::DoorbellKind& kind) {
    using objects::DoorbellKind;
    switch (flags & ~u64{TAIL4_ASYNC_BIND_NOTIFICATION}) {
    case 0: kind = DoorbellKind::Notification; return true;
    case TAIL4_ASYNC_BIND_TAIC: kind = DoorbellKind::Taic; return objects::taic_available();
    case TAIL4_ASYNC_BIND_UINTC: kind = DoorbellKind::Uintc; return objects::user_interrupts_present();
    default: kind = DoorbellKind::None; return objects::room_for_polled();
    }
}

Result<AsyncOperation> decode_bind(const Invocation& call, AsyncOperation op) {
    // A queue belongs to a thread; there is no operation of asynchronous slots for this.
    if (call.caller == nullptr) return fail(SyscallError::illegal_operation());
    if (call.length < 1 || call.extra_count < 2) return fail(SyscallError::truncated());
    const u64 flags = call.word(0);
    const u64 kinds = flags & ~u64{TAIL4_ASYNC_BIND_NOTIFICATION};
    if ((flags & ~known_bind_flags) != 0 || (kinds & (kinds - 1)) != 0) return fail(SyscallError::invalid_argument(0));
    // Bound once in its life: the rings start from zero.
    if (op.queue->state != QueueState::Unbound) return fail(SyscallError::illegal_operation());
    objects::QueueBinding& binding = op.binding;
    binding.queue = op.queue;
    binding.cspace_source = call.extra[0];
    binding.vspace_source = call.extra[1];
    binding.cspace = TRY(caps::derive(*call.extra[0], call.extra[0]->cap));
    if (!binding.cspace.is(CapType::CNode)) return fail(SyscallError::invalid_capability(1));
    binding.vspace = TRY(caps::derive(*call.extra[1], call.extra[1]->cap));
    if (!binding.vspace.is(CapType::PageTable)) return fail(SyscallError::invalid_capability(2));
    // User interrupts go to the thread of a notification.
    if (flags == TAIL4_ASYNC_BIND_UINTC) return fail(SyscallError::invalid_argument(0));
    if ((flags & TAIL4_ASYNC_BIND_NOTIFICATION) != 0) {
        if (call.extra_count < 3) return fail(SyscallError::truncated());
        const Cap& cap = call.extra[2]->cap;
        if (!cap.is(CapType::Notification) || !cap.rights().write()) return fail(SyscallError::invalid_capability(3));
        // Its badge is the vector of the user interrupts (objects/user_interrupts.hpp).
        if ((flags & TAIL4_ASYNC_BIND_UINTC) != 0 && cap.badge() >= uintr::vector_count)
            return fail(SyscallError::invalid_capability(3));
        binding.notification = cap;
        binding.notification_source = call.extra[2];
    }
    if (!doorbell_of(flags, binding.doorbell)) return fail(SyscallError::not_enough_memory(0));
    binding.priority = call.caller->priority;
    binding.max_priority = call.caller->max_priority;
    binding.domain = static_cast<u8>(call.caller->domain);
    binding.hart = static_cast<u8>(call.caller->affinity);
    return op;
}

// `pages` pages from `vaddr` on must have tables and be free.
[[gnu::hot]] Result<AsyncOperation> decode_map(const Invocation& call, AsyncOperation op, u64 size) {
    if (call.length < 1 || call.extra_count < 1) return fail(SyscallError::truncated());
    if (op.queue->state != QueueState::Bound) return fail(SyscallError::illegal_operation());
    const Cap& cap = call.extra[0]->cap;
    if (!cap.is(CapType::PageTable) || !cap.is_mapped()) return fail(SyscallError::invalid_capability(1));
    op.asid = cap.mapped_asid();
    op.root = vspace::root_of(op.asid);
    if (op.root == nullptr) return fail(SyscallError::failed_lookup(false, caps::LookupFailure::invalid_root()));
    if (op.root != cap.page_table()) return fail(SyscallError::invalid_capability(1));
    op.vaddr = call.word(0);
    if (op.vaddr >= arch::user_top || size > arch::user_top - op.vaddr) return fail(SyscallError::invalid_argument(0));
    if ((op.vaddr & (size - 1)) != 0) return fail(SyscallError::alignment());
    for (u64 offset = 0; offset < size; offset += base::bit(12)) {
        const vspace::Walk found = vspace::walk(op.root, op.vaddr + offset, 12);
        if (found.bits_left != 12)
            return fail(SyscallError::failed_lookup(false, caps::LookupFailure::missing(found.bits_left)));
        if (found.entry->valid()) return fail(SyscallError::delete_first());
    }
    return op;
}

} // namespace

[[gnu::hot]] Result<AsyncOperation> decode_async(const Invocation& call) {
    AsyncOperation op{Kind::Info, call.cap().as_async_queue()};
    switch (call.label) {
    case Label::AsyncQueueBind: op.kind = Kind::Bind; return decode_bind(call, op);
    case Label::AsyncQueueMap:
        op.kind = Kind::Map;
        if (op.queue->map_asid != 0) return fail(SyscallError::invalid_capability(0));
        return decode_map(call, op, tail4_async_shared_size(op.queue->size_bits));
    case Label::AsyncQueueMapDoorbell:
        op.kind = Kind::MapDoorbell;
        if (op.queue->doorbell_asid != 0) return fail(SyscallError::invalid_capability(0));
        if (op.queue->taic_process == 0) return fail(SyscallError::illegal_operation());
        return decode_map(call, op, base::bit(12));
    case Label::AsyncQueueDrive:
        if (call.length < 1) return fail(SyscallError::truncated());
        if (op.queue->state != QueueState::Bound) return fail(SyscallError::illegal_operation());
        op.kind = Kind::Drive;
        op.budget = call.word(0);
        return op;
    case Label::AsyncQueueExecute:
        if (call.length < 1) return fail(SyscallError::truncated());
        if (op.queue->state != QueueState::Bound) return fail(SyscallError::illegal_operation());
        op.budget = call.word(0);
        if (op.budget > op.queue->slot_mask) return fail(SyscallError::invalid_argument(0));
        op.kind = Kind::Execute;
        return op;
    case Label::AsyncQueueWake:
        if (op.queue->state != QueueState::Bound) return fail(SyscallError::illegal_operation());
        op.kind = Kind::Wake;
        return op;
    case Label::AsyncQueueInfo: return op;
    case Label::AsyncQueueUnbind:
        if (op.queue->state != QueueState::Bound) return fail(SyscallError::illegal_operation());
        op.kind = Kind::Unbind;
        return op;
    default: return fail(SyscallError::illegal_operation());
    }
}

} // namespace syscalls
