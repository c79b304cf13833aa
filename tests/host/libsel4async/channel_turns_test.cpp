// A server's clients take turns, also when some have left; words beyond a message's length are zero.
#include "tests/host/libsel4async/channel_block.hpp"

namespace {

using namespace sel4async;
using namespace sel4async::test;

constexpr std::uint32_t slots = 64;

// Clients by hand; their messages are there before the server looks.
struct Clients {
    explicit Clients(std::initializer_list<std::uint32_t> numbers) {
        EXPECT_TRUE(server->open(*world.executor));
        for (const std::uint32_t number : numbers) {
            blocks.push_back(std::make_unique<Block>(slots));
            EXPECT_TRUE(server->add_client(number, blocks.back()->setup(bell)));
        }
    }
    void put(std::uint32_t at, std::uint32_t messages) {
        blocks[at]->control().requests.tail += messages; // all zero: sends without words
    }
    // Who the next `count` messages are from.
    std::vector<std::uint32_t> take(std::size_t count) {
        std::vector<std::uint32_t> order;
        EXPECT_TRUE(spawn(*world.executor, receive(*server, order, count)));
        EXPECT_EQ(world.executor->run(), Stopped::Finished);
        return order;
    }
    static Task<> receive(ChannelServer& server, std::vector<std::uint32_t>& order, std::size_t count) {
        while (order.size() < count) order.push_back((co_await server.receive()).client);
    }

    World world{true};
    CountingBell bell;
    std::vector<std::unique_ptr<Block>> blocks;
    std::unique_ptr<ChannelServer> server{new ChannelServer};
};

using Order = std::vector<std::uint32_t>;

Order runs(std::initializer_list<std::pair<std::uint32_t, std::size_t>> parts) {
    Order order;
    for (const auto& [client, times] : parts) order.insert(order.end(), times, client);
    return order;
}

TEST(ChannelTurns, SixteenInARowThenTheNext) {
    Clients c{4, 31, 0};
    c.put(0, 40);
    c.put(2, 20);
    EXPECT_EQ(c.take(60), runs({{4, 16}, {0, 16}, {4, 16}, {0, 4}, {4, 8}}));
}

TEST(ChannelTurns, OneAloneGoesOn) {
    Clients c{9};
    c.put(0, 40);
    EXPECT_EQ(c.take(40), runs({{9, 40}}));
}

// Each place in the order, before, at and behind the one whose turn it is.
TEST(ChannelTurns, WhoLeavesTakesNobodyAlong) {
    for (std::uint32_t leaver = 0; leaver < 4; ++leaver) {
        Clients c{3, 2, 1, 0};
        for (std::uint32_t at = 0; at < 4; ++at) c.put(at, 1);
        EXPECT_EQ(c.take(2), (Order{3, 2}));
        c.server->remove_client(leaver);
        c.server->remove_client(leaver); // again: nothing
        EXPECT_EQ(c.server->clients(), 3U);
        for (std::uint32_t at = 0; at < 4; ++at) c.put(at, 2);
        Order rest = c.take(leaver >= 2 ? 8 : 7); // the leaver's message is lost if it was not taken
        for (std::uint32_t client = 0; client < 4; ++client) {
            const auto expected = client == leaver ? 0 : client >= 2 ? 2 : 3;
            EXPECT_EQ(std::count(rest.begin(), rest.end(), client), expected) << client << " without " << leaver;
        }
        Block again(slots);
        ASSERT_TRUE(c.server->add_client(leaver, again.setup(c.bell)));
        again.control().requests.tail = 1;
        EXPECT_EQ(c.take(1), Order{leaver});
    }
}

TEST(ChannelTurns, WordsBeyondTheLengthAreZero) {
    Block block(slots);
    Clients c{};
    ASSERT_TRUE(c.server->add_client(1, block.setup(c.bell)));
    std::unique_ptr<ChannelClient> client(new ChannelClient);
    ASSERT_TRUE(client->open(*c.world.executor, block.setup(c.bell)));
    for (std::uint32_t i = 0; i < slots; ++i) { // left over from something else
        for (std::uint64_t& word : block.request(i).words) word = ~std::uint64_t{0};
        for (std::uint64_t& word : block.reply(i).words) word = ~std::uint64_t{0};
    }
    Received received;
    Answer answer;
    auto serve = [](ChannelServer& server, Received& request) -> Task<> {
        request = co_await server.receive();
        server.reply(request, 5U);
    };
    auto ask = [](ChannelClient& from, Answer& result) -> Task<> { result = co_await from.call(1U, 2U, 3U); };
    ASSERT_TRUE(spawn(*c.world.executor, serve(*c.server, received)));
    ASSERT_TRUE(spawn(*c.world.executor, ask(*client, answer)));
    EXPECT_EQ(c.world.executor->run(), Stopped::Finished);
    const auto words = [](const ChannelWords& all) { return Order(std::begin(all.word), std::end(all.word)); };
    EXPECT_EQ(words(received.words), (Order{1, 2, 3, 0, 0, 0}));
    EXPECT_EQ(words(answer.words), (Order{5, 0, 0, 0, 0, 0}));
    client->close();
}

} // namespace
