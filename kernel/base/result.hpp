// Result<T, E>: a value or an error, nothing else. [[nodiscard]], trivially copyable, no exceptions.
// TRY(expression) gives the value or returns the error from the enclosing function.
#pragma once

#include "base/panic.hpp"
#include <type_traits>
#include <utility>

namespace base {

struct Ok {};

template <class E>
struct Failure {
    E error;
};
template <class E>
Failure(E) -> Failure<E>;

template <class T, class E>
class [[nodiscard]] Result {
    static_assert(std::is_trivially_copyable_v<T> && std::is_trivially_copyable_v<E>);

public:
    constexpr Result(const T& value) : value_(value), ok_(true) {} // NOLINT(google-explicit-constructor)
    constexpr Result(const Failure<E>& failure) : error_(failure.error), ok_(false) {} // NOLINT

    constexpr explicit operator bool() const { return ok_; }
    constexpr bool ok() const { return ok_; }
    constexpr const T& value() const {
        ASSERT(ok_);
        return value_;
    }
    constexpr T& value() {
        ASSERT(ok_);
        return value_;
    }
    constexpr const E& error() const {
        ASSERT(!ok_);
        return error_;
    }

private:
    union {
        T value_;
        E error_;
    };
    bool ok_;
};

} // namespace base

// A GNU statement expression: the only way to return early from inside an expression without exceptions.
#define TRY(expression)                                                                                                \
    (__extension__({                                                                                                   \
        auto&& try_result = (expression);                                                                              \
        if (!try_result) [[unlikely]]                                                                                  \
            return ::base::Failure{try_result.error()};                                                                \
        try_result.value();                                                                                            \
    }))
