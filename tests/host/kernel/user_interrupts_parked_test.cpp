// Receivers of user interrupts that wait: who wakes them, and how a hart that sleeps guards them.
#include "user_interrupts_box.hpp"

#include "smp/kernel_lock.hpp"
#include "syscalls/handle.hpp"

#include <functional>
#include <vector>

namespace kernel::test {

class ParkedReceiver : public UserInterrupts {
protected:
    explicit ParkedReceiver(u32 harts = 1) : UserInterrupts(harts) {}
    // The receiver waits for its notification; the initial thread runs.
    void block() {
        thread = &machine.tcb(pair.tcb);
        machine.syscall(*thread, Syscall::Recv, pair.ntfn);
    }
    Pair pair = receiver();
    Tcb* thread = nullptr;
};

// Case 89, the steps: the bit is there before the thread blocks; while it is parked; the kernel sends.
TEST_F(ParkedReceiver, BitBeforeBlockingKeepsItAwake) {
    device[0].high = 8;
    block();
    EXPECT_TRUE(thread->runnable());
    EXPECT_EQ(device[0].high, 8U); // still there for its handler
    EXPECT_EQ(objects::parked_receivers[0], 0U);
}

TEST_F(ParkedReceiver, TickFindsABit) {
    block();
    EXPECT_EQ(thread->state, ThreadState::BlockedOnNotification);
    EXPECT_EQ(objects::parked_receivers[0], 1U);
    tick();
    EXPECT_EQ(thread->state, ThreadState::BlockedOnNotification);
    device[0].high = 1;
    tick();
    EXPECT_TRUE(thread->runnable());
    EXPECT_EQ(objects::parked_receivers[0], 0U);
}

class ParkedOnTwoHarts : public ParkedReceiver {
protected:
    ParkedOnTwoHarts() : ParkedReceiver(2) {}
};

TEST_F(ParkedOnTwoHarts, AMoveTakesItsCountAlong) {
    block();
    scheduler::set_affinity(*thread, 1);
    EXPECT_EQ(objects::parked_receivers[0], 0U);
    EXPECT_EQ(objects::parked_receivers[1], 1U);
    EXPECT_TRUE(objects::send_user_interrupt(*thread, 17));
    EXPECT_TRUE(thread->runnable());
    EXPECT_EQ(objects::parked_receivers[1], 0U);
}

TEST_F(ParkedReceiver, KernelWakesAtOnce) {
    block();
    EXPECT_TRUE(objects::send_user_interrupt(*thread, 17));
    EXPECT_EQ(device[0].send, 17U);
    EXPECT_TRUE(thread->runnable());
}

TEST_F(ParkedReceiver, SignalWakesAsEver) {
    block();
    machine.syscall(machine.initial(), Syscall::Send, machine.mint(pair.ntfn, 12));
    EXPECT_TRUE(thread->runnable());
    EXPECT_EQ(thread->context[arch::Reg::A0], 12U);
}

TEST_F(ParkedReceiver, EndsWhileParked) {
    block();
    drop(pair.tcb);
    EXPECT_EQ(objects::parked_receivers[0], 0U);
    device[0].high = 1;
    tick();
}

// A look wakes eight, and the next one goes on behind them: nobody is passed over, however busy the first ones are.
TEST_F(ParkedReceiver, ALookWakesEightAndTheNextGoesOn) {
    std::vector<Pair> all{pair};
    while (all.size() < 20) all.push_back(receiver());
    const auto wait = [&](const Pair& one) { machine.syscall(machine.tcb(one.tcb), Syscall::Recv, one.ntfn); };
    for (const Pair& one : all) wait(one);
    EXPECT_EQ(objects::parked_receivers[0], 20U);
    for (u32 i = 0; i < 20; ++i) device[i].high = 1;
    machine.run(machine.initial());
    objects::poll_parked_receivers();
    EXPECT_EQ(objects::parked_receivers[0], 12U);
    for (u32 i = 0; i < 8; ++i) EXPECT_TRUE(machine.tcb(all[i].tcb).runnable());
    for (u32 i = 0; i < 8; ++i) device[i].high = 0;
    for (u32 i = 0; i < 8; ++i) wait(all[i]); // they are there again at once
    for (u32 i = 0; i < 8; ++i) device[i].high = 1;
    machine.run(machine.initial());
    objects::poll_parked_receivers();
    for (u32 i = 8; i < 16; ++i) EXPECT_TRUE(machine.tcb(all[i].tcb).runnable());
    objects::poll_parked_receivers();
    for (u32 i = 16; i < 20; ++i) EXPECT_TRUE(machine.tcb(all[i].tcb).runnable());
}

TEST_F(ParkedReceiver, RegisteredWhileItWaits) {
    EXPECT_EQ(machine.call(pair.ntfn, Label::NotificationUnregisterReceiver), ok());
    block();
    EXPECT_EQ(machine.call(pair.ntfn, Label::NotificationRegisterReceiver, {}, {pair.tcb}), ok());
    device[0].high = 1;
    tick();
    EXPECT_TRUE(thread->runnable());
}

// It began to receive from an endpoint before its notification, which has been signalled, was bound to it. Signals
// leave it there, as in seL4; its bits do not, and it gets what was signalled.
class BoundWhileItReceives : public UserInterrupts {
protected:
    BoundWhileItReceives() : UserInterrupts(2) {
        thread = &machine.tcb(tcb);
        machine.syscall(*thread, Syscall::Recv, fresh(ObjectType::Endpoint));
        bind_active(6);
    }
    void bind_active(u64 badge) {
        ntfn = fresh(ObjectType::Notification);
        machine.syscall(machine.initial(), Syscall::Send, machine.mint(ntfn, badge));
        EXPECT_EQ(machine.call(tcb, Label::TCBBindNotification, {}, {ntfn}), ok());
        EXPECT_EQ(machine.call(ntfn, Label::NotificationRegisterReceiver, {}, {tcb}), ok());
        EXPECT_EQ(thread->state, ThreadState::BlockedOnReceive);
        EXPECT_TRUE(machine.cap(ntfn).as_notification()->active());
        EXPECT_EQ(broken_invariant(machine), "");
    }
    void expect_woken(u64 badge) {
        scheduler::schedule();
        EXPECT_TRUE(thread->runnable());
        EXPECT_EQ(thread->context[arch::Reg::A0], badge);
        EXPECT_FALSE(machine.cap(ntfn).as_notification()->active());
        EXPECT_EQ(objects::parked_receivers[0] + objects::parked_receivers[1], 0U);
        EXPECT_EQ(broken_invariant(machine), "");
    }
    u64 tcb = machine.make_thread(100);
    u64 ntfn = 0;
    Tcb* thread = nullptr;
};

TEST_F(BoundWhileItReceives, TheKernelWakesIt) {
    EXPECT_TRUE(objects::send_user_interrupt(*thread, 17));
    expect_woken(6);
}

TEST_F(BoundWhileItReceives, ATickFindsItsBit) {
    device[0].high = 1;
    tick();
    expect_woken(6);
    EXPECT_EQ(device[0].high, 1U); // for its handler
}

TEST_F(BoundWhileItReceives, ASignalAloneDoesNot) {
    machine.syscall(machine.initial(), Syscall::Send, machine.mint(ntfn, 9));
    EXPECT_EQ(thread->state, ThreadState::BlockedOnReceive);
    EXPECT_TRUE(objects::send_user_interrupt(*thread, 17));
    expect_woken(6 | 9);
}

TEST_F(BoundWhileItReceives, BoundAnewItGetsWhatTheNewOneHas) {
    EXPECT_EQ(machine.call(tcb, Label::TCBUnbindNotification), ok());
    EXPECT_EQ(objects::parked_receivers[0], 0U);
    bind_active(80);
    EXPECT_TRUE(objects::send_user_interrupt(*thread, 17));
    expect_woken(80);
}

TEST_F(BoundWhileItReceives, OnAnotherHartAsWell) {
    scheduler::set_affinity(*thread, 1);
    EXPECT_TRUE(objects::send_user_interrupt(*thread, 17));
    expect_woken(6);
}

// Suspended it waits for nothing; made to go on, it receives again and takes the signal.
TEST_F(BoundWhileItReceives, ResumedItTakesTheSignal) {
    EXPECT_EQ(machine.call(tcb, Label::TCBSuspend), ok());
    EXPECT_TRUE(objects::send_user_interrupt(*thread, 17));
    EXPECT_EQ(thread->state, ThreadState::Inactive);
    EXPECT_EQ(machine.call(tcb, Label::TCBResume), ok());
    machine.run(*thread);
    syscalls::handle(*thread, static_cast<i64>(Syscall::Recv));
    scheduler::schedule();
    expect_woken(6);
}

// A hart that sleeps guards its parked receivers. Whether an entry is active is a register of its own here.
class GuardedReceiver : public ParkedReceiver {
protected:
    GuardedReceiver() : ParkedReceiver(2) {}
    bool guard() {
        const bool guarded = objects::guard_parked_receivers();
        device[0].active = (device[0].low & 1) != 0 ? 1 : 0;
        return guarded;
    }
    static std::vector<u64> kicks(const std::function<void()>& action) {
        fake::cpu.ipis.clear();
        smp::lock_kernel();
        action();
        smp::unlock_kernel();
        return fake::cpu.ipis;
    }
    static bool watches() { return fake::cpu.watches_user_interrupts[0]; }
};

TEST_F(GuardedReceiver, IsActiveWhileItsHartSleeps) {
    block();
    EXPECT_TRUE(guard());
    EXPECT_EQ(device[0].low, uintr::Low::running(smp::this_hart().hart_id_).raw);
    EXPECT_TRUE(watches());
    device[0].high = 4;
    objects::end_guard();
    EXPECT_EQ(device[0].active, 0U);
    EXPECT_FALSE(watches());
    EXPECT_FALSE(thread->runnable());
    objects::poll_parked_receivers(); // before the next sleep
    EXPECT_TRUE(thread->runnable());
    EXPECT_EQ(device[0].high, 4U);
}

TEST_F(GuardedReceiver, OverMoreThanItLooksAtItPolls) {
    block();
    for (u32 i = 1; i < 32; ++i) {
        const Pair one = receiver();
        machine.syscall(machine.tcb(one.tcb), Syscall::Recv, one.ntfn);
    }
    EXPECT_TRUE(guard());
    objects::end_guard();
    const Pair last = receiver();
    machine.syscall(machine.tcb(last.tcb), Syscall::Recv, last.ntfn);
    EXPECT_FALSE(objects::guard_parked_receivers());
    EXPECT_FALSE(watches());
    EXPECT_EQ(device[0].active, 0U);
}

TEST_F(GuardedReceiver, WokenByTheKernelItIsInactive) {
    block();
    EXPECT_TRUE(guard());
    EXPECT_TRUE(objects::send_user_interrupt(*thread, 17));
    EXPECT_EQ(device[0].active, 0U);
    objects::end_guard(); // no longer knows it
}

TEST_F(GuardedReceiver, MovedItIsInactiveAndTheOtherHartLooks) {
    block();
    EXPECT_TRUE(guard());
    // Twice: for its fence, and to look.
    EXPECT_EQ(kicks([this] { scheduler::set_affinity(*thread, 1); }), (std::vector<u64>{2, 2}));
    EXPECT_EQ(device[0].active, 0U);
}

TEST_F(GuardedReceiver, RegisteredOnAnotherHartThatHartLooks) {
    EXPECT_EQ(machine.call(pair.ntfn, Label::NotificationUnregisterReceiver), ok());
    block();
    scheduler::set_affinity(*thread, 1);
    EXPECT_EQ(kicks([this] { objects::register_receiver(*thread); }), std::vector<u64>{2});
}

// It is up whatever the entries are.
TEST_F(GuardedReceiver, TaicsLineLeavesItToTheTick) {
    block();
    fake::cpu.pending |= uintr::software_interrupt;
    device[0].low = 0;
    EXPECT_FALSE(guard());
    EXPECT_EQ(device[0].low, 0U);
    EXPECT_FALSE(watches());
    fake::cpu.pending = 0;
}

} // namespace kernel::test
