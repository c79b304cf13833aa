// What has an end: times, places for timers, the stack; and what calls itself: run() in a task, kill() of who runs.
#include "tests/host/libsel4async/world.hpp"

namespace {

using namespace sel4async;

constexpr std::uint64_t for_ever = ~std::uint64_t{0};

// --- Time

TEST(Bounds, DeadlinesBeyondTheClockNeverCome) {
    static_assert(Timers::deadline(5, 7) == 12);
    static_assert(Timers::deadline(5, for_ever) == Timers::never);
    static_assert(Timers::deadline(5, for_ever - 5) == Timers::never);
    static_assert(Timers::deadline(5, for_ever - 6) == for_ever - 1);
    static_assert(Timers::deadline(for_ever, 1) == Timers::never);
    static_assert(Timers::deadline(for_ever, 0) == Timers::never);
    Timers timers;
    EXPECT_EQ(timers.next(), Timers::never);
    Timer timer;
    timer.deadline = Timers::never;
    ASSERT_TRUE(timers.add(timer));
    EXPECT_EQ(timers.take(for_ever), nullptr);
}

TEST(Bounds, ATimeOutForEverIsNone) {
    for (const bool drives : {true, false}) {
        for (const std::uint64_t ticks : {for_ever, for_ever - 100, for_ever / 2}) {
            World w(drives);
            w.kernel.time = 1000;
            w.executor->set_spin(2);
            w.kernel.work_after_polls = 1'000'000;
            const auto work = [](std::uint64_t long_time) -> Task<> {
                const Reply reply = co_await with_timeout(op::page_get_address(7), long_time);
                EXPECT_EQ(reply.word(0), 7U * 4096);
                EXPECT_EQ((co_await this_strand()).cancels, 0U);
            };
            ASSERT_TRUE(spawn(*w.executor, work(ticks)));
            EXPECT_EQ(w.executor->run(), Stopped::Finished);
            if (!drives && ticks == for_ever) {
                EXPECT_EQ(w.kernel.waits, 1U); // nobody waits for the clock: it may sleep
                EXPECT_EQ(w.kernel.idles, 0U);
            }
            w.expect_all_back();
        }
    }
}

TEST(Bounds, ASleepForEverEndsByCancellation) {
    World w(true);
    w.kernel.time = 1000;
    bool over = true;
    const auto work = [](bool& result) -> Task<> { result = co_await sleep_for(for_ever); };
    Task<> task = work(over);
    ASSERT_TRUE(task.start(*w.executor));
    EXPECT_EQ(w.executor->run(), Stopped::Stalled); // nothing can wake it
    EXPECT_FALSE(task.done());
    EXPECT_TRUE(task.cancel());
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_FALSE(over);
    w.expect_all_back();
}

// One place is left, and two are needed: what does not find one is over at once, not endless.
TEST(Bounds, TheLastPlaceForATimer) {
    World w(true);
    std::vector<Timer> held(Timers::capacity - 1);
    for (Timer& timer : held) {
        timer.deadline = Timers::never;
        ASSERT_TRUE(w.executor->add(timer));
    }
    w.kernel.tick = 1;
    int ends = 0;
    const auto nested = [](int& count) -> Task<> {
        const auto [inner, expired] = co_await with_timeout(with_timeout(park(), 1000), 2000);
        EXPECT_TRUE(inner.expired);
        EXPECT_FALSE(expired);
        ++count;
    };
    const auto sleeping = [](int& count) -> Task<> {
        const auto [slept, expired] = co_await with_timeout(sleep_for(1000), 2000);
        EXPECT_FALSE(slept);
        EXPECT_FALSE(expired);
        ++count;
    };
    for (int i = 0; i < 2; ++i) {
        ASSERT_TRUE(spawn(*w.executor, nested(ends)));
        EXPECT_EQ(w.executor->run(), Stopped::Finished);
        ASSERT_TRUE(spawn(*w.executor, sleeping(ends)));
        EXPECT_EQ(w.executor->run(), Stopped::Finished);
    }
    EXPECT_EQ(ends, 4);
    for (Timer& timer : held) w.executor->remove(timer);
    w.expect_all_back();
}

// --- The stack

struct Depth {
    std::uintptr_t lowest = ~std::uintptr_t{0};
    std::uintptr_t highest = 0;
    // Not inlined: the address is one of the stack, not of a coroutine's frame.
    [[gnu::noinline]] void look() {
        const auto here = reinterpret_cast<std::uintptr_t>(__builtin_frame_address(0));
        lowest = std::min(lowest, here);
        highest = std::max(highest, here);
    }
    std::uintptr_t span() const { return highest - lowest; }
};

Task<int> at_once(Depth& depth) {
    depth.look();
    co_return 1;
}

Task<int> nest(Depth& depth, int levels_left) {
    if (levels_left == 0) co_return co_await at_once(depth);
    const int inner = co_await nest(depth, levels_left - 1);
    depth.look();
    co_return inner + 1;
}

TEST(Bounds, ChildrenThatEndAtOnceCostNoStack) {
    World w(true);
    Depth depth;
    int ends = 0;
    const auto work = [](Depth& all, int& count) -> Task<> {
        for (int i = 0; i < 200'000; ++i) count += co_await at_once(all);
        const Reply reply = co_await op::nop(); // and when it is resumed by a completion
        EXPECT_TRUE(reply.ok());
        for (int i = 0; i < 1000; ++i) count += co_await at_once(all);
    };
    ASSERT_TRUE(spawn(*w.executor, work(depth, ends)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(ends, 201'000);
    EXPECT_LT(depth.span(), 4096U);
}

TEST(Bounds, NestingCostsFramesAndNoStack) {
    World w(true);
    Depth depth;
    Task<int> task = nest(depth, 1000);
    ASSERT_TRUE(task.start(*w.executor));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(task.result(), 1001);
    EXPECT_LT(depth.span(), 4096U);
}

// Each joins the next one: to cancel the first asks all, one after the other.
TEST(Bounds, ALongChainOfJoinsIsCancelledWithoutRecursion) {
    constexpr std::size_t count = Executor::max_strands;
    World w(true);
    std::vector<Task<>> tasks(count);
    Depth depth;
    struct Look {
        Depth* depth;
        struct Awaiter : Wait {
            Depth* depth = nullptr;
            bool await_ready() const noexcept { return false; }
            void await_suspend(std::coroutine_handle<>) noexcept {
                interrupt = [](Wait& self, Strand& sleeper) {
                    static_cast<Awaiter&>(self).depth->look();
                    sleeper.executor->make_ready(sleeper);
                };
                strand->enter(*this);
            }
            void await_resume() noexcept { strand->exit(*this); }
            Strand* strand = nullptr;
        };
        Awaiter on(Strand& strand) const {
            Awaiter awaiter;
            awaiter.depth = depth;
            awaiter.strand = &strand;
            return awaiter;
        }
    };
    const auto last = [](Depth& at) -> Task<> { co_await Look{&at}; };
    const auto join = [](Task<>& next) -> Task<> { co_await next; };
    for (std::size_t i = 0; i < count; ++i) tasks[i] = i + 1 < count ? join(tasks[i + 1]) : last(depth);
    for (Task<>& task : tasks) ASSERT_TRUE(task.start(*w.executor));
    EXPECT_EQ(w.executor->run(), Stopped::Stalled);
    depth.look();
    EXPECT_TRUE(tasks[0].cancel());
    EXPECT_LT(depth.span(), 4096U);
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    w.expect_all_back();
}

// --- What calls itself

TEST(Bounds, ATaskDoesNotRunItsOwnExecutor) {
    for (const bool completed : {false, true}) {
        World w(true);
        const auto work = [](World& world, bool after) -> Task<> {
            if (after) {
                const auto [one, two] = co_await batch(op::nop(), op::nop()); // through the dispatcher
                EXPECT_TRUE(one.ok() && two.ok());
            }
            EXPECT_EQ(world.executor->run(), Stopped::Nested);
            const Reply reply = co_await op::nop();
            EXPECT_TRUE(reply.ok());
            EXPECT_EQ(world.executor->run(), Stopped::Nested);
        };
        ASSERT_TRUE(spawn(*w.executor, work(w, completed)));
        ASSERT_TRUE(spawn(*w.executor, work(w, completed)));
        EXPECT_EQ(w.executor->run(), Stopped::Finished);
        EXPECT_EQ(w.executor->run(), Stopped::Finished);
        w.expect_all_back();
    }
}

TEST(Bounds, ATaskDoesNotKillItself) {
    World w(true);
    Task<int> task;
    const auto suicide = [&]() -> Task<int> {
        EXPECT_FALSE(task.kill());
        const Reply reply = co_await with_timeout(op::nop(), 1'000'000);
        EXPECT_TRUE(reply.ok());
        const auto inside = [](Task<int>& whole) -> Task<bool> {
            const bool killed = whole.kill();
            co_return killed;
        };
        const auto [killed, expired] = co_await with_timeout(inside(task), 1'000'000);
        EXPECT_FALSE(killed || expired);
        co_return 5;
    };
    task = suicide();
    ASSERT_TRUE(task.start(*w.executor));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(task.result(), 5);
    w.expect_all_back();
}

// The owner's frame goes, and with it the handle of the task that runs: that one goes on by itself.
TEST(Bounds, ATaskThatKillsItsOwnerGoesOn) {
    World w(true);
    Task<> owner;
    int ends = 0;
    const auto child = [](Task<>& mine, int& count) -> Task<> {
        EXPECT_TRUE(mine.kill());
        World::poison();
        const Reply reply = co_await op::nop();
        EXPECT_TRUE(reply.ok());
        ++count;
    };
    const auto own = [&]() -> Task<> {
        Task<> mine = child(owner, ends);
        EXPECT_TRUE(mine.start(*w.executor));
        co_await mine;
        ++ends; // never
    };
    owner = own();
    ASSERT_TRUE(owner.start(*w.executor));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(ends, 1);
    w.expect_all_back();
}

TEST(Bounds, AnExecutorWithTasksIsNotMadeAnew) {
    World w(true);
    const auto sleeper = []() -> Task<> { co_await park(); };
    Task<> task = sleeper();
    ASSERT_TRUE(task.start(*w.executor));
    EXPECT_EQ(w.executor->run(), Stopped::Stalled);
    EXPECT_FALSE(w.executor->init(*w.buffer, w.kernel));
    EXPECT_TRUE(task.cancel()); // still its own
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    w.expect_all_back();
    EXPECT_TRUE(w.executor->init(*w.buffer, w.kernel));
}

// When one ends, its vector is free, and no other.
TEST(Bounds, AVectorBelongsToOneStrand) {
    World w(false, 15, Registration::Persistent, 6);
    const auto sleeper = [](std::uint32_t& vector) -> Task<> {
        vector = (co_await this_strand()).vector;
        co_await park();
    };
    std::uint32_t vectors[4] = {};
    Task<> tasks[4];
    for (int i = 0; i < 4; ++i) {
        tasks[i] = sleeper(vectors[i]);
        ASSERT_TRUE(tasks[i].start(*w.executor));
    }
    const auto work = [&]() -> Task<> {
        co_await yield();
        EXPECT_TRUE(tasks[1].kill());
        std::uint32_t next[2] = {};
        Task<> more[2] = {sleeper(next[0]), sleeper(next[1])};
        for (Task<>& task : more) EXPECT_TRUE(task.start(*w.executor));
        co_await yield();
        EXPECT_EQ(next[0], vectors[1]);
        EXPECT_EQ(next[1], 0U); // all are taken: four, and that of this strand
        for (Task<>& task : tasks) task.cancel();
        for (Task<>& task : more) task.cancel();
        const bool all = co_await when_all(std::span(more));
        EXPECT_TRUE(all);
    };
    ASSERT_TRUE(spawn(*w.executor, work()));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(vectors[i], static_cast<std::uint32_t>(i + 1));
    w.expect_all_back();
}

} // namespace
