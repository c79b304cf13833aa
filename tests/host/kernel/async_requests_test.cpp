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

// One that is refused, too.
TEST_F(Requests, AnUnknownFlagBreaksItsLink) {
    const auto& refused = good(1, TAIL4_ASYNC_SLOT_LINK | 1U << 15);
    const auto& last = good(2, 0);
    EXPECT_EQ(drive(), 2U);
    EXPECT_NE(code(refused), 0U);
    EXPECT_EQ(code(last), cancelled);
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

} // namespace

} // namespace kernel::test
