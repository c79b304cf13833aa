// The edges of the executor's and the channels' rules: who is not rung, who is told, whose turn it stays.
#include "tests/host/libsel4async/channel_block.hpp"

#include <sel4async/vectors.hpp>

namespace {

using namespace sel4async;
using namespace sel4async::test;

// The executor looks at its channels in between.
Task<> rounds() {
    for (int i = 0; i < 3; ++i) static_cast<void>(co_await op::nop());
}

// --- The queue

Task<> ask(std::vector<std::uint32_t>& errors) { errors.push_back((co_await op::page_get_address(5)).error()); }

TEST(Edges, AKernelThatWasRungIsNotRungAgain) {
    World w(false);
    w.executor->set_spin(2);
    w.kernel.control().kstate = TAIL4_ASYNC_NOTIFIED;
    std::vector<std::uint32_t> errors;
    ASSERT_TRUE(spawn(*w.executor, ask(errors)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(errors, std::vector<std::uint32_t>{0});
    EXPECT_EQ(w.kernel.rings, 0U);
}

TEST(Edges, ADeadQueueIsNotRung) {
    World w(false);
    w.kernel.control().kstate = TAIL4_ASYNC_DEAD;
    std::vector<std::uint32_t> errors;
    ASSERT_TRUE(spawn(*w.executor, ask(errors)));
    EXPECT_EQ(w.executor->run(), Stopped::Dead);
    EXPECT_EQ(errors, std::vector<std::uint32_t>{queue_dead});
    EXPECT_EQ(w.kernel.rings, 0U);
    EXPECT_EQ(w.kernel.control().kstate, unsigned{TAIL4_ASYNC_DEAD});
}

TEST(Edges, TheLastPlaceOfTheRingIsTakenBack) {
    World w(true);
    SlotBuffer& buffer = *w.buffer;
    buffer.set_limit(SlotBuffer::max_slots);
    for (std::uint32_t i = 0; i + 1 < buffer.capacity(); ++i) {
        buffer.push(0);
        buffer.publish();
    }
    buffer.push(21);
    EXPECT_EQ(buffer.unpublished(), 1U);
    EXPECT_EQ(buffer.take_back(), 21U);
    EXPECT_EQ(buffer.unpublished(), 0U);
}

TEST(Edges, TheDispatchersVectorIsNeverFree) {
    Vectors vectors;
    vectors.init(4);
    vectors.release(0);
    EXPECT_EQ(vectors.allocate(), 1U);
}

// --- The only request there is: past the rings, unless somebody else than its strand waits, or it is not like others

void expect_one_call(bool drives, bool preempted) {
    World w(drives);
    w.kernel.executes = true;
    w.kernel.preempts = preempted;
    std::vector<std::uint32_t> errors;
    ASSERT_TRUE(spawn(*w.executor, ask(errors)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(errors, std::vector<std::uint32_t>{0});
    EXPECT_EQ(w.kernel.executed, 1U);
    EXPECT_EQ(w.kernel.drive_calls, preempted ? 1U : 0U);
    EXPECT_EQ(w.kernel.rings + w.kernel.polls, 0U);
    w.expect_all_back();
}

TEST(Edges, ALoneRequestGoesPastTheRings) {
    expect_one_call(true, false);
    expect_one_call(true, true); // the kernel goes on with it in a drive
}

TEST(Edges, ALoneRequestGoesPastTheRingsAlsoWhereAnotherHartCouldServeIt) {
    expect_one_call(false, false);
    expect_one_call(false, true); // no word will come for it
}

// Once the call is through, the queue is the other hart's again.
TEST(Edges, AfterAPreemptedCallTheKernelIsRungAgain) {
    World w(false);
    w.kernel.executes = w.kernel.preempts = true;
    std::vector<std::uint32_t> errors;
    ASSERT_TRUE(spawn(*w.executor, ask(errors)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    w.kernel.executes = false;
    ASSERT_TRUE(spawn(*w.executor, ask(errors)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(errors, (std::vector<std::uint32_t>{0, 0}));
    EXPECT_EQ(w.kernel.drive_calls, 1U);
    EXPECT_EQ(w.kernel.rings, 1U);
}

TEST(Edges, WhoCallsNothingHasItsLoneRequestQueued) {
    for (const bool drives : {false, true}) {
        World w(drives);
        w.kernel.executes = true;
        w.executor->set_calls(false);
        std::vector<std::uint32_t> errors;
        ASSERT_TRUE(spawn(*w.executor, ask(errors)));
        EXPECT_EQ(w.executor->run(), Stopped::Finished);
        EXPECT_EQ(w.kernel.executed, 0U);
        w.executor->set_calls(true);
        ASSERT_TRUE(spawn(*w.executor, ask(errors)));
        EXPECT_EQ(w.executor->run(), Stopped::Finished);
        EXPECT_EQ(w.kernel.executed, 1U);
    }
}

TEST(Edges, ACancelledOrGroupedOneDoesNot) {
    World w(true);
    w.kernel.executes = true;
    std::vector<std::uint32_t> errors;
    Task<> task = ask(errors);
    auto cancel = [](Task<>& other) -> Task<> {
        other.cancel();
        co_return;
    };
    ASSERT_TRUE(task.start(*w.executor));
    ASSERT_TRUE(spawn(*w.executor, cancel(task)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(errors, std::vector<std::uint32_t>{cancelled});
    auto group = []() -> Task<> {
        const auto replies = co_await batch(op::nop());
        EXPECT_TRUE(replies[0].ok());
    };
    ASSERT_TRUE(spawn(*w.executor, group()));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(w.kernel.executed, 0U);
    EXPECT_EQ(w.kernel.flags_executed, 0U);
    w.expect_all_back();
}

// --- The ends of a channel

TEST(Edges, WhoLeavesWakesItsPeer) {
    Block block(8);
    CountingBell bell;
    ChannelPort client;
    ASSERT_TRUE(client.attach(block.setup(bell), ChannelSide::Client));
    client.close();
    client.close();
    EXPECT_EQ(bell.rung, 1U);
}

TEST(Edges, ABuriedChannelIsDeadForBoth) {
    Block block(8);
    bury_channel(block.bytes.data());
    EXPECT_EQ(block.control().requests.state, unsigned{TAIL4_ASYNC_DEAD});
    EXPECT_EQ(block.control().replies.state, unsigned{TAIL4_ASYNC_DEAD});
}

// --- Clients

struct Caller {
    explicit Caller(std::uint32_t slots) : block(slots) { EXPECT_TRUE(client->open(*w.executor, block.setup(bell))); }
    World w{true};
    CountingBell bell;
    Block block;
    std::unique_ptr<ChannelClient> client{new ChannelClient};
};

Task<> call(ChannelClient& client, std::vector<std::uint32_t>& errors) {
    errors.push_back((co_await client.call(1U)).error);
}

// Cancelled calls are answered, too: what is not read yet keeps its place in the ring of replies.
TEST(Edges, NoMoreCallsThanAnswersFit) {
    Caller c(4);
    std::vector<std::uint32_t> errors;
    std::vector<Task<>> calls;
    for (int i = 0; i < 4; ++i) calls.push_back(call(*c.client, errors));
    for (Task<>& task : calls) ASSERT_TRUE(task.start(*c.w.executor));
    auto again = [](Caller& from, std::vector<Task<>>& tasks, std::vector<std::uint32_t>& all) -> Task<> {
        for (Task<>& task : tasks) task.cancel();
        co_await rounds();
        EXPECT_EQ(from.block.control().requests.tail, 4U);
        from.block.control().requests.head = 4; // the server has them, and has not answered
        co_await call(*from.client, all);
        from.client->close();
    };
    ASSERT_TRUE(spawn(*c.w.executor, again(c, calls, errors)));
    EXPECT_EQ(c.w.executor->run(), Stopped::Finished);
    EXPECT_EQ(errors, (std::vector<std::uint32_t>{cancelled, cancelled, cancelled, cancelled, channel_full}));
}

TEST(Edges, AReplyBeyondTheTicketsIsNobodys) {
    Caller c(4);
    std::vector<std::uint32_t> errors;
    auto forge = [](Caller& at) -> Task<> {
        at.block.reply(0) = {ChannelClient::max_calls, 1, TAIL4_CHANNEL_REPLY, 1, {66}};
        at.block.control().replies.tail = 1;
        co_await rounds();
        at.client->close();
    };
    ASSERT_TRUE(spawn(*c.w.executor, call(*c.client, errors)));
    ASSERT_TRUE(spawn(*c.w.executor, forge(c)));
    EXPECT_EQ(c.w.executor->run(), Stopped::Finished);
    EXPECT_EQ(errors, std::vector<std::uint32_t>{channel_dead});
    EXPECT_EQ(c.client->strays(), 1U);
}

// --- Servers

struct Served {
    explicit Served(std::uint32_t slots) : block(slots) {
        EXPECT_TRUE(server->open(*w.executor));
        EXPECT_TRUE(server->add_client(1, block.setup(bell)));
    }
    // `count` messages more, each with its number as its word.
    void put(std::uint32_t count, std::uint32_t kind) {
        for (std::uint32_t i = 0; i < count; ++i) {
            const std::uint32_t at = block.control().requests.tail;
            block.request(at) = {at, 1, kind, 1, {at}};
            block.control().requests.tail = at + 1;
        }
    }
    World w{true};
    CountingBell bell;
    Block block;
    std::unique_ptr<ChannelServer> server{new ChannelServer};
};

Task<> receive(ChannelServer& server, std::vector<std::uint64_t>& numbers, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) numbers.push_back((co_await server.receive()).words.word[0]);
}

TEST(Edges, ManyMessagesLetOthersRun) {
    Served s(512);
    s.put(400, TAIL4_CHANNEL_SEND);
    std::vector<std::uint64_t> numbers;
    std::size_t seen = 0;
    auto look = [](std::vector<std::uint64_t>& all, std::size_t& when) -> Task<> {
        when = all.size();
        co_return;
    };
    ASSERT_TRUE(spawn(*s.w.executor, receive(*s.server, numbers, 400)));
    ASSERT_TRUE(spawn(*s.w.executor, look(numbers, seen)));
    EXPECT_EQ(s.w.executor->run(), Stopped::Finished);
    EXPECT_EQ(numbers.size(), 400U);
    EXPECT_EQ(seen, 256U);
}

TEST(Edges, WhoWaitsLongerReceivesFirst) {
    Served s(8);
    std::vector<std::uint64_t> first;
    std::vector<std::uint64_t> second;
    auto late = [](Served& at, std::vector<std::uint64_t>& numbers) -> Task<> {
        at.put(2, TAIL4_CHANNEL_SEND);
        co_await receive(*at.server, numbers, 1);
    };
    ASSERT_TRUE(spawn(*s.w.executor, receive(*s.server, first, 1)));
    ASSERT_TRUE(spawn(*s.w.executor, late(s, second)));
    EXPECT_EQ(s.w.executor->run(), Stopped::Finished);
    EXPECT_EQ(first, std::vector<std::uint64_t>{0});
    EXPECT_EQ(second, std::vector<std::uint64_t>{1});
}

TEST(Edges, ManyAnswersLeaveBeforeTheRoundIsOver) {
    Served s(64);
    s.put(20, TAIL4_CHANNEL_CALL);
    auto serve = [](Served& at) -> Task<> {
        std::vector<Received> calls;
        for (int i = 0; i < 20; ++i) calls.push_back(co_await at.server->receive());
        for (const Received& request : calls) at.server->reply(request, 5U);
        EXPECT_EQ(at.block.control().replies.tail, 16U);
    };
    ASSERT_TRUE(spawn(*s.w.executor, serve(s)));
    EXPECT_EQ(s.w.executor->run(), Stopped::Finished);
    EXPECT_EQ(s.block.control().replies.tail, 20U);
}

// The number was given to another meanwhile, who waits for an answer as well.
TEST(Edges, ALateAnswerIsNobodys) {
    Served s(8);
    Block next(8);
    s.put(1, TAIL4_CHANNEL_CALL);
    auto serve = [](Served& at, Block& block) -> Task<> {
        const Received old = co_await at.server->receive();
        at.server->remove_client(1);
        EXPECT_TRUE(at.server->add_client(1, block.setup(at.bell)));
        block.request(0) = {3, 9, TAIL4_CHANNEL_CALL, 0, {}};
        block.control().requests.tail = 1;
        const Received request = co_await at.server->receive();
        EXPECT_EQ(request.ticket, 3U);
        at.server->reply(old, 5U);
        co_await rounds();
        EXPECT_EQ(block.control().replies.tail, 0U);
        at.server->reply(request, 5U);
    };
    ASSERT_TRUE(spawn(*s.w.executor, serve(s, next)));
    EXPECT_EQ(s.w.executor->run(), Stopped::Finished);
    EXPECT_EQ(next.control().replies.tail, 1U);
    EXPECT_EQ(next.reply(0).ticket, 3U);
}

// One leaves that stands before the client whose turn it is: the turn goes on.
TEST(Edges, ATurnOutlastsWhoLeaves) {
    Served s(64);
    Block blocks[2] = {Block(64), Block(64)};
    for (std::uint32_t i = 0; i < 2; ++i) {
        EXPECT_TRUE(s.server->add_client(i + 2, blocks[i].setup(s.bell)));
        blocks[i].control().requests.tail = 20; // all zero: sends without words
    }
    s.put(20, TAIL4_CHANNEL_SEND);
    std::vector<std::uint32_t> order;
    auto take = [](ChannelServer& server, std::vector<std::uint32_t>& from) -> Task<> {
        for (int i = 0; i < 17; ++i) from.push_back((co_await server.receive()).client);
        server.remove_client(1);
        for (int i = 0; i < 16; ++i) from.push_back((co_await server.receive()).client);
    };
    ASSERT_TRUE(spawn(*s.w.executor, take(*s.server, order)));
    EXPECT_EQ(s.w.executor->run(), Stopped::Finished);
    std::vector<std::uint32_t> expected(16, 1);
    expected.insert(expected.end(), 16, 2);
    expected.insert(expected.end(), 1, 3);
    EXPECT_EQ(order, expected);
}

} // namespace
