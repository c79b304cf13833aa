#include "syscalls/decode_cnode.hpp"

#include "caps/derive.hpp"
#include "caps/lookup.hpp"

namespace syscalls {

using api::Label;
using caps::Cap;
using caps::CapType;
using caps::LookupFailure;
using caps::Slot;

namespace {

using Kind = CNodeOp::Kind;

CNodeOp simple(Kind kind, Slot* dest) { return {kind, dest, nullptr, nullptr, {}, {}}; }

Result<CNodeOp> decode_copy(const Invocation& call, Slot* dest, Slot* source, bool mint) {
    if (call.length < (mint ? 6 : 5)) return fail(SyscallError::truncated());
    Cap cap = caps::mask_rights(source->cap, caps::Rights{call.word(4)});
    if (mint) cap = caps::apply_data(cap, call.word(5), false);
    if (!cap.is_null()) cap = TRY(caps::derive(*source, cap));
    if (cap.is_null()) return fail(SyscallError::illegal_operation());
    return CNodeOp{Kind::Insert, dest, source, nullptr, cap, {}};
}

Result<CNodeOp> decode_move(const Invocation& call, Slot* dest, Slot* source, bool mutate) {
    Cap cap = source->cap;
    if (mutate) {
        if (call.length < 5) return fail(SyscallError::truncated());
        cap = caps::apply_data(cap, call.word(4), true);
        if (cap.is_null()) return fail(SyscallError::illegal_operation());
    }
    return CNodeOp{Kind::Move, dest, source, nullptr, cap, {}};
}

Result<CNodeOp> decode_transfer(const Invocation& call, Slot* dest) {
    if (call.length < 4 || call.extra_count < 1) return fail(SyscallError::truncated());
    if (!dest->empty()) return fail(SyscallError::delete_first());
    const u64 depth = call.word(3);
    Slot* source = TRY(caps::lookup_target(call.extra[0]->cap, call.word(2), depth, true));
    if (source->empty()) return fail(SyscallError::failed_lookup(true, LookupFailure::missing(depth)));
    switch (call.label) {
    case Label::CNodeCopy: return decode_copy(call, dest, source, false);
    case Label::CNodeMint: return decode_copy(call, dest, source, true);
    case Label::CNodeMove: return decode_move(call, dest, source, false);
    default: return decode_move(call, dest, source, true);
    }
}

Result<CNodeOp> decode_rotate(const Invocation& call, Slot* dest) {
    if (call.length < 8 || call.extra_count < 2) return fail(SyscallError::truncated());
    const u64 pivot_depth = call.word(4);
    const u64 source_depth = call.word(7);
    Slot* source = TRY(caps::lookup_target(call.extra[1]->cap, call.word(6), source_depth, true));
    Slot* pivot = TRY(caps::lookup_target(call.extra[0]->cap, call.word(3), pivot_depth, true));
    if (pivot == source || pivot == dest) return fail(SyscallError::illegal_operation());
    if (source != dest && !dest->empty()) return fail(SyscallError::delete_first());
    if (source->empty()) return fail(SyscallError::failed_lookup(true, LookupFailure::missing(source_depth)));
    if (pivot->empty()) return fail(SyscallError::failed_lookup(false, LookupFailure::missing(pivot_depth)));
    // The data words are named after where the capability *stands*, not where it goes.
    const Cap to_pivot = caps::apply_data(source->cap, call.word(5), true);
    if (to_pivot.is_null()) return fail(SyscallError::illegal_operation());
    const Cap to_dest = caps::apply_data(pivot->cap, call.word(2), true);
    if (to_dest.is_null()) return fail(SyscallError::illegal_operation());
    return CNodeOp{Kind::Rotate, dest, source, pivot, to_pivot, to_dest};
}

} // namespace

Result<CNodeOp> decode_cnode(const Invocation& call) {
    if (call.label < Label::CNodeRevoke || call.label > Label::CNodeSaveCaller)
        return fail(SyscallError::illegal_operation());
    if (call.length < 2) return fail(SyscallError::truncated());
    Slot* dest = TRY(caps::lookup_target(call.cap(), call.word(0), call.word(1), false));
    switch (call.label) {
    case Label::CNodeCopy:
    case Label::CNodeMint:
    case Label::CNodeMove:
    case Label::CNodeMutate: return decode_transfer(call, dest);
    case Label::CNodeRevoke: return simple(Kind::Revoke, dest);
    case Label::CNodeDelete: return simple(Kind::Delete, dest);
    case Label::CNodeRotate: return decode_rotate(call, dest);
    case Label::CNodeCancelBadgedSends:
        if (!dest->cap.is(CapType::Endpoint) || dest->cap.rights().word_ != caps::all_rights)
            return fail(SyscallError::illegal_operation());
        return simple(Kind::CancelBadgedSends, dest);
    case Label::CNodeSaveCaller:
        if (!dest->empty()) return fail(SyscallError::delete_first());
        return simple(Kind::SaveCaller, dest);
    default: return fail(SyscallError::illegal_operation());
    }
}

} // namespace syscalls
