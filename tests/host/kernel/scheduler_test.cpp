// The rules of sel4-abi-riscv64.md 6.2 to 6.4, 6.6 and 6.7.
#include "scheduler_box.hpp"

#include "objects/upcalls.hpp"
#include "smp/kernel_lock.hpp"

#include <thread>

namespace kernel::test {

TEST_F(Scheduling, EqualThreadsResumedInOrderRunInReverse) {
    become(100);
    Words threads;
    for (int i = 0; i < 3; ++i) threads.push_back(stopped(100));
    for (const u64 thread : threads) {
        EXPECT_EQ(machine.call(thread, Label::TCBResume), ok());
        EXPECT_EQ(machine.current(), &machine.initial());
    }
    for (const usize expected : {2U, 1U, 0U}) {
        yield();
        EXPECT_EQ(machine.current(), &machine.tcb(threads[expected]));
        expect_consistent();
    }
    yield();
    EXPECT_EQ(machine.current(), &machine.initial());
}

TEST_F(Scheduling, AHigherThreadRunsAtOnceWhenResumed) {
    become(100);
    const u64 high = stopped(101);
    Tcb& thread = machine.tcb(high);
    machine.syscall(machine.initial(), Syscall::Call, high, wire_label(Label::TCBResume));
    EXPECT_EQ(machine.current(), &thread);
    EXPECT_EQ(fake::cpu.reservation_dropped_for, &thread.context); // QEMU drops it at each trap: no guest can tell
    expect_consistent();
    scheduler::activate(thread);
    // It blocks; the initial thread goes on, and nobody finds a blocked thread in a queue.
    objects::suspend(thread);
    scheduler::schedule();
    EXPECT_EQ(machine.current(), &machine.initial());
    expect_consistent();
    EXPECT_EQ(highest_ready(0), -1);
}

TEST_F(Scheduling, ALowerThreadWaits) {
    become(100);
    const u64 low = stopped(99);
    EXPECT_EQ(machine.call(low, Label::TCBResume), ok());
    EXPECT_EQ(machine.current(), &machine.initial());
    EXPECT_EQ(highest_ready(0), 99);
    EXPECT_EQ(machine.call(own_tcb, Label::TCBSetPriority, {98}, {own_tcb}), ok());
}

TEST_F(Scheduling, SetPriorityOfTheRunningThread) {
    Tcb& other = machine.spawn(100);
    become(100); // head of its new queue: goes on
    EXPECT_EQ(machine.current(), &machine.initial());
    machine.syscall(machine.initial(), Syscall::Call, own_tcb, wire_label(Label::TCBSetPriority), {99}, {own_tcb});
    EXPECT_EQ(machine.current(), &other);
    expect_consistent();
}

TEST_F(Scheduling, SetPriorityOfOthers) {
    become(100);
    const u64 index = machine.make_thread(50);
    Tcb& other = machine.tcb(index);
    EXPECT_EQ(machine.call(index, Label::TCBSetPriority, {60}, {own_tcb}), ok()); // stopped: only stored
    EXPECT_EQ(other.priority, 60);
    EXPECT_FALSE(other.queued);
    machine.start(other);
    EXPECT_EQ(machine.call(index, Label::TCBSetPriority, {70}, {own_tcb}), ok());
    EXPECT_EQ(highest_ready(0), 70);
    machine.syscall(machine.initial(), Syscall::Call, index, wire_label(Label::TCBSetPriority), {200}, {own_tcb});
    EXPECT_EQ(machine.current(), &other);
    expect_consistent();
}

TEST_F(Scheduling, SlicesEndAfterFiveTicks) {
    become(100);
    Tcb& other = machine.spawn(100);
    Tcb& lower = machine.spawn(99);
    for (int i = 0; i < 4; ++i) {
        tick();
        EXPECT_EQ(machine.current(), &machine.initial());
    }
    tick();
    EXPECT_EQ(machine.current(), &other);
    EXPECT_EQ(machine.initial().time_slice, objects::time_slice_ticks);
    tick();
    yield(); // does not refill the slice
    EXPECT_EQ(machine.current(), &machine.initial());
    EXPECT_EQ(other.time_slice, objects::time_slice_ticks - 1);
    EXPECT_TRUE(lower.queued);
    expect_consistent();
}

// Every tick finds the thread in the middle of a call: it is charged, and its equals have their turns.
TEST_F(Scheduling, ALongCallIsCharged) {
    become(100);
    Tcb& other = machine.spawn(100);
    const u64 memory_of_call = machine.make(ObjectType::Untyped, 16);
    const u64 child = machine.free_slot();
    const Words words = {static_cast<u64>(ObjectType::Untyped), 16, 0, 0, child, 1};
    EXPECT_EQ(machine.call(memory_of_call, Label::UntypedRetype, words, {CN}), ok());
    EXPECT_EQ(machine.call(CN, Label::CNodeDelete, {child, 64}), ok());
    // Clearing the memory again is long.
    for (unsigned i = 0; i < objects::time_slice_ticks; ++i) {
        EXPECT_EQ(machine.current(), &machine.initial());
        Reply reply;
        fake::preempt_after(1);
        Tcb& thread = machine.initial();
        machine.syscall(thread, Syscall::Call, memory_of_call, wire_label(Label::UntypedRetype), words, {CN});
        fake::preempt_after(0);
        ASSERT_EQ(thread.state, ThreadState::Restart);
        tick();
    }
    EXPECT_EQ(machine.current(), &other);
    EXPECT_TRUE(machine.initial().queued);
    expect_consistent();
}

// The call of one hart makes way for another that waits for the lock.
TEST_F(Scheduling, ALongCallMakesWayForAnotherHart) {
    const u64 memory_of_call = machine.make(ObjectType::Untyped, 16);
    const u64 child = machine.free_slot();
    const Words words = {static_cast<u64>(ObjectType::Untyped), 16, 0, 0, child, 1};
    EXPECT_EQ(machine.call(memory_of_call, Label::UntypedRetype, words, {CN}), ok());
    EXPECT_EQ(machine.call(CN, Label::CNodeDelete, {child, 64}), ok());
    smp::hart_count = 2;
    smp::lock_slowly();
    fake::cpu.hart = 1;
    std::thread waiting([] {
        smp::lock_slowly();
        smp::unlock_slowly();
    });
    while (!smp::contended_slowly()) std::this_thread::yield();
    fake::cpu.hart = 0;
    Reply reply;
    EXPECT_FALSE(machine.call_once(memory_of_call, Label::UntypedRetype, words, {CN}, reply));
    smp::unlock_slowly();
    waiting.join();
    EXPECT_TRUE(machine.call_once(memory_of_call, Label::UntypedRetype, words, {CN}, reply));
    EXPECT_EQ(reply, ok());
    smp::hart_count = 1;
}

TEST_F(Scheduling, BlockingDoesNotRefillTheSlice) {
    become(100);
    tick();
    const u64 ntfn = machine.make(ObjectType::Notification);
    Tcb& other = machine.spawn(90);
    machine.syscall(machine.initial(), Syscall::Recv, ntfn);
    EXPECT_EQ(machine.current(), &other);
    machine.syscall(other, Syscall::Send, ntfn);
    EXPECT_EQ(machine.current(), &machine.initial());
    EXPECT_EQ(machine.initial().time_slice, objects::time_slice_ticks - 1);
}

TEST_F(Scheduling, NothingToRunIsIdle) {
    const u64 ntfn = machine.make(ObjectType::Notification);
    machine.syscall(machine.initial(), Syscall::Recv, ntfn);
    EXPECT_EQ(machine.current(), nullptr);
    EXPECT_EQ(fake::cpu.space[0].root, 0U);
    tick();
    EXPECT_EQ(machine.current(), nullptr);
    objects::signal(*machine.cap(ntfn).as_notification(), 5);
    scheduler::schedule();
    EXPECT_EQ(machine.current(), &machine.initial());
    EXPECT_EQ(machine.initial().context[arch::Reg::A0], 5U);
    EXPECT_NE(fake::cpu.space[0].root, 0U);
}

TEST_F(Scheduling, SuspendOfTheRunningThreadGivesTheHartAway) {
    Tcb& other = machine.spawn(10);
    machine.syscall(machine.initial(), Syscall::Call, own_tcb, wire_label(Label::TCBSuspend));
    EXPECT_EQ(machine.current(), &other);
    EXPECT_EQ(machine.initial().state, ThreadState::Inactive);
    expect_consistent();
}

TEST_F(Scheduling, DeletingTheRunningThreadLeavesNothingBehind) {
    const u64 index = machine.make_thread(255);
    Tcb& doomed = machine.tcb(index);
    machine.start(doomed);
    machine.run(doomed);
    machine.syscall(doomed, Syscall::Call, CN, wire_label(Label::CNodeDelete), {index, 64});
    EXPECT_EQ(machine.current(), &machine.initial());
    EXPECT_TRUE(machine.slot(index).empty());
    expect_consistent();
}

TEST_F(Scheduling, EveryPriorityIsFound) {
    Tcb& thread = machine.spawn(0);
    for (unsigned priority = 0; priority < 256; ++priority) {
        objects::dequeue(thread);
        EXPECT_EQ(highest_ready(0), -1);
        thread.priority = static_cast<u8>(priority);
        objects::enqueue(thread);
        EXPECT_EQ(highest_ready(0), static_cast<int>(priority));
    }
}

class Affinity : public Scheduling {
protected:
    Affinity() : Scheduling(4, 1, true) {}

