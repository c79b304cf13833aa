#include "async/worker.hpp"

#include "arch/arch.hpp"
#include "async/doorbell.hpp"
#include "async/each.hpp"
#include "async/executor.hpp"
#include "async/pages.hpp"

namespace async {

using api::AsyncOp;
using caps::SyscallError;
using objects::AsyncQueue;
using objects::AsyncRequest;
using objects::QueueState;
using objects::WorkerState;
using syscalls::Outcome;
using syscalls::Results;

namespace {

enum class Turn : u8 { Idle, More, Dead };

constexpr u32 known_flags = TAIL4_ASYNC_SLOT_WIDE | TAIL4_ASYNC_SLOT_LINK | TAIL4_ASYNC_SLOT_URGENT |
    TAIL4_ASYNC_SLOT_CANCEL | TAIL4_ASYNC_SLOT_EACH;

void put_string(const AsyncQueue& queue) {
    const u64 room = (request_words(queue.request) - 1) * sizeof(u64);
    const u64 length = queue.words[0] < room ? queue.words[0] : room;
    const auto* text = reinterpret_cast<const char*>(&queue.words[1]);
    for (u64 i = 0; i < length; ++i) arch::put(text[i]);
}

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

// `find` is for pages; what it remembers is gone with anything else, which may change tables.
template <class Find>
[[gnu::always_inline]] inline syscalls::InvokeResult execute(AsyncQueue& queue, CSpace& cspace, Find& find,
                                                             Results& results) {
    const AsyncRequest& request = queue.request;
    const bool good = request.flags() <= known_flags && request.vec() < queue.vectors;
    if (good && maps_page(request.op())) [[likely]]
        return invoke_page(queue, cspace, find, results);
    find = {};
    return good && is_invocation(request.op()) ? invoke_request(queue, cspace, results) : run_operation(queue);
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

// The flags LINK, URGENT, CANCEL and EACH: not on the usual request's way.
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
template <class Find>
[[gnu::always_inline]] inline Carried carry_out(AsyncQueue& queue, CSpace& cspace, Find& find, Results& results,
                                                u32& status) {
    results.count = 0;
    const syscalls::InvokeResult result = execute(queue, cspace, find, results);
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

// The same for a request of many operations.
[[gnu::noinline]] Carried carry_out_each(AsyncQueue& queue, CSpace& cspace, vspace::RunWalker& walker, Results& results,
                                         u32& status) {
    const syscalls::InvokeResult result = invoke_each(queue, cspace, walker, results);
    if (queue.state == QueueState::Dead) return Carried::QueueGone;
    if (!result) {
        const SyscallError& error = result.error();
        status = end_each(queue, static_cast<u32>(error.code), error.words, error.count);
    } else if (result.value() == Outcome::Preempted) {
        queue.preempted = true;
        return Carried::Preempted;
    } else {
        status = end_each(queue, 0, nullptr, 0);
    }
    return Carried::Out;
}

u32 cancel(AsyncQueue& queue) {
    return is_each(queue.request) ? end_each(queue, TAIL4_ASYNC_CANCELLED, nullptr, 0)
                                  : tail4_async_status(TAIL4_ASYNC_CANCELLED, 0);
}

// Serves queue.request. False: preempted, it goes on later.
[[gnu::always_inline]] inline bool serve_one(AsyncQueue& queue, CSpace& cspace, vspace::RunWalker& walker,
                                             const vspace::FlushBatch& batch, bool direct, Results& results) {
    if (batch.owed() && !may_defer_fence(queue.request.op())) [[unlikely]] {
        vspace::fence_owed();
        deliver_pending(queue, direct);
    }
    u32 status = 0;
    const bool special = is_special(queue);
    if ((special || queue.chain_broken) && is_cancelled(queue)) [[unlikely]] {
        status = cancel(queue);
    } else {
        const Carried carried = special && is_each(queue.request)
            ? carry_out_each(queue, cspace, walker, results, status)
            : carry_out(queue, cspace, walker, results, status);
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
    const bool direct = with_doorbell(queue, [](auto bell) { return bell.direct; }) && user_is_polling(queue) &&
        submissions(queue) <= most_direct;
    {
        vspace::FlushBatch batch;
        CSpace cspace(queue);
        vspace::RunWalker walker;
        Results results;
        const objects::Tcb* running = objects::current_or_null();
        u32 served = 0;
        for (; served < budget; ++served) {
            if (served % look_interval == look_interval - 1) {
                if (arch::interrupt_pending()) break;
                if (smp::hart_count > 1) show_completions(queue); // the user takes them meanwhile
            }
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
            if (!serve_one(queue, cspace, walker, batch, direct, results)) break;
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

// The rest of a request of many operations; false: it is none, or has other flags, too.
bool fetch_each(AsyncQueue& queue) {
    constexpr u32 flags = TAIL4_ASYNC_SLOT_WIDE | TAIL4_ASYNC_SLOT_EACH;
    return queue.request.flags() == flags && queue.request.index % TAIL4_ASYNC_WIDE_SLOTS == 0 &&
        fetch_wide(queue) == Fetch::Request;
}

[[gnu::always_inline]] inline Carried carry_out_alone(AsyncQueue& queue, u32& status) {
    CSpace cspace(queue);
    vspace::Walker walker;
    Results results;
    return carry_out(queue, cspace, walker, results, status);
}

// One fence of the other harts for all of them.
[[gnu::noinline]] Carried carry_out_each_alone(AsyncQueue& queue, u32& status) {
    const vspace::FlushBatch batch;
    CSpace cspace(queue);
    vspace::RunWalker walker;
    Results results;
    return carry_out_each(queue, cspace, walker, results, status);
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
    const bool alone = queue.request.flags() == 0;
    if (!alone && !fetch_each(queue)) return TAIL4_ASYNC_NOT_BEGUN;
    ++queue.executed;
    u32 status = 0;
    const Carried carried = alone ? carry_out_alone(queue, status) : carry_out_each_alone(queue, status);
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
