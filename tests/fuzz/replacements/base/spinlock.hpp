// The kernel lock among harts that take turns on one processor: who waits lets another hart go on. In the place of
// kernel/base/spinlock.hpp; as fair as that.
#pragma once

#include "base/types.hpp"

namespace fuzz {
void before_lock();        // a hart has trapped; another may come first
void wait_for_lock();      // lets another hart run
void note_lock(bool held); // by the hart that runs
} // namespace fuzz

namespace base {

// Nothing happens while a hart only looks: whoever is asked comes with the firmware's interrupt, which follows.
template <class Done>
[[nodiscard]] bool spin_until(Done done, u32) {
    return done();
}

class TicketLock {
public:
    template <class F>
    void acquire(F while_waiting) {
        fuzz::before_lock();
        const u32 mine = next_++;
        while (serving_ != mine) {
            while_waiting();
            fuzz::wait_for_lock();
        }
        fuzz::note_lock(true);
    }
    void release() {
        fuzz::note_lock(false);
        ++serving_;
    }
    bool contended() const { return next_ - serving_ > 1; }

private:
    u32 next_ = 0;
    u32 serving_ = 0;
};

} // namespace base
