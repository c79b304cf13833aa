// Cancellation, time-outs, and tasks that are killed at every point where they can wait.
#include "tests/host/libsel4async/world.hpp"

namespace {

using namespace sel4async;

struct Log {
    std::vector<std::uint32_t> errors;
    bool cancelled = false;
    std::uint32_t after = 99;
};

Task<> ask_twice(Log& log) {
    for (int i = 0; i < 2; ++i) {
        const Reply reply = co_await op::page_get_address(7);
        log.errors.push_back(reply.error());
    }
    log.cancelled = co_await take_cancellation();
    const Reply last = co_await op::page_get_address(7);
    log.after = last.error();
}

Task<> cancel_soon(Task<>& victim, bool& done) {
    done = victim.cancel();
    co_return;
}

TEST(Cancel, APendingRequestIsCancelledInItsSlotAndTheRestOfTheTaskToo) {
    World w(true);
    Log log;
    bool done = false;
    Task<> victim = ask_twice(log);
    EXPECT_FALSE(victim.cancel()); // not started
    ASSERT_TRUE(victim.start(*w.executor));
    ASSERT_TRUE(spawn(*w.executor, cancel_soon(victim, done)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_TRUE(done);
    EXPECT_EQ(log.errors, (std::vector<std::uint32_t>{cancelled, cancelled}));
    EXPECT_EQ(w.kernel.cancellations, 1u); // the second one never went out
    EXPECT_TRUE(log.cancelled);
    EXPECT_EQ(log.after, 0u);
    EXPECT_FALSE(victim.cancel()); // done
    w.expect_all_back();
}

TEST(Cancel, TooLateChangesNothing) {
    World w(true);
    Log log;
    Task<> victim = ask_twice(log);
    ASSERT_TRUE(victim.start(*w.executor));
    w.executor->set_batch(1); // published at once
    const auto late = [](World& world, Task<>& task) -> Task<> {
        world.kernel.step(~std::uint64_t{0}); // the kernel was faster
        task.cancel();
        co_return;
    };
    ASSERT_TRUE(spawn(*w.executor, late(w, victim)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(log.errors, (std::vector<std::uint32_t>{0, cancelled}));
    w.expect_all_back();
}

Task<> wait_for(Task<std::uint64_t>& other, bool& ended) {
    static_cast<void>(co_await other);
    ended = true;
}

Task<std::uint64_t> parker(bool& woken) {
    woken = co_await park();
    const bool again = co_await park(); // still cancelled: not even asleep
    woken = woken || again;
    co_return 1;
}

TEST(Cancel, ReachesWhatATaskWaitsFor) {
    World w(true);
    bool woken = true, ended = false;
    Task<std::uint64_t> inner = parker(woken);
    ASSERT_TRUE(inner.start(*w.executor));
    Task<> outer = wait_for(inner, ended);
    ASSERT_TRUE(outer.start(*w.executor));
    EXPECT_EQ(w.executor->run(), Stopped::Stalled);
    EXPECT_TRUE(outer.cancel());
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_FALSE(woken);
    EXPECT_TRUE(ended);
}

// --- Time

Task<> timed_call(World& w, std::uint64_t ticks, std::uint32_t& error) {
    const Reply reply = co_await with_timeout(op::page_get_address(7), ticks);
    error = reply.error();
    const Reply next = co_await op::nop();
    EXPECT_TRUE(next.ok());
    EXPECT_EQ((co_await this_strand()).wait, nullptr);
    static_cast<void>(w);
}

TEST(Timeouts, ExpiredOrNotAndZero) {
    World w(true);
    std::uint32_t quick = 99, slow = 99, never = 99;
    ASSERT_TRUE(spawn(*w.executor, timed_call(w, 1'000'000, quick)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(quick, 0u);
    w.kernel.per_drive = 0;
    w.kernel.tick = 10;
    ASSERT_TRUE(spawn(*w.executor, timed_call(w, 100, slow)));
    EXPECT_EQ(w.executor->run(), Stopped::Stalled); // patience is over long after the deadline
    w.kernel.per_drive = 100;
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(slow, timed_out);
    EXPECT_EQ(w.kernel.cancellations, 1u);
    ASSERT_TRUE(spawn(*w.executor, timed_call(w, 0, never)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(never, timed_out);
    EXPECT_EQ(w.kernel.cancellations, 1u); // that one was not sent
    w.expect_all_back();
}

Task<std::uint32_t> stubborn(World& w) {
    std::uint32_t calls = 0;
    while (calls < 1000) {
        w.kernel.time += 10;
        const Reply reply = co_await op::page_get_address(7);
        if (reply.error() == cancelled) break;
        ++calls;
    }
    co_return calls;
}

TEST(Timeouts, OfATaskCancelItAndNothingAfterIt) {
    for (const bool started : {false, true}) {
        World w(true);
        const auto work = [](World& world, bool start) -> Task<> {
            Task<std::uint32_t> task = stubborn(world);
            if (start) {
                EXPECT_TRUE(task.start(*world.executor));
            }
            const auto [calls, expired] = co_await with_timeout(task, 105);
            EXPECT_TRUE(expired);
            EXPECT_GE(calls, 9u);
            EXPECT_LE(calls, 12u);
            const Reply next = co_await op::nop();
            EXPECT_TRUE(next.ok());
        };
        ASSERT_TRUE(spawn(*w.executor, work(w, started)));
        EXPECT_EQ(w.executor->run(), Stopped::Finished);
        w.expect_all_back();
    }
}

// Cleans up after its time is over; the outer time-out, and a later cancellation, are others.
Task<std::uint32_t> tidy(World& w) {
    const std::uint32_t calls = co_await stubborn(w);
    EXPECT_TRUE(co_await take_cancellation());
    EXPECT_FALSE(co_await take_cancellation());
    const Reply cleaned = co_await op::page_unmap(4);
    EXPECT_TRUE(cleaned.ok());
    co_return calls;
}

Task<> nested(World& w, std::uint64_t outer, std::uint64_t inner, std::uint32_t& left) {
    const auto within = [](World& world, std::uint64_t ticks) -> Task<bool> {
        const auto [calls, expired] = co_await with_timeout(tidy(world), ticks);
        EXPECT_GT(calls, 0u);
        co_return expired;
    };
    const auto [inside, expired] = co_await with_timeout(within(w, inner), outer);
    EXPECT_EQ(inside, inner < outer);
    EXPECT_EQ(expired, outer < inner);
    left = (co_await this_strand()).cancels;
}

TEST(Timeouts, ATaskMayTakeItsCancellationAndCleanUp) {
    for (const std::uint64_t outer : {105u, 100'000u}) {
        World w(true);
        std::uint32_t left = 99;
        ASSERT_TRUE(spawn(*w.executor, nested(w, outer, 300, left)));
        EXPECT_EQ(w.executor->run(), Stopped::Finished);
        EXPECT_EQ(left, 0u);
        w.expect_all_back();
    }
}

Task<> nap(World& w, std::uint64_t ticks, std::vector<std::uint64_t>& order) {
    const bool over = co_await sleep_for(ticks);
    EXPECT_TRUE(over);
    EXPECT_GE(w.kernel.time, ticks);
    order.push_back(ticks);
}

TEST(Timeouts, SleepersWakeInTheOrderOfTheirDeadlines) {
    for (const bool drives : {true, false}) {
        World w(drives);
        w.executor->set_spin(3);
        std::vector<std::uint64_t> order, expected;
        for (std::uint64_t i = 1; i <= 200; ++i) ASSERT_TRUE(spawn(*w.executor, nap(w, 100 * (i * 77 % 211), order)));
        EXPECT_EQ(w.executor->run(), Stopped::Finished);
        expected = order;
        std::sort(expected.begin(), expected.end());
        EXPECT_EQ(order, expected);
        EXPECT_EQ(order.size(), 200u);
        EXPECT_GT(w.kernel.idles, 0u);
        EXPECT_EQ(w.kernel.waits, 0u); // nobody would have ended such a sleep
    }
}

TEST(Timeouts, TheHeapKeepsItsOrderWhateverIsTakenOut) {
    Timers timers;
    std::vector<Timer> all(Timers::capacity + 1);
    std::uint64_t random = 1;
    for (Timer& timer : all) timer.deadline = (random = random * 6364136223846793005u + 1442695040888963407u) >> 40;
    for (std::size_t i = 0; i < Timers::capacity; ++i) ASSERT_TRUE(timers.add(all[i]));
    EXPECT_TRUE(timers.full());
    EXPECT_FALSE(timers.add(all.back()));
    for (std::size_t i = 0; i < Timers::capacity; i += 3) timers.remove(all[i]);
    for (std::size_t i = 0; i < Timers::capacity; i += 3) timers.remove(all[i]); // once more: nothing
    std::uint64_t last = 0;
    std::size_t count = 0;
    EXPECT_EQ(timers.take(0), nullptr);
    while (const Timer* timer = timers.take(~std::uint64_t{0})) {
        EXPECT_LE(last, timer->deadline);
        last = timer->deadline;
        ++count;
    }
    EXPECT_EQ(count, Timers::capacity - (Timers::capacity + 2) / 3);
}

// --- Killed anywhere

Task<std::uint64_t> child(Executor& executor, int depth) {
    const Reply first = co_await op::page_get_address(1);
    if (depth > 0) {
        const std::uint64_t inner = co_await child(executor, depth - 1);
        co_return inner + 1;
    }
    co_return first.ok();
}

// Waits in every way there is.
Task<> victim_of_everything(World& w) {
    Executor& executor = *w.executor;
    static_cast<void>(co_await op::page_get_address(2));
    static_cast<void>(co_await child(executor, 2));
    co_await yield();
    static_cast<void>(co_await batch(op::page_get_address(3), op::page_unmap(13), op::nop()));
    static_cast<void>(co_await linked(op::page_unmap(13), op::page_unmap(4), op::nop()));
    static const std::string text(100, 'x');
    static_cast<void>(co_await op::debug_put_string(text.data(), text.size()));
    static_cast<void>(co_await with_timeout(op::page_get_address(5), 1'000'000));
    static_cast<void>(co_await with_timeout(child(executor, 1), 1'000'000));
    static_cast<void>(co_await with_timeout(batch(op::nop(), op::nop()), 1));
    static_cast<void>(co_await sleep_for(30));
    Task<std::uint64_t> other = child(executor, 1);
    EXPECT_TRUE(other.start(executor));
    static_cast<void>(co_await other);
    Task<std::uint64_t> a = child(executor, 0), b = child(executor, 3), c = child(executor, 1);
    static_cast<void>(co_await when_all(a, b));
    Task<std::uint64_t> d = child(executor, 0), e = child(executor, 3);
    static_cast<void>(co_await when_any(d, e, c));
    static_cast<void>(co_await room(40));
    static_cast<void>(co_await urgent(op::page_get_address(6)));
    static_cast<void>(co_await with_timeout(park(), 50));
}

Task<> killer(World& w, Task<>& victim, int rounds, int yields) {
    for (int i = 0; i < rounds; ++i) {
        w.kernel.time += 5;
        static_cast<void>(co_await op::nop());
    }
    for (int i = 0; i < yields; ++i) co_await yield();
    if (!victim.done()) {
        EXPECT_TRUE(victim.kill());
    }
    World::poison();
}

void kill_after(World& w, int rounds, int yields, bool first) {
    Task<> victim = victim_of_everything(w);
    Task<> by = killer(w, victim, rounds, yields);
    if (first) {
        ASSERT_TRUE(by.start(*w.executor));
    }
    ASSERT_TRUE(victim.start(*w.executor));
    if (!first) {
        ASSERT_TRUE(by.start(*w.executor));
    }
    EXPECT_EQ(w.executor->run(), Stopped::Finished) << rounds << " " << yields;
}

TEST(Kill, AtEverySuspensionPointLeavesNothingBehind) {
    for (const bool drives : {true, false}) {
        World w(drives);
        w.executor->set_spin(20);
        kill_after(w, 200, 0, false); // not killed at all: as many frames at once as there will be
        World::poison();
        const std::size_t left = frame_pool.left();
        for (const bool first : {true, false}) {
            for (int rounds = 0; rounds < 60; ++rounds) {
                for (int yields = 0; yields < 3; ++yields) {
                    kill_after(w, rounds, yields, first);
                    w.expect_all_back();
                    ASSERT_FALSE(testing::Test::HasFailure()) << drives << first << " " << rounds << " " << yields;
                }
            }
        }
        EXPECT_EQ(frame_pool.left(), left);
        EXPECT_GT(w.kernel.cancellations, 0u);
    }
}

TEST(Kill, TellsWhoJoins) {
    World w(true);
    bool woken = false, ended = false;
    Task<std::uint64_t> inner = parker(woken);
    ASSERT_TRUE(inner.start(*w.executor));
    Task<> outer = wait_for(inner, ended);
    ASSERT_TRUE(outer.start(*w.executor));
    EXPECT_EQ(w.executor->run(), Stopped::Stalled);
    EXPECT_TRUE(inner.kill());
    EXPECT_FALSE(inner.valid());
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_TRUE(ended);
    Task<> idle = wait_for(inner, ended);
    EXPECT_TRUE(idle.kill()); // never started
}

Task<> drop_it(Task<std::uint64_t>& task) {
    task = Task<std::uint64_t>();
    World::poison();
    co_return;
}

TEST(Kill, ATaskDroppedWhileSomebodyAwaitsItStillGivesItsFrameBack) {
    for (const bool started : {false, true}) {
        for (const bool killed : {false, true}) {
            World w(true);
            std::size_t left = 0;
            for (int i = 0; i < 3; ++i) {
                bool ended = false;
                Task<std::uint64_t> inner = child(*w.executor, 1);
                if (started) {
                    ASSERT_TRUE(inner.start(*w.executor));
                }
                Task<> outer = wait_for(inner, ended);
                ASSERT_TRUE(outer.start(*w.executor));
                ASSERT_TRUE(spawn(*w.executor, drop_it(inner)));
                if (killed) {
                    ASSERT_TRUE(spawn(*w.executor, killer(w, outer, 1, 0)));
                }
                EXPECT_EQ(w.executor->run(), Stopped::Finished);
                EXPECT_EQ(ended, !killed);
                w.expect_all_back();
                World::poison();
                if (i > 0) {
                    EXPECT_EQ(frame_pool.left(), left);
                }
                left = frame_pool.left();
            }
        }
    }
}

TEST(Kill, WhatATaskOwnsGoesWithIt) {
    World w(true);
    bool woken = false;
    const auto owner = [](World& world, bool& flag) -> Task<> {
        Task<std::uint64_t> owned = parker(flag);
        EXPECT_TRUE(owned.start(*world.executor));
        co_await park();
    };
    Task<> task = owner(w, woken);
    ASSERT_TRUE(task.start(*w.executor));
    EXPECT_EQ(w.executor->run(), Stopped::Stalled);
    EXPECT_EQ(w.executor->live(), 2u);
    EXPECT_TRUE(task.kill());
    EXPECT_EQ(w.executor->live(), 0u);
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
}

TEST(Kill, ATaskInsideAnotherOneIsNotKilledAlone) {
    World w(true);
    bool woken = false, ended = false;
    Task<std::uint64_t> inner = parker(woken);
    Task<> outer = wait_for(inner, ended);
    ASSERT_TRUE(outer.start(*w.executor));
    EXPECT_EQ(w.executor->run(), Stopped::Stalled);
    EXPECT_FALSE(inner.kill());
    EXPECT_TRUE(inner.cancel()); // the strand both run in
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_TRUE(ended);
}

} // namespace
