// Coroutines without a heap: Worker<Frame> is a coroutine whose frame lies in memory its first argument provides
// (Frame::frame, Frame::frame_size). It starts suspended, never ends by itself and owns nothing: its memory is simply
// taken back with the object it lives in. A frame that does not fit becomes an empty handle, never an allocation.
#pragma once

#include "base/types.hpp"

#include <coroutine>

namespace base::coro {

template <class Host>
struct Worker {
    struct promise_type {
        static void* operator new(usize size, Host& host) noexcept {
            return size <= sizeof(host.frame) ? static_cast<void*>(host.frame) : nullptr;
        }
        static void operator delete(void*, usize) noexcept {}
        static Worker get_return_object_on_allocation_failure() noexcept { return {nullptr}; }
        Worker get_return_object() noexcept {
            return {std::coroutine_handle<promise_type>::from_promise(*this).address()};
        }
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() noexcept {}
    };
    void* frame; // null: it did not fit
};

inline void resume(void* frame) { std::coroutine_handle<>::from_address(frame).resume(); }

} // namespace base::coro
