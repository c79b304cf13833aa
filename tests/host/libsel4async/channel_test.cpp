// Channels: both ends over one block of memory, and each end against a peer that writes what it likes.
#include "tests/host/libsel4async/channel_block.hpp"

#include <random>
#include <thread>

namespace {

using namespace sel4async;
using namespace sel4async::test;

// Client and server in one executor: what the memory sees is the same.
struct Pair {
    explicit Pair(std::uint32_t slots) : block(slots), client(new ChannelClient), server(new ChannelServer) {
        EXPECT_TRUE(server->open(*world.executor));
        EXPECT_TRUE(server->add_client(7, block.setup(to_client)));
        EXPECT_TRUE(client->open(*world.executor, block.setup(to_server)));
    }
    World world{true};
    CountingBell to_client;
    CountingBell to_server;
    Block block;
    std::unique_ptr<ChannelClient> client;
    std::unique_ptr<ChannelServer> server;
};

Task<> serve(ChannelServer& server, std::uint64_t& sum, std::uint64_t& gone) {
    while (true) {
        const Received request = co_await server.receive();
        if (request.error == cancelled) co_return;
        if (!request.ok()) {
            ++gone;
            if (server.clients() == 0) co_return;
            continue;
        }
        sum += request.words.word[0];
        server.reply(request, request.words.word[0] + 1, request.client);
    }
}

Task<> ask(ChannelClient& client, std::uint64_t first, unsigned times, std::uint64_t& good, unsigned& left) {
    for (std::uint64_t i = first; i < first + times; ++i) {
        const Answer answer = co_await client.call(i);
        if (answer.ok() && answer.words.count == 2 && answer.words.word[0] == i + 1 && answer.words.word[1] == 7)
            ++good;
    }
    if (--left == 0) client.close();
}

TEST(Channel, AnswersEachCallOnce) {
    for (const unsigned strands : {1U, 5U, 16U, 64U}) {
        Pair p(64);
        std::uint64_t sum = 0;
        std::uint64_t gone = 0;
        std::uint64_t good = 0;
        unsigned left = strands;
        ASSERT_TRUE(spawn(*p.world.executor, serve(*p.server, sum, gone)));
        for (unsigned i = 0; i < strands; ++i)
            ASSERT_TRUE(spawn(*p.world.executor, ask(*p.client, 1000 * i, 100, good, left)));
        EXPECT_EQ(p.world.executor->run(), Stopped::Finished);
        EXPECT_EQ(good, 100U * strands);
        EXPECT_EQ(gone, 1U);
        EXPECT_EQ(p.client->strays(), 0U);
        p.world.expect_all_back();
    }
}

Task<> flood(ChannelClient& client, std::vector<std::uint32_t>& errors, unsigned count) {
    for (unsigned i = 0; i < count; ++i) errors.push_back(co_await client.send(1U));
    client.close();
}

TEST(Channel, SendsUntilItIsFullAndSaysSo) {
    Pair p(8);
    std::vector<std::uint32_t> errors;
    std::uint64_t sum = 0;
    std::uint64_t gone = 0;
    ASSERT_TRUE(spawn(*p.world.executor, flood(*p.client, errors, 12)));
    ASSERT_TRUE(spawn(*p.world.executor, serve(*p.server, sum, gone)));
    EXPECT_EQ(p.world.executor->run(), Stopped::Finished);
    EXPECT_EQ(std::count(errors.begin(), errors.end(), 0U), 8);
    EXPECT_EQ(std::count(errors.begin(), errors.end(), channel_full), 4);
    EXPECT_EQ(sum, 8U);
}

TEST(Channel, CallsBeyondTheSlotsAreFull) {
    Pair p(4);
    std::uint64_t good = 0;
    unsigned left = 6;
    for (unsigned i = 0; i < 6; ++i) ASSERT_TRUE(spawn(*p.world.executor, ask(*p.client, i, 1, good, left)));
    std::uint64_t sum = 0;
    std::uint64_t gone = 0;
    Task<> server = serve(*p.server, sum, gone);
    ASSERT_TRUE(server.start(*p.world.executor));
    // The two without a place end at once, the others with the server's answer.
    EXPECT_EQ(p.world.executor->run(), Stopped::Finished);
    EXPECT_EQ(good, 4U);
}

TEST(Channel, CancelledCallIsForgottenAndItsReplyIsAStray) {
    Pair p(4);
    std::uint64_t good = 0;
    unsigned left = 2;
    Task<> first = ask(*p.client, 1, 1, good, left);
    ASSERT_TRUE(first.start(*p.world.executor));
    auto cancel = [](Task<>& task) -> Task<> {
        task.cancel();
        co_return;
    };
    ASSERT_TRUE(spawn(*p.world.executor, cancel(first)));
    std::uint64_t sum = 0;
    std::uint64_t gone = 0;
    auto last = [](Pair& pair, std::uint64_t& answers, unsigned& open) -> Task<> {
        co_await yield();
        co_await ask(*pair.client, 50, 1, answers, open);
    };
    ASSERT_TRUE(spawn(*p.world.executor, serve(*p.server, sum, gone)));
    ASSERT_TRUE(spawn(*p.world.executor, last(p, good, left)));
    EXPECT_EQ(p.world.executor->run(), Stopped::Finished);
    EXPECT_EQ(good, 1U);
    EXPECT_EQ(p.client->strays(), 1U);
    EXPECT_EQ(sum, 51U);
}

TEST(ChannelPort, RingsOncePerSleep) {
    Block block(8);
    CountingBell to_client;
    CountingBell to_server;
    ChannelPort client;
    ChannelPort server;
    ASSERT_TRUE(client.attach(block.setup(to_server), ChannelSide::Client));
    ASSERT_TRUE(server.attach(block.setup(to_client), ChannelSide::Server));
    const auto send = [&client] {
        ASSERT_NE(client.room(), 0U);
        client.put({});
        client.publish();
    };
    send();
    EXPECT_EQ(to_server.rung, 0U);                     // it is RUNNING
    EXPECT_TRUE(server.announce(TAIL4_ASYNC_BLOCKED)); // and finds the message before it sleeps
    EXPECT_FALSE(server.announce(TAIL4_ASYNC_RUNNING));
    server.take();
    server.release();
    EXPECT_FALSE(server.announce(TAIL4_ASYNC_BLOCKED));
    send();
    send();
    EXPECT_EQ(to_server.rung, 1U);
    EXPECT_FALSE(server.announce(TAIL4_ASYNC_RUNNING));
    EXPECT_EQ(server.available(), 2U);
}

TEST(ChannelPort, PollsByTaicOnlyWhereItIsWired) {
    Block block(8);
    CountingBell sleeper;
    CountingBell poller;
    CountingBell unused;
    ChannelPort client;
    ChannelPort server;
    ASSERT_TRUE(client.attach({block.bytes.data(), 8, &sleeper, &poller, false}, ChannelSide::Client));
    ASSERT_TRUE(server.attach({block.bytes.data(), 8, &unused, nullptr, true}, ChannelSide::Server));
    EXPECT_FALSE(server.announce(TAIL4_ASYNC_POLLING));
    EXPECT_EQ(block.control().requests.state, unsigned{TAIL4_ASYNC_POLLING});
    client.put({});
    client.publish();
    EXPECT_EQ(poller.rung, 1U);
    EXPECT_EQ(sleeper.rung, 0U);
    EXPECT_FALSE(client.announce(TAIL4_ASYNC_POLLING));
    EXPECT_EQ(block.control().replies.state, unsigned{TAIL4_ASYNC_RUNNING});
}

TEST(ChannelPort, RefusesABadSetup) {
    Block block(8);
    CountingBell bell;
    ChannelPort port;
    EXPECT_FALSE(port.attach({block.bytes.data(), 6, &bell, nullptr, false}, ChannelSide::Client));
    EXPECT_FALSE(port.attach({block.bytes.data(), 1, &bell, nullptr, false}, ChannelSide::Client));
    EXPECT_FALSE(port.attach({block.bytes.data(), 2048, &bell, nullptr, false}, ChannelSide::Client));
    EXPECT_FALSE(port.attach({block.bytes.data(), 8, nullptr, nullptr, false}, ChannelSide::Client));
    EXPECT_FALSE(port.attach({nullptr, 8, &bell, nullptr, false}, ChannelSide::Client));
    EXPECT_TRUE(port.dead());
}

TEST(ChannelPort, ReadsWhatWasPublishedBeforeThePeerLeft) {
    Block block(8);
    CountingBell bell;
    ChannelPort client;
    ChannelPort server;
    ASSERT_TRUE(client.attach(block.setup(bell), ChannelSide::Client));
    ASSERT_TRUE(server.attach(block.setup(bell), ChannelSide::Server));
    client.put({});
    client.publish();
    client.close();
    EXPECT_EQ(server.available(), 1U);
    server.take();
    EXPECT_EQ(server.available(), 0U);
    EXPECT_TRUE(server.dead());
}

TEST(ChannelPort, BadIndicesKillThisChannelOnly) {
    Block block(8);
    CountingBell bell;
    ChannelPort server;
    ASSERT_TRUE(server.attach(block.setup(bell), ChannelSide::Server));
    block.control().requests.tail = 9;
    EXPECT_EQ(server.available(), 0U);
    EXPECT_TRUE(server.dead());
    Block other(8);
    ASSERT_TRUE(server.attach(other.setup(bell), ChannelSide::Server));
    other.control().replies.head = 1; // nothing was published
    EXPECT_EQ(server.room(9), 0U);
    EXPECT_TRUE(server.dead());
}

// A client by hand, that breaks the rules.
TEST(ChannelServer, TooManyOpenCallsEndThatClientAlone) {
    Pair p(4);
    Block hostile(4);
    CountingBell bell;
    ASSERT_TRUE(p.server->add_client(3, hostile.setup(bell)));
    std::uint64_t answered = 0;
    auto hold = [](ChannelServer& server, std::uint64_t& count) -> Task<> { // answers client 7 only
        while (server.clients() != 0) {
            const Received request = co_await server.receive();
            if (request.ok() && request.client == 7) {
                ++count;
                server.reply(request, request.words.word[0] + 1, 7U);
            }
        }
    };
    for (std::uint32_t i = 0; i < 4; ++i) hostile.request(i).kind = TAIL4_CHANNEL_CALL;
    hostile.control().requests.tail = 4;
    auto more = [](Block& block) -> Task<> {
        for (int i = 0; i < 8; ++i) co_await yield();
        block.control().requests.tail = 8; // its replies never came, and it asks on
    };
    std::uint64_t good = 0;
    unsigned left = 1;
    ASSERT_TRUE(spawn(*p.world.executor, hold(*p.server, answered)));
    ASSERT_TRUE(spawn(*p.world.executor, more(hostile)));
    ASSERT_TRUE(spawn(*p.world.executor, ask(*p.client, 5, 200, good, left)));
    EXPECT_EQ(p.world.executor->run(), Stopped::Finished);
    EXPECT_EQ(good, 200U);
    EXPECT_EQ(hostile.control().requests.state, unsigned{TAIL4_ASYNC_DEAD});
}

TEST(ChannelClient, ForgedRepliesFindNobody) {
    Pair p(8);
    auto forge = [](Block& block) -> Task<> {
        block.reply(0) = {0, 77, TAIL4_CHANNEL_REPLY, 2, {1}};    // another generation
        block.reply(1) = {5000, 1, TAIL4_CHANNEL_REPLY, 2, {1}};  // no such ticket
        block.reply(2) = {3, 0, TAIL4_CHANNEL_REPLY, 2, {1}};     // nobody waits there
        block.reply(3) = {0, 1, TAIL4_CHANNEL_CALL, 2, {1}};      // no reply
        block.reply(4) = {0, 1, TAIL4_CHANNEL_REPLY, 99, {2, 7}}; // too long, else right
        block.control().replies.tail = 5;
        co_return;
    };
    Answer answer;
    auto one = [](ChannelClient& client, Answer& result) -> Task<> {
        result = co_await client.call(1U);
        client.close();
    };
    ASSERT_TRUE(spawn(*p.world.executor, one(*p.client, answer)));
    ASSERT_TRUE(spawn(*p.world.executor, forge(p.block)));
    EXPECT_EQ(p.world.executor->run(), Stopped::Finished);
    EXPECT_EQ(p.client->strays(), 4U);
    EXPECT_TRUE(answer.ok());
    EXPECT_EQ(answer.words.count, unsigned{TAIL4_CHANNEL_WORDS});
}

TEST(ChannelClient, HearsThatTheServerIsBuried) {
    Pair p(8);
    std::uint64_t good = 0;
    unsigned left = 3;
    auto bury = [](Block& block) -> Task<> {
        bury_channel(block.bytes.data());
        co_return;
    };
    for (int i = 0; i < 3; ++i) ASSERT_TRUE(spawn(*p.world.executor, ask(*p.client, 1, 2, good, left)));
    ASSERT_TRUE(spawn(*p.world.executor, bury(p.block)));
    EXPECT_EQ(p.world.executor->run(), Stopped::Finished);
    EXPECT_EQ(good, 0U);
}

// The peer writes anything anywhere while one end works; a well-behaved channel beside it never notices.
TEST(Channel, SurvivesARandomWriter) {
    std::mt19937_64 random(42);
    for (int round = 0; round < 300; ++round) {
        Pair p(8);
        Block hostile(8);
        CountingBell bell;
        ASSERT_TRUE(p.server->add_client(1, hostile.setup(bell)));
        auto victim = std::make_unique<ChannelClient>();
        Block other(8);
        ASSERT_TRUE(victim->open(*p.world.executor, other.setup(bell)));
        bool over = false;
        auto scribble = [](std::mt19937_64& source, Block& a, Block& b, bool& stop, ChannelClient& client) -> Task<> {
            for (int i = 0; i < 400; ++i) {
                for (Block* block : {&a, &b}) {
                    // Mostly the control words, mostly small numbers: those are the likelier to mean something.
                    const std::size_t where = source() % (source() % 4 == 0 ? block->bytes.size() * 8 : 48);
                    block->word(source() % 2 == 0 ? where & ~std::size_t{7} : where) =
                        source() % 4 == 0 ? source() : source() % 12;
                }
                co_await yield();
            }
            stop = true;
            client.close();
        };
        auto suffer = [](ChannelClient& client, bool& stop) -> Task<> {
            while (!stop) {
                const Answer answer = co_await client.call(1U, 2U);
                if (!answer.ok()) co_await yield();
            }
        };
        std::uint64_t sum = 0;
        std::uint64_t gone = 0;
        std::uint64_t good = 0;
        unsigned left = 1;
        Task<> server = serve(*p.server, sum, gone);
        ASSERT_TRUE(server.start(*p.world.executor));
        ASSERT_TRUE(spawn(*p.world.executor, scribble(random, hostile, other, over, *victim)));
        ASSERT_TRUE(spawn(*p.world.executor, suffer(*victim, over)));
        ASSERT_TRUE(spawn(*p.world.executor, suffer(*victim, over)));
        auto end = [](Pair& pair, bool& stop, Task<>& task, std::uint64_t& answers, unsigned& open) -> Task<> {
            co_await ask(*pair.client, 9, 100, answers, open);
            while (!stop) co_await yield();
            task.cancel();
        };
        ASSERT_TRUE(spawn(*p.world.executor, end(p, over, server, good, left)));
        EXPECT_EQ(p.world.executor->run(), Stopped::Finished);
        EXPECT_EQ(good, 100U);
    }
}

// Two threads, two ports: every message arrives once and in order, and who sleeps is rung.
TEST(ChannelPort, CarriesMessagesBetweenThreads) {
    constexpr std::uint64_t count = 200'000;
    Block block(16);
    CountingBell to_client;
    CountingBell to_server;
    std::thread client([&] {
        ChannelPort port;
        EXPECT_TRUE(port.attach(block.setup(to_server), ChannelSide::Client));
        for (std::uint64_t i = 0; i < count;) {
            for (std::uint32_t room = port.room(); room != 0 && i < count; --room, ++i)
                port.put({0, 0, TAIL4_CHANNEL_SEND, 1, {i}});
            if (port.unpublished() != 0)
                port.publish();
            else
                std::this_thread::yield();
        }
    });
    ChannelPort port;
    EXPECT_TRUE(port.attach(block.setup(to_client), ChannelSide::Server));
    unsigned heard = 0;
    std::uint64_t next = 0;
    while (next < count && !port.dead()) {
        while (port.available() != 0) {
            ASSERT_EQ(port.take().words[0], next);
            ++next;
        }
        port.release();
        if (next == count || port.announce(TAIL4_ASYNC_BLOCKED)) {
            port.announce(TAIL4_ASYNC_RUNNING);
            continue;
        }
        while (to_server.rung == heard) std::this_thread::yield(); // sleeps: only a bell wakes it
        heard = to_server.rung;
        port.announce(TAIL4_ASYNC_RUNNING);
    }
    client.join();
    EXPECT_EQ(next, count);
}

} // namespace
