#include "tests/host/libsel4async/fake_kernel.hpp"

#include <gtest/gtest.h>
#include <sel4async/task.hpp>
#include <string>
#include <vector>

namespace {

using namespace sel4async;

class Tasks : public testing::Test {
protected:
    Tasks() {
        frame_pool.use(arena_.get(), arena_size);
        EXPECT_TRUE(buffer_->attach(kernel_.area()));
        EXPECT_TRUE(executor_->init(*buffer_, kernel_));
    }
    static constexpr std::size_t arena_size = 1 << 16;
    FakeKernel kernel_{true};
    std::unique_ptr<unsigned char[]> arena_{new unsigned char[arena_size]};
    std::unique_ptr<SlotBuffer> buffer_{new SlotBuffer};
    std::unique_ptr<Executor> executor_{new Executor};
};

Task<std::uint64_t> address(CPtr frame) {
    const Reply reply = co_await op::page_get_address(frame);
    co_return reply.word(0);
}

Task<std::uint64_t> sum(CPtr a, CPtr b) {
    const std::uint64_t first = co_await address(a);
    const std::uint64_t second = co_await address(b);
    co_return first + second;
}

std::uintptr_t in_page(const volatile void* thing) { return reinterpret_cast<std::uintptr_t>(thing) % places::page; }

Task<> note_places(std::uintptr_t& strand, std::uintptr_t& ticket) {
    Strand& own = co_await this_strand();
    strand = in_page(&own);
    co_await nop();
    ticket = in_page(own.ticket);
}

// What one call after the other touches lies in the sets of the cache that are meant for it.
TEST_F(Tasks, WhatIsHotHasItsPlace) {
    std::uintptr_t strand = 0, ticket = 0;
    ASSERT_TRUE(spawn(*executor_, note_places(strand, ticket)));
    EXPECT_EQ(executor_->run(), Stopped::Finished);
    EXPECT_EQ(strand, places::strands);
    EXPECT_EQ(ticket, places::first_ticket);
    alignas(16) static unsigned char arena[1 << 17];
    for (const std::size_t skipped : {0U, 0x10U, 0xc00U, 0xc10U, 0x3ff0U}) {
        frame_pool.use(arena + skipped, sizeof arena - skipped);
        EXPECT_EQ(in_page(frame_pool.take(64)), places::frames);
        EXPECT_GT(frame_pool.left() + skipped + places::neighbours + 64, sizeof arena - 1);
        std::size_t taken = 64;
        for (unsigned char* last = nullptr; void* block = frame_pool.take(64);
             last = static_cast<unsigned char*>(block)) {
            EXPECT_LE(static_cast<unsigned char*>(block) + 64, std::end(arena));
            EXPECT_TRUE(last == nullptr || block == last + 64);
            taken += 64;
        }
        EXPECT_LE(taken, sizeof arena - skipped);
    }
    // A small one is used from its first byte on.
    frame_pool.use(arena, 1024);
    EXPECT_EQ(frame_pool.take(64), static_cast<void*>(arena));
    frame_pool.use(nullptr, 0);
}

TEST_F(Tasks, AwaitedTasksRunInTheSameStrand) {
    Task<std::uint64_t> task = sum(2, 3);
    ASSERT_TRUE(task.start(*executor_));
    EXPECT_FALSE(task.start(*executor_));
    EXPECT_EQ(executor_->live(), 1u);
    EXPECT_EQ(executor_->run(), Stopped::Finished);
    EXPECT_TRUE(task.done());
    EXPECT_EQ(task.result(), 5u * 4096);
}

Task<std::uint64_t> join(Executor& executor, Task<std::uint64_t>& early) {
    Task<std::uint64_t> late = address(7);
    EXPECT_TRUE(late.start(executor));
    const std::uint64_t a = co_await early;
    const std::uint64_t b = co_await late;
    co_return a + b;
}

TEST_F(Tasks, StartedTasksAreJoined) {
    Task<std::uint64_t> early = address(1);
    ASSERT_TRUE(early.start(*executor_));
    Task<std::uint64_t> task = join(*executor_, early);
    ASSERT_TRUE(task.start(*executor_));
    EXPECT_EQ(executor_->run(), Stopped::Finished);
    EXPECT_EQ(task.result(), 8u * 4096);
}

Task<> note(std::string& log, char name) {
    for (int i = 0; i < 2; ++i) {
        log += name;
        co_await yield();
    }
}

TEST_F(Tasks, YieldLetsOthersRun) {
    std::string log;
    for (char name : {'a', 'b', 'c'}) ASSERT_TRUE(spawn(*executor_, note(log, name)));
    EXPECT_EQ(executor_->run(), Stopped::Finished);
    EXPECT_EQ(log, "abcabc");
}

TEST_F(Tasks, ADroppedTaskGoesOnAndGivesItsFrameBack) {
    std::string log;
    const std::size_t before = frame_pool.left();
    for (int i = 0; i < 1000; ++i) {
        {
            Task<> task = note(log, 'x');
            ASSERT_TRUE(task.start(*executor_));
        }
        EXPECT_EQ(executor_->run(), Stopped::Finished);
    }
    EXPECT_EQ(log.size(), 2000u);
    EXPECT_GE(frame_pool.left() + 1024, before); // one frame, used again and again
}

TEST_F(Tasks, NoMemoryIsAnAnswer) {
    frame_pool.use(nullptr, 0);
    std::string log;
    Task<> task = note(log, 'x');
    EXPECT_FALSE(task.valid());
    EXPECT_TRUE(task.done());
    EXPECT_FALSE(task.start(*executor_));
    EXPECT_FALSE(spawn(*executor_, note(log, 'y')));
    EXPECT_TRUE(log.empty());
}

Task<bool> starved() {
    frame_pool.use(nullptr, 0);
    const std::uint64_t nothing = co_await address(5);
    co_return nothing == 0;
}

TEST_F(Tasks, AwaitingATaskWithoutAFrameGivesTheExhaustedValue) {
    Task<bool> task = starved();
    ASSERT_TRUE(task.start(*executor_));
    EXPECT_EQ(executor_->run(), Stopped::Finished);
    EXPECT_TRUE(task.result());
    EXPECT_EQ(exhausted<seL4_Error>(), seL4_NotEnoughMemory);
    EXPECT_EQ(exhausted<Reply>().error(), static_cast<std::uint32_t>(seL4_NotEnoughMemory));
}

TEST_F(Tasks, MoreStrandsThanThereAreAreRefused) {
    std::vector<unsigned char> arena(1 << 20);
    frame_pool.use(arena.data(), arena.size());
    ASSERT_TRUE(executor_->init(*buffer_, kernel_));
    std::string log;
    for (std::uint32_t i = 0; i < Executor::max_strands; ++i) ASSERT_TRUE(spawn(*executor_, note(log, 'x')));
    EXPECT_FALSE(spawn(*executor_, note(log, 'y')));
    EXPECT_EQ(executor_->run(), Stopped::Finished);
    EXPECT_EQ(log, std::string(2 * Executor::max_strands, 'x'));
}

Task<> sleeper(std::uint64_t& word, bool& awake) {
    Strand& self = co_await this_strand();
    word = Executor::task_word(self);
    co_await park();
    awake = true;
}

TEST_F(Tasks, ATaskWordWakesItsStrandAndNoOther) {
    std::uint64_t word = 0;
    bool awake = false;
    ASSERT_TRUE(spawn(*executor_, sleeper(word, awake)));
    EXPECT_EQ(executor_->run(), Stopped::Stalled); // nothing can wake it yet
    kernel_.words.push_back(word ^ (std::uint64_t{1} << 18));
    EXPECT_EQ(executor_->run(), Stopped::Stalled); // another generation
    EXPECT_FALSE(awake);
    kernel_.words.push_back(word);
    EXPECT_EQ(executor_->run(), Stopped::Finished);
    EXPECT_TRUE(awake);
}

} // namespace
