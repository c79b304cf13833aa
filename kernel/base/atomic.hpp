// Plain relaxed and release accesses to words shared with user space or another hart. GCC 12 makes an atomic exchange
// of every atomic store on RISC-V, so these are volatile accesses with the fence written out; words are naturally
// aligned.
#pragma once

#include "base/types.hpp"

namespace base {

template <class T>
T load_relaxed(const T& word) {
    return *static_cast<const volatile T*>(&word);
}
template <class T>
void store_relaxed(T& word, T value) {
    *static_cast<volatile T*>(&word) = value;
}
template <class T>
T load_acquire(const T& word) {
    const T value = load_relaxed(word);
    __atomic_thread_fence(__ATOMIC_ACQUIRE);
    return value;
}
template <class T>
void store_release(T& word, T value) {
    __atomic_thread_fence(__ATOMIC_RELEASE);
    store_relaxed(word, value);
}

} // namespace base
