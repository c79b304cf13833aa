// The dispatcher: one coroutine per executor that resumes the strands named by the completion ring. It is the
// receiver of vector 0, so it serves all strands without a vector of their own, and everybody while the executor runs.
// Source: async-design.md 2.12, 4.4.
#pragma once

#include <coroutine>
#include <cstddef>
#include <sel4async/frame_pool.hpp>

namespace sel4async {

class Executor;

class Dispatcher {
public:
    struct promise_type {
        static void* operator new(std::size_t size) noexcept { return frame_pool.take(size); }
        static void operator delete(void* memory, std::size_t size) noexcept { frame_pool.give(memory, size); }
        static Dispatcher get_return_object_on_allocation_failure() noexcept { return {}; }
        Dispatcher get_return_object() noexcept {
            return Dispatcher{std::coroutine_handle<promise_type>::from_promise(*this)};
        }
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() noexcept {}
    };

    constexpr Dispatcher() = default;
    bool valid() const { return handle_ != nullptr; }
    void look() const { handle_.resume(); }
    void destroy() const { handle_.destroy(); }

private:
    explicit Dispatcher(std::coroutine_handle<promise_type> handle) : handle_(handle) {}
    std::coroutine_handle<promise_type> handle_;
};

// Drains the ring each time it is resumed; never ends.
Dispatcher dispatch_completions(Executor& executor);

} // namespace sel4async
