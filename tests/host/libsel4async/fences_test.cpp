// Each publication has its release store, and each look at the other side's state its full fence, in that order. Real
// memory, and that of QEMU, shows nothing of it on one thread: so they are counted.
#include "tests/host/libsel4async/channel_block.hpp"

#include <sel4async/fences.hpp>

namespace {

using namespace sel4async;
using namespace sel4async::test;

// What was made, in order, and a word of shared memory as it was at that moment.
struct Seen {
    Fence kind;
    std::uint32_t tail;
    std::uint32_t state;
    bool operator==(const Seen&) const = default;
};
[[maybe_unused]] std::ostream& operator<<(std::ostream& out, const Seen& seen) {
    return out << (seen.kind == Fence::Full ? "full" : "release") << " tail " << seen.tail << " state " << seen.state;
}

std::vector<Seen> log_of_fences;
const std::uint32_t* watched_tail = nullptr;
const std::uint32_t* watched_state = nullptr;

class Fences : public testing::Test {
protected:
    Fences() { log_of_fences.clear(); }
    ~Fences() override { sel4async::detail::fence_seen = nullptr; }
    static void watch(const std::uint32_t& tail, const std::uint32_t& state) {
        watched_tail = &tail;
        watched_state = &state;
        sel4async::detail::fence_seen = [](Fence kind) {
            log_of_fences.push_back({kind, *watched_tail, *watched_state});
        };
    }
};

using Log = std::vector<Seen>;
constexpr std::uint32_t running = TAIL4_ASYNC_RUNNING;
constexpr std::uint32_t blocked = TAIL4_ASYNC_BLOCKED;
constexpr std::uint32_t polling = TAIL4_ASYNC_POLLING;

Task<> ask(CPtr frame) {
    const Reply reply = co_await op::page_get_address(frame);
    EXPECT_TRUE(reply.ok());
}

TEST_F(Fences, ABatchIsPublishedThenTheKernelsStateIsLookedAt) {
    World w(false);
    watch(w.kernel.control().sq_tail, w.kernel.control().ustate);
    for (CPtr frame = 1; frame <= 3; ++frame) ASSERT_TRUE(spawn(*w.executor, ask(frame)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(log_of_fences, (Log{{Fence::Release, 0, running}, {Fence::Full, 3, running}, {Fence::Full, 3, polling}}));
}

TEST_F(Fences, WhoDrivesNeedsNoneButThePublication) {
    World w(true);
    watch(w.kernel.control().sq_tail, w.kernel.control().ustate);
    for (CPtr frame = 1; frame <= 3; ++frame) ASSERT_TRUE(spawn(*w.executor, ask(frame)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(log_of_fences, (Log{{Fence::Release, 0, running}}));
}

TEST_F(Fences, BeforeItSleepsItSaysSoThenLooksOnceMore) {
    World w(false);
    w.executor->set_spin(2);
    w.kernel.work_after_polls = 1'000'000;
    watch(w.kernel.control().sq_tail, w.kernel.control().ustate);
    ASSERT_TRUE(spawn(*w.executor, ask(1)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(w.kernel.waits, 1U);
    EXPECT_EQ(log_of_fences,
              (Log{{Fence::Release, 0, running},
                   {Fence::Full, 1, running},
                   {Fence::Full, 1, polling},
                   {Fence::Full, 1, blocked}}));
}

// The kernel looks at `ustate` after it has written DEAD: whoever became BLOCKED after that is not signalled.
TEST_F(Fences, AQueueThatDiesJustBeforeTheSleepIsSeen) {
    World w(false);
    w.executor->set_spin(2);
    w.kernel.work_after_polls = 1'000'000;
    static tail4_AsyncControl* control = nullptr;
    control = &w.kernel.control();
    sel4async::detail::fence_seen = [](Fence) {
        if (control->ustate == blocked) control->kstate = TAIL4_ASYNC_DEAD;
    };
    const auto work = []() -> Task<> {
        const Reply reply = co_await op::nop();
        EXPECT_EQ(reply.error(), queue_dead);
    };
    ASSERT_TRUE(spawn(*w.executor, work()));
    EXPECT_EQ(w.executor->run(), Stopped::Dead);
    EXPECT_EQ(w.kernel.waits, 0U);
}

TEST_F(Fences, AChannelPublishesThenLooksAtThePeer) {
    Block block(8);
    CountingBell bell;
    ChannelPort client;
    ChannelPort server;
    ASSERT_TRUE(client.attach(block.setup(bell), ChannelSide::Client));
    ASSERT_TRUE(server.attach(block.setup(bell), ChannelSide::Server));
    const tail4_ChannelDirection& requests = block.control().requests;
    watch(requests.tail, requests.state);
    EXPECT_FALSE(server.announce(TAIL4_ASYNC_BLOCKED));
    ASSERT_NE(client.room(), 0U);
    client.put({});
    client.publish();
    EXPECT_EQ(bell.rung, 1U);
    EXPECT_FALSE(server.announce(TAIL4_ASYNC_RUNNING)); // it looks anyway
    EXPECT_EQ(server.available(), 1U);
    server.take();
    server.release();
    EXPECT_EQ(log_of_fences,
              (Log{{Fence::Full, 0, blocked},
                   {Fence::Release, 0, blocked},
                   {Fence::Full, 1, blocked},
                   {Fence::Release, 1, running}}));
}

// A server on one hart that waits for its clients only.
TEST_F(Fences, WhoWaitsForChannelsOnlySaysSoThenLooksOnceMore) {
    World w(true);
    CountingBell bell;
    Block block(8);
    std::unique_ptr<ChannelServer> server(new ChannelServer);
    ASSERT_TRUE(server->open(*w.executor));
    ASSERT_TRUE(server->add_client(0, block.setup(bell)));
    const auto serve = [](ChannelServer& from) -> Task<> {
        const Received gone = co_await from.receive();
        EXPECT_EQ(gone.error, channel_dead);
    };
    ASSERT_TRUE(spawn(*w.executor, serve(*server)));
    w.kernel.dies_in_sleep = true;
    watch(w.kernel.control().sq_tail, w.kernel.control().ustate);
    EXPECT_EQ(w.executor->run(), Stopped::Dead);                                           // nobody rang
    EXPECT_EQ(log_of_fences, (Log{{Fence::Full, 0, blocked}, {Fence::Full, 0, blocked}})); // its own, the channel's
    sel4async::detail::fence_seen = nullptr;
    server->close();
    EXPECT_EQ(w.executor->run(), Stopped::Dead);
    EXPECT_EQ(w.executor->live(), 0U);
}

} // namespace
