#include "async/worker.hpp"

#include "arch/arch.hpp"
#include "async/doorbell.hpp"
#include "async/executor.hpp"
#include "async/ring.hpp"
#include "caps/lookup.hpp"
#include "syscalls/invocation.hpp"
#include "vspace/vspace.hpp"

namespace async {

using api::AsyncOp;
using caps::SyscallError;
using objects::AsyncQueue;
using objects::AsyncRequest;
using objects::QueueSlot;
using objects::QueueState;
using objects::WorkerState;
using syscalls::Outcome;
using syscalls::Results;

namespace {

enum class Turn : u8 { Idle, More, Dead };

constexpr u32 known_flags =
    TAIL4_ASYNC_SLOT_WIDE | TAIL4_ASYNC_SLOT_LINK | TAIL4_ASYNC_SLOT_URGENT | TAIL4_ASYNC_SLOT_CANCEL;
constexpr u32 cancelled = tail4_async_status(TAIL4_ASYNC_CANCELLED, 0);
// Requests between two looks for an interrupt; a power of two.
constexpr u32 look_interval = 4;

// The queue's CSpace, prepared for the common case of one level, as long as the capability stays.
class CSpace {
public:
    explicit CSpace(const AsyncQueue& queue) : cap_(queue.slots[static_cast<unsigned>(QueueSlot::CSpace)].cap) {
        prepare();
    }

