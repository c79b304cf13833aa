// One operation many times in one request: it steps, it stops at the first error, others may have their turn in
// between.
#include "async_box.hpp"

#include "vspace/vspace.hpp"

namespace kernel::test {

namespace {

constexpr base::Vaddr start = 0x20'0000;
constexpr u64 rights = 3;
constexpr u64 execute_never = 1;
constexpr u32 cancelled = TAIL4_ASYNC_CANCELLED;
constexpr u32 each = TAIL4_ASYNC_SLOT_WIDE | TAIL4_ASYNC_SLOT_EACH;

struct Steps {
    u64 cptr = 0;
    Words words;
    Words caps;
};

class Each : public Async {
protected:
    explicit Each(u32 harts = 1) : Async(TAIL4_ASYNC_BIND_NOTIFICATION, harts) {
        EXPECT_EQ(machine.call(table, Label::RISCVPageTableMap, {start, 0}, {own_vspace}), ok());
        frames = machine.free_slot(pages);
        EXPECT_EQ(
            machine.call(box, Label::UntypedRetype, {static_cast<u64>(ObjectType::Page), 0, 0, 0, frames, pages}, {CN}),
            ok());
    }
    tail4_AsyncSlot& submit_each(Label op, u64 count, u64 cptr, const Words& words, const Words& caps,
                                 const Steps& steps, u32 flags = each) {
        constexpr u32 slot = request_slot;
        auto* more = reinterpret_cast<u64*>(&queue->shared[slot + 1]);
        const auto at = [more](unsigned word) { return more + (word - TAIL4_ASYNC_SLOT_WORDS); };
        std::fill(more, at(TAIL4_ASYNC_EACH_END), 0);
        *at(TAIL4_ASYNC_EACH_COUNT) = count;
        *at(TAIL4_ASYNC_EACH_CPTR) = steps.cptr;
        std::copy(steps.words.begin(), steps.words.end(), at(TAIL4_ASYNC_EACH_WORDS));
        std::copy(steps.caps.begin(), steps.caps.end(), at(TAIL4_ASYNC_EACH_CAPS));
        tail4_AsyncSlot& request = submit(slot, static_cast<u32>(op), cptr, words, caps);
        request.flags = flags;
        return request;
    }
    tail4_AsyncSlot& submit_map(u64 count, u64 first = 0) {
        return submit_each(Label::RISCVPageMap, count, frames + first, {start + first * 0x1000, rights, execute_never},
                           {own_vspace}, {1, {0x1000}, {}});
    }
    // What was submitted last, without the rings.
    u64 execute() {
        --control().sq_tail;
        const Reply reply = machine.call(index, Label::AsyncQueueExecute, {u64{request_slot}});
        EXPECT_EQ(reply.words.size(), 1U);
        return reply.words.empty() ? ~u64{0} : reply.words[0];
    }
    static u64 done(const tail4_AsyncSlot& slot) { return slot.words[TAIL4_ASYNC_EACH_DONE]; }
    void expect_end(const tail4_AsyncSlot& slot, u32 error, u64 count) {
        const Reply reply = outcome(slot);
        EXPECT_EQ(reply.code, error);
        EXPECT_EQ(reply.words.size(), std::size_t{TAIL4_ASYNC_SLOT_WORDS});
        EXPECT_EQ(done(slot), count);
    }
    u64 mapped() {
        u64 count = 0;
        for (u64 i = 0; i < pages; ++i) {
            const auto found = vspace::walk(vspace::root_of(1), start + i * 0x1000, 12);
            count += found.entry->is_leaf() && found.entry->paddr() == machine.cap(frames + i).paddr() ? 1U : 0U;
        }
        return count;
    }

