// The outcome of an asynchronous call: the error code of the synchronous call, or one of ours for a request that was
// not carried out; result words, or the detail words of the error (as seL4_GetMR() gives them).
#pragma once

#include <cstdint>
#include <sel4/async_request.hpp>
#include <sel4/errors.h>

namespace sel4async {

// Beyond seL4_Error.
inline constexpr std::uint32_t queue_full = 64;                   // no slot was free: nothing was sent
inline constexpr std::uint32_t queue_dead = 65;                   // the queue is gone; what became of it is not known
inline constexpr std::uint32_t timed_out = 66;                    // cancelled, because its time was over
inline constexpr std::uint32_t cancelled = TAIL4_ASYNC_CANCELLED; // not carried out, or not to its end

// Of a complete request.
inline std::uint32_t error_of(const tail4_AsyncSlot& slot) { return tail4_async_error(slot.status); }

class [[nodiscard]] Reply {
public:
    constexpr Reply() : error_(seL4_NotEnoughMemory), count_(0) {} // of a task without memory for its frame
    explicit constexpr Reply(std::uint32_t error) : error_(error), count_(0) {}
    explicit Reply(const tail4_AsyncSlot& slot) : error_(0), count_(0) {
        const std::uint32_t status = slot.status;
        if (status == 0) [[likely]]
            return;
        error_ = tail4_async_error(status);
        const std::uint32_t count = tail4_async_result_words(status);
        constexpr std::uint32_t room = TAIL4_ASYNC_SLOT_WORDS;
        count_ = count < room ? count : room;
        for (std::uint32_t i = 0; i < count_; ++i) words_[i] = slot.words[i];
    }

    constexpr std::uint32_t error() const { return error_; }
    constexpr bool ok() const { return error_ == seL4_NoError; }
    constexpr std::uint32_t count() const { return count_; }
    // 0 beyond count().
    constexpr std::uint64_t word(std::uint32_t i) const { return i < count_ ? words_[i] : 0; }

private:
    std::uint32_t error_;
    std::uint32_t count_;
    std::uint64_t words_[TAIL4_ASYNC_SLOT_WORDS]; // the first count_ are there
};

} // namespace sel4async
