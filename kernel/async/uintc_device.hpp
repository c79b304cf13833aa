// The kernel's hold on UINTC: which receiver entries are given out, and the accesses of uintr/driver.hpp through the
// physical map. Entry numbers and harts are checked here once. Kernel lock held. Source: shared specification of user
// interrupts, sections 5 and 6.3.
#pragma once

#include "base/types.hpp"
#include "uintr/regs.hpp"

namespace async {

inline constexpr u32 no_receiver = ~u32{0};

// What the device tree says.
struct UintcNode {
    base::Paddr window;
    u32 entries;
};
// Puts every entry into its power-on state.
void init_uintc(const UintcNode& node);
bool uintc_present();

// An entry nobody has, cleared; no_receiver: none is left.
u32 acquire_entry();
bool entry_available();
// Cleared again. The caller has made sure that no sender can reach it any more.
void release_entry(u32 receiver);

void activate_entry(u32 receiver); // on the calling hart; bits that wait interrupt the thread as soon as it runs
void deactivate_entry(u32 receiver);
bool entry_pending(u32 receiver); // of an inactive one
void send_to_entry(u32 receiver, u32 vector);

// --- For the invariant checker.
u32 entries_touched(); // entries from here on were never given out
bool entry_used(u32 receiver);
bool entry_active(u32 receiver);
u32 entry_hart(u32 receiver); // the hardware's number

} // namespace async
