// Compiled and linked in every target build, never run: the standard headers that TaiL4 uses must work
// freestanding, and nothing but tail4_rt may be needed to link them.
#include <array>
#include <atomic>
#include <bit>
#include <concepts>
#include <coroutine>
#include <cstddef>
#include <cstdint>
#include <new>
#include <optional>
#include <span>
#include <type_traits>
#include <utility>

namespace {

alignas(16) std::array<std::byte, 512> frame;

struct Task {
    struct promise_type {
        static void* operator new(std::size_t size) noexcept { return size <= frame.size() ? frame.data() : nullptr; }
        static void operator delete(void*) noexcept {}
        static Task get_return_object_on_allocation_failure() noexcept { return Task{nullptr}; }
        Task get_return_object() noexcept { return Task{std::coroutine_handle<promise_type>::from_promise(*this)}; }
        std::suspend_always initial_suspend() noexcept { return {}; }
        std::suspend_always final_suspend() noexcept { return {}; }
        void return_void() noexcept {}
        void unhandled_exception() noexcept {}
    };
    std::coroutine_handle<promise_type> handle;
};

std::atomic<std::uint64_t> word{1};

template <std::unsigned_integral T>
std::optional<T> first(std::span<const T> values) {
    if (values.empty()) return std::nullopt;
    return values.front();
}

Task count(std::uint64_t value) {
    const int bits = std::countr_zero(value) + std::countl_zero(value) + std::popcount(value);
    word.fetch_add(static_cast<std::uint64_t>(bits));
    co_await std::suspend_always{};
    word.store(value);
}

} // namespace

extern "C" [[noreturn]] void _start();

extern "C" void _start() {
    const std::array<std::uint64_t, 2> values{word.load(), 2};
    auto task = count(first(std::span<const std::uint64_t>{values}).value_or(0));
    while (task.handle && !task.handle.done()) task.handle.resume();
    for (;;) word.exchange(std::exchange(frame, {}).size());
}
