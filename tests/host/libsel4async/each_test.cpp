// One operation many times: what is written into the slots, and what comes back.
#include "tests/host/libsel4async/world.hpp"

#include <sel4async/each.hpp>

namespace {

using namespace sel4async;
using Operation = FakeKernel::Operation;

TEST(Each, StepsCapabilitiesAndWords) {
    for (const bool drives : {true, false}) {
        World w(drives);
        run(w, [](World&) -> Task<> {
            const EachReply reply =
                co_await each(3, op::page_map(20, 4, 0x10000, 3, 1), op::page_map(1, 2, 0x1000, 0, 0));
            EXPECT_TRUE(reply.ok());
            EXPECT_EQ(reply.done(), 3u);
        });
        EXPECT_EQ(w.kernel.operations, (std::vector<Operation>{{20, 0x10000, 4}, {21, 0x11000, 6}, {22, 0x12000, 8}}));
    }
}

TEST(Each, EndsWithTheFirstError) {
    World w(true);
    run(w, [](World&) -> Task<> {
        const EachReply reply = co_await each(9, op::page_unmap(10), op::page_unmap(1));
        EXPECT_EQ(reply.error(), static_cast<std::uint32_t>(seL4_InvalidCapability));
        EXPECT_EQ(reply.word(0), 77u);
        EXPECT_EQ(reply.done(), 3u);
    });
}

// Backwards, and the same again and again: a step may be anything.
TEST(Each, StepsMayBeNegativeOrNone) {
    World w(true);
    run(w, [](World&) -> Task<> {
        const EachReply back = co_await each(2, op::page_unmap(30), op::page_unmap(~CPtr{0}));
        const EachReply same = co_await each(2, op::page_unmap(40), op::page_unmap(0));
        EXPECT_EQ(back.done() + same.done(), 4u);
    });
    EXPECT_EQ(w.kernel.operations, (std::vector<Operation>{{30, 0, 0}, {29, 0, 0}, {40, 0, 0}, {40, 0, 0}}));
}

TEST(Each, GoesPastTheRingsWhenAlone) {
    World w(true);
    w.kernel.executes = true;
    run(w, [](World&) -> Task<> {
        const EachReply reply = co_await each(3, op::page_unmap(10), op::page_unmap(1));
        EXPECT_EQ(reply.done(), 3u);
    });
    EXPECT_EQ(w.kernel.executed, 1u);
}

TEST(Each, IsRefusedWithoutAWideSlot) {
    World w(true);
    run(w, [](World& world) -> Task<> {
        std::vector<Ticket*> taken;
        while (Ticket* ticket = world.buffer->take_wide()) taken.push_back(ticket);
        const EachReply reply = co_await each(3, op::page_unmap(10), op::page_unmap(1));
        EXPECT_EQ(reply.error(), queue_full);
        EXPECT_EQ(reply.done(), 0u);
        for (Ticket* ticket : taken) ticket->release();
    });
}

TEST(Each, IsCancelledWithItsTask) {
    World w(true);
    w.kernel.mute = true;
    Task<> task = [](World&) -> Task<> {
        const EachReply reply = co_await each(3, op::page_unmap(10), op::page_unmap(1));
        EXPECT_EQ(reply.error(), cancelled);
        EXPECT_EQ(reply.done(), 0u);
    }(w);
    ASSERT_TRUE(task.start(*w.executor));
    EXPECT_EQ(w.executor->run(), Stopped::Stalled);
    w.kernel.mute = false;
    task.cancel();
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_TRUE(w.kernel.operations.empty());
    w.expect_all_back();
}

} // namespace
