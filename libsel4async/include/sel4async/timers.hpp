// Points in time somebody waits for: a binary heap of pointers with a fixed number of places. A timer lies in the frame
// of who waits; a full heap is an answer, not a failure. Ticks are those of the `time` register.
#pragma once

#include <cstdint>

namespace sel4async {

struct Timer {
    std::uint64_t deadline = 0;
    void (*expired)(Timer& self) = nullptr; // it is out of the heap then
    std::uint32_t place = 0;                // 0: not in the heap
};

class Timers {
public:
    static constexpr std::uint32_t capacity = 1024;
    static constexpr std::uint64_t never = ~std::uint64_t{0}; // a deadline that does not come

    // `ticks` after `now`; never, if the clock does not get there.
    static constexpr std::uint64_t deadline(std::uint64_t now, std::uint64_t ticks) {
        return ticks < never - now ? now + ticks : never;
    }

    bool empty() const { return count_ == 0; }
    bool full() const { return count_ == capacity; }
    void clear() { count_ = 0; }
    // Of the most urgent one; `never` if there is none.
    std::uint64_t next() const { return empty() ? never : heap_[1]->deadline; }

    [[nodiscard]] bool add(Timer& timer) {
        if (full()) return false;
        rise(++count_, timer);
        return true;
    }
    void remove(Timer& timer) {
        const std::uint32_t hole = timer.place;
        if (hole == 0) return;
        timer.place = 0;
        Timer& last = *heap_[count_--];
        if (&last == &timer) return;
        if (hole > 1 && last.deadline < heap_[hole / 2]->deadline)
            rise(hole, last);
        else
            sink(hole, last);
    }
    // The most urgent timer that is due, taken out; null: none.
    Timer* take(std::uint64_t now) {
        if (next() > now || next() == never) return nullptr;
        Timer* timer = heap_[1];
        remove(*timer);
        return timer;
    }

private:
    void put(std::uint32_t place, Timer& timer) {
        heap_[place] = &timer;
        timer.place = place;
    }
    void rise(std::uint32_t place, Timer& timer) {
        for (; place > 1 && timer.deadline < heap_[place / 2]->deadline; place /= 2) put(place, *heap_[place / 2]);
        put(place, timer);
    }
    void sink(std::uint32_t place, Timer& timer) {
        for (std::uint32_t child = 2 * place; child <= count_; child = 2 * place) {
            if (child < count_ && heap_[child + 1]->deadline < heap_[child]->deadline) ++child;
            if (timer.deadline <= heap_[child]->deadline) break;
            put(place, *heap_[child]);
            place = child;
        }
        put(place, timer);
    }

    std::uint32_t count_ = 0;
    Timer* heap_[capacity + 1] = {}; // place 0 is not used
};

} // namespace sel4async
