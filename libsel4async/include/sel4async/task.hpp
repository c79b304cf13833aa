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

struct PromiseBase {
    Strand* strand = nullptr;             // null: not started
    std::coroutine_handle<> continuation; // who awaits it in the same strand
    Join* joins = nullptr; // other strands that wait for its result, in the order they came: the frame stays for them
    Join* group = nullptr; // the first group it belongs to
    bool shared = false;   // it belongs to more of them: those are in the executor's list
    bool root = false;
    bool detached = false;
    bool killed = false; // with the strand that ran it

    static void* operator new(std::size_t size) noexcept { return frame_pool.take(size); }
    static void operator delete(void* memory, std::size_t size) noexcept { frame_pool.give(memory, size); }

    std::suspend_always initial_suspend() noexcept { return {}; }
    void unhandled_exception() noexcept {}

    struct FinalAwaiter {
        bool await_ready() const noexcept { return false; }
        template <class Promise>
        void await_suspend(std::coroutine_handle<Promise> self) const noexcept {
            self.promise().finish(self); // perhaps this awaiter is gone from here on
        }
        void await_resume() const noexcept {}
    };
    FinalAwaiter final_suspend() noexcept { return {}; }

    template <class Awaitable>
    [[gnu::always_inline]] auto await_transform(Awaitable&& awaitable) {
        return on(*strand, std::forward<Awaitable>(awaitable));
    }

    // `self` has come to its end: its strand goes on with who awaits it, or ends, too.
    void finish(std::coroutine_handle<> self);
    // Tells everybody who waits for its end.
    void tell(bool was_killed);
    void add(Join& join);
    void remove(const Join& join);

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
    // While others still wait for it, a copy; what cannot be copied is the first one's.
    T take() {
        if constexpr (!std::is_copy_constructible_v<T>)
            return std::exchange(value, exhausted<T>());
        else if (joins != nullptr) [[unlikely]]
            return value;
        return std::move(value);
    }
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
    bool done() const { return handle_ == nullptr || handle_.done() || handle_.promise().killed; }
    // Once, when done, and if nobody has awaited it.
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
    // inside another task, which is to be killed instead, or is the one that calls this.
    bool kill() {
        if (!running()) {
            drop();
            return true;
        }
        detail::PromiseBase& promise = handle_.promise();
        if (!promise.root) return false;
        Executor& executor = *promise.strand->executor;
        if (executor.runs(*promise.strand)) return false;
        executor.abandon(*promise.strand);
        promise.tell(true);
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
    bool running() const { return handle_ != nullptr && handle_.promise().strand != nullptr && !done(); }
    void drop() {
        if (handle_ == nullptr) return;
        detail::PromiseBase& promise = handle_.promise();
        if (running()) {
            if (promise.root && promise.strand->executor->killing() && kill()) return;
            promise.detached = true;
        } else {
            promise.detached = promise.joins != nullptr; // its result is not yet taken
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

// Runs a fresh task in this strand, or waits for one that runs already, as any number of strands may. Cancelled while
// it waits, it passes that on. What can never end, because it waits for this strand itself, gives exhausted<T>().
template <class T>
struct JoinAwaiter : Join, Wait {
    typename Task<T>::Handle child; // null: there is no result, or it was taken
    Strand* parent;
    bool runs_it = false;
    bool waits = false;

    JoinAwaiter(typename Task<T>::Handle task, Strand& strand) : child(task), parent(&strand) {}

    bool await_ready() noexcept {
        if (child == nullptr || child.done()) return true;
        if (child.promise().killed || child.promise().strand == parent) child = nullptr;
        return child == nullptr;
    }
    void await_suspend(std::coroutine_handle<> self) noexcept {
        PromiseBase& promise = child.promise();
        if (promise.strand == nullptr) {
            runs_it = true;
            promise.strand = parent;
            promise.continuation = self;
            parent->executor->go_on(*parent, child);
            return;
        }
        ended = [](Join& join, PromiseBase&, bool killed) {
            auto& awaiter = static_cast<JoinAwaiter&>(join);
            if (killed) awaiter.child = nullptr;
            awaiter.parent->executor->make_ready(*awaiter.parent);
        };
        interrupt = [](Wait& wait, Strand& strand) {
            auto& awaiter = static_cast<JoinAwaiter&>(wait);
            if (awaiter.child != nullptr && !awaiter.child.done())
                strand.executor->cancel(*awaiter.child.promise().strand);
        };
        leave = [](Wait&, Strand&) {}; // the destructor follows
        waits = true;
        promise.add(*this);
        parent->enter(*this);
    }
    T await_resume() {
        if (waits) parent->exit(*this);
        const auto task = std::exchange(child, nullptr);
        if (task == nullptr) return exhausted<T>();
        if (waits) task.promise().remove(*this);
        const Release release{task};
        return task.promise().take();
    }
    JoinAwaiter(const JoinAwaiter&) = delete;
    JoinAwaiter& operator=(const JoinAwaiter&) = delete;
    // Before the result was taken: the strand is killed.
    ~JoinAwaiter() {
        if (child == nullptr) return;
        PromiseBase& promise = child.promise();
        if (waits) promise.remove(*this);
        if (runs_it && !child.done()) { // nobody will ever go on with it, whoever owns it
            promise.killed = true;
            promise.tell(true);
            promise.joins = nullptr;
        }
        const Release release{child};
    }

private:
    // Its owner may have dropped it meanwhile: then the last who wanted its result gives the frame back.
    struct Release {
        typename Task<T>::Handle task;
        ~Release() {
            const PromiseBase& promise = task.promise();
            if (promise.detached && promise.joins == nullptr && (task.done() || promise.killed)) task.destroy();
        }
    };
};

} // namespace detail

} // namespace sel4async
