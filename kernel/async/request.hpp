// One request of a queue as an invocation: its capabilities looked up in the queue's CSpace, its words from the copy.
// The decode, the checks and the commit are the synchronous call's.
#pragma once

#include "async/ring.hpp"
#include "caps/lookup.hpp"
#include "syscalls/invocation.hpp"

namespace async {

// The queue's CSpace, prepared for the common case of one level, as long as the capability stays.
class CSpace {
public:
    explicit CSpace(const AsyncQueue& queue)
        : cap_(queue.slots[static_cast<unsigned>(objects::QueueSlot::CSpace)].cap) {
        prepare();
    }

    caps::Slot* find(base::Cptr cptr) {
        if (cap_.word0() != word0_) [[unlikely]]
            prepare();
        return cptr >> radix_ == guard_ ? slots_ + (cptr & mask_) : find_slowly(cptr);
    }
    base::Failure<caps::SyscallError> failure(base::Cptr cptr) const {
        return caps::fail(caps::SyscallError::failed_lookup(false, caps::lookup_slot(cap_, cptr).error()));
    }

private:
    void prepare() {
        word0_ = cap_.word0();
        const bool one_level = cap_.is(caps::CapType::CNode) && cap_.guard_size() + cap_.radix() == base::word_bits;
        // Otherwise a guard that nothing matches.
        radix_ = one_level ? cap_.radix() : 1;
        guard_ = one_level ? cap_.guard() : ~u64{0};
        slots_ = one_level ? cap_.cnode_slots() : nullptr;
        mask_ = base::mask_below_64(radix_);
    }
    [[gnu::noinline]] caps::Slot* find_slowly(base::Cptr cptr) const { return caps::find_slot(cap_, cptr); }

    const caps::Cap& cap_;
    u64 word0_ = 0;
    u64 guard_ = 0;
    u64 mask_ = 0;
    caps::Slot* slots_ = nullptr;
    unsigned radix_ = 0;
};

// The capabilities behind the first.
[[gnu::noinline]] inline caps::Result<base::Ok> find_rest(const AsyncQueue& queue, CSpace& cspace, unsigned count,
                                                          caps::Slot** extra) {
    for (unsigned i = 1; i < count; ++i) {
        extra[i] = cspace.find(queue.caps[i]);
        if (extra[i] == nullptr) return cspace.failure(queue.caps[i]);
    }
    return base::Ok{};
}

// The synchronous call's own path; only where the words come from differs.
[[gnu::always_inline]] inline syscalls::InvokeResult invoke_request(AsyncQueue& queue, CSpace& cspace,
                                                                    syscalls::Results& results) {
    const AsyncRequest& request = queue.request;
    const api::Shape& shape = api::shapes[request.op()];
    caps::Slot* slot = cspace.find(request.cptr);
    if (slot == nullptr) [[unlikely]]
        return cspace.failure(request.cptr);
    caps::Slot* extra[TAIL4_ASYNC_SLOT_CAPS];
    if (shape.caps != 0) {
        extra[0] = cspace.find(queue.caps[0]);
        if (extra[0] == nullptr) [[unlikely]]
            return cspace.failure(queue.caps[0]);
        if (shape.caps > 1) [[unlikely]]
            TRY(find_rest(queue, cspace, shape.caps, extra));
    }
    const unsigned room = request_words(request);
    const syscalls::Invocation call{.slot = slot,
                                    .label = static_cast<api::Label>(request.op()),
                                    .length = shape.words < room ? shape.words : room,
                                    .extra_count = shape.caps,
                                    .extra = extra,
                                    .registers = queue.words,
                                    .buffer_words = queue.words,
                                    .caller = nullptr,
                                    .queue = &queue};
    return syscalls::invoke(call, results);
}

inline bool is_invocation(u32 op) { return op - 1 < api::first_fixed_shape - 1; }

// Only page mappings may change while remote TLB fences are owed (FlushBatch).
inline bool may_defer_fence(u32 op) {
    const auto label = static_cast<api::Label>(op);
    return label == api::Label::RISCVPageMap || label == api::Label::RISCVPageUnmap ||
        label == api::Label::RISCVPageGetAddress;
}

// Requests between two looks for an interrupt; a power of two.
inline constexpr u32 look_interval = 4;
// So many requests at the begin of a turn are answered by a word for their task, which a waiting user sees first; more
// go through the ring, which is cheaper.
inline constexpr u32 most_direct = 1;

} // namespace async