    caps::Slot* find(base::Cptr cptr) {
        if (cap_.word0() != word0_) [[unlikely]]
            prepare();
        return cptr >> radix_ == guard_ ? slots_ + (cptr & mask_) : find_slowly(cptr);
    }
    base::Failure<SyscallError> failure(base::Cptr cptr) const {
        return caps::fail(SyscallError::failed_lookup(false, caps::lookup_slot(cap_, cptr).error()));
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

void put_string(const AsyncQueue& queue) {
    const u64 room = (request_words(queue.request) - 1) * sizeof(u64);
    const u64 length = queue.words[0] < room ? queue.words[0] : room;
    const auto* text = reinterpret_cast<const char*>(&queue.words[1]);
    for (u64 i = 0; i < length; ++i) arch::put(text[i]);
}

// The capabilities behind the first.
[[gnu::noinline]] caps::Result<base::Ok> find_rest(const AsyncQueue& queue, CSpace& cspace, unsigned count,
                                                   caps::Slot** extra) {
    for (unsigned i = 1; i < count; ++i) {
        extra[i] = cspace.find(queue.caps[i]);
        if (extra[i] == nullptr) return cspace.failure(queue.caps[i]);
    }
    return base::Ok{};
}

// The synchronous call's own path; only where the words come from differs.
[[gnu::always_inline]] inline syscalls::InvokeResult invoke_request(AsyncQueue& queue, CSpace& cspace,
                                                                    Results& results) {
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

bool is_invocation(u32 op) { return op - 1 < api::first_fixed_shape - 1; }

// What is no invocation, or refused: unknown operation, flag or vector.
[[gnu::noinline]] syscalls::InvokeResult run_operation(AsyncQueue& queue) {
    const AsyncRequest& request = queue.request;
    if ((request.flags() & ~known_flags) == 0 && request.vec() < queue.vectors) {
        switch (static_cast<AsyncOp>(request.op())) {
        case AsyncOp::Nop: return Outcome::Done;
        case AsyncOp::DebugPutChar: arch::put(static_cast<char>(queue.words[0])); return Outcome::Done;
        case AsyncOp::DebugPutString: put_string(queue); return Outcome::Done;
        default: break;
        }
    }
    ++queue.rejected;
    return caps::fail(SyscallError::invalid_argument(0));
}

[[gnu::always_inline]] inline syscalls::InvokeResult execute(AsyncQueue& queue, CSpace& cspace, Results& results) {
    const AsyncRequest& request = queue.request;
    if (request.flags() <= known_flags && request.vec() < queue.vectors && is_invocation(request.op())) [[likely]]
        return invoke_request(queue, cspace, results);
    return run_operation(queue);
}

// Only page mappings may change while remote TLB fences are owed (FlushBatch).
bool may_defer_fence(u32 op) {
    const auto label = static_cast<api::Label>(op);
    return label == api::Label::RISCVPageMap || label == api::Label::RISCVPageUnmap ||
        label == api::Label::RISCVPageGetAddress;
}

// A vector may be rung if it is the process' own. That the request was refused for it, cancelled or skipped does not
// matter here: its outcome then goes through the ring.
bool may_ring(const AsyncQueue& queue, u32 vec) {
    static_assert(TAIL4_ASYNC_DISPATCHER == 0);
    return vec - 1 < queue.vectors - 1;
}

[[gnu::always_inline]] inline void deliver(AsyncQueue& queue, bool direct, const AsyncRequest& request, u32 status) {
    mark_done(queue, request, status);
    if (direct && may_ring(queue, request.vec())) {
        ++queue.wakeups;
        with_doorbell(queue, [&](auto doorbell) { doorbell.ring(queue, request.vec()); });
    } else {
        push_completion(queue, request.index);
    }
}

[[gnu::noinline]] void deliver_pending(AsyncQueue& queue, bool direct) {
    for (u32 i = 0; i < queue.pending_count; ++i)
        deliver(queue, direct, queue.pending[i].request, queue.pending[i].status);
    queue.pending_count = 0;
}

[[gnu::hot]] void publish_all(AsyncQueue& queue) {
    const Wake wake = publish(queue);
    if (wake == Wake::None) return;
    ++queue.wakeups;
    with_doorbell(queue, [&](auto doorbell) {
        if (wake == Wake::Sleeper)
            doorbell.rouse(queue);
        else
            doorbell.ring(queue, TAIL4_ASYNC_DISPATCHER);
    });
}

// The flags LINK, URGENT and CANCEL: not on the usual request's way.
bool is_special(const AsyncQueue& queue) { return queue.request.flags() > TAIL4_ASYNC_SLOT_WIDE; }

// A request that is not carried out: cancelled by the user, or behind a broken link.
[[gnu::noinline]] bool is_cancelled(AsyncQueue& queue) {
    const bool broken = queue.chain_broken;
    queue.chain_broken = false;
    return broken || (queue.request.flags() & TAIL4_ASYNC_SLOT_CANCEL) != 0;
}

// Afterwards, for a special request that has its outcome.
[[gnu::noinline]] void finish_special(AsyncQueue& queue, bool direct, u32 status) {
    const u32 flags = queue.request.flags();
    if ((flags & TAIL4_ASYNC_SLOT_LINK) != 0) queue.chain_broken = tail4_async_error(status) != 0;
    if ((flags & ~known_flags) != 0 || (flags & TAIL4_ASYNC_SLOT_URGENT) == 0) return;
    vspace::fence_owed();
    deliver_pending(queue, direct);
    publish_all(queue);
}

[[gnu::noinline]] u32 failed(AsyncQueue& queue, const SyscallError& error) {
    return tail4_async_status(static_cast<u32>(error.code), write_results(queue, error.words, error.count));
}

enum class Carried : u8 { Out, Preempted, QueueGone };

// Carries out queue.request and gives its status, if it has one now. It may delete its own queue.
[[gnu::always_inline]] inline Carried carry_out(AsyncQueue& queue, CSpace& cspace, Results& results, u32& status) {
    results.count = 0;
    const syscalls::InvokeResult result = execute(queue, cspace, results);
    if (queue.state == QueueState::Dead) [[unlikely]]
        return Carried::QueueGone;
    if (!result) [[unlikely]] {
        status = failed(queue, result.error());
    } else if (result.value() == Outcome::Preempted) [[unlikely]] {
        queue.preempted = true;
        return Carried::Preempted;
    } else if (results.count != 0) {
        status = tail4_async_status(0, write_results(queue, results.words, results.count));
    }
    return Carried::Out;
}

// Serves queue.request. False: preempted, it goes on later.
[[gnu::always_inline]] inline bool serve_one(AsyncQueue& queue, CSpace& cspace, const vspace::FlushBatch& batch,
                                             bool direct, Results& results) {
    if (batch.owed() && !may_defer_fence(queue.request.op())) [[unlikely]] {
        vspace::fence_owed();
        deliver_pending(queue, direct);
    }
    u32 status = 0;
    const bool special = is_special(queue);
    if ((special || queue.chain_broken) && is_cancelled(queue)) [[unlikely]] {
        status = cancelled;
    } else {
        const Carried carried = carry_out(queue, cspace, results, status);
        if (carried != Carried::Out) [[unlikely]]
            return carried == Carried::QueueGone; // nobody is left to be told
    }
    if (batch.owed())
        queue.pending[queue.pending_count++] = {queue.request, status};
    else
        deliver(queue, direct, queue.request, status);
    if (special) [[unlikely]]
        finish_special(queue, direct, status);
    return true;
}

// A preempted request is about to be carried on: the user may have changed their mind meanwhile.
void go_on(AsyncQueue& queue) {
    queue.preempted = false;
    const u32 flags = base::load_relaxed(queue.shared[queue.request.index].flags);
    queue.request.what |= u64{flags & TAIL4_ASYNC_SLOT_CANCEL} << 32;
}

// One turn: up to the budget, one remote fence, one publication. Everything of a request is inlined here.
[[gnu::noinline, gnu::hot]] Turn serve(AsyncQueue& queue, u32 budget) {
    Turn turn = Turn::More;
    const bool direct = with_doorbell(queue, [](auto bell) { return bell.direct; }) && user_is_polling(queue);
    {
        vspace::FlushBatch batch;
        CSpace cspace(queue);
        Results results;
        const objects::Tcb* running = objects::current_or_null();
        u32 served = 0;
        for (; served < budget; ++served) {
            if (served % look_interval == look_interval - 1 && arch::interrupt_pending()) break;
            if (queue.preempted) [[unlikely]] {
                go_on(queue);
            } else {
                const Fetch fetched = fetch(queue);
                if (fetched != Fetch::Request) {
                    turn = fetched == Fetch::Empty ? Turn::Idle : Turn::Dead;
                    break;
                }
            }
            const u32 op = queue.request.op();
            if (!serve_one(queue, cspace, batch, direct, results)) break;
            if (may_defer_fence(op)) [[likely]]
                continue; // a page mapping ends no queue and no thread, and is short
            if (queue.state == QueueState::Dead) return Turn::Dead;
            // Deleted, and still on this entry's stack: nothing may reuse its memory before the exit.
            if (objects::current_or_null() != running) break;
            if (objects::preemption_point()) {
                ++served;
                break;
            }
        }
        if (served == budget && !has_submissions(queue)) turn = Turn::Idle;
    }
    if (queue.pending_count != 0) deliver_pending(queue, direct);
    publish_all(queue);
    return turn;
}

struct Suspend {
    AsyncQueue& queue;
    WorkerState state;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) const noexcept {
        if (state == WorkerState::Ready)
            make_ready(queue);
        else
            queue.worker_state = state;
        if (state == WorkerState::Polling) watch(queue);
    }
    void await_resume() const noexcept {}
};

} // namespace

[[gnu::hot]] u64 execute_now(AsyncQueue& queue, u64 slot) {
    if (queue.preempted || queue.chain_broken || has_submissions(queue)) return TAIL4_ASYNC_NOT_BEGUN;
    fetch_slot(queue, slot);
    if (queue.request.flags() != 0) return TAIL4_ASYNC_NOT_BEGUN;
    ++queue.executed;
    CSpace cspace(queue);
    Results results;
    u32 status = 0;
    const Carried carried = carry_out(queue, cspace, results, status);
    if (carried != Carried::Out) [[unlikely]] {
        if (carried == Carried::QueueGone) bury(queue);
        return TAIL4_ASYNC_BEGUN;
    }
    mark_done(queue, queue.request, status);
    return TAIL4_ASYNC_COMPLETE;
}

bool serve_now(AsyncQueue& queue, u64 budget) {
    const objects::Tcb* caller = objects::current_or_null();
    const Turn turn = serve(queue, budget < turn_budget ? static_cast<u32>(budget) : turn_budget);
    if (queue.state == QueueState::Dead) [[unlikely]] {
        bury(queue);
        return false;
    }
    return turn == Turn::More && objects::current_or_null() == caller;
}

[[gnu::hot]] base::coro::Worker<AsyncQueue> worker(AsyncQueue& queue) {
    while (true) {
        const Turn turn = serve(queue, turn_budget);
        if (turn == Turn::Dead || queue.state == QueueState::Dead) co_return;
        if (turn == Turn::More)
            co_await Suspend{queue, WorkerState::Ready};
        else if (queue.polled || may_poll())
            co_await Suspend{queue, WorkerState::Polling};
        else if (prepare_sleep(queue))
            co_await Suspend{queue, WorkerState::Asleep};
        wake_up(queue);
    }
}

} // namespace async
