// Several who wait for the same task: all are told, each once, whoever of them ends or is killed meanwhile.
#include "tests/host/libsel4async/world.hpp"

namespace {

using namespace sel4async;

Task<std::uint64_t> address(CPtr frame, int times = 1) {
    std::uint64_t sum = 0;
    for (int i = 0; i < times; ++i) {
        const Reply reply = co_await op::page_get_address(frame);
        if (!reply.ok()) co_return reply.error();
        sum += reply.word(0);
    }
    co_return sum;
}

template <class T>
Task<> wait_for(Task<T>& other, std::vector<std::uint64_t>& log) {
    const T value = co_await other;
    log.push_back(value);
}

using Log = std::vector<std::uint64_t>;

void finish(World& w) {
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    World::poison();
    w.expect_all_back();
}

// Started, or run by the first who awaits it.
TEST(Waiters, EachGetsTheResult) {
    for (const bool started : {true, false}) {
        World w(true);
        Log log;
        Task<std::uint64_t> task = address(3, 4);
        if (started) {
            ASSERT_TRUE(task.start(*w.executor));
        }
        for (int i = 0; i < 5; ++i) ASSERT_TRUE(spawn(*w.executor, wait_for(task, log)));
        finish(w);
        EXPECT_EQ(log, Log(5, 4 * 3 * 4096));
    }
}

struct OnlyMoved {
    std::uint64_t value = 0;
    OnlyMoved() = default;
    explicit OnlyMoved(std::uint64_t v) : value(v) {}
    OnlyMoved(OnlyMoved&& other) noexcept : value(std::exchange(other.value, 0)) {}
    OnlyMoved& operator=(OnlyMoved&& other) noexcept {
        value = std::exchange(other.value, 0);
        return *this;
    }
    operator std::uint64_t() const { return value; }
};

TEST(Waiters, WhatCannotBeCopiedIsTheFirstOnes) {
    World w(true);
    Log log;
    const auto make = []() -> Task<OnlyMoved> {
        const Reply reply = co_await op::page_get_address(5);
        co_return OnlyMoved(reply.word(0));
    };
    Task<OnlyMoved> task = make();
    ASSERT_TRUE(task.start(*w.executor));
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(spawn(*w.executor, wait_for(task, log)));
    finish(w);
    EXPECT_EQ(log, (Log{5 * 4096, 0, 0}));
}

TEST(Waiters, TheLastOfThemGivesBackWhatItsOwnerDropped) {
    for (const bool started : {true, false}) {
        World w(true);
        std::size_t left = 0;
        for (int i = 0; i < 4; ++i) {
            Log log;
            Task<std::uint64_t> task = address(3, 4);
            if (started) {
                ASSERT_TRUE(task.start(*w.executor));
            }
            for (int k = 0; k < 3; ++k) ASSERT_TRUE(spawn(*w.executor, wait_for(task, log)));
            const auto drop = [](Task<std::uint64_t>& which) -> Task<> {
                which = Task<std::uint64_t>();
                World::poison();
                co_return;
            };
            ASSERT_TRUE(spawn(*w.executor, drop(task)));
            finish(w);
            EXPECT_EQ(log, Log(3, 4 * 3 * 4096));
            if (i > 1) {
                EXPECT_EQ(frame_pool.left(), left);
            }
            left = frame_pool.left();
        }
    }
}

// The one that runs it, or one that only waits, is killed; or the task itself.
TEST(Waiters, OneThatIsKilledTakesNobodyAlong) {
    enum class Victim : std::uint8_t { First, Second, Itself };
    for (const bool started : {true, false}) {
        for (const Victim victim : {Victim::First, Victim::Second, Victim::Itself}) {
            World w(true);
            Log log;
            Task<std::uint64_t> task = address(3, 4);
            Task<> first = wait_for(task, log);
            Task<> second = wait_for(task, log);
            Task<> third = wait_for(task, log);
            if (started) {
                ASSERT_TRUE(task.start(*w.executor));
            }
            for (Task<>* one : {&first, &second, &third}) ASSERT_TRUE(one->start(*w.executor));
            const auto kill = [&]() -> Task<> {
                static_cast<void>(co_await op::nop());
                const bool killed = victim == Victim::First ? first.kill()
                    : victim == Victim::Second              ? second.kill()
                                                            : task.kill();
                EXPECT_EQ(killed, started || victim != Victim::Itself);
                World::poison();
            };
            ASSERT_TRUE(spawn(*w.executor, kill()));
            finish(w);
            EXPECT_TRUE(task.done());
            const bool gone = started ? victim == Victim::Itself : victim == Victim::First;
            const std::size_t told = victim == Victim::Itself ? 3 : 2;
            EXPECT_EQ(log, Log(told, gone ? 0 : 4 * 3 * 4096)) << started << static_cast<int>(victim);
        }
    }
}

// A task that was running in a killed strand and belongs to somebody else.
TEST(Waiters, WhatWasKilledWithItsStrandIsOver) {
    World w(true);
    Log log;
    Task<std::uint64_t> task = address(3, 4);
    Task<> runs_it = wait_for(task, log);
    ASSERT_TRUE(runs_it.start(*w.executor));
    const auto work = [&]() -> Task<> {
        static_cast<void>(co_await op::nop());
        EXPECT_TRUE(runs_it.kill());
        EXPECT_TRUE(task.done());
        EXPECT_FALSE(task.cancel());
        EXPECT_FALSE(task.start(*w.executor));
        const std::uint64_t nothing = co_await task;
        EXPECT_EQ(nothing, 0U);
        const bool good = co_await when_all(task);
        EXPECT_FALSE(good);
        EXPECT_TRUE(task.kill()); // gives the frame back
    };
    ASSERT_TRUE(spawn(*w.executor, work()));
    finish(w);
    EXPECT_TRUE(log.empty());
}

// --- Who waits for itself

TEST(Waiters, ATaskThatAwaitsItselfGoesOn) {
    for (const bool inside : {false, true}) {
        World w(true);
        Task<std::uint64_t> task;
        Log log;
        const auto self = [&]() -> Task<std::uint64_t> {
            const std::uint64_t nothing = co_await task;
            const bool all = co_await when_all(task);
            const std::size_t any = co_await when_any(task);
            EXPECT_FALSE(all);
            EXPECT_EQ(any, 0U);
            co_return nothing + 7;
        };
        task = self();
        if (inside) {
            ASSERT_TRUE(spawn(*w.executor, wait_for(task, log)));
        } else {
            ASSERT_TRUE(task.start(*w.executor));
        }
        finish(w);
        EXPECT_TRUE(task.done());
        EXPECT_EQ(log, inside ? Log{7} : Log{});
    }
}

TEST(Waiters, TwoThatAwaitEachOtherEndWhenOneIsCancelled) {
    World w(true);
    Task<> a;
    Task<> b;
    const auto wait = [](Task<>& other) -> Task<> {
        co_await other;
        EXPECT_TRUE(co_await take_cancellation());
    };
    a = wait(b);
    b = wait(a);
    ASSERT_TRUE(a.start(*w.executor));
    ASSERT_TRUE(b.start(*w.executor));
    EXPECT_EQ(w.executor->run(), Stopped::Stalled);
    EXPECT_TRUE(a.cancel()); // and comes back
    EXPECT_EQ(w.executor->run(), Stopped::Stalled);
    EXPECT_TRUE(a.kill());
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_TRUE(b.done());
    w.expect_all_back();
}

// --- Groups

TEST(Waiters, ATaskMayBeAMemberTwice) {
    World w(true);
    const auto work = [](World& world) -> Task<> {
        Task<std::uint64_t> a = address(1, 3), b = address(2, 1);
        const bool good = co_await when_all(a, b, a);
        EXPECT_TRUE(good);
        EXPECT_EQ(a.result() + b.result(), 5U * 4096);
        Task<std::uint64_t> slow = address(1, 1000), quick = address(2, 2);
        const std::size_t first = co_await when_any(slow, quick, slow, quick);
        EXPECT_EQ(first, 1U);
        EXPECT_EQ(slow.result(), cancelled);
        Task<std::uint64_t> many[4] = {address(1), address(2), address(3), address(4)};
        EXPECT_TRUE(many[2].start(*world.executor));
        const bool all = co_await when_all(std::span(many));
        EXPECT_TRUE(all);
    };
    ASSERT_TRUE(spawn(*w.executor, work(w)));
    finish(w);
}

Task<> group_of(Task<std::uint64_t>& a, Task<std::uint64_t>& b, Log& log, std::uint64_t name) {
    const bool good = co_await when_all(a, b, a);
    log.push_back(good ? name : 100 + name);
}

Task<> span_of(std::span<Task<std::uint64_t>> tasks, Log& log, std::uint64_t name) {
    const bool good = co_await when_all(tasks);
    log.push_back(good ? name : 100 + name);
}

TEST(Waiters, GroupsShareTasks) {
    World w(true);
    Log log;
    Log results;
    Task<std::uint64_t> tasks[4] = {address(1, 2), address(2, 6), address(3, 4), address(4, 8)};
    ASSERT_TRUE(spawn(*w.executor, group_of(tasks[0], tasks[1], log, 1)));
    ASSERT_TRUE(spawn(*w.executor, group_of(tasks[1], tasks[2], log, 2)));
    ASSERT_TRUE(spawn(*w.executor, span_of(tasks, log, 3)));
    ASSERT_TRUE(spawn(*w.executor, group_of(tasks[2], tasks[0], log, 4)));
    ASSERT_TRUE(spawn(*w.executor, wait_for(tasks[1], results))); // besides
    finish(w);
    EXPECT_EQ(log, (Log{4, 1, 2, 3}));
    EXPECT_EQ(results, Log{12 * 4096});
}

// Any of the groups is killed; or a task of them is, and all are told that.
TEST(Waiters, AGroupThatIsKilledLeavesTheOthersTheirTasks) {
    for (std::size_t victim = 0; victim < 4; ++victim) {
        World w(true);
        Log log;
        Task<std::uint64_t> tasks[2] = {address(1, 6), address(2, 9)};
        Task<> groups[3] = {group_of(tasks[0], tasks[1], log, 0), span_of(tasks, log, 1),
                            group_of(tasks[1], tasks[0], log, 2)};
        for (Task<>& group : groups) ASSERT_TRUE(group.start(*w.executor));
        const auto kill = [&]() -> Task<> {
            static_cast<void>(co_await op::nop());
            EXPECT_TRUE(victim < 3 ? groups[victim].kill() : tasks[0].kill());
            World::poison();
        };
        ASSERT_TRUE(spawn(*w.executor, kill()));
        finish(w);
        std::sort(log.begin(), log.end());
        Log expected{0, 1, 2};
        if (victim < 3)
            expected.erase(expected.begin() + static_cast<long>(victim));
        else
            expected = {100, 101, 102};
        EXPECT_EQ(log, expected) << victim;
    }
}

// A task that another strand runs as its own child ends for the group as well.
TEST(Waiters, AGroupWaitsForWhatAnotherStrandRuns) {
    World w(true);
    Log log;
    Task<std::uint64_t> a = address(1, 2), b = address(2, 5);
    ASSERT_TRUE(spawn(*w.executor, wait_for(a, log)));
    ASSERT_TRUE(spawn(*w.executor, group_of(a, b, log, 9)));
    finish(w);
    EXPECT_EQ(log, (Log{2 * 4096, 9}));
}

// --- Cancelling what has ended already

// `inner` has ended and another task has its strand; who joins it is cancelled before it runs.
TEST(Waiters, CancellingOneReachesNobodyElse) {
    World w(true);
    Log log;
    Task<std::uint64_t> inner = address(1);
    Task<std::uint64_t> other;
    ASSERT_TRUE(inner.start(*w.executor));
    Task<> outer = wait_for(inner, log);
    ASSERT_TRUE(outer.start(*w.executor, {.level = 0})); // ready, but not before the one below
    const auto between = [&]() -> Task<> {
        const Reply reply = co_await op::nop(); // inner's answer comes with it, before it
        EXPECT_TRUE(reply.ok() && inner.done());
        EXPECT_NE(outer.promise()->strand->wait, nullptr);
        other = address(2, 3);
        EXPECT_TRUE(other.start(*w.executor));
        outer.cancel();
    };
    ASSERT_TRUE(spawn(*w.executor, between()));
    finish(w);
    EXPECT_EQ(log, Log{4096});
    EXPECT_EQ(other.result(), 6U * 4096);
}

TEST(Waiters, HoweverOftenCancelledItCountsOnce) {
    World w(true);
    std::uint32_t cancels = 0;
    const auto sleeper = [](std::uint32_t& count) -> Task<> {
        co_await park();
        count = (co_await this_strand()).cancels;
        EXPECT_TRUE(co_await take_cancellation());
        const Reply reply = co_await op::nop();
        EXPECT_TRUE(reply.ok());
        co_await park();
        EXPECT_TRUE(co_await take_cancellation()); // another one
    };
    Task<> task = sleeper(cancels);
    ASSERT_TRUE(task.start(*w.executor));
    EXPECT_EQ(w.executor->run(), Stopped::Stalled);
    for (int i = 0; i < 3; ++i) EXPECT_TRUE(task.cancel());
    EXPECT_EQ(w.executor->run(), Stopped::Stalled);
    EXPECT_EQ(cancels, 1U);
    EXPECT_TRUE(task.cancel());
    finish(w);
}

} // namespace
