// What a user can ask for beside the operation itself: links, cancelling, urgent completions, priorities, and the
// doorbells of a machine without TAIC. Rules: sel4/async_abi.h.
#include "async_box.hpp"

#include "async/executor.hpp"
#include "objects/upcalls.hpp"
#include "smp/kernel_lock.hpp"

namespace kernel::test {

namespace {

constexpr u32 cancelled = TAIL4_ASYNC_CANCELLED;

class Requests : public Async {
protected:
    // Deletes an empty slot, or fails.
    tail4_AsyncSlot& good(u32 slot, u32 flags) { return add(slot, flags, 64); }
    tail4_AsyncSlot& bad(u32 slot, u32 flags) { return add(slot, flags, 13); }
    tail4_AsyncSlot& add(u32 slot, u32 flags, u64 depth) {
        tail4_AsyncSlot& request = submit(slot, TAIL4_OP_CNodeDelete, CN, {700, depth});
        request.flags = flags;
        return request;
    }
    u32 code(const tail4_AsyncSlot& slot) {
        EXPECT_EQ(slot.done, slot.generation);
        return tail4_async_error(slot.status);
    }
};

TEST_F(Requests, ALinkHoldsWhenAllGoesWell) {
    const tail4_AsyncSlot* slots[] = {&good(1, TAIL4_ASYNC_SLOT_LINK), &good(2, TAIL4_ASYNC_SLOT_LINK), &good(3, 0)};
    EXPECT_EQ(drive(), 3U);
    for (const auto* slot : slots) EXPECT_EQ(code(*slot), 0U);
}

TEST_F(Requests, ABrokenLinkCancelsTheRestOfItsChain) {
    const auto& first = good(1, TAIL4_ASYNC_SLOT_LINK);
    const auto& broken = bad(2, TAIL4_ASYNC_SLOT_LINK);
    const auto& third = good(3, TAIL4_ASYNC_SLOT_LINK);
    const auto& last = good(4, 0);
    const auto& other = good(5, 0);
    EXPECT_EQ(drive(), 5U);
    EXPECT_EQ(code(first), 0U);
    EXPECT_EQ(code(broken), static_cast<u32>(ErrorCode::FailedLookup));
    EXPECT_EQ(code(third), cancelled);
    EXPECT_EQ(code(last), cancelled);
    EXPECT_EQ(code(other), 0U);
}

TEST_F(Requests, ALinkHoldsAcrossTurns) {
    const auto& broken = bad(1, TAIL4_ASYNC_SLOT_LINK);
    const auto& last = good(2, 0);
    EXPECT_EQ(drive(1), 1U);
    EXPECT_EQ(last.done, 0U);
    EXPECT_EQ(drive(1), 1U);
    EXPECT_NE(code(broken), 0U);
    EXPECT_EQ(code(last), cancelled);
}

TEST_F(Requests, ACancelledRequestIsNotCarriedOut) {
    const u64 victim = fresh(ObjectType::Endpoint);
    auto& request = submit(1, TAIL4_OP_CNodeDelete, CN, {victim, 64});
    __atomic_fetch_or(&request.flags, TAIL4_ASYNC_SLOT_CANCEL, __ATOMIC_RELAXED);
    const auto& linked = submit(2, TAIL4_OP_Nop);
    EXPECT_EQ(drive(), 2U);
    EXPECT_EQ(code(request), cancelled);
    EXPECT_EQ(code(linked), 0U);
    EXPECT_FALSE(machine.slot(victim).empty());
}

TEST_F(Requests, CancellingBreaksTheChain) {
    const auto& request = good(1, TAIL4_ASYNC_SLOT_LINK | TAIL4_ASYNC_SLOT_CANCEL);
    const auto& linked = good(2, 0);
    drive();
    EXPECT_EQ(code(request), cancelled);
    EXPECT_EQ(code(linked), cancelled);
}

TEST_F(Requests, APreemptedRequestCanBeCancelled) {
    const u64 node = fresh(ObjectType::CapTable, 8);
    auto& request = submit(1, TAIL4_OP_CNodeDelete, CN, {node, 64});
    fake::preempt_after(20);
    EXPECT_EQ(drive(), 0U);
    fake::preempt_after(0);
    __atomic_fetch_or(&request.flags, TAIL4_ASYNC_SLOT_CANCEL, __ATOMIC_RELAXED);
    EXPECT_EQ(drive(), 1U);
    EXPECT_EQ(code(request), cancelled);
    EXPECT_TRUE(machine.cap(node).is(CapType::Zombie));
    EXPECT_EQ(broken_invariant(machine), "");
    delete_slot(node);
}

// The second request ends the queue in the middle of its turn: what was urgent has been published before.
TEST_F(Requests, AnUrgentCompletionDoesNotWait) {
    submit(1, TAIL4_OP_Nop).flags = TAIL4_ASYNC_SLOT_URGENT;
    submit(2, TAIL4_OP_Nop);
    submit(3, TAIL4_OP_CNodeDelete, CN, {index, 64});
    drive();
    EXPECT_EQ(control().cq_tail, 1U);
    EXPECT_EQ(control().ustate, static_cast<u32>(TAIL4_ASYNC_RUNNING));
}

// --- Past the rings

class Execute : public Requests {
protected:
    tail4_AsyncSlot& write(u32 slot, u32 op, u64 cptr = 0, const Words& words = {}) {
        tail4_AsyncSlot& request = submit(slot, op, cptr, words);
        --control().sq_tail;
        return request;
    }
    u64 execute(u64 slot) {
        const Reply reply = machine.call(index, Label::AsyncQueueExecute, {slot});
        EXPECT_EQ(reply.code, 0U);
        return reply.words.empty() ? 99 : reply.words[0];
    }
};

TEST_F(Execute, CompletesInItsSlotOnly) {
    const auto& slot = write(5, TAIL4_OP_CNodeDelete, CN, {700, 13});
    EXPECT_EQ(execute(5), static_cast<u64>(TAIL4_ASYNC_COMPLETE));
    EXPECT_EQ(code(slot), static_cast<u32>(ErrorCode::FailedLookup));
    EXPECT_EQ(control().cq_tail, 0U);
    EXPECT_EQ(queue->requests(), 1U);
    EXPECT_EQ(queue->completed(), 1U);
    EXPECT_EQ(machine.call(index, Label::AsyncQueueExecute, {64}), error(ErrorCode::InvalidArgument, {0}));
}

TEST_F(Execute, NothingOvertakes) {
    submit(1, TAIL4_OP_Nop);
    auto& slot = write(2, TAIL4_OP_Nop);
    EXPECT_EQ(execute(2), static_cast<u64>(TAIL4_ASYNC_NOT_BEGUN));
    drive();
    slot.flags = TAIL4_ASYNC_SLOT_LINK;
    EXPECT_EQ(execute(2), static_cast<u64>(TAIL4_ASYNC_NOT_BEGUN));
    EXPECT_EQ(slot.done, 0U);
    slot.flags = 0;
    EXPECT_EQ(execute(2), static_cast<u64>(TAIL4_ASYNC_COMPLETE));
    EXPECT_EQ(code(slot), 0U);
}

TEST_F(Execute, APreemptedOneGoesOnInTheRing) {
    const u64 node = fresh(ObjectType::CapTable, 8);
    const auto& slot = write(1, TAIL4_OP_CNodeDelete, CN, {node, 64});
    fake::preempt_after(20);
    EXPECT_EQ(execute(1), static_cast<u64>(TAIL4_ASYNC_BEGUN));
    fake::preempt_after(0);
    EXPECT_EQ(slot.done, 0U);
    write(2, TAIL4_OP_Nop);
    EXPECT_EQ(execute(2), static_cast<u64>(TAIL4_ASYNC_NOT_BEGUN));
    EXPECT_EQ(drive(), 1U);
    EXPECT_EQ(code(slot), 0U);
    EXPECT_EQ(queue->cq[0], 1U);
    EXPECT_TRUE(machine.slot(node).empty());
}

TEST_F(Execute, AQueueDeletesItself) {
    write(1, TAIL4_OP_CNodeDelete, CN, {index, 64});
    EXPECT_EQ(execute(1), static_cast<u64>(TAIL4_ASYNC_BEGUN));
    EXPECT_TRUE(machine.slot(index).empty());
    EXPECT_EQ(broken_invariant(machine), "");
}

// --- Priorities

class Priorities : public Requests {
protected:
    Priorities() {
        EXPECT_EQ(machine.call(second, Label::AsyncQueueBind, {0}, {CN, own_vspace}), ok());
        machine.run(machine.spawn(1));
    }
    static void say(objects::AsyncQueue& to, char what, u32 count, u32 priority) {
        for (u32 i = 0; i < count; ++i) {
            tail4_AsyncSlot& slot = to.shared[i];
            slot = {};
            slot.op = TAIL4_OP_DebugPutChar;
            slot.words[0] = static_cast<u64>(what);
            to.sq[to.control->sq_tail++ & to.slot_mask] = i;
        }
        to.control->sq_priority = priority;
        objects::wake(to);
        fake::cpu.pending = 0; // as if that interrupt were taken
    }
    u64 second = fresh(ObjectType::AsyncQueue, 15);
    objects::AsyncQueue* other = machine.cap(second).as_async_queue();
};

TEST_F(Priorities, TheMoreImportantGoesFirst) {
    fake::cpu.console.clear();
    say(*queue, 'a', 2, 7);
    say(*other, 'b', 2, 9);
    async::run_ready();
    EXPECT_EQ(fake::cpu.console, "bbaa");
    say(*queue, 'a', 1, 1000000); // no more than the binder's MCP
    EXPECT_EQ(queue->priority, 255);
    say(*other, 'b', 1, 0);
    EXPECT_EQ(other->priority, machine.initial().priority);
}

TEST_F(Priorities, EqualsTakeTurns) {
    fake::cpu.console.clear();
    say(*queue, 'a', 33, 7);
    say(*other, 'b', 33, 7);
    async::run_ready();
    EXPECT_EQ(fake::cpu.console, std::string(32, 'a') + std::string(32, 'b') + "ab");
}

TEST_F(Priorities, AThreadIsNotDisturbedByLess) {
    fake::cpu.console.clear();
    machine.run(machine.spawn(7));
    say(*queue, 'a', 1, 6);
    async::run_ready();
    async::tick();
    EXPECT_EQ(fake::cpu.console, "");
    say(*other, 'b', 1, 7);
    async::run_ready();
    EXPECT_EQ(fake::cpu.console, "");
    async::tick(); // equals get a turn
    EXPECT_EQ(fake::cpu.console, "b");
    EXPECT_TRUE(async::work_left());
}

// At ticks a thread's equals get one part in 32 of its time.
TEST_F(Priorities, ALongTurnIsPaidFor) {
    fake::cpu.console.clear();
    machine.run(machine.spawn(7));
    say(*queue, 'a', 64, 7);
    fake::cpu.clock_step = 10;
    async::tick(); // from 10 to 20
    EXPECT_EQ(fake::cpu.console, std::string(32, 'a'));
    for (int i = 0; i < 30; ++i) async::tick(); // from 30 to 320
    EXPECT_EQ(fake::cpu.console.size(), 32u);
    async::tick(); // 330
    EXPECT_EQ(fake::cpu.console.size(), 64u);
}

// --- Doorbells without a device

TEST_F(Requests, WakeTellsTheHartThatRunsTheLeast) {
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
