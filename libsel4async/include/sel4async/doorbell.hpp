// How an executor and the kernel wake each other; the kind is chosen at run time, the executor's protocol is the same
// for all. With `drives()` the kernel works only while this thread is inside drive(); else ring() wakes the kernel, and
// wake-ups of this side arrive as task words at poll(), or as the end of wait(). Called once per batch, never per
// request. Source: async-design.md 8.2, 9.3, 9.6.
#pragma once

#include <cstdint>

namespace sel4async {

enum class DoorbellKind : std::uint8_t {
    Taic,  // TAIC words both ways; Trap where there is one hart only
    Uintc, // to the kernel by trap, back by a user interrupt: ReL4's way
    Ipi,   // to the kernel by trap, which interrupts another hart; back by the notification
    Trap,  // the kernel serves inside drive(); nobody is ever woken
    Poll   // both sides look; a user that has waited too long drives
};

class Doorbell {
public:
    virtual bool drives() const = 0;
    // The kernel may work while this thread does, so that to look again is worth something.
    virtual bool other_harts() const { return true; }

    // Lets the kernel serve up to `budget` requests now. False: the queue does not live any more.
    virtual bool drive(std::uint64_t budget) = 0;

    // Lets the kernel carry out one request that is in no ring; TAIL4_ASYNC_NOT_BEGUN and so on.
    virtual std::uint64_t execute(std::uint32_t) { return 0; }

    virtual void ring() = 0;
    // The next task word of the own TAIC queue; 0: none.
    virtual std::uint64_t poll() = 0;
    // From now on the kernel's wake-ups of this vector deliver `handler` (taic::HandlerWord).
    virtual void arm(std::uint32_t vector, std::uint64_t handler) = 0;
    // Sleeps until the kernel signals the queue's notification. May return early.
    virtual void wait() = 0;

    // Ticks of the clock that time-outs are counted in.
    virtual std::uint64_t now() { return 0; }
    // Nothing to do before some time-out: lets other threads run.
    virtual void idle() {}

protected:
    ~Doorbell() = default;
};

} // namespace sel4async
