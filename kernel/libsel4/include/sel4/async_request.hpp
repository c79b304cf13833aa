// One asynchronous request before it is in a slot, how it gets there, and the builders of the operations that are no
// invocations. Those of the invocations are generated: sel4async/methods.hpp. Layout and rules: sel4/async_abi.h.
#pragma once

#include <cstddef>
#include <cstdint>
#include <sel4/async_abi.h>
#include <sel4/async_ops.h>

namespace sel4async {

using CPtr = std::uint64_t;

struct Request {
    std::uint32_t op = 0;
    std::uint32_t flags = 0;
    CPtr cptr = 0;
    std::uint64_t words[TAIL4_ASYNC_SLOT_WORDS] = {};
    CPtr caps[TAIL4_ASYNC_SLOT_CAPS] = {};
    // What does not fit in `words`, for the slots behind a wide one. Read by fill(); the caller keeps it until then.
    const void* more = nullptr;
    std::uint32_t more_bytes = 0;

    constexpr bool wide() const { return (flags & TAIL4_ASYNC_SLOT_WIDE) != 0; }
};

// Writes a request to slot[0], a wide one to slot[0..3]. The ring's tail publishes it, not this function.
// The further capability i of a request, 0 to 2.
inline std::uint64_t& further_cap(tail4_AsyncSlot& slot, std::size_t i) {
    return i == 0 ? slot.cap : slot.more_caps[i - 1];
}

inline void fill(tail4_AsyncSlot* slot, const Request& request, std::uint32_t vec, std::uint32_t generation,
                 std::uint64_t user_data) {
    slot->op = request.op;
    slot->flags = request.flags;
    slot->vec = vec;
    slot->generation = generation;
    slot->cptr = request.cptr;
    for (std::size_t i = 0; i < TAIL4_ASYNC_SLOT_WORDS; ++i) {
        slot->words[i] = request.words[i];
    }
    for (std::size_t i = 0; i < TAIL4_ASYNC_SLOT_CAPS; ++i) {
        further_cap(*slot, i) = request.caps[i];
    }
    slot->user_data = user_data;
    if (request.more_bytes != 0) {
        __builtin_memcpy(static_cast<void*>(slot + 1), request.more, request.more_bytes);
    }
}

// Result or error word i of a completed request; from word 8 on of a wide one only.
inline std::uint64_t result_word(const tail4_AsyncSlot* slot, std::size_t i) {
    if (i < TAIL4_ASYNC_SLOT_WORDS) {
        return slot->words[i];
    }
    std::uint64_t word = 0;
    __builtin_memcpy(&word, reinterpret_cast<const unsigned char*>(slot + 1) + 8 * (i - TAIL4_ASYNC_SLOT_WORDS), 8);
    return word;
}

// --- Operations

constexpr Request nop() { return {.op = TAIL4_OP_Nop}; }

constexpr Request debug_put_char(char character) {
    return {.op = TAIL4_OP_DebugPutChar, .words = {static_cast<unsigned char>(character)}};
}

// Longest string of one request; the rest is not sent.
inline constexpr std::size_t max_string = 8 * (TAIL4_ASYNC_WIDE_WORDS - 1);

constexpr Request debug_put_string(const char* text, std::size_t length) {
    constexpr std::size_t inside = 8 * (TAIL4_ASYNC_SLOT_WORDS - 1);
    Request request{.op = TAIL4_OP_DebugPutString};
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
