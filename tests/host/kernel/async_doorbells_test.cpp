// Who serves a queue when: doorbells of a machine without TAIC, those that are lost, polling.
#include "async_box.hpp"

#include "async/executor.hpp"
#include "objects/upcalls.hpp"
#include "smp/kernel_lock.hpp"

namespace kernel::test {

namespace {

TEST_F(Async, WakeTellsTheHartThatRunsTheLeast) {
    submit(1, TAIL4_OP_Nop);
    machine.run(machine.spawn(200));
    EXPECT_EQ(control().kstate, static_cast<u32>(TAIL4_ASYNC_BLOCKED));
    fake::cpu.pending = 0;
    objects::wake(*queue);
    EXPECT_NE(fake::cpu.pending & arch::software_interrupt, 0U);
    fake::cpu.pending = 0;
    async::run_ready();
    EXPECT_EQ(control().cq_tail, 1U);
}

class TwoHarts : public Async {
protected:
    TwoHarts() : Async(TAIL4_ASYNC_BIND_NOTIFICATION, 2) {}
};

TEST_F(TwoHarts, WakeInterruptsAnIdleHart) {
    submit(1, TAIL4_OP_Nop);
    fake::cpu.ipis.clear();
    machine.syscall(machine.initial(), api::Syscall::Call, index, wire_label(Label::AsyncQueueWake), {});
    smp::lock_slowly();
    smp::unlock_slowly();
    ASSERT_FALSE(fake::cpu.ipis.empty());
    EXPECT_EQ(fake::cpu.ipis.back(), base::bit(1));
}

// The word may have been taken off the device before its hart has seen the line.
TEST_F(TwoHarts, WorkFoundByABusyHartIsOffered) {
    submit(1, TAIL4_OP_Nop);
    machine.run(machine.spawn(200));
    control().sq_priority = 7;
    async::make_ready(*queue);
    fake::cpu.ipis.clear();
    smp::lock_kernel();
    async::tick();
    smp::unlock_kernel();
    EXPECT_EQ(control().cq_tail, 0U);
    EXPECT_EQ(fake::cpu.ipis, std::vector<u64>{base::bit(1)});
}

// One whose doorbell goes through TAIC, as far as the executor knows.
class LostDoorbell : public Async {
protected:
    LostDoorbell() { name(1); }
    ~LostDoorbell() override { name(0); }
    void name(u32 process) {
        async::leave(*queue);
        queue->taic_process = static_cast<u8>(process);
        async::enter(*queue);
    }
};

TEST_F(LostDoorbell, IsFoundByTheTick) {
    submit(1, TAIL4_OP_Nop);
    async::tick(); // not rung: its user drives, or will ring
    EXPECT_EQ(control().cq_tail, 0U);
    control().kstate = TAIL4_ASYNC_NOTIFIED;
    async::tick();
    EXPECT_EQ(control().cq_tail, 1U);
    EXPECT_EQ(control().kstate, static_cast<u32>(TAIL4_ASYNC_BLOCKED));
}

TEST_F(LostDoorbell, IsFoundByAnIdleHart) {
    submit(1, TAIL4_OP_Nop);
    control().kstate = TAIL4_ASYNC_NOTIFIED;
    EXPECT_FALSE(async::work_left());
    async::look_for_lost_doorbells();
    EXPECT_TRUE(async::work_left());
    async::look_for_lost_doorbells(); // ready only once
    drive();
}

class Polled : public Async {
protected:
    Polled() : Async(TAIL4_ASYNC_BIND_POLL, 2) {}
};

TEST_F(Polled, AnIdleHartServesWithoutAnyDoorbell) {
    async::run_ready();
    EXPECT_EQ(control().kstate, static_cast<u32>(TAIL4_ASYNC_RUNNING));
    fake::cpu.hart = 1; // idle
    EXPECT_TRUE(async::take_up_polling());
    async::run_ready();
    submit(1, TAIL4_OP_Nop);
    async::spin();
    async::end_polling();
    EXPECT_TRUE(async::work_left());
    async::run_ready();
    EXPECT_EQ(control().cq_tail, 1U);
    EXPECT_EQ(control().kstate, static_cast<u32>(TAIL4_ASYNC_RUNNING));
    fake::cpu.hart = 0;
}

class PolledByFour : public Async {
protected:
    PolledByFour() : Async(TAIL4_ASYNC_BIND_POLL, 4) {}
    static bool watches(u32 hart) {
        const u32 own = fake::cpu.hart;
        fake::cpu.hart = hart;
        const bool result = async::take_up_polling();
        fake::cpu.hart = own;
        return result;
    }
    // The hart gets a thread, or has none any more.
    void set_busy(u32 hart, bool busy) {
        const u32 own = fake::cpu.hart;
        fake::cpu.hart = hart;
        scheduler::own_state().current = busy ? &machine.initial() : nullptr;
        if (busy) async::stop_polling();
        interrupt();
        fake::cpu.hart = own;
    }
    static void interrupt() {
        fake::cpu.ipis.clear();
        smp::lock_slowly();
        smp::unlock_slowly();
    }
};

// Found by tests/model/poll.pml (NO_CALL, NO_HAND_OVER, NO_TAKE).
TEST_F(PolledByFour, OneIdleHartWatches) {
    async::run_ready();
    interrupt(); // the worker's first turn is offered to hart 1
    EXPECT_TRUE(watches(1));
    EXPECT_FALSE(watches(2));
    EXPECT_FALSE(watches(3));
    set_busy(1, true);
    ASSERT_FALSE(fake::cpu.ipis.empty()); // that one may sleep
    EXPECT_EQ(fake::cpu.ipis.back(), base::bit(2));
    EXPECT_TRUE(watches(2));
    EXPECT_FALSE(watches(3));
    set_busy(3, true); // it has nothing to hand over
    EXPECT_TRUE(fake::cpu.ipis.empty());
    set_busy(2, true);
    EXPECT_TRUE(fake::cpu.ipis.empty()); // nobody is idle
    set_busy(3, false);
    EXPECT_TRUE(watches(3));
    set_busy(1, false);
    EXPECT_FALSE(watches(1));
    set_busy(2, false);
    EXPECT_FALSE(watches(2));
    async::leave(*queue);
    interrupt();
    async::enter(*queue); // a hart is called when there is something to watch
    interrupt();
    ASSERT_FALSE(fake::cpu.ipis.empty());
    EXPECT_EQ(fake::cpu.ipis.back(), base::bit(1));
    EXPECT_FALSE(watches(3));
    revoke_slot(box);
    for (u32 hart = 1; hart < 4; ++hart) EXPECT_FALSE(watches(hart));
    expect_box_free();
}

TEST_F(Polled, ATickServesWhenAllHartsAreBusy) {
    async::tick();
    submit(1, TAIL4_OP_Nop);
    async::tick();
    EXPECT_EQ(control().cq_tail, 1U);
    revoke_slot(box);
    EXPECT_FALSE(async::take_up_polling());
    expect_box_free();
}

} // namespace

} // namespace kernel::test
