// Task<T>: a coroutine with a result. It starts when it is awaited (then it runs in the awaiting strand) or by start()
// or spawn() (then it is a strand of its own; awaiting it later joins it). Errors and exhausted memory are values: a
// task without a frame is invalid, awaiting it gives exhausted<T>(), starting it fails.
// Inside a task one may await: op::... and Request (an asynchronous system call), Task, park(), yield().
// A Task owns its frame; dropped while it runs, it goes on by itself. Source: style-models.md, habit 8.
#pragma once

#include <coroutine>
#include <cstdint>
#include <sel4async/executor.hpp>
#include <sel4async/frame_pool.hpp>
#include <sel4async/syscalls.hpp>
#include <type_traits>
#include <utility>

namespace sel4async {

template <class T>
class Task;

// What a task without memory "returns".
template <class T>
T exhausted() {
    return T();
}
template <>
inline seL4_Error exhausted<seL4_Error>() {
    return seL4_NotEnoughMemory;
}

struct Park {};
struct Yield {};
// Suspends until the strand's task word arrives (Executor::task_word, enqueued on the TAIC page).
inline Park park() { return {}; }
// Lets the other ready strands run first.
inline Yield yield() { return {}; }

namespace detail {

struct CallAwaiter {
    Strand* strand;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) const noexcept {}
    Reply await_resume() const noexcept { return Executor::finish(*strand); }
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

struct ParkAwaiter {
    Strand* strand;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) const noexcept { strand->parked = true; }
    void await_resume() const noexcept {}
};

struct YieldAwaiter {
    Strand* strand;
    bool await_ready() const noexcept { return false; }
    void await_suspend(std::coroutine_handle<>) const noexcept { strand->executor->make_ready(*strand); }
    void await_resume() const noexcept {}
};

template <class T>
struct JoinAwaiter;

struct PromiseBase {
    Strand* strand = nullptr; // null: not started
    Strand* joiner = nullptr;
    std::coroutine_handle<> continuation;
    bool root = false;
    bool detached = false;

    static void* operator new(std::size_t size) noexcept { return frame_pool.take(size); }
    static void operator delete(void* memory, std::size_t size) noexcept { frame_pool.give(memory, size); }

    std::suspend_always initial_suspend() noexcept { return {}; }
    void unhandled_exception() noexcept {}

    struct FinalAwaiter {
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> self) const noexcept {
            PromiseBase& promise = self.promise();
            if (!promise.root) {
                promise.strand->resume = promise.continuation;
                return promise.continuation;
            }
            Executor& executor = *promise.strand->executor;
            executor.close_strand(*promise.strand);
            if (promise.joiner != nullptr) executor.make_ready(*promise.joiner);
            if (promise.detached) self.destroy(); // this awaiter is gone from here on
            return std::noop_coroutine();
        }
        void await_resume() const noexcept {}
    };
    FinalAwaiter final_suspend() noexcept { return {}; }

    CallAwaiter await_transform(const Request& request) {
        begin_request(request);
        return {strand};
    }
    template <auto Builder, class... Args>
    CallAwaiter await_transform(const Bound<Builder, Args...>& bound) {
        if constexpr (may_be_wide<Builder>)
            begin_request(bound.request());
        else
            Executor::begin(*strand, [&bound](tail4_AsyncSlot& slot, std::uint32_t vec, std::uint32_t generation) {
                bound.fill_slot(slot, vec, generation);
            });
        return {strand};
    }
    WideAwaiter await_transform(const WithResults& wanted) {
        begin_request(wanted.request);
        return {{strand}, wanted.out, wanted.count, wanted.request.wide()};
    }
    ParkAwaiter await_transform(Park) { return {strand}; }
    YieldAwaiter await_transform(Yield) { return {strand}; }
    template <class U>
    JoinAwaiter<U> await_transform(Task<U>& task) {
        return {task.handle_, strand};
    }
    template <class U>
    JoinAwaiter<U> await_transform(Task<U>&& task) {
        return {task.handle_, strand};
    }
    // The strand that runs this task, for task_word().
    struct ThisStrand {};
    struct ThisStrandAwaiter {
        Strand* strand;
        bool await_ready() const noexcept { return true; }
        void await_suspend(std::coroutine_handle<>) const noexcept {}
        Strand& await_resume() const noexcept { return *strand; }
    };
    ThisStrandAwaiter await_transform(ThisStrand) { return {strand}; }

private:
    void begin_request(const Request& request) {
        const auto write = [&request](tail4_AsyncSlot& slot, std::uint32_t vec, std::uint32_t generation) {
            fill(&slot, request, vec, generation, 0);
        };
        if (request.wide())
            Executor::begin_wide(*strand, write);
        else
            Executor::begin(*strand, write);
    }
};

template <class T>
struct Promise : PromiseBase {
    T value{};
    void return_value(T result) { value = std::move(result); }
    T take() { return std::move(value); }
};
template <>
struct Promise<void> : PromiseBase {
    void return_void() {}
    void take() {}
};

} // namespace detail

// `co_await this_strand()`: who am I, for Executor::task_word().
inline detail::PromiseBase::ThisStrand this_strand() { return {}; }

template <class T = void>
class [[nodiscard]] Task {
public:
    struct promise_type : detail::Promise<T> {
        static Task get_return_object_on_allocation_failure() noexcept { return {}; }
        Task get_return_object() noexcept { return Task(std::coroutine_handle<promise_type>::from_promise(*this)); }
    };
    using Handle = std::coroutine_handle<promise_type>;

    constexpr Task() = default;
    Task(Task&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    Task& operator=(Task&& other) noexcept {
        if (this != &other) {
            drop();
            handle_ = std::exchange(other.handle_, nullptr);
        }
        return *this;
    }
    ~Task() { drop(); }

    bool valid() const { return handle_ != nullptr; }
    bool done() const { return handle_ == nullptr || handle_.done(); }
    // Once, when done.
    T result() { return handle_ == nullptr ? exhausted<T>() : handle_.promise().take(); }

    // Makes it a strand. False: it has no frame, was started, or the executor has no room.
    [[nodiscard]] bool start(Executor& executor) {
        if (handle_ == nullptr || handle_.promise().strand != nullptr) return false;
        Strand* strand = executor.open_strand();
        if (strand == nullptr) return false;
        handle_.promise().strand = strand;
        handle_.promise().root = true;
        strand->resume = handle_;
        executor.make_ready(*strand);
        return true;
    }

private:
    friend struct detail::PromiseBase;

    explicit Task(Handle handle) : handle_(handle) {}
    void drop() {
        if (handle_ == nullptr) return;
        if (handle_.promise().strand != nullptr && !handle_.done())
            handle_.promise().detached = true;
        else
            handle_.destroy();
        handle_ = nullptr;
    }

    Handle handle_;
};

// Starts a task that nobody waits for.
template <class T>
[[nodiscard]] bool spawn(Executor& executor, Task<T> task) {
    return task.start(executor);
}

namespace detail {

template <class T>
struct JoinAwaiter {
    typename Task<T>::Handle child;
    Strand* parent;

    bool await_ready() const noexcept { return child == nullptr || child.done(); }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> self) const noexcept {
        PromiseBase& promise = child.promise();
        promise.continuation = self;
        if (promise.strand == nullptr) {
            promise.strand = parent;
            parent->resume = child;
            return child;
        }
        promise.joiner = parent;
        return std::noop_coroutine();
    }
    T await_resume() const {
        if (child == nullptr) return exhausted<T>();
        return child.promise().take();
    }
};

} // namespace detail

} // namespace sel4async
