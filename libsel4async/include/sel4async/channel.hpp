// Asynchronous IPC between two processes over one channel each: a client calls or sends, a server receives from all its
// clients and replies. What waits is a strand; the thread goes on with others. Messages are words: capabilities go
// through synchronous endpoints. Who a client is, the server knows by the channel, never by the message.
// Messages gather and are published once per round of the executor. Each call is answered once; a client has at most as
// many calls open as the channel has slots, so a reply always has a place, and a client that has more breaks the
// channel. Nobody trusts the other: see channel_abi.h. One thread owns an end.
// Source: async-design.md 4.2, 10.14.
#pragma once

#include <sel4async/channel_port.hpp>
#include <sel4async/executor.hpp>

namespace sel4async {

// Beyond those of reply.hpp.
inline constexpr std::uint32_t channel_full = 80;    // no place: nothing was sent
inline constexpr std::uint32_t channel_dead = 81;    // the peer has left, or broke the rules
inline constexpr std::uint32_t channel_refused = 82; // the server took the call and does not answer it

struct ChannelWords {
    std::uint32_t count = 0;
    std::uint64_t word[TAIL4_CHANNEL_WORDS] = {};
};
template <class... Word>
requires(sizeof...(Word) <= TAIL4_CHANNEL_WORDS) constexpr ChannelWords channel_words(Word... word) {
    return {sizeof...(Word), {static_cast<std::uint64_t>(word)...}};
}

// Of a call. send() gives only the error.
struct Answer {
    std::uint32_t error = 0;
    ChannelWords words;
    bool ok() const { return error == 0; }
};

class ChannelClient final : public Source {
public:
    static constexpr std::uint32_t max_calls = 256;

    // False: the setup is bad. The executor outlives it, or close() was called.
    [[nodiscard]] bool open(Executor& executor, const ChannelPort::Setup& setup);
    // Calls that wait end with channel_dead.
    void close();

    class CallAwaiter : Wait {
    public:
        CallAwaiter(Strand& strand, ChannelClient& client, const ChannelWords& words)
            : strand_(&strand), client_(&client), answer_{0, words} {}
        bool await_ready() const noexcept { return false; }
        bool await_suspend(std::coroutine_handle<>) noexcept;
        Answer await_resume() noexcept {
            if (waits_) strand_->exit(*this);
            return answer_;
        }

    private:
        friend class ChannelClient;
        void end(std::uint32_t error);
        Strand* strand_;
        ChannelClient* client_;
        Answer answer_; // until it comes, the words of the call
        std::uint32_t ticket_ = 0;
        bool waits_ = false;
    };
    struct Call {
        ChannelClient* client;
        ChannelWords words;
        CallAwaiter on(Strand& strand) const { return {strand, *client, words}; }
    };
    // Answer: cancelled, channel_full, channel_dead, channel_refused, or no error and the words of the reply.
    template <class... Word>
    Call call(Word... word) {
        return {this, channel_words(word...)};
    }

    struct SendAwaiter {
        std::uint32_t error;
        bool await_ready() const noexcept { return true; }
        void await_suspend(std::coroutine_handle<>) const noexcept {}
        std::uint32_t await_resume() const noexcept { return error; }
    };
    struct Send {
        ChannelClient* client;
        ChannelWords words;
        SendAwaiter on(Strand& strand) const { return {strand.cancels != 0 ? cancelled : client->send_now(words)}; }
    };
    template <class... Word>
    Send send(Word... word) {
        return {this, channel_words(word...)};
    }

    const ChannelPort& port() const { return port_; }
    std::uint64_t strays() const { return strays_; } // replies that nobody waited for

    void look() override;
    bool announce(std::uint32_t state) override;
    bool has_news() override;

private:
    // Not in shared memory: a reply must match it.
    struct Ticket {
        CallAwaiter* who = nullptr;
        std::uint32_t generation = 0;
        std::uint32_t next_free = 0;
    };
    std::uint32_t send_now(const ChannelWords& words);
    std::uint32_t begin(CallAwaiter& call);
    void forget(std::uint32_t ticket);
    void take_reply(const tail4_ChannelMessage& reply);
    void end_all();

    ChannelPort port_;
    Executor* executor_ = nullptr;
    std::uint32_t limit_ = 0;
    std::uint32_t free_ = 0;   // ticket + 1; 0: none
    std::uint32_t unread_ = 0; // calls put, minus replies taken
    std::uint64_t strays_ = 0;
    Ticket tickets_[max_calls];
};

// What the server is told.
struct Received {
    std::uint32_t error = 0; // channel_dead: this client is gone; cancelled: the task is
    std::uint32_t client = 0;
    bool call = false; // wants a reply
    ChannelWords words;
    std::uint32_t ticket = 0;
    std::uint32_t generation = 0;
    std::uint32_t session = 0;
    bool ok() const { return error == 0; }
};

class ChannelServer final : public Source {
public:
    static constexpr std::uint32_t max_clients = 32;

    // False: it is open already.
    [[nodiscard]] bool open(Executor& executor);
    // All clients. Who waits to receive, or does so later, gets channel_dead, of no client (max_clients).
    void close();
    // The client's number is below max_clients and free.
    [[nodiscard]] bool add_client(std::uint32_t client, const ChannelPort::Setup& setup);
    void remove_client(std::uint32_t client);

    class ReceiveAwaiter : Wait {
    public:
        ReceiveAwaiter(Strand& strand, ChannelServer& server) : strand_(&strand), server_(&server) {}
        bool await_ready() noexcept;
        void await_suspend(std::coroutine_handle<>) noexcept;
        Received await_resume() noexcept {
            if (waits_) strand_->exit(*this);
            return received_;
        }

    private:
        friend class ChannelServer;
        Strand* strand_;
        ChannelServer* server_;
        Received received_;
        ReceiveAwaiter* next_ = nullptr;
        bool waits_ = false;
    };
    struct Receive {
        ChannelServer* server;
        ReceiveAwaiter on(Strand& strand) const { return {strand, *server}; }
    };
    Receive receive() { return {this}; }

    // Once per call; a client that is gone meanwhile does not get it.
    template <class... Word>
    void reply(const Received& to, Word... word) {
        reply_words(to, channel_words(word...));
    }
    void reply_words(const Received& to, const ChannelWords& words) { answer(to, TAIL4_CHANNEL_REPLY, words); }
    // In place of a reply. A task that is killed before it could look at its call does this by itself; one that has
    // looked has to be asked to (cancel()).
    void refuse(const Received& call);

    std::uint32_t clients() const { return clients_; }

    void look() override;
    bool announce(std::uint32_t state) override;
    bool has_news() override;

private:
    struct Client {
        ChannelPort port;
        std::uint32_t owed = 0; // calls taken and not answered
        std::uint32_t session = 0;
        bool present = false;
    };
    bool next(Received& received);
    bool next_of(std::uint32_t number, Received& received);
    bool leave(const ReceiveAwaiter& waiter);
    void answer(const Received& to, std::uint32_t kind, const ChannelWords& words);
    void publish();

    Executor* executor_ = nullptr;
    ReceiveAwaiter* first_ = nullptr; // who waits, in the order they came
    std::uint32_t clients_ = 0;
    std::uint32_t at_ = 0;                 // whose turn it is, in order_
    std::uint32_t taken_ = 0;              // from that one, in a row
    std::uint32_t turn_ = 0;               // messages taken since the last look
    std::uint8_t order_[max_clients] = {}; // the numbers of those who are present: nobody else is looked at
    Client table_[max_clients];
};

} // namespace sel4async
