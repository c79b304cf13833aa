#include "tests/host/libsel4async/fake_kernel.hpp"

#include <algorithm>
#include <gtest/gtest.h>
#include <sel4async/task.hpp>
#include <string>
#include <vector>

namespace {

using namespace sel4async;

struct World {
    explicit World(bool drives, std::uint32_t size_bits = 15, Registration registration = Registration::Persistent)
        : kernel(drives, size_bits), arena(new unsigned char[1 << 20]), buffer(new SlotBuffer), executor(new Executor) {
        frame_pool.use(arena.get(), 1 << 20);
        EXPECT_TRUE(buffer->attach(kernel.area()));
        EXPECT_TRUE(executor->init(*buffer, kernel, registration));
    }
    FakeKernel kernel;
    std::unique_ptr<unsigned char[]> arena;
    std::unique_ptr<SlotBuffer> buffer;
    std::unique_ptr<Executor> executor;
};

Task<> ask(std::vector<std::uint64_t>& answers, CPtr frame, int times) {
    for (int i = 0; i < times; ++i) {
        const Reply reply = co_await op::page_get_address(frame);
        answers.push_back(reply.ok() ? reply.word(0) : 1'000'000 + reply.error());
    }
}

TEST(Executor, DrivesOncePerBatchOnOneHart) {
    World w(true);
    std::vector<std::uint64_t> answers;
    for (CPtr frame = 20; frame < 50; ++frame) ASSERT_TRUE(spawn(*w.executor, ask(answers, frame, 3)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    ASSERT_EQ(answers.size(), 90u);
    for (std::size_t i = 0; i < answers.size(); ++i) EXPECT_EQ(answers[i], (20 + i % 30) * 4096);
    EXPECT_EQ(w.kernel.drive_calls, 3u);
    EXPECT_EQ(w.kernel.rings, 0u);
    EXPECT_EQ(w.kernel.polls, 0u);
    EXPECT_EQ(w.executor->statistics().batches, 3u);
    EXPECT_EQ(w.executor->outstanding(), 0u);
    EXPECT_EQ(w.executor->live(), 0u);
}

TEST(Executor, ErrorsAndDetailsComeBack) {
    World w(true);
    const auto work = []() -> Task<int> {
        const Reply reply = co_await op::page_unmap(13);
        co_return reply.error() == seL4_InvalidCapability&& reply.word(0) == 77 && reply.word(1) == 0;
    };
    Task<int> task = work();
    ASSERT_TRUE(task.start(*w.executor));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(task.result(), 1);
}

TEST(Executor, RingsASleepingKernelOnceAndWaitsForVectors) {
    World w(false);
    std::vector<std::uint64_t> answers;
    ASSERT_TRUE(spawn(*w.executor, ask(answers, 5, 1)));
    ASSERT_TRUE(spawn(*w.executor, ask(answers, 6, 1)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(answers, (std::vector<std::uint64_t>{5 * 4096, 6 * 4096}));
    EXPECT_EQ(w.kernel.rings, 1u);
    EXPECT_EQ(w.executor->statistics().wakes, 2u);
    EXPECT_EQ(w.kernel.waits, 0u);
    EXPECT_EQ(w.kernel.control().ustate, static_cast<std::uint32_t>(TAIL4_ASYNC_RUNNING));
}

TEST(Executor, RingsNobodyWhoIsAwake) {
    World w(false);
    w.kernel.control().kstate = TAIL4_ASYNC_RUNNING;
    std::vector<std::uint64_t> answers;
    ASSERT_TRUE(spawn(*w.executor, ask(answers, 5, 1)));
    w.executor->set_spin(3);
    EXPECT_EQ(w.executor->run(), Stopped::Finished); // wait() lets the kernel work
    EXPECT_EQ(w.kernel.rings, 0u);
    EXPECT_EQ(w.kernel.waits, 1u);
    EXPECT_EQ(w.kernel.signals, 1u);
}

TEST(Executor, DispatcherServesThoseWithoutAVector) {
    World w(false); // vectors 1..3
    std::vector<std::uint64_t> answers;
    for (CPtr frame = 20; frame < 40; ++frame) ASSERT_TRUE(spawn(*w.executor, ask(answers, frame, 5)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(answers.size(), 100u);
    EXPECT_EQ(w.executor->statistics().spurious, 0u);
}

TEST(Executor, RegistersAVectorOnceOrEachTime) {
    for (const Registration mode : {Registration::Persistent, Registration::OneShot}) {
        World w(false, 15, mode);
        std::vector<std::uint64_t> answers;
        for (int i = 0; i < 3; ++i) {
            ASSERT_TRUE(spawn(*w.executor, ask(answers, 5, 4)));
            EXPECT_EQ(w.executor->run(), Stopped::Finished);
        }
        EXPECT_EQ(answers.size(), 12u);
        const std::uint64_t once = 2; // the dispatcher's and vector 1
        EXPECT_EQ(w.kernel.arms, mode == Registration::Persistent ? once : once + w.executor->statistics().wakes);
    }
}

TEST(Executor, IgnoresForgedAndLateWords) {
    World w(false);
    std::vector<std::uint64_t> answers;
    ASSERT_TRUE(spawn(*w.executor, ask(answers, 5, 2)));
    for (const std::uint64_t word : {~std::uint64_t{0}, std::uint64_t{2} << 2, std::uint64_t{31} << 2,
                                     std::uint64_t{64} << 2, std::uint64_t{5000} << 2, std::uint64_t{50} << 2})
        w.kernel.words.push_back(word);
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(answers.size(), 2u);
    EXPECT_GE(w.executor->statistics().spurious, 5u);
}

// Found by tests/model/complete.pml (NO_DONE_SCAN).
TEST(Executor, SleepsOnNothingThatIsDone) {
    World w(false);
    w.kernel.loses_words = true;
    w.executor->set_spin(2);
    std::vector<std::uint64_t> answers;
    ASSERT_TRUE(spawn(*w.executor, ask(answers, 5, 3)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(answers.size(), 3u);
    EXPECT_EQ(w.kernel.waits, 0u);
}

TEST(Executor, TellsEverybodyWhenTheQueueDies) {
    for (const bool drives : {true, false}) {
        World w(drives);
        std::vector<std::uint64_t> answers;
        w.buffer->push(999); // no slot: the kernel kills the queue
        for (CPtr frame = 20; frame < 25; ++frame) ASSERT_TRUE(spawn(*w.executor, ask(answers, frame, 2)));
        w.executor->set_spin(2);
        EXPECT_EQ(w.executor->run(), Stopped::Dead);
        EXPECT_EQ(answers, std::vector<std::uint64_t>(10, 1'000'000 + queue_dead));
        EXPECT_EQ(w.executor->live(), 0u);
    }
}

TEST(Executor, HearsInItsSleepThatTheQueueDied) {
    World w(false);
    w.kernel.work_after_polls = 1'000'000;
    w.kernel.dies_in_sleep = true;
    w.executor->set_spin(2);
    std::vector<std::uint64_t> answers;
    ASSERT_TRUE(spawn(*w.executor, ask(answers, 5, 2)));
    EXPECT_EQ(w.executor->run(), Stopped::Dead);
    EXPECT_EQ(answers, std::vector<std::uint64_t>(2, 1'000'000 + queue_dead));
    EXPECT_EQ(w.kernel.waits, 1u);
}

constexpr int many_rounds = 5'000;

Task<> sleeper(std::uint64_t& word, bool& awake) {
    word = Executor::task_word(co_await this_strand());
    awake = co_await park();
}

// Always ready, until `stop`.
Task<int> busy(const bool& stop) {
    int rounds = 0;
    for (; rounds < many_rounds && !stop; ++rounds) co_await yield();
    co_return rounds;
}

TEST(Executor, AWordWakesAParkedStrandAlthoughOthersStayReady) {
    for (const bool drives : {true, false}) {
        World w(drives);
        std::uint64_t word = 0;
        bool awake = false;
        ASSERT_TRUE(spawn(*w.executor, sleeper(word, awake)));
        Task<int> other = busy(awake);
        ASSERT_TRUE(other.start(*w.executor));
        const auto ring = [&]() -> Task<> {
            w.kernel.words.push_back(word);
            co_return;
        };
        ASSERT_TRUE(spawn(*w.executor, ring()));
        EXPECT_EQ(w.executor->run(), Stopped::Finished);
        EXPECT_TRUE(awake);
        EXPECT_LT(other.result(), many_rounds);
    }
}

// The request is completed by its vector, as if the executor had been polling just now.
TEST(Executor, AVectorWakesItsStrandAlthoughOthersStayReady) {
    World w(false);
    bool answered = false;
    const auto asking = [&]() -> Task<> { answered = (co_await op::page_get_address(5)).ok(); };
    ASSERT_TRUE(spawn(*w.executor, asking()));
    Task<int> other = busy(answered);
    ASSERT_TRUE(other.start(*w.executor));
    const auto kernel = [&]() -> Task<> {
        w.executor->flush();
        w.kernel.control().ustate = TAIL4_ASYNC_POLLING;
        w.kernel.step(1);
        w.kernel.control().ustate = TAIL4_ASYNC_RUNNING;
        co_return;
    };
    ASSERT_TRUE(spawn(*w.executor, kernel()));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_TRUE(answered);
    EXPECT_LT(other.result(), many_rounds);
    EXPECT_EQ(w.executor->statistics().direct, 1u);
}

// Its word signals no notification: the executor does not sleep on its requests while a strand is parked.
TEST(Executor, AWordForAParkedStrandIsSeenWhileRequestsAreOutstanding) {
    World w(false);
    w.kernel.work_after_polls = 1'000'000;
    w.executor->set_spin(2);
    bool awake = false;
    std::vector<std::uint64_t> answers;
    const auto parked = [&]() -> Task<> {
        w.kernel.word_when_idle = Executor::task_word(co_await this_strand());
        awake = co_await park();
        EXPECT_TRUE(answers.empty());
        EXPECT_EQ(w.kernel.waits, 0u);
    };
    ASSERT_TRUE(spawn(*w.executor, parked()));
    ASSERT_TRUE(spawn(*w.executor, ask(answers, 5, 1)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_TRUE(awake);
    EXPECT_EQ(w.kernel.waits, 1u); // for the request, when nobody was parked any more
    EXPECT_EQ(answers.size(), 1u);
}

TEST(Executor, CountsAForgedCompletionAndResumesNobodyTwice) {
    World w(true);
    std::vector<std::uint64_t> answers;
    for (CPtr frame = 20; frame < 24; ++frame) ASSERT_TRUE(spawn(*w.executor, ask(answers, frame, 3)));
    // Before the first batch: each slot once, with whatever generation.
    for (std::uint32_t i = 0; i < 8; ++i) w.kernel.cq()[i] = i / 2;
    w.kernel.control().cq_tail = 8;
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(answers.size(), 12u);
    EXPECT_EQ(w.executor->statistics().spurious, 8u);
    EXPECT_EQ(w.executor->outstanding(), 0u);
}

TEST(Executor, PublishesAFullBatchWhileStrandsAreStillReady) {
    World w(true);
    w.executor->set_batch(8);
    std::vector<std::uint64_t> answers;
    for (CPtr frame = 20; frame < 44; ++frame) ASSERT_TRUE(spawn(*w.executor, ask(answers, frame, 2)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(answers.size(), 48u);
    EXPECT_EQ(w.executor->statistics().batches, 6u);
    EXPECT_EQ(w.kernel.drive_calls, 2u);
}

TEST(Executor, GivesUpOnAKernelThatAnswersNothing) {
    World w(true);
    w.kernel.mute = true;
    std::vector<std::uint64_t> answers;
    ASSERT_TRUE(spawn(*w.executor, ask(answers, 5, 1)));
    EXPECT_EQ(w.executor->run(), Stopped::Stalled);
    EXPECT_EQ(w.executor->outstanding(), 1u);
}

TEST(Executor, RefusesRequestsBeyondTheSlots) {
    World w(true); // 48 narrow slots
    std::vector<std::uint64_t> answers;
    for (CPtr frame = 0; frame < 60; ++frame) ASSERT_TRUE(spawn(*w.executor, ask(answers, 100 + frame, 1)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(std::count(answers.begin(), answers.end(), 1'000'000 + queue_full), 12);
    EXPECT_EQ(w.executor->statistics().refused, 12u);
}

TEST(Executor, SendsAWideRequestInFourSlots) {
    World w(true);
    static const std::string text(100, 'x');
    const auto work = []() -> Task<std::uint32_t> {
        const Reply reply = co_await op::debug_put_string(text.data(), text.size());
        co_return reply.error();
    };
    Task<std::uint32_t> task = work();
    ASSERT_TRUE(task.start(*w.executor));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(task.result(), 0u);
    const std::uint32_t index = w.kernel.sq()[0];
    EXPECT_EQ(index % 4, 0u);
    EXPECT_EQ(w.kernel.slot(index).flags, static_cast<std::uint32_t>(TAIL4_ASYNC_SLOT_WIDE));
    EXPECT_EQ(std::memcmp(&w.kernel.slot(index + 1), text.data() + 56, 44), 0);
}

TEST(Operations, FillTheSlotAsTheGeneratedBuilderDoes) {
    FakeKernel kernel(true);
    tail4_AsyncSlot& direct = kernel.slot(0);
    tail4_AsyncSlot& copied = kernel.slot(1);
    const auto same = [&](const auto& bound) {
        std::memset(static_cast<void*>(&direct), 0, sizeof(direct));
        std::memset(static_cast<void*>(&copied), 0, sizeof(copied));
        bound.fill_slot(direct, 3, 9);
        fill(&copied, bound.request(), 3, 9, 0);
        EXPECT_EQ(std::memcmp(&direct, &copied, sizeof(direct)), 0);
    };
    same(op::page_map(1, 2, 0x5000, 3, 1));
    same(op::untyped_retype(1, 2, 3, 4, 5, 6, 7, 8));
    same(op::cnode_rotate(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11));
    same(op::tcb_copy_registers(1, 2, true, false, true, false, 5));
    same(op::tcb_configure(1, 2, 3, 4, 5, 6, 7, 8));
    same(op::nop());
    same(op::page_unmap(77));
}

} // namespace