    // A mapping of one page, another request, and a second mapping by the same table, all in one turn.
    template <class Other>
    void expect_no_table_after(Other other) {
        const auto& first = submit_page(20, 0);
        other();
        const auto& second = submit_page(21, 1);
        EXPECT_EQ(drive(), 3U);
        EXPECT_EQ(outcome(first), ok());
        const Reply alone = machine.call(frames + 1, Label::RISCVPageMap, page(1), {own_vspace});
        EXPECT_EQ(alone.code, static_cast<u64>(ErrorCode::FailedLookup));
        EXPECT_EQ(outcome(second), alone);
        EXPECT_FALSE(machine.cap(frames + 1).is_mapped());
        EXPECT_EQ(broken_invariant(machine), "");
    }
    static Words page(u64 i) { return {start + i * 0x1000, rights, execute_never}; }
    tail4_AsyncSlot& submit_page(u32 slot, u64 i) {
        return submit(slot, static_cast<u32>(Label::RISCVPageMap), frames + i, page(i), {own_vspace});
    }

    static constexpr u32 request_slot = 4; // wide ones begin at multiples
    static constexpr u64 pages = 100;
    u64 table = fresh(ObjectType::PageTable);
    u64 frames = 0;
};

TEST_F(Each, NoTableIsRememberedPastAnotherRequest) {
    expect_no_table_after([&] { submit(22, static_cast<u32>(Label::RISCVPageTableUnmap), table); });
}

TEST_F(Each, NoTableIsRememberedPastAnotherVector) {
    expect_no_table_after([&] { submit_each(Label::RISCVPageTableUnmap, 1, table, {}, {}, {}); });
}

TEST_F(Each, StepsThroughCapabilitiesAndWords) {
    const auto& request = submit_map(pages);
    EXPECT_EQ(drive(), 1U);
    expect_end(request, 0, pages);
    EXPECT_EQ(mapped(), pages);
    const auto& back = submit_each(Label::RISCVPageUnmap, pages, frames + pages - 1, {}, {}, {~u64{0}, {}, {}});
    EXPECT_EQ(drive(), 1U);
    expect_end(back, 0, pages);
    EXPECT_EQ(mapped(), 0U);
    EXPECT_EQ(broken_invariant(machine), "");
}

TEST_F(Each, GoesOnInTheNextTable) {
    constexpr u64 before = 3; // pages below the next 2 MiB
    const base::Vaddr vaddr = start + 0x20'0000 - before * 0x1000;
    const u64 next = fresh(ObjectType::PageTable);
    EXPECT_EQ(machine.call(next, Label::RISCVPageTableMap, {start + 0x20'0000, 0}, {own_vspace}), ok());
    const auto& request =
        submit_each(Label::RISCVPageMap, 8, frames, {vaddr, rights, execute_never}, {own_vspace}, {1, {0x1000}, {}});
    EXPECT_EQ(drive(), 1U);
    expect_end(request, 0, 8);
    for (u64 i = 0; i < 8; ++i) {
        const auto found = vspace::walk(vspace::root_of(1), vaddr + i * 0x1000, 12);
        EXPECT_EQ(found.entry->paddr(), machine.cap(frames + i).paddr());
    }
    EXPECT_EQ(broken_invariant(machine), "");
}

TEST_F(Each, NoneIsDoneAtOnce) {
    const auto& request = submit_map(0);
    EXPECT_EQ(drive(), 1U);
    expect_end(request, 0, 0);
}

// As a single call fails, and no later one is tried.
TEST_F(Each, StopsAtTheFirstError) {
    EXPECT_EQ(machine.call(frames + 5, Label::RISCVPageMap, {start + 7 * 0x1000, rights, 1}, {own_vspace}), ok());
    const Reply alone = machine.call(frames + 5, Label::RISCVPageMap, {start + 5 * 0x1000, rights, 1}, {own_vspace});
    const auto& request = submit_map(10);
    EXPECT_EQ(drive(), 1U);
    expect_end(request, static_cast<u32>(alone.code), 5);
    for (std::size_t i = 0; i < alone.words.size(); ++i) EXPECT_EQ(request.words[i], alone.words[i]);
    EXPECT_EQ(mapped(), 5U);
}

TEST_F(Each, StepsThroughFurtherCapabilities) {
    const u64 target = machine.free_slot(4);
    const u64 nodes = machine.free_slot(2);
    EXPECT_EQ(
        machine.call(box, Label::UntypedRetype, {static_cast<u64>(ObjectType::CapTable), 4, 0, 0, nodes, 2}, {CN}),
        ok());
    for (u64 i = 0; i < 2; ++i)
        EXPECT_EQ(machine.call(nodes + i, Label::CNodeCopy, {3, 4, ntfn, 64, ~u64{0}}, {CN}), ok());
    const auto& request = submit_each(Label::CNodeMove, 2, CN, {target, 64, 3, 4}, {nodes}, {0, {2, 0, 0, 0}, {1}});
    EXPECT_EQ(drive(), 1U);
    expect_end(request, 0, 2);
    EXPECT_TRUE(machine.cap(target).is(CapType::Notification));
    EXPECT_TRUE(machine.cap(target + 2).is(CapType::Notification));
    EXPECT_TRUE(machine.slot(target + 1).empty());
}

TEST_F(Each, MakesObjects) {
    const u64 first = machine.free_slot(6);
    const auto& request =
        submit_each(Label::UntypedRetype, 3, box, {static_cast<u64>(ObjectType::Endpoint), 0, 0, 0, first, 2}, {CN},
                    {0, {0, 0, 0, 0, 2, 0}, {}});
    EXPECT_EQ(drive(), 1U);
    expect_end(request, 0, 3);
    for (u64 i = 0; i < 6; ++i) EXPECT_TRUE(machine.cap(first + i).is(CapType::Endpoint));
}

TEST_F(Each, RefusesWhatItCannotRepeat) {
    submit_map(3); // what was done before has nothing to do with it
    drive();
    const auto invalid = static_cast<u32>(ErrorCode::InvalidArgument);
    expect_end((submit_each(Label::RISCVPageGetAddress, 2, frames, {}, {}, {1, {}, {}}), drive(), queue->shared[4]),
               invalid, 0); // has results
    expect_end((submit_each(Label::TCBWriteRegisters, 2, own_tcb, {}, {}, {}), drive(), queue->shared[4]), invalid, 0);
    expect_end((submit_each(static_cast<Label>(TAIL4_OP_Nop), 2, 0, {}, {}, {}), drive(), queue->shared[4]), invalid,
               0);
    expect_end(
        (submit_each(Label::RISCVPageUnmap, 2, frames, {}, {}, {}, TAIL4_ASYNC_SLOT_EACH), drive(), queue->shared[4]),
        invalid, 0); // not wide
    EXPECT_EQ(queue->rejected, 4U);
}

TEST_F(Each, GoesOnInTheNextTurn) {
    const auto& request = submit_map(pages);
    u64 so_far = 0;
    for (int turn = 0; turn < 3; ++turn) {
        fake::preempt_after(3);
        EXPECT_EQ(drive(), 0U);
        EXPECT_NE(request.done, request.generation);
        EXPECT_GT(mapped(), so_far);
        so_far = mapped();
        EXPECT_EQ(broken_invariant(machine), "");
    }
    EXPECT_LT(so_far, pages);
    fake::preempt_after(0);
    EXPECT_EQ(drive(), 1U);
    expect_end(request, 0, pages);
    EXPECT_EQ(mapped(), pages);
}

TEST_F(Each, CanBeCancelledInBetween) {
    auto& request = submit_map(10);
    fake::preempt_after(1);
    EXPECT_EQ(drive(), 0U);
    fake::preempt_after(0);
    const u64 before = mapped();
    EXPECT_LT(before, 10U);
    __atomic_fetch_or(&request.flags, TAIL4_ASYNC_SLOT_CANCEL, __ATOMIC_RELAXED);
    EXPECT_EQ(drive(), 1U);
    expect_end(request, cancelled, before);
    EXPECT_EQ(mapped(), before);
}

// What the user writes there meanwhile is nobody's business: the kernel has its copy.
TEST_F(Each, IsCopiedOnce) {
    auto& request = submit_map(10);
    fake::preempt_after(1);
    EXPECT_EQ(drive(), 0U);
    fake::preempt_after(0);
    const u64 before = mapped();
    EXPECT_LT(before, 10U);
    request.cptr = 0;
    request.words[0] = 0xdead'0000;
    auto* more = reinterpret_cast<u64*>(&queue->shared[5]);
    more[0] = ~u64{0};
    more[2] = 1;
    drive();
    expect_end(request, 0, 10);
    EXPECT_EQ(mapped(), 10U);
}

// Each may free what the next would have used: the queue itself, the CSpace it looks in.
TEST_F(Each, MayEndItsOwnQueue) {
    const u64 first = machine.free_slot(3);
    EXPECT_EQ(machine.call(CN, Label::CNodeMove, {first + 1, 64, index, 64}, {CN}), ok());
    EXPECT_EQ(machine.call(CN, Label::CNodeCopy, {first, 64, ntfn, 64, ~u64{0}}, {CN}), ok());
    EXPECT_EQ(machine.call(CN, Label::CNodeCopy, {first + 2, 64, ntfn, 64, ~u64{0}}, {CN}), ok());
    submit_each(Label::CNodeDelete, 3, CN, {first, 64}, {}, {0, {1}, {}});
    machine.call(first + 1, Label::AsyncQueueDrive, {u64{100}});
    EXPECT_TRUE(machine.slot(first).empty());
    EXPECT_FALSE(machine.slot(first + 2).empty());
    EXPECT_EQ(broken_invariant(machine), "");
}

// Without the rings, as a lone request goes.
TEST_F(Each, IsExecutedAlone) {
    const auto& request = submit_map(10);
    EXPECT_EQ(execute(), u64{TAIL4_ASYNC_COMPLETE});
    expect_end(request, 0, 10);
    EXPECT_EQ(mapped(), 10U);
    EXPECT_EQ(control().cq_tail, 0U);
}

TEST_F(Each, GoesOnThroughTheRingsWhenPreemptedAlone) {
    const auto& request = submit_map(10);
    fake::preempt_after(1);
    EXPECT_EQ(execute(), u64{TAIL4_ASYNC_BEGUN});
    fake::preempt_after(0);
    EXPECT_EQ(drive(), 1U);
    expect_end(request, 0, 10);
    EXPECT_EQ(control().cq_tail, 1U);
}

class EachFences : public Each {
protected:
    EachFences() : Each(4) {}
};

// The frames' memory may be given away by what follows.
TEST_F(EachFences, ComeBeforeTheNextOperation) {
    submit_map(3);
    drive();
    EXPECT_TRUE(vspace::asid_entry(1)->add_hart(2));
    smp::harts[2].vspace_words_[0] = machine.slot(own_vspace).cap.word0();
    smp::harts[2].vspace_words_[1] = machine.slot(own_vspace).cap.word1();
    std::vector<u64> left; // capabilities, at each fence
    fake::at_remote_fence = [&] {
        u64 count = 0;
        for (u64 i = 0; i < 3; ++i) count += machine.slot(frames + i).empty() ? 0U : 1U;
        left.push_back(count);
    };
    const auto& request = submit_each(Label::CNodeDelete, 3, CN, {frames, 64}, {}, {0, {1}, {}});
    drive();
    fake::at_remote_fence = nullptr;
    expect_end(request, 0, 3);
    EXPECT_EQ(left, (std::vector<u64>{2, 1, 0}));
}

TEST_F(Each, BreaksAChainWhenItFails) {
    auto& request = submit_map(10, pages - 5); // five of them
    request.flags |= TAIL4_ASYNC_SLOT_LINK;
    const auto& linked = submit(1, TAIL4_OP_Nop);
    drive();
    EXPECT_NE(outcome(request).code, 0U);
    EXPECT_EQ(done(request), 5U);
    EXPECT_EQ(outcome(linked).code, cancelled);
}

} // namespace

} // namespace kernel::test
