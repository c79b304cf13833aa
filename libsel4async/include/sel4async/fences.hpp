// What orders shared memory: the full fence between a publication and a look at the other's state, and the release
// store that publishes. QEMU runs the harts in an order that needs none of them, so the tests on the host count them.
#pragma once

#include <cstdint>

namespace sel4async {

enum class Fence : std::uint8_t { Full, Release };

namespace detail {

inline constexpr bool counts_fences = __STDC_HOSTED__ != 0;
inline void (*fence_seen)(Fence kind) = nullptr; // of a test, before the fence or the store is made

inline void see(Fence kind) {
    if constexpr (counts_fences) {
        if (fence_seen != nullptr) fence_seen(kind);
    } else {
        static_cast<void>(kind);
    }
}

} // namespace detail

inline void full_fence() {
    detail::see(Fence::Full);
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
}

inline void store_release(std::uint32_t& word, std::uint32_t value) {
    detail::see(Fence::Release);
    __atomic_store_n(&word, value, __ATOMIC_RELEASE);
}

} // namespace sel4async
