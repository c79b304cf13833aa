// Something beside the kernel's queue that wakes strands: a channel. The executor lets it look once per round, and
// asks it before it stops looking. Source: async-design.md 6.2.
#pragma once

#include <cstdint>

namespace sel4async {

class Source {
public:
    // Sends what was gathered, and makes the strands ready that something came for.
    virtual void look() = 0;
    // How this side looks from now on: TAIL4_ASYNC_RUNNING, POLLING (the own TAIC queue only) or BLOCKED (not at all).
    // True: something is there already.
    virtual bool announce(std::uint32_t state) = 0;
    // POLLING: has something come that no TAIC word tells?
    virtual bool has_news() = 0;

    bool awaited() const { return waiting_ != 0; }

    Source* next = nullptr; // of the executor's list

protected:
    ~Source() = default;
    std::uint32_t waiting_ = 0; // strands
};

} // namespace sel4async
