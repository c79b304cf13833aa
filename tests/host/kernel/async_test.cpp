// The asynchronous queue without TAIC, from both ends: a user (perhaps hostile) who writes shared words, and the
// kernel driven by AsyncQueueDrive. Rules: sel4/async_abi.h.
#include "async_box.hpp"

#include "async/executor.hpp"
#include "async/ring.hpp"
#include "async/send_cache.hpp"
#include "objects/upcalls.hpp"

#include <atomic>
#include <random>
#include <thread>

namespace kernel::test {

TEST_F(Async, ServesAndCompletes) {
    const tail4_AsyncSlot& slot = submit(5, TAIL4_OP_Nop);
    EXPECT_EQ(drive(), 1U);
    EXPECT_EQ(outcome(slot), ok());
    EXPECT_EQ(control().cq_tail, 1U);
    EXPECT_EQ(queue->cq[0], 5U);
    EXPECT_EQ(control().kstate, static_cast<u32>(TAIL4_ASYNC_BLOCKED));
    EXPECT_EQ(drive(), 0U);
}

TEST_F(Async, TheSameWordsAsTheSynchronousCall) {
    const u64 tcb = fresh(ObjectType::Tcb);
    const u64 ep = fresh(ObjectType::Endpoint);
    struct Row {
        Label label;
        u64 cptr;
        Words words;
        Words caps;
    };
    const Row rows[] = {
        {Label::UntypedRetype, box, {9, 0, 0, 0, 500, 1}, {CN}},
        {Label::UntypedRetype, box, {0, 39, 0, 0, 500, 1}, {CN}},
        {Label::UntypedRetype, box, {1, 0, 0, 0, 8190, 3}, {CN}},
        {Label::UntypedRetype, box, {1, 0, 1, 64, 500, 1}, {CN}},
        {Label::CNodeDelete, CN, {700, 13}, {}},
        {Label::CNodeCopy, CN, {700, 64, 701, 64, 15}, {CN}},
        {Label::CNodeCopy, CN, {ep, 64, tcb, 64, 15}, {CN}},
        {Label::CNodeMutate, CN, {702, 64, ep, 64, 5}, {CN}},
        {Label::TCBReadRegisters, tcb, {0, 2}, {}},
        {Label::TCBReadRegisters, tcb, {0, 33}, {}},
        {Label::TCBSetPriority, tcb, {256}, {own_tcb}},
        {Label::TCBSetPriority, tcb, {5}, {ep}},
        {Label::TCBSetIPCBuffer, tcb, {0x1000}, {ep}},
        {Label::TCBUnbindNotification, tcb, {}, {}},
        {Label::RISCVPageMap, ep, {0, 3, 0}, {own_vspace}},
        {Label::IRQIssueIRQHandler, irq_control, {97, 730, 64}, {CN}},
        {Label::CNodeDelete, 720, {0, 0}, {}},
    };
    for (const Row& row : rows) {
        if (machine.cap(row.cptr).is(CapType::Endpoint)) continue; // a synchronous call would be IPC
        const Reply expected = machine.call(row.cptr, row.label, row.words, row.caps);
        const tail4_AsyncSlot& slot = submit(0, static_cast<u32>(row.label), row.cptr, row.words, row.caps);
        EXPECT_EQ(drive(), 1U);
        EXPECT_EQ(outcome(slot), expected) << "label " << static_cast<u64>(row.label);
    }
    // IPC is no asynchronous operation.
    const tail4_AsyncSlot& slot = submit(1, static_cast<u32>(Label::CNodeDelete), ep, {0, 0});
    drive();
    EXPECT_EQ(outcome(slot), error(ErrorCode::InvalidCapability, {0}));
}

TEST_F(Async, RefusesUnknownRequests) {
    for (const u32 op : {0U, 42U, 255U, 257U, 261U, 262U, 263U, 511U, 515U, ~0U}) {
        const tail4_AsyncSlot& slot = submit(3, op);
        drive();
        EXPECT_EQ(outcome(slot), error(ErrorCode::InvalidArgument, {0})) << op;
    }
    tail4_AsyncSlot& flags = submit(4, TAIL4_OP_Nop);
    flags.flags = 32;
    tail4_AsyncSlot& vector = submit(6, TAIL4_OP_Nop);
    vector.vec = 1; // without TAIC only the dispatcher
    EXPECT_EQ(drive(), 2U);
    EXPECT_EQ(outcome(flags), error(ErrorCode::InvalidArgument, {0}));
    EXPECT_EQ(outcome(vector), error(ErrorCode::InvalidArgument, {0}));
    EXPECT_EQ(queue->rejected, 12U);
}

TEST_F(Async, ABadTailKillsTheQueueOnly) {
    control().sq_tail = 65;
    drive();
    EXPECT_EQ(control().kstate, static_cast<u32>(TAIL4_ASYNC_DEAD));
    EXPECT_EQ(control().dead_reason, static_cast<u32>(TAIL4_ASYNC_BAD_TAIL));
    EXPECT_EQ(machine.call(index, Label::AsyncQueueDrive, {1}), error(ErrorCode::IllegalOperation));
}

TEST_F(Async, ABadIndexKillsTheQueue) {
    queue->sq[0] = 64;
    control().sq_tail = 1;
    drive();
    EXPECT_EQ(control().dead_reason, static_cast<u32>(TAIL4_ASYNC_BAD_INDEX));
}

TEST_F(Async, WideSlotsMustBeAligned) {
    tail4_AsyncSlot& wide = submit(4, TAIL4_OP_TCBReadRegisters, fresh(ObjectType::Tcb), {0, 32});
    wide.flags = TAIL4_ASYNC_SLOT_WIDE;
    EXPECT_EQ(drive(), 1U);
    EXPECT_EQ(tail4_async_result_words(wide.status), 32U);
    tail4_AsyncSlot& narrow = submit(8, TAIL4_OP_TCBReadRegisters, fresh(ObjectType::Tcb), {0, 32});
    drive();
    EXPECT_EQ(tail4_async_result_words(narrow.status), 8U);
    submit(5, TAIL4_OP_Nop).flags = TAIL4_ASYNC_SLOT_WIDE;
    drive();
    EXPECT_EQ(control().dead_reason, static_cast<u32>(TAIL4_ASYNC_BAD_INDEX));
}

TEST_F(Async, WakesAsTheStateSays) {
    struct Row {
        u32 state, after;
        bool signalled;
    };
    for (const Row& row :
         {Row{TAIL4_ASYNC_RUNNING, TAIL4_ASYNC_RUNNING, false}, Row{TAIL4_ASYNC_BLOCKED, TAIL4_ASYNC_NOTIFIED, true},
          Row{TAIL4_ASYNC_NOTIFIED, TAIL4_ASYNC_NOTIFIED, false}, Row{TAIL4_ASYNC_DEAD, TAIL4_ASYNC_DEAD, false},
          Row{0xdeadbeef, TAIL4_ASYNC_NOTIFIED, true}}) {
        control().ustate = row.state;
        submit(1, TAIL4_OP_Nop);
        drive();
        EXPECT_EQ(control().ustate, row.after) << row.state;
        EXPECT_EQ(active(), row.signalled) << row.state;
        machine.cap(ntfn).as_notification()->consume();
    }
}

// The user has looked at the ring just before, found nothing, and its BLOCKED becomes visible at the kernel's fence.
TEST_F(Async, PublishesThenLooks) {
    control().ustate = TAIL4_ASYNC_RUNNING;
    bool published = false;
    fake::at_full_fence = [&] {
        published = control().cq_tail == 1;
        control().ustate = TAIL4_ASYNC_BLOCKED;
    };
    submit(1, TAIL4_OP_Nop);
    EXPECT_EQ(drive(), 1U);
    fake::at_full_fence = nullptr;
    EXPECT_TRUE(published);
    EXPECT_TRUE(active());
}

TEST_F(Async, ItsEndIsPublishedThenItLooks) {
    control().ustate = TAIL4_ASYNC_RUNNING;
    bool dead = false;
    fake::at_full_fence = [&] {
        dead = control().kstate == TAIL4_ASYNC_DEAD;
        control().ustate = TAIL4_ASYNC_BLOCKED;
    };
    EXPECT_EQ(machine.call(index, Label::AsyncQueueUnbind), ok());
    fake::at_full_fence = nullptr;
    EXPECT_TRUE(dead);
    EXPECT_TRUE(active());
}

TEST_F(Async, BindNeedsTheRightToSignal) {
    constexpr u64 read_right = 2, write_right = 1;
    const u64 other = fresh(ObjectType::AsyncQueue, 15);
    const auto bind_to = [&](u64 notification) {
        return machine.call(other, Label::AsyncQueueBind, {TAIL4_ASYNC_BIND_NOTIFICATION},
                            {CN, own_vspace, notification});
    };
    EXPECT_EQ(bind_to(machine.copy(ntfn, read_right)), error(ErrorCode::InvalidCapability, {3}));
    EXPECT_EQ(bind_to(machine.copy(ntfn, write_right)), ok());
}

TEST_F(Async, ItsEndWakesWhoSleepsAndLeavesTheAreaReadable) {
    const u64 vaddr = 0x20'0000;
    const u64 table = fresh(ObjectType::PageTable);
    EXPECT_EQ(machine.call(table, Label::RISCVPageTableMap, {vaddr, 0}, {own_vspace}), ok());
    EXPECT_EQ(machine.call(index, Label::AsyncQueueMap, {vaddr}, {own_vspace}), ok());
    control().ustate = TAIL4_ASYNC_BLOCKED;
    EXPECT_EQ(machine.call(index, Label::AsyncQueueUnbind), ok());
    EXPECT_EQ(control().kstate, TAIL4_ASYNC_DEAD);
    EXPECT_EQ(control().dead_reason, TAIL4_ASYNC_UNBOUND);
    EXPECT_TRUE(active());
    EXPECT_NE(queue->map_asid, 0U);
    EXPECT_EQ(broken_invariant(machine), "");
    EXPECT_EQ(machine.call(CN, Label::CNodeDelete, {index, 64}), ok());
    const u64 frame = fresh(ObjectType::Page); // the addresses are free again
    EXPECT_EQ(machine.call(frame, Label::RISCVPageMap, {vaddr, 3, 0}, {own_vspace}), ok());
}

TEST_F(Async, ItsEndSignalsNobodyWhoIsAwake) {
    control().ustate = TAIL4_ASYNC_POLLING; // looks at kstate before it sleeps
    EXPECT_EQ(machine.call(index, Label::AsyncQueueUnbind), ok());
    EXPECT_FALSE(active());
}

TEST_F(Async, ItsDeletionWakesWhoSleeps) {
    control().ustate = TAIL4_ASYNC_BLOCKED;
    EXPECT_EQ(machine.call(CN, Label::CNodeDelete, {index, 64}), ok());
    EXPECT_TRUE(active());
}

TEST_F(Async, SleepLooksOnceMore) {
    EXPECT_TRUE(async::prepare_sleep(*queue));
    EXPECT_EQ(control().kstate, static_cast<u32>(TAIL4_ASYNC_BLOCKED));
    submit(1, TAIL4_OP_Nop); // came between the last look and the state
    EXPECT_FALSE(async::prepare_sleep(*queue));
    EXPECT_EQ(control().kstate, static_cast<u32>(TAIL4_ASYNC_RUNNING));
}

TEST_F(Async, TheBudgetBounds) {
    for (u32 i = 0; i < 50; ++i) submit(i, TAIL4_OP_Nop);
    EXPECT_EQ(drive(7), 7U);
    EXPECT_EQ(control().cq_tail, 7U);
    async::tick(); // who drives has to go on driving, or to ring
    EXPECT_EQ(control().cq_tail, 7U);
    objects::wake(*queue);
    async::run_ready(); // not more important than the thread
    EXPECT_EQ(control().cq_tail, 7U);
    async::tick(); // a turn
    EXPECT_EQ(control().cq_tail, 39U);
    EXPECT_EQ(drive(), 11U);
}

// Found by tests/model/submit.pml (SPIN_READS_QUEUE): the memory of a watched queue may become anything.
TEST_F(Async, WatchingFollowsNoPointersOfTheQueue) {
    async::watch(*queue);
    tail4_AsyncControl* const shared = queue->control;
    queue->control = nullptr;
    async::spin();
    queue->control = shared;
    EXPECT_TRUE(async::is_watching());
    revoke_slot(box);
    EXPECT_FALSE(async::is_watching());
    expect_box_free();
}

// Found by tests/model/submit.pml (NO_OFFER).
TEST_F(Async, WorkLeftByAWatchIsOffered) {
    async::watch(*queue);
    for (u32 i = 0; i < 50; ++i) submit(i, TAIL4_OP_Nop);
    machine.current()->priority = 0;
    fake::cpu.pending = 0;
    async::end_polling();
    EXPECT_LT(control().cq_tail, 50U);
    EXPECT_TRUE(async::work_left());
    EXPECT_EQ(fake::cpu.pending, arch::software_interrupt);
    fake::cpu.pending = 0;
}

TEST_F(Async, AQueueDeletesItself) {
    const tail4_AsyncSlot& slot = submit(1, TAIL4_OP_CNodeDelete, CN, {index, 64});
    submit(2, TAIL4_OP_Nop);
    drive();
    EXPECT_TRUE(machine.slot(index).empty());
    EXPECT_EQ(slot.done, 0U);
    EXPECT_EQ(broken_invariant(machine), "");
    revoke_slot(box);
    expect_box_free();
}

TEST_F(Async, APreemptedRequestGoesOn) {
    const u64 node = fresh(ObjectType::CapTable, 8);
    const tail4_AsyncSlot& slot = submit(1, TAIL4_OP_CNodeDelete, CN, {node, 64});
    fake::preempt_after(20);
    EXPECT_EQ(drive(), 0U);
    fake::preempt_after(0);
    EXPECT_EQ(slot.done, 0U);
    EXPECT_TRUE(machine.cap(node).is(CapType::Zombie));
    EXPECT_EQ(drive(), 1U);
    EXPECT_EQ(outcome(slot), ok());
    EXPECT_TRUE(machine.slot(node).empty());
}

// The thread that drives is deleted by a request; the next request wants its memory. That one has to wait.
TEST_F(Async, NothingReusesTheMemoryOfTheRunningThread) {
    const u64 part = fresh(ObjectType::Untyped, api::tcb_bits);
    const u64 doomed = machine.free_slot();
    EXPECT_EQ(machine.call(part, Label::UntypedRetype, {static_cast<u64>(ObjectType::Tcb), 0, 0, 0, doomed, 1}, {CN}),
              ok());
    EXPECT_EQ(machine.call(doomed, Label::TCBConfigure, {0, 0, 0, 0}, {CN, own_vspace, 0}), ok());
    Tcb& thread = machine.tcb(doomed);
    machine.start(thread);
    const u64 reused = machine.free_slot();
    submit(1, TAIL4_OP_CNodeDelete, CN, {doomed, 64});
    const tail4_AsyncSlot& retype =
        submit(2, TAIL4_OP_UntypedRetype, part, {static_cast<u64>(ObjectType::CapTable), 6, 0, 0, reused, 1}, {CN});
    machine.syscall(thread, api::Syscall::Call, index, wire_label(Label::AsyncQueueDrive), {100});
    EXPECT_TRUE(machine.slot(doomed).empty());
    EXPECT_EQ(retype.done, 0U);
    EXPECT_EQ(machine.current(), &machine.initial());
    drive();
    EXPECT_EQ(outcome(retype), ok());
    EXPECT_EQ(broken_invariant(machine), "");
}

TEST_F(Async, WithoutItsCSpaceRequestsFail) {
    revoke_slot(CN); // takes the queue's copy, and the initial thread's
    queue->control->sq_tail = 0;
    const tail4_AsyncSlot& slot = submit(1, TAIL4_OP_CNodeDelete, CN, {0, 64});
    objects::drive(*queue, 1);
    EXPECT_EQ(outcome(slot), error(ErrorCode::FailedLookup, {0, 1}));
}

// A second thread of the user scribbles over everything it can write while the kernel serves. Its requests name
// capabilities below 60, so the caller's own TCB must not be there: a request would give it another CSpace, rightly,
// and with its next call it would be gone.
TEST_F(Async, SurvivesAHostileWriter) {
    constexpr u64 drives_wanted = 1'000'000, writes_wanted = 15'000'000;
    const u64 count = tail4_async_shared_size(15) / sizeof(u32);
    const u64 moved_tcb = machine.free_slot();
    EXPECT_EQ(machine.call(CN, Label::CNodeMove, {moved_tcb, 64, own_tcb, 64}, {CN}), ok());
    std::atomic<u32*> target{nullptr};
    std::atomic<bool> stop{false};
    std::atomic<u64> writes{0};
    std::thread writer([&] {
        std::mt19937 random(1);
        while (!stop.load(std::memory_order_relaxed)) {
            u32* words = target.load();
            if (words == nullptr) continue;
            const u32 value = static_cast<u32>(random());
            __atomic_store_n(words + random() % count, value % 4 == 0 ? value : value % 60, __ATOMIC_RELAXED);
            writes.store(writes.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
        }
    });
    u64 drives = 0, deaths = 0;
    while (drives < drives_wanted || writes.load(std::memory_order_relaxed) < writes_wanted) {
        target = reinterpret_cast<u32*>(queue->control);
        for (int i = 0; i < 1000 && queue->state == objects::QueueState::Bound; ++i, ++drives) {
            __atomic_store_n(&control().sq_tail, static_cast<u32>(queue->sq_head + 1), __ATOMIC_RELAXED);
            objects::drive(*queue, 64);
        }
        target = nullptr;
        if (queue->state != objects::QueueState::Dead) continue;
        ++deaths;
        revoke_slot(box); // what the writer may still write to is nobody's shared area until the next use
        index = fresh(ObjectType::AsyncQueue, 15);
        ntfn = fresh(ObjectType::Notification);
        queue = machine.cap(index).as_async_queue();
        bind();
        machine.give_back(moved_tcb + 1);
    }
    stop.store(true);
    writer.join();
    EXPECT_GT(deaths, 0U);
    EXPECT_EQ(broken_invariant(machine), "");
}

TEST(SendCache, ReplacesTheOldest) {
    async::SendCache cache{};
    cache.init(3);
    async::SendCache::Entry victim{};
    for (const u32 vector : {0U, 1U, 2U}) EXPECT_FALSE(cache.insert(1, vector, victim));
    EXPECT_TRUE(cache.contains(1, 0));
    EXPECT_FALSE(cache.contains(2, 0));
    EXPECT_TRUE(cache.insert(2, 0, victim));
    EXPECT_EQ(victim.process, 1U);
    EXPECT_EQ(victim.vector, 0U);
    EXPECT_FALSE(cache.contains(1, 0));
    EXPECT_TRUE(cache.contains(2, 0) && cache.contains(1, 1) && cache.contains(1, 2));
    EXPECT_TRUE(cache.insert(1, 0, victim));
    EXPECT_EQ(victim.vector, 1U);
}

} // namespace kernel::test
