// One fence of the other harts for a turn's page mappings, and no request is done before it.
#include "async_box.hpp"

#include "vspace/vspace.hpp"

namespace kernel::test {

namespace {

constexpr base::Vaddr start = 0x20'0000;
constexpr u32 pages = 8;
constexpr u64 rights = 3;
constexpr u64 execute_never = 1;

class AsyncFences : public Async {
protected:
    AsyncFences() : Async(TAIL4_ASYNC_BIND_NOTIFICATION, 4) {
        const u64 table = fresh(ObjectType::PageTable);
        EXPECT_EQ(machine.call(table, Label::RISCVPageTableMap, {start, 0}, {own_vspace}), ok());
        for (u64& frame : frames) frame = fresh(ObjectType::Page);
        for (u32 i = 0; i < pages; ++i) EXPECT_EQ(sync_map(i), ok());
        // Hart 2 runs the same address space.
        EXPECT_TRUE(vspace::asid_entry(1)->add_hart(2));
        smp::harts[2].vspace_words_[0] = machine.slot(own_vspace).cap.word0();
        smp::harts[2].vspace_words_[1] = machine.slot(own_vspace).cap.word1();
        fake::cpu.fences.clear();
        fake::at_remote_fence = [this] {
            for (u32 i = 0; i < pages; ++i) done_before_fence += queue->shared[i].done != 0 ? 1U : 0U;
        };
    }
    ~AsyncFences() override { fake::at_remote_fence = nullptr; }

    Reply sync_map(u32 i) {
        return machine.call(frames[i], Label::RISCVPageMap, {start + i * 0x1000, rights, execute_never}, {own_vspace});
    }
    void submit_unmap(u32 i) { submit(i, static_cast<u32>(Label::RISCVPageUnmap), frames[i]); }
    void submit_map(u32 i) {
        submit(i, static_cast<u32>(Label::RISCVPageMap), frames[i], {start + i * 0x1000, rights, execute_never},
               {own_vspace});
    }
    static long remote_fences() {
        return std::count_if(fake::cpu.fences.begin(), fake::cpu.fences.end(),
                             [](const fake::Fence& fence) { return fence.hart == base::bit(2); });
    }
    void expect_all_done() {
        for (u32 i = 0; i < pages; ++i) EXPECT_EQ(outcome(queue->shared[i]), ok());
    }

    u64 frames[pages] = {};
    u32 done_before_fence = 0;
};

TEST_F(AsyncFences, OneForATurn) {
    for (u32 i = 0; i < pages; ++i) submit_unmap(i);
    EXPECT_EQ(drive(), pages);
    EXPECT_EQ(remote_fences(), 1);
    EXPECT_EQ(done_before_fence, 0U);
    expect_all_done();
}

TEST_F(AsyncFences, OneForEachTurn) {
    for (u32 i = 0; i < pages; ++i) submit_unmap(i);
    EXPECT_EQ(drive(pages / 2), pages / 2);
    EXPECT_EQ(remote_fences(), 1);
    EXPECT_EQ(done_before_fence, 0U);
    EXPECT_EQ(drive(), pages / 2);
    EXPECT_EQ(remote_fences(), 2);
    EXPECT_EQ(done_before_fence, pages / 2);
    expect_all_done();
}

TEST_F(AsyncFences, RemapsShareItToo) {
    for (u32 i = 0; i < pages; ++i) submit_map(i);
    EXPECT_EQ(drive(), pages);
    EXPECT_EQ(remote_fences(), 1);
    EXPECT_EQ(done_before_fence, 0U);
    expect_all_done();
}

// What comes behind them in the ring may rely on them: first the fence, then it.
TEST_F(AsyncFences, OtherRequestsWaitForIt) {
    submit_unmap(0);
    submit(1, static_cast<u32>(Label::CNodeDelete), CN, {frames[1], 64});
    submit_unmap(2);
    EXPECT_EQ(drive(), 3U);
    EXPECT_EQ(remote_fences(), 2); // the deletion's own waits for the end of the turn
    EXPECT_EQ(done_before_fence, 1U);
}

// The user runs beside the worker: it can take what is done while the rest is.
TEST_F(AsyncFences, CompletionsAreShownBeforeTheTurnEnds) {
    u32 shown = 0;
    fake::at_remote_fence = [&] { shown = control().cq_tail; };
    for (u32 i = 1; i <= 6; ++i) submit(i, TAIL4_OP_Nop);
    submit_unmap(0);
    EXPECT_EQ(drive(), 7U);
    EXPECT_EQ(shown, 6U);
    EXPECT_EQ(control().cq_tail, 7U);
}

} // namespace

} // namespace kernel::test
