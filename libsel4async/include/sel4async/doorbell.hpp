// How an executor and the kernel wake each other. Two kinds, chosen at run time: with `drives()` the kernel works only
// while this thread is inside drive() (one hart, or no TAIC); else ring() wakes the kernel on another hart, and
// wake-ups of this side arrive as task words at poll(), or as the end of wait(). Called once per batch, never per
// request. Source: async-design.md 8.2, 9.3, 9.6.
#pragma once

#include <cstdint>

namespace sel4async {

class Doorbell {
public:
    virtual bool drives() const = 0;

    // Lets the kernel serve up to `budget` requests now. False: the queue does not live any more.
    virtual bool drive(std::uint64_t budget) = 0;

    virtual void ring() = 0;
    // The next task word of the own TAIC queue; 0: none.
    virtual std::uint64_t poll() = 0;
    // From now on the kernel's wake-ups of this vector deliver `handler` (taic::HandlerWord).
    virtual void arm(std::uint32_t vector, std::uint64_t handler) = 0;
    // Sleeps until the kernel signals the queue's notification. May return early.
    virtual void wait() = 0;

protected:
    ~Doorbell() = default;
};

} // namespace sel4async
