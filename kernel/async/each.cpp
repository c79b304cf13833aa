#include "async/each.hpp"

#include "async/pages.hpp"
#include "objects/upcalls.hpp"

namespace async {

using objects::QueueState;
using syscalls::InvokeResult;
using syscalls::Outcome;
using syscalls::Results;

namespace {

bool may_repeat(const AsyncRequest& request) {
    if ((request.flags() & TAIL4_ASYNC_SLOT_WIDE) == 0 || !is_invocation(request.op())) return false;
    const api::Shape& shape = api::shapes[request.op()];
    return shape.results == 0 && shape.words <= TAIL4_ASYNC_EACH_DONE;
}

// The arguments of the next operation.
void step(AsyncQueue& queue, const api::Shape& shape) {
    const u64* steps = queue.words;
    queue.request.cptr += steps[TAIL4_ASYNC_EACH_CPTR];
    for (unsigned i = 0; i < shape.words; ++i) queue.words[i] += steps[TAIL4_ASYNC_EACH_WORDS + i];
    for (unsigned i = 0; i < shape.caps; ++i) queue.caps[i] += steps[TAIL4_ASYNC_EACH_CAPS + i];
}

} // namespace

[[gnu::hot]] InvokeResult invoke_each(AsyncQueue& queue, CSpace& cspace, vspace::RunWalker& walker, Results& results) {
    if (!may_repeat(queue.request) || queue.request.vec() >= queue.vectors) {
        ++queue.rejected;
        return caps::fail(caps::SyscallError::invalid_argument(0));
    }
    const api::Shape& shape = api::shapes[queue.request.op()];
    const bool pages = maps_page(queue.request.op()); // nothing but leaves changes in a run of them
    if (!pages) walker = {};
    const objects::Tcb* running = objects::current_or_null();
    const u64 count = queue.words[TAIL4_ASYNC_EACH_COUNT];
    while (queue.each_done < count) {
        results.count = 0;
        const InvokeResult result =
            pages ? invoke_page(queue, cspace, walker, results) : invoke_request(queue, cspace, results);
        if (queue.state == QueueState::Dead || !result || result.value() == Outcome::Preempted) [[unlikely]]
            return result;
        ++queue.each_done;
        step(queue, shape);
        if (pages) [[likely]] {
            if (queue.each_done % look_interval == 0 && objects::preemption_point()) return Outcome::Preempted;
            continue;
        }
        vspace::fence_owed(); // the next may give memory away
        // Nothing may reuse a deleted thread's memory while its entry goes on.
        if (objects::current_or_null() != running || objects::preemption_point()) return Outcome::Preempted;
    }
    return Outcome::Done;
}

u32 end_each(AsyncQueue& queue, u32 error, const u64* words, unsigned count) {
    u64 answer[TAIL4_ASYNC_SLOT_WORDS] = {};
    for (unsigned i = 0; i < count && i < TAIL4_ASYNC_EACH_DONE; ++i) answer[i] = words[i];
    answer[TAIL4_ASYNC_EACH_DONE] = (queue.request.flags() & TAIL4_ASYNC_SLOT_WIDE) != 0 ? queue.each_done : 0;
    return tail4_async_status(error, write_results(queue, answer, TAIL4_ASYNC_SLOT_WORDS));
}

} // namespace async
