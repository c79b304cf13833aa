// A list with room for n elements inside the object: boot results are handed around without an allocator.
// Invariant: size() <= n, the first size() elements are valid. push_back() says whether there was room.
// It is a contiguous range, so it converts to a std::span.
#pragma once

#include "base/panic.hpp"
#include "base/types.hpp"

namespace boot {

template <class T, usize n>
class List {
public:
    static constexpr usize capacity = n;

    [[nodiscard]] constexpr bool push_back(const T& item) {
        if (count_ == n) return false;
        items_[count_++] = item;
        return true;
    }
    // Moves the tail up; the index must be <= size().
    [[nodiscard]] constexpr bool insert(usize index, const T& item) {
        ASSERT(index <= count_);
        if (count_ == n) return false;
        for (usize i = count_; i > index; --i) items_[i] = items_[i - 1];
        items_[index] = item;
        ++count_;
        return true;
    }
    constexpr void clear() { count_ = 0; }
    constexpr void erase(usize index) {
        ASSERT(index < count_);
        for (usize i = index + 1; i < count_; ++i) items_[i - 1] = items_[i];
        --count_;
    }

    constexpr usize size() const { return count_; }
    constexpr bool empty() const { return count_ == 0; }
    constexpr T& operator[](usize index) {
        ASSERT(index < count_);
        return items_[index];
    }
    constexpr const T& operator[](usize index) const {
        ASSERT(index < count_);
        return items_[index];
    }
    constexpr T* begin() { return items_; }
    constexpr T* end() { return items_ + count_; }
    constexpr const T* begin() const { return items_; }
    constexpr const T* end() const { return items_ + count_; }

private:
    T items_[n] = {};
    usize count_ = 0;
};

} // namespace boot
