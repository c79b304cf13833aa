#include "async/worker.hpp"

#include "arch/arch.hpp"
#include "async/executor.hpp"
#include "async/ring.hpp"
#include "async/taic_device.hpp"
#include "caps/lookup.hpp"
#include "objects/upcalls.hpp"
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

u32 current_budget = turn_budget;

enum class Turn : u8 { Idle, More, Dead };

const caps::Cap& cspace_of(const AsyncQueue& queue) {
    return queue.slots[static_cast<unsigned>(QueueSlot::CSpace)].cap;
}

base::Failure<SyscallError> lookup_failed(const caps::Cap& cspace, base::Cptr cptr) {
    return caps::fail(SyscallError::failed_lookup(false, caps::lookup_slot(cspace, cptr).error()));
}

void put_string(const AsyncRequest& request) {
    const u64 room = (request_words(request) - 1) * sizeof(u64);
    const u64 length = request.words[0] < room ? request.words[0] : room;
    const auto* text = reinterpret_cast<const char*>(&request.words[1]);
    for (u64 i = 0; i < length; ++i) arch::put(text[i]);
}

// The synchronous call's own path; only where the words come from differs.
syscalls::InvokeResult invoke_request(const AsyncQueue& queue, const AsyncRequest& request, Results& results) {
    const auto label = static_cast<api::Label>(request.op);
    const api::Shape shape = api::shape_of(label);
    const caps::Cap& cspace = cspace_of(queue);
    caps::Slot* slot = caps::find_slot(cspace, request.cptr);
    if (slot == nullptr) [[unlikely]]
        return lookup_failed(cspace, request.cptr);
    caps::Slot* extra[TAIL4_ASYNC_SLOT_CAPS];
    syscalls::Invocation call;
    call.slot = slot;
    call.label = label;
    call.length = shape.words < request_words(request) ? shape.words : request_words(request);
    call.extra_count = shape.caps;
    for (unsigned i = 0; i < shape.caps; ++i) {
        extra[i] = caps::find_slot(cspace, request.caps[i]);
        if (extra[i] == nullptr) [[unlikely]]
            return lookup_failed(cspace, request.caps[i]);
    }
    call.extra = extra;
    call.registers = request.words;
    call.buffer_words = request.words;
    call.caller = nullptr;
    return syscalls::invoke(call, results);
}

bool is_invocation(u32 op) { return op != 0 && op < api::first_fixed_shape; }

syscalls::InvokeResult execute(AsyncQueue& queue, const AsyncRequest& request, Results& results) {
    const bool known_flags = (request.flags & ~static_cast<u32>(TAIL4_ASYNC_SLOT_WIDE)) == 0;
    if (known_flags && request.vec < queue.vectors) [[likely]] {
        if (is_invocation(request.op)) [[likely]]
            return invoke_request(queue, request, results);
        switch (static_cast<AsyncOp>(request.op)) {
        case AsyncOp::Nop: return Outcome::Done;
        case AsyncOp::DebugPutChar: arch::put(static_cast<char>(request.words[0])); return Outcome::Done;
        case AsyncOp::DebugPutString: put_string(request); return Outcome::Done;
        default: break;
        }
    }
    ++queue.rejected;
    return caps::fail(SyscallError::invalid_argument(0));
}

// Only page mappings may change while remote TLB fences are owed (FlushBatch).
bool may_defer_fence(u32 op) {
    const auto label = static_cast<api::Label>(op);
    return label == api::Label::RISCVPageMap || label == api::Label::RISCVPageUnmap ||
        label == api::Label::RISCVPageGetAddress;
}

// The request being worked on is done, failed or preempted (then it stays). False: preempted.
bool finish_request(AsyncQueue& queue) {
    Results results;
    const syscalls::InvokeResult result = execute(queue, queue.request, results);
    if (queue.state == QueueState::Dead) return true; // it deleted its own queue: nobody is left to be told
    if (!result) {
        const SyscallError& error = result.error();
        complete(queue, static_cast<u32>(error.code), error.words, error.count);
    } else if (result.value() == Outcome::Preempted) {
        queue.request.present = true;
        return false;
    } else {
        complete(queue, 0, results.words, results.count);
    }
    queue.request.present = false;
    return true;
}

void publish_all(AsyncQueue& queue) {
    const u32 process = queue.taic_process;
    const Wake wake = publish(queue, [&queue, process](u32 vector) {
        ++queue.wakeups;
        send(process, vector);
    });
    if (wake == Wake::None) return;
    ++queue.wakeups;
    const caps::Cap& notification = queue.slots[static_cast<unsigned>(QueueSlot::Notification)].cap;
    if (wake == Wake::Sleeper && notification.is(caps::CapType::Notification))
        objects::signal(*notification.as_notification(), notification.badge());
    else if (process != 0)
        send(process, TAIL4_ASYNC_DISPATCHER);
}

// One turn: up to the budget, one fence, one publication.
Turn serve(AsyncQueue& queue) {
    Turn turn = Turn::More;
    {
        vspace::FlushBatch batch;
        for (u32 served = 0; served < current_budget; ++served) {
            if (!queue.request.present) {
                const Fetch fetched = fetch(queue);
                if (fetched != Fetch::Request) {
                    turn = fetched == Fetch::Empty ? Turn::Idle : Turn::Dead;
                    break;
                }
            }
            if (!may_defer_fence(queue.request.op)) batch.fence();
            if (!finish_request(queue)) break;
            if (queue.state == QueueState::Dead) return Turn::Dead;
        }
    }
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

void set_turn_budget(u32 budget) { current_budget = budget == 0 || budget > turn_budget ? turn_budget : budget; }

base::coro::Worker<AsyncQueue> worker(AsyncQueue& queue) {
    while (true) {
        const Turn turn = serve(queue);
        if (turn == Turn::Dead || queue.state == QueueState::Dead) co_return;
        if (turn == Turn::More)
            co_await Suspend{queue, WorkerState::Ready};
        else if (may_poll())
            co_await Suspend{queue, WorkerState::Polling};
        else if (prepare_sleep(queue))
            co_await Suspend{queue, WorkerState::Asleep};
        wake_up(queue);
    }
}

} // namespace async
