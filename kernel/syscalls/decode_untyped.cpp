#include "syscalls/decode_untyped.hpp"

#include "caps/lookup.hpp"
#include "caps/mdb.hpp"

namespace syscalls {

using caps::Cap;
using caps::CapType;
using objects::ObjectType;

namespace {

constexpr u64 fan_out_limit = 256;

Result<unsigned> checked_bits(u64 type_word, u64 size_bits) {
    if (!objects::known_type(type_word)) return fail(SyscallError::invalid_argument(0));
    const auto type = static_cast<ObjectType>(type_word);
    const u64 bits = objects::object_bits(type, size_bits);
    if (size_bits >= base::word_bits || bits > api::max_untyped_bits)
        return fail(SyscallError::range(0, api::max_untyped_bits));
    const bool too_small = (type == ObjectType::CapTable && size_bits == 0) ||
        (type == ObjectType::Untyped && size_bits < api::min_untyped_bits) ||
        (type == ObjectType::AsyncQueue &&
         (size_bits < api::min_async_queue_bits || size_bits > api::max_async_queue_bits));
    if (too_small) return fail(SyscallError::invalid_argument(1));
    return static_cast<unsigned>(bits);
}

Result<Cap> destination_node(const Invocation& call, u64 index, u64 depth) {
    const Cap& root = call.extra[0]->cap;
    Cap node = root;
    if (depth != 0) {
        node = TRY(caps::lookup_target(root, index, depth, false))->cap;
    }
    if (!node.is(CapType::CNode)) return fail(SyscallError::failed_lookup(false, caps::LookupFailure::missing(depth)));
    return node;
}

Result<caps::Slot*> destination_window(const Cap& node, u64 offset, u64 count) {
    const u64 slots = base::bit(node.radix());
    if (offset > slots - 1) return fail(SyscallError::range(0, slots - 1));
    if (count < 1 || count > fan_out_limit) return fail(SyscallError::range(1, fan_out_limit));
    if (count > slots - offset) return fail(SyscallError::range(1, slots - offset));
    caps::Slot* first = node.cnode_slots() + offset;
    for (u64 i = 0; i < count; ++i) {
        if (!first[i].empty()) return fail(SyscallError::delete_first());
    }
    return first;
}

} // namespace

[[gnu::hot]] Result<Retype> decode_retype(const Invocation& call) {
    if (call.label != api::Label::UntypedRetype) return fail(SyscallError::illegal_operation());
    if (call.length < 6 || call.extra_count < 1) return fail(SyscallError::truncated());
    const u64 type_word = call.word(0);
    const u64 size_bits = call.word(1);
    const unsigned bits = TRY(checked_bits(type_word, size_bits));
    const Cap node = TRY(destination_node(call, call.word(2), call.word(3)));
    const u64 count = call.word(5);
    caps::Slot* slots = TRY(destination_window(node, call.word(4), count));

    const Cap& cap = call.cap();
    const bool reset = !caps::has_children(*call.slot);
    const u64 free_bytes = reset ? base::bit(cap.untyped_bits()) : cap.untyped_free_bytes();
    if ((free_bytes >> bits) < count) return fail(SyscallError::not_enough_memory(free_bytes));
    const auto type = static_cast<ObjectType>(type_word);
    if (cap.is_device() && !objects::is_frame(type) && type != ObjectType::Untyped)
        return fail(SyscallError::invalid_argument(1));
    return Retype{call.slot, type, size_bits, bits, slots, count, reset};
}

} // namespace syscalls
