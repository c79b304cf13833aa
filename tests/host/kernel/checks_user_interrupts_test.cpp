// Broken registrations, sender tables and receiver entries. The device is memory here: its registers keep what is
// written.
#include "checks_box.hpp"

#include "async/sender_tables.hpp"
#include "async/uintc_device.hpp"
#include "objects/upcalls.hpp"
#include "objects/user_interrupts.hpp"

#include <array>

namespace kernel::test {

namespace {

struct Registers {
    u64 send, low, high, active;
};
alignas(64) std::array<Registers, 8> device;

struct Pair {
    u64 tcb, ntfn;
};

// A receiver that has a sender entry of its own making, and is itself a sender.
Pair receiver(Checks& t) {
    device = {};
    async::init_uintc({arch::to_paddr(device.data()), device.size()});
    const Pair pair{t.machine.make_thread(5), t.fresh(ObjectType::Notification)};
    EXPECT_EQ(t.machine.call(pair.tcb, Label::TCBBindNotification, {}, {pair.ntfn}), ok());
    EXPECT_EQ(t.machine.call(pair.ntfn, Label::NotificationRegisterReceiver, {}, {pair.tcb}), ok());
    for (const u64 vector : {3U, 4U}) {
        const u64 cap = t.machine.mint(pair.ntfn, vector);
        EXPECT_EQ(t.machine.call(cap, Label::NotificationRegisterSender).code, 0U);
    }
    EXPECT_EQ(broken_invariant(t.machine), "");
    return pair;
}
objects::UserInterruptView view() { return objects::user_interrupt_view(); }
async::SenderTablesView tables() { return async::sender_tables_view(); }

const Break user_interrupts[] = {
    {"uintc.receiver", [](Checks& t) { t.machine.tcb(receiver(t).tcb).user_interrupts.receiver = 7; }},
    {"uintc.sender", [](Checks& t) { receiver(t), t.machine.initial().user_interrupts.sender_table = 9; }},
    {"uintc.id", [](Checks& t) { t.machine.tcb(receiver(t).tcb).interrupt_id = 0; }},
    {"uintc.dead-receiver", [](Checks& t) { receiver(t), view().receivers[6] = &t.machine.initial(); }},
    {"uintc.dead-sender", [](Checks& t) { receiver(t), view().senders[6] = &t.machine.initial(); }},
    {"uintc.list", [](Checks& t) { receiver(t), tables().next[0] = 1; }}, // a circle
    {"uintc.entry",
     [](Checks& t) {
         receiver(t);
         tables().words[1] = uintr::SenderEntry::make(5, 4).raw;
     }},
    {"uintc.vector", [](Checks& t) { receiver(t), tables().vectors[0] |= 2; }},
    {"uintc.leftover", [](Checks& t) { receiver(t), view().leftovers[0] |= 1; }}, // it lives
    {"uintc.stale-entry", [](Checks& t) { receiver(t), tables().vectors[5] |= 1; }},
    {"uintc.listed",
     [](Checks& t) { // in a table, in nobody's list
         receiver(t);
         tables().words[objects::sender_table_entries + 7] = uintr::SenderEntry::make(0, 4).raw;
         tables().used[objects::sender_table_entries / 64] = 1 << 7;
     }},
    {"uintc.table",
     [](Checks& t) {
         receiver(t);
         for (u32 table = 1; table < objects::max_sender_tables; ++table) // one of them is looked at
             tables().words[table * objects::sender_table_entries + 7] = uintr::SenderEntry::make(0, 4).raw;
     }},
    {"uintc.used", [](Checks& t) { receiver(t), async::release_entry(0); }},
    {"uintc.active", [](Checks& t) { receiver(t), device[0].active = 1; }},
    {"uintc.active",
     [](Checks& t) { // guarded by a hart that sleeps, which then runs something else
         const Pair pair = receiver(t);
         t.machine.syscall(t.machine.tcb(pair.tcb), api::Syscall::Recv, pair.ntfn);
         Tcb* running = scheduler::own_state().current;
         objects::enqueue(*running);
         objects::exchange_user_interrupts(nullptr);
         scheduler::own_state().current = nullptr;
         EXPECT_TRUE(objects::guard_parked_receivers());
         device[0].active = 1;
         EXPECT_EQ(broken_invariant(t.machine), "");
         objects::dequeue(*running);
         objects::exchange_user_interrupts(running);
         scheduler::own_state().current = running;
     }},
    {"uintc.line", [](Checks& t) { receiver(t), fake::cpu.pending |= uintr::software_interrupt; }},
    {"uintc.parked",
     [](Checks& t) {
         receiver(t);
         view().parked[0][0] |= 2; // nobody's
     }},
    {"uintc.parked",
     [](Checks& t) {
         receiver(t);
         const u64 own_ntfn = t.fresh(ObjectType::Notification);
         EXPECT_EQ(t.machine.call(own_tcb, Label::TCBBindNotification, {}, {own_ntfn}), ok());
         EXPECT_EQ(t.machine.call(own_ntfn, Label::NotificationRegisterReceiver, {}, {own_tcb}), ok());
         EXPECT_EQ(broken_invariant(t.machine), "");
         view().parked[0][0] |= 2; // of one that runs
         ++objects::parked_receivers[0];
     }},
    {"uintc.parked-count", [](Checks& t) { receiver(t), ++objects::parked_receivers[0]; }},
};

} // namespace

INSTANTIATE_TEST_SUITE_P(UserInterrupts, CheckerBreaks, testing::ValuesIn(user_interrupts));

} // namespace kernel::test