    void schedule_on(u32 hart) {
        fake::cpu.hart = hart;
        scheduler::schedule();
        if (machine.current() != nullptr) scheduler::activate(*machine.current());
        fake::cpu.hart = 0;
    }
};

TEST_F(Affinity, ErrorsAndTheMove) {
    const u64 index = machine.make_thread(10);
    Tcb& thread = machine.tcb(index);
    EXPECT_EQ(machine.call(index, Label::TCBSetAffinity, {4}), error(ErrorCode::IllegalOperation));
    EXPECT_EQ(machine.call(index, Label::TCBSetAffinity), error(ErrorCode::TruncatedMessage));
    EXPECT_EQ(machine.call(index, Label::TCBSetAffinity, {2}), ok());
    EXPECT_EQ(machine.call(index, Label::TCBResume), ok());
    EXPECT_EQ(highest_ready(2), 10);
    EXPECT_EQ(highest_ready(0), -1);
    EXPECT_EQ(scheduler::state_of(2).action, scheduler::choose_new); // the wake-up is in memory, the IPI a hint
    schedule_on(2);
    EXPECT_EQ(scheduler::state_of(2).current, &thread);
    // Away from the hart where it runs: that one is made to leave it first.
    fake::cpu.ipis.clear();
    EXPECT_EQ(machine.call(index, Label::TCBSetAffinity, {1}), ok());
    EXPECT_EQ(fake::cpu.ipis.at(0), base::bit(2));
    EXPECT_EQ(scheduler::state_of(2).current, nullptr);
    schedule_on(1);
    EXPECT_EQ(scheduler::state_of(1).current, &thread);
    expect_consistent();
}

TEST_F(Affinity, SuspendStopsAThreadOnAnotherHart) {
    const u64 index = machine.make_thread(10);
    Tcb& thread = machine.tcb(index);
    EXPECT_EQ(machine.call(index, Label::TCBSetAffinity, {3}), ok());
    EXPECT_EQ(machine.call(index, Label::TCBResume), ok());
    schedule_on(3);
    ASSERT_EQ(scheduler::state_of(3).current, &thread);
    EXPECT_EQ(machine.call(index, Label::TCBSuspend), ok());
    EXPECT_EQ(scheduler::state_of(3).current, nullptr);
    EXPECT_EQ(thread.state, ThreadState::Inactive);
    schedule_on(3);
    EXPECT_EQ(scheduler::state_of(3).current, nullptr);
    expect_consistent();
}

// It runs there and stands in no queue: it has to stop before its domain, and so its queue, can change.
TEST_F(Affinity, AThreadChangesItsDomainWhileItRunsElsewhere) {
    const u64 index = machine.make_thread(10);
    Tcb& thread = machine.tcb(index);
    EXPECT_EQ(machine.call(index, Label::TCBSetAffinity, {3}), ok());
    EXPECT_EQ(machine.call(index, Label::TCBResume), ok());
    schedule_on(3);
    ASSERT_EQ(scheduler::state_of(3).current, &thread);
    EXPECT_EQ(machine.call(domain_cap, Label::DomainSetSet, {0}, {index}), ok());
    EXPECT_EQ(scheduler::state_of(3).current, nullptr);
    EXPECT_EQ(highest_ready(3), 10);
    expect_consistent();
    schedule_on(3);
    EXPECT_EQ(scheduler::state_of(3).current, &thread);
    expect_consistent();
}

TEST_F(Affinity, OnlyAMoreImportantThreadInterruptsAHart) {
    const u64 high = machine.make_thread(50);
    const u64 low = machine.make_thread(40);
    for (const u64 index : {high, low}) EXPECT_EQ(machine.call(index, Label::TCBSetAffinity, {1}), ok());
    EXPECT_EQ(machine.call(high, Label::TCBResume), ok());
    schedule_on(1);
    EXPECT_EQ(machine.call(low, Label::TCBResume), ok());
    EXPECT_EQ(scheduler::state_of(1).action, nullptr);
    EXPECT_EQ(highest_ready(1), 40);
}

TEST_F(Affinity, TheRunningThreadMovesItself) {
    machine.syscall(machine.initial(), Syscall::Call, own_tcb, wire_label(Label::TCBSetAffinity), {1});
    EXPECT_EQ(scheduler::state_of(0).current, nullptr);
    schedule_on(1);
    EXPECT_EQ(scheduler::state_of(1).current, &machine.initial());
    EXPECT_EQ(machine.initial().state, ThreadState::Running);
    EXPECT_EQ(machine.initial().context[arch::Reg::A1], 0U);
}

TEST_F(Affinity, TheFpuFollowsItsThread) {
    Tcb& thread = machine.initial();
    EXPECT_TRUE(scheduler::fpu_trap());
    EXPECT_EQ(thread.context.sstatus_ & arch::sstatus_fs_mask, arch::sstatus_fs_clean);
    EXPECT_FALSE(scheduler::fpu_trap()); // it has it: a real illegal instruction
    machine.syscall(thread, Syscall::Call, own_tcb, wire_label(Label::TCBSetFlags), {0, 1});
    EXPECT_EQ(fake::cpu.fpu_saves, 1U);
    EXPECT_EQ(scheduler::state_of(0).fpu_owner, nullptr);
    EXPECT_EQ(thread.context.sstatus_ & arch::sstatus_fs_mask, 0U);
    EXPECT_FALSE(scheduler::fpu_trap());
}

TEST_F(Affinity, WithoutFpuAnIllegalInstructionIsNoFirstUse) {
    arch::fpu_present = false;
    EXPECT_FALSE(scheduler::fpu_trap());
    arch::fpu_present = true;
    EXPECT_EQ(fake::cpu.fpu_loads, 0U);
    EXPECT_EQ(scheduler::state_of(0).fpu_owner, nullptr);
    EXPECT_EQ(machine.initial().context.sstatus_ & arch::sstatus_fs_mask, 0U);
}

TEST_F(Affinity, WhoUsesTheFpuAtEveryTurnGetsItWithTheProcessor) {
    Tcb& first = machine.initial();
    Tcb& second = machine.spawn(first.priority);
    scheduler::State& state = scheduler::state_of(0);
    EXPECT_TRUE(scheduler::fpu_trap());
    fake::cpu.fpu_use = arch::sstatus_fs_dirty;
    scheduler::give_fpu(state, second);
    EXPECT_EQ(state.fpu_owner, &second);
    EXPECT_EQ(first.context.sstatus_ & arch::sstatus_fs_mask, 0U);
    EXPECT_TRUE(first.fpu_eager);
    // The other one has not used it; the switch brings it back to the first.
    fake::cpu.fpu_use = arch::sstatus_fs_clean;
    state.current = &second;
    objects::dequeue(second);
    objects::append(first);
    scheduler::yield();
    EXPECT_EQ(machine.current(), &first);
    EXPECT_EQ(state.fpu_owner, &first);
    EXPECT_FALSE(first.fpu_eager);
    EXPECT_FALSE(second.fpu_eager);
    EXPECT_EQ(fake::cpu.fpu_loads, 3U);
    // Who ran in between tells nothing of the owner: a trap was proof that it uses it, a gift is none.
    fake::cpu.fpu_use = 0;
    scheduler::give_fpu(state, second);
    EXPECT_FALSE(first.fpu_eager);
    EXPECT_TRUE(scheduler::fpu_trap());
    scheduler::give_fpu(state, second);
    EXPECT_TRUE(first.fpu_eager);
    objects::release_fpu(first);
    EXPECT_FALSE(first.fpu_eager);
}

} // namespace kernel::test
