// More edges of the executor's rules: who is told before it sleeps, what counts no longer, and in which order.
#include "tests/host/libsel4async/world.hpp"

#include <thread>

namespace {

using namespace sel4async;

// A channel as the executor sees it. What it does beyond counting is up to the test.
struct Probe final : Source {
    void look() override {
        if (on_look != nullptr && asked) on_look(*this);
    }
    bool announce(std::uint32_t state) override {
        states.push_back(state);
        if (on_announce != nullptr) on_announce(*this, state);
        return std::exchange(announces_news, false);
    }
    bool has_news() override {
        asked = true;
        return true;
    }
    std::vector<std::uint32_t> states;
    FakeKernel* kernel = nullptr;
    void (*on_look)(Probe&) = nullptr;
    void (*on_announce)(Probe&, std::uint32_t) = nullptr;
    bool announces_news = false; // once
    bool asked = false;
};

Task<> ask() {
    const Reply reply = co_await op::page_get_address(5);
    EXPECT_TRUE(reply.ok());
}

Task<> nothing() { co_return; }

// An executor with a kernel on another hart that works only when its user has gone to sleep.
struct Sleepy : World {
    Sleepy() : World(false) {
        executor->set_spin(2);
        kernel.work_after_polls = 1'000'000;
    }
};

// --- One hart

TEST(EdgesMore, PatienceBeginsAnewWithEachCompletion) {
    World w(true);
    const auto give_up = [&] {
        w.kernel.mute = true;
        w.kernel.drive_calls = 0;
        ASSERT_TRUE(spawn(*w.executor, ask()));
        EXPECT_EQ(w.executor->run(), Stopped::Stalled);
    };
    give_up();
    const std::uint64_t patience = w.kernel.drive_calls;
    w.kernel.mute = false;
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    give_up();
    EXPECT_EQ(w.kernel.drive_calls, patience);
}

TEST(EdgesMore, ARemovedSourceCountsNoLonger) {
    World w(true);
    w.kernel.executes = true;
    Probe probe;
    w.executor->add(probe);
    w.executor->remove(probe);
    ASSERT_TRUE(spawn(*w.executor, ask()));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(w.kernel.executed, 1U); // past the rings: nothing else needs the executor's attention
}

TEST(EdgesMore, ATimerThatIsOverCountsNoLonger) {
    World w(true);
    w.kernel.executes = true;
    const auto work = []() -> Task<> {
        EXPECT_TRUE(co_await sleep_for(10));
        co_await ask();
    };
    ASSERT_TRUE(spawn(*w.executor, work()));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(w.kernel.executed, 1U);
}

// Each round ends with a completion, so the executor is never idle.
TEST(EdgesMore, AWordWakesAParkedStrandWhileOthersMakeRequests) {
    World w(true);
    bool awake = false;
    const auto parked = [&]() -> Task<> {
        w.kernel.words.push_back(Executor::task_word(co_await this_strand()));
        awake = co_await park();
    };
    int requests = 0;
    const auto busy = [&]() -> Task<> {
        for (; requests < 5'000 && !awake; ++requests) co_await ask();
    };
    ASSERT_TRUE(spawn(*w.executor, parked()));
    ASSERT_TRUE(spawn(*w.executor, busy()));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_TRUE(awake);
    EXPECT_LT(requests, 5'000);
}

// Another hart that serves one request at a time, as soon as it is there.
void serve_beside(FakeKernel& kernel, unsigned requests) {
    tail4_AsyncControl& control = kernel.control();
    for (std::uint32_t head = 0; head != requests; ++head) {
        while (__atomic_load_n(&control.sq_tail, __ATOMIC_ACQUIRE) == head) std::this_thread::yield();
        EXPECT_EQ(__atomic_load_n(&control.ustate, __ATOMIC_RELAXED), std::uint32_t{TAIL4_ASYNC_RUNNING});
        const std::uint32_t index = kernel.sq()[head];
        kernel.slot(index).done = kernel.slot(index).generation;
        kernel.cq()[head] = index;
        __atomic_store_n(&control.cq_tail, head + 1, __ATOMIC_RELEASE);
    }
}

TEST(EdgesMore, WhoIsAnsweredSoonDoesNotSayThatItWaits) {
    constexpr unsigned requests = 100;
    World w(false);
    w.kernel.control().kstate = TAIL4_ASYNC_RUNNING;
    w.executor->set_first_looks(~std::uint32_t{0} / 128); // until the answer is there
    const auto work = []() -> Task<> {
        for (unsigned i = 0; i < requests; ++i) co_await ask();
    };
    ASSERT_TRUE(spawn(*w.executor, work()));
    std::thread other([&w] { serve_beside(w.kernel, requests); });
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    other.join();
    EXPECT_LT(w.kernel.polls, requests / 10); // the executor's now and then, not those of a wait
    EXPECT_EQ(w.kernel.rings, 0U);
}

TEST(EdgesMore, WhoWaitsLongerForSlotsIsFirst) {
    World w(true);
    std::vector<Ticket*> held;
    while (Ticket* ticket = w.buffer->take()) held.push_back(ticket);
    std::vector<int> order;
    const auto wait = [](std::vector<int>& all, int name) -> Task<> {
        EXPECT_TRUE(co_await room());
        all.push_back(name);
    };
    for (int name = 0; name < 3; ++name) ASSERT_TRUE(spawn(*w.executor, wait(order, name)));
    EXPECT_EQ(w.executor->run(), Stopped::Stalled);
    for (Ticket* ticket : held) ticket->release();
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(order, (std::vector<int>{0, 1, 2}));
}

// The last of the ready ones is killed: who becomes ready next stands behind the one before it.
TEST(EdgesMore, AfterTheLastReadyOneWasKilledOthersBecomeReady) {
    World w(true);
    bool ran = false;
    Task<> last = nothing();
    const auto next = [](bool& flag) -> Task<> {
        flag = true;
        co_return;
    };
    const auto kill = [&]() -> Task<> {
        EXPECT_TRUE(last.kill());
        EXPECT_TRUE(spawn(*w.executor, next(ran)));
        co_return;
    };
    ASSERT_TRUE(spawn(*w.executor, kill()));
    ASSERT_TRUE(spawn(*w.executor, nothing()));
    ASSERT_TRUE(last.start(*w.executor));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_TRUE(ran);
}

// --- What is given up is not carried out

// Its requests are in their slots, and the kernel has not seen them, when `victim` is killed.
void kill_with_requests(World& w, Task<>& victim) {
    ASSERT_TRUE(victim.start(*w.executor));
    const auto kill = [&]() -> Task<> {
        EXPECT_TRUE(victim.kill());
        co_return;
    };
    ASSERT_TRUE(spawn(*w.executor, kill()));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
}

TEST(EdgesMore, TheRequestOfAKilledTaskIsCancelled) {
    World w(true);
    Task<> victim = ask();
    kill_with_requests(w, victim);
    EXPECT_EQ(w.kernel.cancellations, 1U);
    w.expect_all_back();
}

TEST(EdgesMore, TheGroupOfAKilledTaskIsCancelled) {
    World w(true);
    const auto group = []() -> Task<> {
        static_cast<void>(co_await batch(op::page_get_address(5), op::page_get_address(6)));
    };
    Task<> victim = group();
    kill_with_requests(w, victim);
    EXPECT_EQ(w.kernel.cancellations, 2U);
    w.expect_all_back();
}

// --- With TAIC

TEST(EdgesMore, SourcesAreToldThatItIsAwakeAgain) {
    World w(false);
    Probe probe;
    w.executor->add(probe);
    ASSERT_TRUE(spawn(*w.executor, ask()));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(probe.states, (std::vector<std::uint32_t>{TAIL4_ASYNC_POLLING, TAIL4_ASYNC_RUNNING}));
}

// Also when the one before it has news already.
TEST(EdgesMore, AllSourcesAreTold) {
    for (const std::size_t which : {0U, 1U}) {
        World w(false);
        Probe probes[2];
        for (Probe& probe : probes) w.executor->add(probe);
        probes[which].announces_news = true;
        ASSERT_TRUE(spawn(*w.executor, ask()));
        EXPECT_EQ(w.executor->run(), Stopped::Finished);
        EXPECT_EQ(probes[0].states, probes[1].states);
        EXPECT_EQ(probes[0].states.size(), 4U); // polls, is awake, twice
    }
}

// Its word is lost: the slots are looked at while it still spins.
TEST(EdgesMore, ALostWordCostsAFewLooksOnly) {
    World w(false);
    w.kernel.loses_words = true;
    w.executor->set_spin(100);
    ASSERT_TRUE(spawn(*w.executor, ask()));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_LT(w.kernel.polls, 20U);
}

TEST(EdgesMore, NewsOfASourceEndTheSpin) {
    Sleepy w;
    Probe probe;
    probe.kernel = &w.kernel;
    probe.on_look = [](Probe& self) { self.kernel->step(1); };
    w.executor->add(probe);
    ASSERT_TRUE(spawn(*w.executor, ask()));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_TRUE(probe.asked);
    EXPECT_EQ(w.kernel.polls, 1U);
    EXPECT_EQ(w.kernel.waits, 0U);
}

// The kernel has completed it while this side still promised to poll, and the word is under way: nobody will signal.
TEST(EdgesMore, SleepsOnNoCompletionInTheRing) {
    Sleepy w;
    Probe probe;
    probe.kernel = &w.kernel;
    probe.on_announce = [](Probe& self, std::uint32_t state) {
        if (state != TAIL4_ASYNC_BLOCKED) return;
        self.kernel->control().ustate = TAIL4_ASYNC_POLLING;
        self.kernel->step(1);
        self.kernel->words.clear();
        self.kernel->control().ustate = TAIL4_ASYNC_BLOCKED;
    };
    w.executor->set_spin(0); // news would end it
    w.executor->add(probe);
    Task<> task = ask();
    ASSERT_TRUE(task.start(*w.executor, {.vector = false}));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_TRUE(task.done());
    EXPECT_EQ(w.kernel.waits, 0U);
}

// Nobody would wake it for the clock.
TEST(EdgesMore, DoesNotSleepWhileATimeOutRuns) {
    Sleepy w;
    const auto work = []() -> Task<> {
        const Reply reply = co_await with_timeout(op::page_get_address(7), 100);
        EXPECT_EQ(reply.error(), timed_out);
    };
    ASSERT_TRUE(spawn(*w.executor, work()));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(w.kernel.idles, 10U);
    EXPECT_EQ(w.kernel.waits, 1U); // for the cancelled request, when no time-out ran any more
    w.expect_all_back();
}

// A word of a task that has ended: its vector is registered again the way that can be taken back, whoever had it last.
TEST(EdgesMore, ALateWordRegistersNothingForGood) {
    World w(false, 15, Registration::Persistent, 2); // one vector beside the dispatcher's
    const std::uint64_t one_shot = std::uint64_t{2} << 2;
    for (const Registration registration : {Registration::OneShot, Registration::Persistent}) {
        Task<> task = nothing();
        ASSERT_TRUE(task.start(*w.executor, {.registration = registration}));
        EXPECT_EQ(w.executor->run(), Stopped::Finished);
        EXPECT_EQ(w.kernel.armed[1], one_shot);
    }
    const std::uint64_t arms = w.kernel.arms;
    w.kernel.words.push_back(one_shot);
    Task<> task = ask();
    ASSERT_TRUE(task.start(*w.executor, {.vector = false}));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(w.kernel.arms, arms + 1);
    EXPECT_EQ(w.kernel.armed[1], one_shot);
}

} // namespace
