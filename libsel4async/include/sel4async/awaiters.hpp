// What a task may await, besides other tasks: requests, and small waits of the executor. detail::on() makes the awaiter
// of an awaitable for one strand; a type from elsewhere joins in with a member on(Strand&). Awaiters lie in the frame
// of the task that waits and never move: what points at them is set up when the task suspends, not before.
#pragma once

#include <coroutine>
#include <cstdint>
#include <sel4async/executor.hpp>
#include <sel4async/syscalls.hpp>
#include <utility>

namespace sel4async {

namespace detail {

struct CallAwaiter {
    Strand* strand;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    Reply await_resume() const noexcept { return Executor::finish(*strand); }
};

struct ErrorAwaiter : CallAwaiter {
    std::uint32_t await_resume() const noexcept { return Executor::finish_error(*strand); }
};

struct WideAwaiter : CallAwaiter {
    std::uint64_t* out;
    std::uint32_t room;
    bool wide;
    Reply await_resume() const noexcept {
        const tail4_AsyncSlot& slot = *strand->ticket->slot;
        const std::uint32_t limit = std::uint32_t{wide ? TAIL4_ASYNC_WIDE_WORDS : TAIL4_ASYNC_SLOT_WORDS};
        std::uint32_t count = tail4_async_result_words(slot.status);
        count = count < limit ? count : limit;
        for (std::uint32_t i = 0; i < count && i < room; ++i) out[i] = result_word(&slot, i);
        return CallAwaiter::await_resume();
    }
};

// Ready at once: a look at the own strand.
template <class T>
struct Immediate {
    T value;
    bool await_ready() const noexcept { return true; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    T await_resume() const noexcept { return value; }
};

} // namespace detail

// Lets the other ready strands of this level run first.
struct Yield {
    struct Awaiter {
        Strand* strand;
        bool await_ready() const noexcept { return false; }
        void await_suspend(std::coroutine_handle<>) const noexcept { strand->executor->make_ready(*strand); }
        void await_resume() const noexcept {}
    };
    Awaiter on(Strand& strand) const { return {&strand}; }
};
inline Yield yield() { return {}; }

// Suspends until the strand's task word arrives (Executor::task_word, enqueued on the TAIC page). False: cancelled.
struct Park {
    struct Awaiter : Wait {
        explicit Awaiter(Strand& s) : strand(&s) {}
        Strand* strand;
        bool woken = true;
        bool await_ready() const noexcept { return strand->cancels != 0; }
        void await_suspend(std::coroutine_handle<>) noexcept {
            interrupt = [](Wait& self, Strand& sleeper) {
                if (!sleeper.executor->unpark(sleeper)) return;
                static_cast<Awaiter&>(self).woken = false;
                sleeper.executor->make_ready(sleeper);
            };
            leave = [](Wait&, Strand& sleeper) { sleeper.executor->unpark(sleeper); };
            strand->enter(*this);
            strand->executor->park(*strand);
        }
        bool await_resume() noexcept {
            if (interrupt == nullptr) return false;
            strand->exit(*this);
            return woken;
        }
    };
    Awaiter on(Strand& strand) const { return Awaiter(strand); }
};
inline Park park() { return {}; }

// Waits until `count` slots are free: the way on after queue_full. Somebody else may still be faster: ask again then.
// False: cancelled, or the queue is dead.
struct Room {
    struct Awaiter : SlotWait {
        Awaiter(Strand& s, std::uint32_t slots) {
            strand = &s;
            count = slots;
        }
        bool await_ready() const noexcept { return strand->cancels != 0 || buffer().has(count); }
        void await_suspend(std::coroutine_handle<>) noexcept {
            interrupt = [](Wait& self, Strand& waiting) {
                if (waiting.executor->forget(static_cast<SlotWait&>(self))) waiting.executor->make_ready(waiting);
            };
            leave = [](Wait& self, Strand& waiting) { waiting.executor->forget(static_cast<SlotWait&>(self)); };
            strand->enter(*this);
            strand->executor->wait_for_slots(*this);
        }
        bool await_resume() const noexcept {
            if (interrupt != nullptr) strand->exit(*this);
            return strand->cancels == 0 && buffer().has(count);
        }
        const SlotBuffer& buffer() const { return strand->executor->buffer(); }
    };
    std::uint32_t count;
    Awaiter on(Strand& strand) const { return {strand, count}; }
};
inline Room room(std::uint32_t count = 1) { return {count}; }

// Who am I, for Executor::task_word() and cancel().
struct ThisStrand {
    detail::Immediate<Strand&> on(Strand& strand) const { return {strand}; }
};
inline ThisStrand this_strand() { return {}; }

// True if the task was cancelled, or the time-out around it is over; from here on its requests are carried out again,
// so that it can clean up.
struct TakeCancellation {
    detail::Immediate<bool> on(Strand& strand) const { return {strand.executor->take_cancellation(strand)}; }
};
inline TakeCancellation take_cancellation() { return {}; }

// A request whose completion the kernel publishes at once instead of at the end of its turn.
template <class Awaitable>
struct Urgent {
    Awaitable awaitable;
};
template <class Awaitable>
Urgent<Awaitable> urgent(Awaitable awaitable) {
    return {std::move(awaitable)};
}

namespace detail {

inline void begin_request(Strand& strand, const Request& request) {
    const auto write = [&request](tail4_AsyncSlot& slot, std::uint32_t vec, std::uint32_t generation) {
        fill(&slot, request, vec, generation, 0);
    };
    if (request.wide())
        Executor::begin_wide(strand, write);
    else
        Executor::begin(strand, write);
}

inline CallAwaiter on(Strand& strand, const Request& request) {
    begin_request(strand, request);
    return {&strand};
}
template <auto Builder, class... Args>
[[gnu::always_inline]] inline CallAwaiter on(Strand& strand, const Bound<Builder, Args...>& bound) {
    if constexpr (may_be_wide<Builder>)
        begin_request(strand, bound.request());
    else
        Executor::begin(strand, [&bound](tail4_AsyncSlot& slot, std::uint32_t vec, std::uint32_t generation) {
            bound.fill_slot(slot, vec, generation);
        });
    return {&strand};
}
template <auto Builder, class... Args>
[[gnu::always_inline]] inline ErrorAwaiter on(Strand& strand, const BoundError<Builder, Args...>& bound) {
    const Bound<Builder, Args...>& request = bound;
    return {on(strand, request)};
}
inline WideAwaiter on(Strand& strand, const WithResults& wanted) {
    begin_request(strand, wanted.request);
    return {{&strand}, wanted.out, wanted.count, wanted.request.wide()};
}

inline Request as_request(const Request& request) { return request; }
template <auto Builder, class... Args>
Request as_request(const Bound<Builder, Args...>& bound) {
    return bound.request();
}

template <class Awaitable>
CallAwaiter on(Strand& strand, const Urgent<Awaitable>& urgent) {
    Request request = as_request(urgent.awaitable);
    request.flags |= TAIL4_ASYNC_SLOT_URGENT;
    return on(strand, request);
}

template <class Awaitable>
requires requires(Awaitable&& awaitable, Strand& strand) { std::forward<Awaitable>(awaitable).on(strand); }
auto on(Strand& strand, Awaitable&& awaitable) { return std::forward<Awaitable>(awaitable).on(strand); }

} // namespace detail

} // namespace sel4async
