// Task<T>: a coroutine with a result. It starts when it is awaited (then it runs in the awaiting strand) or by start()
// or spawn() (then it is a strand of its own; awaiting it later joins it). Errors and exhausted memory are values: a
// task without a frame is invalid, awaiting it gives exhausted<T>(), starting it fails.
// Inside a task one may await: op::... and Request (an asynchronous system call), Task, what awaiters.hpp, batch.hpp,
// when.hpp and timeout.hpp have, and any type with on(Strand&).
// A Task owns its frame; dropped while it runs, it goes on by itself; kill() ends it at the point where it waits.
// Source: style-models.md, habit 8.
#pragma once

#include <coroutine>
#include <cstdint>
#include <sel4async/awaiters.hpp>
#include <sel4async/frame_pool.hpp>
#include <type_traits>
#include <utility>

namespace sel4async {

template <class T>
class Task;

// What a task without memory, or a killed one, "returns".
template <class T>
T exhausted() {
    return T();
}
template <>
inline seL4_Error exhausted<seL4_Error>() {
    return seL4_NotEnoughMemory;
}

namespace detail {

struct PromiseBase;

// Who is told when a started task ends. `takes`: its result is wanted, so its frame stays.
struct Join {
    void (*ended)(Join& self, PromiseBase& child, bool killed) = nullptr;
    bool takes = false;
};

struct PromiseBase {
    Strand* strand = nullptr; // null: not started
    Join* join = nullptr;
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
            promise.strand->executor->close_strand(*promise.strand);
            Join* join = promise.join;
            const bool taken = join != nullptr && join->takes;
            if (!taken) promise.join = nullptr;
            if (join != nullptr) join->ended(*join, promise, false);
            if (promise.detached && !taken) self.destroy(); // this awaiter is gone from here on
            return std::noop_coroutine();
        }
        void await_resume() const noexcept {}
    };
    FinalAwaiter final_suspend() noexcept { return {}; }

    template <class Awaitable>
    [[gnu::always_inline]] auto await_transform(Awaitable&& awaitable) {
        return on(*strand, std::forward<Awaitable>(awaitable));
    }

    // Makes `handle` a strand of its own.
    [[nodiscard]] bool start(std::coroutine_handle<> handle, Executor& executor, const Options& options) {
        if (strand != nullptr) return false;
        strand = executor.open_strand(options);
        if (strand == nullptr) return false;
        root = true;
        strand->resume = handle;
        executor.make_ready(*strand);
        return true;
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

template <class T>
struct JoinAwaiter;

} // namespace detail

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
    [[nodiscard]] bool start(Executor& executor) { return start(executor, executor.defaults()); }
    [[nodiscard]] bool start(Executor& executor, const Options& options) {
        return handle_ != nullptr && handle_.promise().start(handle_, executor, options);
    }

    // Asks the strand it runs in to come to an end: the request it waits for, or the tasks, are cancelled, its further
    // requests fail with `cancelled`. False: it is not running.
    bool cancel() {
        if (!running()) return false;
        Strand& strand = *handle_.promise().strand;
        strand.executor->cancel(strand);
        return true;
    }

    // Ends it here and now, wherever it waits, with all it awaits and all tasks it owns; who joins it gets
    // exhausted<T>(). A pending request is cancelled if the kernel has not begun it. False: nothing done, as it runs
    // inside another task, which is to be killed instead. Never from within itself.
    bool kill() {
        if (!running()) {
            drop();
            return true;
        }
        detail::PromiseBase& promise = handle_.promise();
        if (!promise.root) return false;
        Executor& executor = *promise.strand->executor;
        executor.abandon(*promise.strand);
        if (detail::Join* join = std::exchange(promise.join, nullptr); join != nullptr)
            join->ended(*join, promise, true);
        const Executor::Killing scope(executor);
        std::exchange(handle_, nullptr).destroy();
        return true;
    }

    detail::JoinAwaiter<T> on(Strand& strand) const { return detail::JoinAwaiter<T>(handle_, strand); }
    // For groups of tasks.
    detail::PromiseBase* promise() const { return handle_ == nullptr ? nullptr : &handle_.promise(); }
    std::coroutine_handle<> handle() const { return handle_; }

private:
    explicit Task(Handle handle) : handle_(handle) {}
    bool running() const { return handle_ != nullptr && handle_.promise().strand != nullptr && !handle_.done(); }
    void drop() {
        if (handle_ == nullptr) return;
        detail::PromiseBase& promise = handle_.promise();
        if (running()) {
            if (promise.root && promise.strand->executor->killing()) {
                kill();
                return;
            }
            // Awaited inside a strand that is being killed, it goes with it.
            promise.detached = promise.root || !promise.strand->dying;
        } else {
            promise.detached = promise.join != nullptr && promise.join->takes; // its result is not yet taken
        }
        if (!promise.detached) handle_.destroy();
        handle_ = nullptr;
    }

    Handle handle_;
};

// Starts a task that nobody waits for.
template <class T>
[[nodiscard]] bool spawn(Executor& executor, Task<T> task) {
    return task.start(executor);
}

template <class T>
[[nodiscard]] bool spawn(Executor& executor, Task<T> task, const Options& options) {
    return task.start(executor, options);
}

namespace detail {

// Runs a fresh task in this strand, or waits for one that was started. Cancelled while it waits, it passes that on.
template <class T>
struct JoinAwaiter : Join, Wait {
    typename Task<T>::Handle child;
    Strand* parent;

    JoinAwaiter(typename Task<T>::Handle task, Strand& strand) : child(task), parent(&strand) {}

    bool await_ready() const noexcept { return child == nullptr || child.done(); }
    std::coroutine_handle<> await_suspend(std::coroutine_handle<> self) noexcept {
        PromiseBase& promise = child.promise();
        promise.continuation = self;
        if (promise.strand == nullptr) {
            promise.strand = parent;
            parent->resume = child;
            return child;
        }
        takes = true;
        ended = [](Join& join, PromiseBase&, bool killed) {
            auto& awaiter = static_cast<JoinAwaiter&>(join);
            if (killed) awaiter.child = nullptr;
            awaiter.parent->executor->make_ready(*awaiter.parent);
        };
        interrupt = [](Wait& wait, Strand& strand) {
            auto& awaiter = static_cast<JoinAwaiter&>(wait);
            if (awaiter.child != nullptr) strand.executor->cancel(*awaiter.child.promise().strand);
        };
        leave = [](Wait& wait, Strand&) {
            auto& awaiter = static_cast<JoinAwaiter&>(wait);
            if (awaiter.child != nullptr) awaiter.child.promise().join = nullptr;
        };
        promise.join = this;
        parent->enter(*this);
        return std::noop_coroutine();
    }
    T await_resume() {
        if (takes) parent->exit(*this);
        if (child == nullptr) return exhausted<T>();
        child.promise().join = nullptr;
        return child.promise().take();
    }
    JoinAwaiter(const JoinAwaiter&) = delete;
    JoinAwaiter& operator=(const JoinAwaiter&) = delete;
    // Its owner may have dropped it meanwhile: then nobody but us has it, unless it runs on as a strand.
    ~JoinAwaiter() {
        if (child == nullptr || !child.promise().detached) return;
        if (child.done() || !child.promise().root) child.destroy();
    }
};

} // namespace detail

} // namespace sel4async
