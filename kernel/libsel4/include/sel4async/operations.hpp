// Builders of the asynchronous operations that are no invocations.
#pragma once

#include <sel4async/methods.hpp>

namespace sel4async {

constexpr Request nop() { return {.op = op::nop}; }

constexpr Request debug_put_char(char character) {
    return {.op = op::debug_put_char, .words = {static_cast<unsigned char>(character)}};
}

// Longest string of one request; the rest is not sent.
inline constexpr std::size_t max_string = 8 * (TAIL4_ASYNC_WIDE_WORDS - 1);

constexpr Request debug_put_string(const char* text, std::size_t length) {
    constexpr std::size_t inside = 8 * (TAIL4_ASYNC_SLOT_WORDS - 1);
    Request request{.op = op::debug_put_string};
    length = length < max_string ? length : max_string;
    request.words[0] = length;
    for (std::size_t i = 0; i < length && i < inside; ++i) {
        request.words[1 + i / 8] |= std::uint64_t{static_cast<unsigned char>(text[i])} << (8 * (i % 8));
    }
    if (length > inside) {
        request.flags = TAIL4_ASYNC_SLOT_WIDE;
        request.more = text + inside;
        request.more_bytes = static_cast<std::uint32_t>(length - inside);
    }
    return request;
}

} // namespace sel4async
