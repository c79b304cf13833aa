// User interrupts of one thread (UINTC): registration as a receiver, and the bits its handler has collected. The
// handler (src/user_interrupts.S) only moves the pending bits into the area below: eight instructions, no stack,
// nothing that could disturb the interrupted code. What the bits mean is looked at where it is convenient.
//
// To block until a bit comes: mask(), look at take(), make the blocking call on the bound notification, unmask(). While
// the thread is masked no bit can go to the handler unseen, and the kernel wakes a blocked receiver that has one.
// Needs a machine with UINTC; start() fails elsewhere. Source: shared specification of user interrupts, 6.6, 6.8.
#pragma once

#include <cstdint>
#include <sel4/sel4.h>

namespace sel4async {

// What the handler finds through uscratch.
struct alignas(16) UserInterruptArea {
    std::uint64_t pending; // handler and owner, by atomic operations
    std::uint64_t spared;  // a register of the interrupted code while the handler runs
    std::uint64_t entries; // how often the handler ran
};

class UserInterrupts {
public:
    // Makes the calling thread, which `tcb` names, a receiver. `notification` is bound to it. Interrupts are on after
    // that. The object must stay where it is until stop().
    [[nodiscard]] seL4_Error start(seL4_CPtr notification, seL4_CPtr tcb);
    // The same for a calling thread that somebody else has registered.
    void install(seL4_CPtr notification);
    void stop();
    bool active() const { return notification_ != 0; }

    // The bits that arrived since the last call; no interrupt is lost between two calls.
    std::uint64_t take();
    bool any() const { return __atomic_load_n(&area_.pending, __ATOMIC_RELAXED) != 0; }
    std::uint64_t entries() const { return __atomic_load_n(&area_.entries, __ATOMIC_RELAXED); }

    void mask();
    void unmask();

private:
    UserInterruptArea area_{};
    seL4_CPtr notification_ = 0;
};

// A sender's side: `index` came from seL4_TaiL4_Notification_RegisterSender of the calling thread. What was written to
// memory before is seen by who takes the bit.
void send_user_interrupt(std::uint64_t index);

} // namespace sel4async
