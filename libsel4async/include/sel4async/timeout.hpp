// Time-outs: with_timeout(awaitable, ticks) asks what it waits for to end when the time is over, and still waits until
// it has ended, so a slot or a task is never left behind. Ticks are those of the `time` register. While a time-out runs
// the executor polls instead of sleeping: the kernel has no clock service for users.
// Source: async-design.md 9.17.
#pragma once

#include <array>
#include <cstddef>
#include <sel4async/task.hpp>

namespace sel4async {

// What a task gave, and whether its time was over before.
template <class T>
struct Timed {
    T value;
    bool expired;
};
template <>
struct Timed<void> {
    bool expired;
};

namespace detail {

inline Reply timed(Reply reply, bool expired) {
    return expired && reply.error() == cancelled ? Reply(timed_out) : reply;
}
template <std::size_t count>
std::array<Reply, count> timed(std::array<Reply, count> replies, bool expired) {
    for (Reply& reply : replies) reply = timed(reply, expired);
    return replies;
}
template <class T>
Timed<T> timed(T value, bool expired) {
    return {std::move(value), expired};
}

template <class Inner>
class TimeoutAwaiter : Wait, Timer {
public:
    // No ticks, or no place for a timer: over before it begins, so that nothing is sent.
    template <class Awaitable>
    TimeoutAwaiter(Strand& strand, Awaitable&& awaitable, std::uint64_t ticks)
        : strand_(expire_early(strand, ticks)),
          ticks_(ticks),
          takes_(strand.takes),
          over_(ticks == 0),
          inner_(detail::on(strand, std::forward<Awaitable>(awaitable))) {}

    bool await_ready() { return inner_.await_ready(); }
    auto await_suspend(std::coroutine_handle<> self) {
        bool placed = true;
        if (!over_) {
            deadline = strand_->executor->deadline(ticks_);
            expired = [](Timer& timer) { static_cast<TimeoutAwaiter&>(timer).expire(); };
            placed = strand_->executor->add(*this);
        }
        leave = [](Wait& wait, Strand& strand) { strand.executor->remove(static_cast<TimeoutAwaiter&>(wait)); };
        encloses = true;
        strand_->enter(*this);
        if constexpr (std::is_void_v<decltype(inner_.await_suspend(self))>) {
            inner_.await_suspend(self);
            if (!placed) expire();
        } else {
            const bool waits = inner_.await_suspend(self);
            if (waits && !placed) expire();
            return waits;
        }
    }
    auto await_resume() {
        if constexpr (std::is_void_v<decltype(inner_.await_resume())>) {
            inner_.await_resume();
            return Timed<void>{finish()};
        } else {
            auto result = inner_.await_resume();
            return timed(std::move(result), finish());
        }
    }

private:
    static Strand* expire_early(Strand& strand, std::uint64_t& ticks) {
        if (!strand.executor->has_place_for_timer()) ticks = 0;
        if (ticks == 0) strand.executor->expire(strand);
        return &strand;
    }
    // Also at once, if a time-out around it took the last place for a timer.
    void expire() {
        over_ = true;
        takes_ = strand_->takes;
        strand_->executor->expire(*strand_);
    }
    bool finish() {
        if (leave != nullptr) {
            strand_->exit(*this);
            strand_->executor->remove(*this);
        }
        if (over_) strand_->executor->uncancel(*strand_, takes_);
        return over_;
    }

    Strand* strand_;
    std::uint64_t ticks_;
    std::uint32_t takes_; // when it was over
    bool over_;
    Inner inner_;
};

} // namespace detail

template <class Awaitable>
struct Timeout {
    Awaitable awaitable;
    std::uint64_t ticks;

    auto on(Strand& strand) {
        using Inner = decltype(detail::on(strand, static_cast<Awaitable&&>(awaitable)));
        return detail::TimeoutAwaiter<Inner>(strand, static_cast<Awaitable&&>(awaitable), ticks);
    }
};

// Of a request: its Reply, or `timed_out`. Of batch() and linked(): the same for each. Of a task, park() and the like:
// Timed, with what they gave; the task is cancelled, and says by its result how far it came.
template <class Awaitable>
Timeout<Awaitable> with_timeout(Awaitable&& awaitable, std::uint64_t ticks) {
    return {std::forward<Awaitable>(awaitable), ticks};
}

// True when the time is over; false: cancelled before, or no place for a timer.
struct Sleep {
    class Awaiter : Wait, Timer {
    public:
        Awaiter(Strand& strand, std::uint64_t ticks) : strand_(&strand), ticks_(ticks) {}
        bool await_ready() const noexcept { return strand_->cancels != 0 || !strand_->executor->has_place_for_timer(); }
        bool await_suspend(std::coroutine_handle<>) noexcept {
            deadline = strand_->executor->deadline(ticks_);
            if (!strand_->executor->add(*this)) return false; // a time-out around it took the last place
            expired = [](Timer& timer) {
                auto& awaiter = static_cast<Awaiter&>(timer);
                awaiter.over_ = true;
                awaiter.strand_->executor->make_ready(*awaiter.strand_);
            };
            interrupt = [](Wait& wait, Strand& strand) {
                auto& awaiter = static_cast<Awaiter&>(wait);
                if (awaiter.place == 0) return; // over, and ready
                strand.executor->remove(awaiter);
                strand.executor->make_ready(strand);
            };
            leave = [](Wait& wait, Strand& strand) { strand.executor->remove(static_cast<Awaiter&>(wait)); };
            strand_->enter(*this);
            return true;
        }
        bool await_resume() noexcept {
            if (leave != nullptr) strand_->exit(*this);
            return over_;
        }

    private:
        Strand* strand_;
        std::uint64_t ticks_;
        bool over_ = false;
    };
    std::uint64_t ticks;
    Awaiter on(Strand& strand) const { return {strand, ticks}; }
};
inline Sleep sleep_for(std::uint64_t ticks) { return {ticks}; }

} // namespace sel4async
