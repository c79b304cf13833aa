// Channels when their tasks end: what the last one has said still leaves, and no call stays without an end.
#include "tests/host/libsel4async/channel_block.hpp"

#include <set>

namespace {

using namespace sel4async;
using namespace sel4async::test;

TEST(ChannelEnd, WhatTheLastTaskSendsLeaves) {
    World w(true);
    CountingBell bell;
    Block block(8);
    std::unique_ptr<ChannelClient> client(new ChannelClient);
    ASSERT_TRUE(client->open(*w.executor, block.setup(bell)));
    block.control().requests.state = TAIL4_ASYNC_BLOCKED;
    auto say = [](ChannelClient& to) -> Task<> { EXPECT_EQ(co_await to.send(3U), 0U); };
    ASSERT_TRUE(spawn(*w.executor, say(*client)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(block.control().requests.tail, 1U);
    EXPECT_EQ(bell.rung, 1U);
    client->close();
}

TEST(ChannelEnd, WhatTheLastTaskRepliesLeaves) {
    World w(true);
    CountingBell bell;
    Block block(8);
    std::unique_ptr<ChannelServer> server(new ChannelServer);
    EXPECT_TRUE(server->open(*w.executor));
    ASSERT_TRUE(server->add_client(0, block.setup(bell)));
    block.request(0).kind = TAIL4_CHANNEL_CALL;
    block.control().requests.tail = 1;
    block.control().replies.state = TAIL4_ASYNC_BLOCKED;
    auto serve_one = [](ChannelServer& from) -> Task<> { from.reply(co_await from.receive(), 5U); };
    ASSERT_TRUE(spawn(*w.executor, serve_one(*server)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(block.control().replies.tail, 1U);
    EXPECT_EQ(bell.rung, 1U);
    server->close();
}

// One call; its server is killed after so many rounds and yields, and then the channel closed.
std::uint32_t outcome_if_killed_after(int rounds, int yields) {
    World w(true);
    CountingBell bells[2];
    Block block(8);
    std::unique_ptr<ChannelClient> client(new ChannelClient);
    std::unique_ptr<ChannelServer> server(new ChannelServer);
    EXPECT_TRUE(server->open(*w.executor));
    EXPECT_TRUE(server->add_client(7, block.setup(bells[0])));
    EXPECT_TRUE(client->open(*w.executor, block.setup(bells[1])));
    Answer answer{99, {}};
    auto ask = [](ChannelClient& from, Answer& result) -> Task<> {
        for (int i = 0; i < 4; ++i) static_cast<void>(co_await op::nop());
        result = co_await from.call(1U);
    };
    auto serve = [](ChannelServer& from) -> Task<> {
        const Received request = co_await from.receive();
        from.reply(request, 5U);
    };
    Task<> victim = serve(*server);
    auto kill = [](Task<>& task, ChannelServer& from, int before, int then) -> Task<> {
        for (int i = 0; i < before; ++i) static_cast<void>(co_await op::nop());
        for (int i = 0; i < then; ++i) co_await yield();
        if (!task.done()) {
            EXPECT_TRUE(task.kill());
        }
        World::poison();
        for (int i = 0; i < 4; ++i) static_cast<void>(co_await op::nop());
        from.remove_client(7);
    };
    EXPECT_TRUE(spawn(*w.executor, kill(victim, *server, rounds, yields)));
    EXPECT_TRUE(victim.start(*w.executor));
    EXPECT_TRUE(spawn(*w.executor, ask(*client, answer)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    client->close();
    server->close();
    w.expect_all_back();
    return answer.error;
}

// Before the call came, with the call in hand and not looked at, afterwards.
TEST(ChannelEnd, ACallEndsWheneverItsServerIsKilled) {
    std::set<std::uint32_t> outcomes;
    for (int rounds = 0; rounds < 8; ++rounds) {
        for (int yields = 0; yields < 3; ++yields) outcomes.insert(outcome_if_killed_after(rounds, yields));
    }
    EXPECT_EQ(outcomes, (std::set<std::uint32_t>{0, channel_dead, channel_refused}));
}

TEST(ChannelEnd, AServerMayRefuse) {
    World w(true);
    CountingBell bells[2];
    Block block(8);
    std::unique_ptr<ChannelClient> client(new ChannelClient);
    std::unique_ptr<ChannelServer> server(new ChannelServer);
    EXPECT_TRUE(server->open(*w.executor));
    ASSERT_TRUE(server->add_client(7, block.setup(bells[0])));
    ASSERT_TRUE(client->open(*w.executor, block.setup(bells[1])));
    auto refuse = [](ChannelServer& from) -> Task<> {
        const Received request = co_await from.receive();
        from.refuse(request);
        from.refuse(request); // once is enough
    };
    Answer answer;
    auto ask = [](ChannelClient& from, Answer& result) -> Task<> { result = co_await from.call(1U, 2U); };
    ASSERT_TRUE(spawn(*w.executor, refuse(*server)));
    ASSERT_TRUE(spawn(*w.executor, ask(*client, answer)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(answer.error, channel_refused);
    EXPECT_EQ(answer.words.count, 0U);
    EXPECT_EQ(client->strays(), 0U);
    client->close();
    server->close();
}

TEST(ChannelEnd, AServerThatClosesTellsWhoWaitsToReceive) {
    World w(true);
    std::unique_ptr<ChannelServer> server(new ChannelServer);
    ASSERT_TRUE(server->open(*w.executor));
    EXPECT_FALSE(server->open(*w.executor)); // once: it would be in the executor's list twice
    int told = 0;
    const auto receive = [](ChannelServer& from, int& count) -> Task<> {
        for (int i = 0; i < 2; ++i) { // waiting, and after the end
            const Received nothing = co_await from.receive();
            EXPECT_EQ(nothing.error, channel_dead);
            EXPECT_EQ(nothing.client, ChannelServer::max_clients);
            ++count;
        }
    };
    const auto close = [](ChannelServer& which) -> Task<> {
        static_cast<void>(co_await op::nop());
        which.close();
        which.close();
    };
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(spawn(*w.executor, receive(*server, told)));
    ASSERT_TRUE(spawn(*w.executor, close(*server)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(told, 6);
    EXPECT_TRUE(server->open(*w.executor)); // anew
    server->close();
    w.expect_all_back();
}

} // namespace
