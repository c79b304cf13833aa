// One operation many times in one request:
//
//   co_await each(64, op::page_map(frame, vspace, vaddr, rights, attributes), op::page_map(1, 0, 4096, 0, 0))
//
// maps frame, frame + 1, ... at vaddr, vaddr + 4096, ...: the second operation is what is added to the arguments of the
// first for each next one. The kernel carries them out one by one, each as a request of its own, without anybody
// waking up or looking at anything in between, and ends with the first error or a cancellation: done() says how many
// were carried out, the reply is that of the last. Operations with results, or of more than 7 words, are refused
// (seL4_InvalidArgument). It takes one of the few wide slots. Source: sel4/async_abi.h, TAIL4_ASYNC_SLOT_EACH.
#pragma once

#include <cstdint>
#include <sel4async/awaiters.hpp>

namespace sel4async {

class [[nodiscard]] EachReply : public Reply {
public:
    explicit EachReply(const Reply& reply) : Reply(reply) {}
    std::uint64_t done() const { return word(TAIL4_ASYNC_EACH_DONE); } // 0 of one that was not sent
};

namespace detail {

struct EachAwaiter : CallAwaiter {
    EachReply await_resume() const noexcept { return EachReply(CallAwaiter::await_resume()); }
};

} // namespace detail

struct Each {
    Request first;
    Request step;
    std::uint64_t count;

    detail::EachAwaiter on(Strand& strand) const {
        std::uint64_t more[TAIL4_ASYNC_EACH_END - TAIL4_ASYNC_EACH_COUNT] = {count, step.cptr};
        for (std::size_t i = 0; i < TAIL4_ASYNC_SLOT_WORDS; ++i)
            more[TAIL4_ASYNC_EACH_WORDS - TAIL4_ASYNC_EACH_COUNT + i] = step.words[i];
        for (std::size_t i = 0; i < TAIL4_ASYNC_SLOT_CAPS; ++i)
            more[TAIL4_ASYNC_EACH_CAPS - TAIL4_ASYNC_EACH_COUNT + i] = step.caps[i];
        Request request = first;
        request.flags |= TAIL4_ASYNC_SLOT_WIDE | TAIL4_ASYNC_SLOT_EACH;
        request.more = more;
        request.more_bytes = sizeof(more);
        detail::begin_request(strand, request);
        return {{&strand}};
    }
};

template <class Operation>
Each each(std::uint64_t count, const Operation& first, const Operation& step) {
    return {detail::as_request(first), detail::as_request(step), count};
}

} // namespace sel4async
