#include "tests/host/libsel4async/fake_kernel.hpp"

#include <gtest/gtest.h>
#include <sel4async/frame_pool.hpp>
#include <sel4async/vectors.hpp>
#include <set>

namespace {

using sel4async::SlotBuffer;

TEST(SlotBuffer, RefusesWhatIsNoQueue) {
    FakeKernel kernel(true);
    auto buffer = std::make_unique<SlotBuffer>();
    kernel.control().version = TAIL4_ASYNC_VERSION - 1;
    EXPECT_FALSE(buffer->attach(kernel.area()));
    kernel.control().version = TAIL4_ASYNC_VERSION;
    kernel.control().size_bits = 33;
    EXPECT_FALSE(buffer->attach(kernel.area()));
    kernel.control().size_bits = 15;
    EXPECT_TRUE(buffer->attach(kernel.area()));
    EXPECT_EQ(buffer->capacity(), 64u);
}

TEST(SlotBuffer, GivesEverySlotOnceAndTheLastFreedFirst) {
    FakeKernel kernel(true);
    auto buffer = std::make_unique<SlotBuffer>();
    ASSERT_TRUE(buffer->attach(kernel.area()));
    std::set<std::uint32_t> seen;
    std::uint32_t index = 0;
    while ((index = buffer->allocate()) != SlotBuffer::none) EXPECT_TRUE(seen.insert(index).second);
    EXPECT_EQ(seen.size(), 64u - 16u);
    buffer->release(7);
    buffer->release(3);
    EXPECT_EQ(buffer->allocate(), 3u);
    EXPECT_EQ(buffer->allocate(), 7u);
    std::set<std::uint32_t> wide;
    while ((index = buffer->allocate_wide()) != SlotBuffer::none) {
        EXPECT_EQ(index % TAIL4_ASYNC_WIDE_SLOTS, 0u);
        EXPECT_TRUE(wide.insert(index).second);
        for (std::uint32_t i = 0; i < TAIL4_ASYNC_WIDE_SLOTS; ++i) EXPECT_FALSE(seen.contains(index + i));
    }
    EXPECT_EQ(wide.size(), 4u);
}

TEST(SlotBuffer, GenerationsChangeAndAreNeverZero) {
    FakeKernel kernel(true);
    auto buffer = std::make_unique<SlotBuffer>();
    ASSERT_TRUE(buffer->attach(kernel.area()));
    std::set<std::uint32_t> seen;
    for (int i = 0; i < 1000; ++i) EXPECT_TRUE(seen.insert(buffer->begin(5, &kernel)).second);
    EXPECT_FALSE(seen.contains(0));
}

TEST(SlotBuffer, PublishesOnlyWhenTold) {
    FakeKernel kernel(true);
    auto buffer = std::make_unique<SlotBuffer>();
    ASSERT_TRUE(buffer->attach(kernel.area()));
    buffer->push(4);
    buffer->push(9);
    EXPECT_EQ(kernel.control().sq_tail, 0u);
    EXPECT_EQ(buffer->unpublished(), 2u);
    buffer->publish();
    EXPECT_EQ(kernel.control().sq_tail, 2u);
    EXPECT_EQ(kernel.sq()[0], 4u);
    EXPECT_EQ(kernel.sq()[1], 9u);
    EXPECT_EQ(buffer->unpublished(), 0u);
}

TEST(SlotBuffer, PushTellsWhenABatchIsFullAlsoAcrossTheEndOfTheRing) {
    FakeKernel kernel(true);
    kernel.control().sq_tail = 60; // of 64
    auto buffer = std::make_unique<SlotBuffer>();
    ASSERT_TRUE(buffer->attach(kernel.area()));
    buffer->set_limit(6);
    for (std::uint32_t batch = 1; batch <= 20; ++batch) {
        for (std::uint32_t i = 1; i < 6; ++i) {
            EXPECT_FALSE(buffer->push(i));
            EXPECT_EQ(buffer->unpublished(), i);
        }
        EXPECT_TRUE(buffer->push(batch));
        EXPECT_TRUE(buffer->push(63)); // still due
        EXPECT_EQ(buffer->unpublished(), 7u);
        buffer->publish();
        EXPECT_EQ(kernel.control().sq_tail, 60 + 7 * batch);
        EXPECT_EQ(kernel.sq()[(60 + 7 * batch - 2) % 64], batch);
        EXPECT_EQ(kernel.sq()[(60 + 7 * batch - 1) % 64], 63u);
    }
}

TEST(SlotBuffer, AClosedOneGivesNoSlotWhateverComesBack) {
    FakeKernel kernel(true);
    auto buffer = std::make_unique<SlotBuffer>();
    ASSERT_TRUE(buffer->attach(kernel.area()));
    sel4async::Ticket* narrow = buffer->take();
    sel4async::Ticket* wide = buffer->take_wide();
    ASSERT_NE(narrow, nullptr);
    ASSERT_NE(wide, nullptr);
    buffer->close();
    narrow->release();
    wide->release();
    EXPECT_EQ(buffer->take(), nullptr);
    EXPECT_EQ(buffer->take_wide(), nullptr);
    ASSERT_TRUE(buffer->attach(kernel.area())); // a new queue
    EXPECT_NE(buffer->take(), nullptr);
}

TEST(SlotBuffer, ClaimsACompletionOnceAndNoForgedOne) {
    FakeKernel kernel(true);
    auto buffer = std::make_unique<SlotBuffer>();
    ASSERT_TRUE(buffer->attach(kernel.area()));
    int waiter = 0;
    const std::uint32_t generation = buffer->begin(2, &waiter);
    EXPECT_EQ(buffer->claim(2), nullptr); // not done
    kernel.slot(2).done = generation + 2;
    EXPECT_EQ(buffer->claim(2), nullptr); // another generation
    kernel.slot(2).done = generation;
    EXPECT_EQ(buffer->claim(3), nullptr); // nobody waits there
    EXPECT_EQ(buffer->claim(2), &waiter);
    EXPECT_EQ(buffer->claim(2), nullptr); // once
}

TEST(SlotBuffer, FindsACorruptCompletionRing) {
    FakeKernel kernel(true);
    auto buffer = std::make_unique<SlotBuffer>();
    ASSERT_TRUE(buffer->attach(kernel.area()));
    const auto nothing = [](sel4async::Ticket&, sel4async::Waiter) {};
    EXPECT_TRUE(buffer->drain(nothing));
    kernel.control().cq_tail = 65; // more than there are slots
    EXPECT_FALSE(buffer->drain(nothing));
    kernel.control().cq_tail = 1;
    kernel.cq()[0] = 64; // no slot
    EXPECT_FALSE(buffer->drain(nothing));
}

TEST(SlotBuffer, RingsRunFreelyPastTheEndOfTheirNumbers) {
    FakeKernel kernel(true);
    kernel.control().sq_tail = kernel.control().cq_tail = kernel.control().cq_head = 0xffff'fffe;
    auto buffer = std::make_unique<SlotBuffer>();
    ASSERT_TRUE(buffer->attach(kernel.area()));
    int count = 0;
    int waiter = 0;
    for (std::uint32_t i = 0; i < 4; ++i) {
        kernel.slot(i).generation = buffer->begin(i, &waiter);
        kernel.complete(i);
        buffer->push(i);
    }
    buffer->publish();
    EXPECT_EQ(kernel.control().sq_tail, 2u);
    EXPECT_EQ(kernel.sq()[62], 0u);
    EXPECT_EQ(kernel.sq()[1], 3u);
    EXPECT_TRUE(buffer->drain([&count, &waiter](sel4async::Ticket&, sel4async::Waiter who) {
        count += who == reinterpret_cast<sel4async::Waiter>(&waiter);
    }));
    EXPECT_EQ(count, 4);
}

TEST(Vectors, GiveTheLowestFreeOneAndZeroWhenOut) {
    sel4async::Vectors vectors;
    vectors.init(6);
    for (std::uint32_t expected : {1u, 2u, 3u, 4u, 5u, 0u, 0u}) EXPECT_EQ(vectors.allocate(), expected);
    vectors.release(0);
    EXPECT_EQ(vectors.allocate(), 0u);
    vectors.release(3);
    EXPECT_EQ(vectors.allocate(), 3u);
    vectors.init(32);
    for (std::uint32_t i = 1; i < 32; ++i) EXPECT_EQ(vectors.allocate(), i);
    EXPECT_EQ(vectors.allocate(), 0u);
    vectors.init(1);
    EXPECT_EQ(vectors.allocate(), 0u);
}

TEST(FramePool, ReusesByClassAndSaysWhenItIsEmpty) {
    alignas(64) static unsigned char arena[1024];
    sel4async::FramePool pool;
    EXPECT_EQ(pool.take(1), nullptr);
    pool.use(arena, sizeof(arena));
    void* small = pool.take(60);
    void* large = pool.take(600);
    EXPECT_NE(small, nullptr);
    EXPECT_NE(large, nullptr);
    EXPECT_EQ(pool.take(600), nullptr);
    pool.give(large, 600);
    EXPECT_EQ(pool.take(580), large); // the same class
    pool.give(small, 60);
    EXPECT_EQ(pool.take(33), small);
    EXPECT_EQ(pool.take(1 << 20), nullptr);
}

} // namespace
