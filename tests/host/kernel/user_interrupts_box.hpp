// A machine with UINTC. The device is memory here: its registers keep what was written.
#pragma once

#include "box.hpp"

#include "async/uintc_device.hpp"
#include "objects/upcalls.hpp"
#include "objects/user_interrupts.hpp"

#include <array>

namespace kernel::test {

using api::Syscall;

struct UintcRegisters {
    u64 send, low, high, active;
};
inline constexpr u32 uintc_entries = 40;
alignas(64) inline std::array<UintcRegisters, uintc_entries> device;

class UserInterrupts : public BoxTest {
protected:
    explicit UserInterrupts(u32 harts = 1) : BoxTest(harts) {
        async::init_uintc({arch::to_paddr(device.data()), uintc_entries});
    }

    // A thread with a notification bound to it; the slots of both.
    struct Pair {
        u64 tcb, ntfn;
    };
    Pair bound(u8 priority = 100) {
        const Pair pair{machine.make_thread(priority), fresh(ObjectType::Notification)};
        EXPECT_EQ(machine.call(pair.tcb, Label::TCBBindNotification, {}, {pair.ntfn}), ok());
        return pair;
    }
    Pair receiver(u8 priority = 100) {
        const Pair pair = bound(priority);
        EXPECT_EQ(machine.call(pair.ntfn, Label::NotificationRegisterReceiver, {}, {pair.tcb}), ok());
        return pair;
    }
    u32 entry_of(const Pair& pair) { return machine.tcb(pair.tcb).user_interrupts.receiver - 1U; }
    Reply register_sender(u64 cap) { return machine.call(cap, Label::NotificationRegisterSender); }
    // Word of the calling thread's table.
    u64 word(u64 index) {
        const uintr::SenderTable table = fake::cpu.sender_table[fake::cpu.hart];
        return table.enabled() ? *arch::to_pointer<const u64>(base::Paddr{table.base() + 8 * index}) : 0;
    }
    void drop(u64 slot) { EXPECT_EQ(machine.call(CN, Label::CNodeDelete, {slot, 64}), ok()); }
    void tick() {
        scheduler::timer_tick();
        scheduler::schedule();
    }
};

} // namespace kernel::test
