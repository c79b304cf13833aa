#include <sel4async/channel.hpp>

namespace sel4async {

namespace {

// Messages gathered before they are published although the round is not over.
constexpr std::uint32_t gather = 16;
// Messages from one client before the next one's turn, and from all before other strands run.
constexpr std::uint32_t in_a_row = 16;
constexpr std::uint32_t longest_turn = 256;

tail4_ChannelMessage message_of(std::uint32_t kind, const ChannelWords& words) {
    tail4_ChannelMessage message; // NOLINT(cppcoreguidelines-pro-type-member-init): as many words as there are
    message.ticket = message.generation = 0;
    message.kind = kind;
    message.length = words.count;
    for (std::uint32_t i = 0; i < words.count; ++i) message.words[i] = words.word[i];
    return message;
}

// Words beyond `count` are zero, before and afterwards.
void set_words(ChannelWords& words, const tail4_ChannelMessage& message) {
    const std::uint32_t old = words.count;
    words.count = message.length;
    for (std::uint32_t i = 0; i < message.length; ++i) words.word[i] = message.words[i];
    for (std::uint32_t i = message.length; i < old; ++i) words.word[i] = 0;
}

} // namespace

// --- The client

bool ChannelClient::open(Executor& executor, const ChannelPort::Setup& setup) {
    if (executor_ != nullptr || !port_.attach(setup, ChannelSide::Client)) return false;
    executor_ = &executor;
    limit_ = port_.slots() < max_calls ? port_.slots() : max_calls;
    unread_ = 0;
    free_ = 0;
    for (std::uint32_t i = limit_; i > 0; --i) {
        tickets_[i - 1].next_free = free_;
        free_ = i;
    }
    executor.add(*this);
    return true;
}

void ChannelClient::close() {
    if (executor_ == nullptr) return;
    port_.publish();
    port_.close();
    end_all();
    executor_->remove(*this);
    executor_ = nullptr;
}

std::uint32_t ChannelClient::send_now(const ChannelWords& words) {
    if (port_.room() == 0) return port_.dead() ? channel_dead : channel_full;
    port_.put(message_of(TAIL4_CHANNEL_SEND, words));
    if (port_.unpublished() >= gather) port_.publish();
    return 0;
}

std::uint32_t ChannelClient::begin(CallAwaiter& call) {
    if (port_.room() == 0) return port_.dead() ? channel_dead : channel_full;
    if (free_ == 0 || unread_ == limit_) return channel_full;
    call.ticket_ = free_ - 1;
    Ticket& ticket = tickets_[call.ticket_];
    free_ = ticket.next_free;
    ticket.who = &call;
    tail4_ChannelMessage message = message_of(TAIL4_CHANNEL_CALL, call.answer_.words);
    message.ticket = call.ticket_;
    message.generation = ++ticket.generation;
    port_.put(message);
    ++unread_;
    ++waiting_;
    if (port_.unpublished() >= gather) port_.publish();
    return 0;
}

void ChannelClient::forget(std::uint32_t ticket) {
    tickets_[ticket].who = nullptr;
    tickets_[ticket].next_free = free_;
    free_ = ticket + 1;
    --waiting_;
}

bool ChannelClient::CallAwaiter::await_suspend(std::coroutine_handle<>) noexcept {
    answer_.error = strand_->cancels != 0 ? cancelled : client_->begin(*this);
    if (!answer_.ok()) {
        answer_.words = {};
        return false;
    }
    interrupt = [](Wait& self, Strand&) { static_cast<CallAwaiter&>(self).end(cancelled); };
    leave = [](Wait& self, Strand&) {
        auto& call = static_cast<CallAwaiter&>(self);
        if (call.client_->tickets_[call.ticket_].who == &call) call.client_->forget(call.ticket_);
    };
    waits_ = true;
    strand_->enter(*this);
    return true;
}

void ChannelClient::CallAwaiter::end(std::uint32_t error) {
    if (client_->tickets_[ticket_].who != this) return; // over, and ready
    answer_.error = error;
    if (error != 0) answer_.words = {};
    client_->forget(ticket_);
    strand_->executor->make_ready(*strand_);
}

void ChannelClient::take_reply(const tail4_ChannelMessage& reply) {
    if (unread_ != 0) --unread_;
    Ticket* ticket = reply.ticket < limit_ ? &tickets_[reply.ticket] : nullptr;
    const bool refusal = reply.kind == TAIL4_CHANNEL_REFUSAL;
    if (ticket == nullptr || ticket->who == nullptr || ticket->generation != reply.generation ||
        (reply.kind != TAIL4_CHANNEL_REPLY && !refusal)) {
        ++strays_;
        return;
    }
    if (refusal) {
        ticket->who->end(channel_refused);
        return;
    }
    set_words(ticket->who->answer_.words, reply);
    ticket->who->end(0);
}

void ChannelClient::end_all() {
    for (std::uint32_t i = 0; i < limit_; ++i) {
        if (tickets_[i].who != nullptr) tickets_[i].who->end(channel_dead);
    }
}

void ChannelClient::look() {
    port_.publish();
    for (std::uint32_t left = port_.available(); left != 0; --left) take_reply(port_.take());
    if (port_.dead())
        end_all();
    else
        port_.release();
}

bool ChannelClient::announce(std::uint32_t state) { return port_.dead() ? awaited() : port_.announce(state); }

bool ChannelClient::has_news() {
    if (port_.watches() && !port_.dead()) return false;
    return port_.available() != 0 || (port_.dead() && awaited());
}

// --- The server

bool ChannelServer::open(Executor& executor) {
    if (executor_ != nullptr) return false;
    executor_ = &executor;
    executor.add(*this);
    return true;
}

void ChannelServer::close() {
    for (std::uint32_t i = 0; i < max_clients; ++i) remove_client(i);
    if (executor_ == nullptr) return;
    executor_->remove(*this);
    executor_ = nullptr;
    while (first_ != nullptr) { // nothing would come any more
        ReceiveAwaiter& waiter = *first_;
        first_ = waiter.next_;
        --waiting_;
        waiter.received_.error = channel_dead;
        waiter.received_.client = max_clients;
        waiter.strand_->executor->make_ready(*waiter.strand_);
    }
}

bool ChannelServer::add_client(std::uint32_t client, const ChannelPort::Setup& setup) {
    if (client >= max_clients || table_[client].present || !table_[client].port.attach(setup, ChannelSide::Server))
        return false;
    table_[client].owed = 0;
    table_[client].present = true;
    order_[clients_++] = static_cast<std::uint8_t>(client);
    return true;
}

void ChannelServer::remove_client(std::uint32_t client) {
    if (client >= max_clients || !table_[client].present) return;
    table_[client].port.publish();
    table_[client].port.close();
    table_[client].present = false;
    ++table_[client].session; // late replies go to nobody
    std::uint32_t place = 0;
    while (order_[place] != client) ++place;
    --clients_;
    for (std::uint32_t i = place; i < clients_; ++i) order_[i] = order_[i + 1];
    if (place < at_) --at_;
    if (at_ == clients_) at_ = 0;
}

// The next message of one client that is present, or the news that it is gone.
bool ChannelServer::next_of(std::uint32_t number, Received& received) {
    Client& client = table_[number];
    ChannelPort& port = client.port;
    if (port.available() != 0) {
        const tail4_ChannelMessage message = port.take();
        port.release();
        const bool call = message.kind == TAIL4_CHANNEL_CALL;
        // A place for its reply, beside those of the others; a client that keeps the rules has left one.
        if (!call || port.room(client.owed + 1) > client.owed) {
            client.owed += call ? 1 : 0;
            received.error = 0;
            received.client = number;
            received.call = call;
            set_words(received.words, message);
            received.ticket = message.ticket;
            received.generation = message.generation;
            received.session = client.session;
            return true;
        }
        port.die();
    }
    if (!port.dead()) return false;
    remove_client(number);
    received = {};
    received.error = channel_dead;
    received.client = number;
    return true;
}

bool ChannelServer::next(Received& received) {
    const bool in_turn = taken_ < in_a_row && clients_ != 0;
    if (in_turn && next_of(order_[at_], received)) {
        ++taken_;
        return true;
    }
    // The others, once around; and it again if only its turn was over.
    for (std::uint32_t left = clients_ - (in_turn ? 1 : 0); left != 0; --left) {
        at_ = at_ + 1 < clients_ ? at_ + 1 : 0;
        taken_ = 1;
        if (next_of(order_[at_], received)) return true;
    }
    taken_ = 0;
    return false;
}

bool ChannelServer::ReceiveAwaiter::await_ready() noexcept {
    if (strand_->cancels != 0) {
        received_.error = cancelled;
        return true;
    }
    if (server_->executor_ == nullptr) {
        received_.error = channel_dead;
        received_.client = max_clients;
        return true;
    }
    if (server_->first_ != nullptr || server_->turn_ >= longest_turn) return false;
    ++server_->turn_;
    return server_->next(received_);
}

void ChannelServer::ReceiveAwaiter::await_suspend(std::coroutine_handle<>) noexcept {
    interrupt = [](Wait& self, Strand& strand) {
        auto& waiter = static_cast<ReceiveAwaiter&>(self);
        if (!waiter.server_->leave(waiter)) return; // it has got something, and is ready
        waiter.received_.error = cancelled;
        strand.executor->make_ready(strand);
    };
    leave = [](Wait& self, Strand&) {
        auto& waiter = static_cast<ReceiveAwaiter&>(self);
        if (!waiter.server_->leave(waiter)) waiter.server_->refuse(waiter.received_); // nobody will look at it
    };
    waits_ = true;
    strand_->enter(*this);
    ReceiveAwaiter** end = &server_->first_;
    while (*end != nullptr) end = &(*end)->next_;
    *end = this;
    ++server_->waiting_;
}

bool ChannelServer::leave(const ReceiveAwaiter& waiter) {
    for (ReceiveAwaiter** at = &first_; *at != nullptr; at = &(*at)->next_) {
        if (*at != &waiter) continue;
        *at = waiter.next_;
        --waiting_;
        return true;
    }
    return false;
}

void ChannelServer::refuse(const Received& call) {
    answer(call, TAIL4_CHANNEL_REFUSAL, {});
    publish(); // perhaps nobody runs any more
}

void ChannelServer::answer(const Received& to, std::uint32_t kind, const ChannelWords& words) {
    if (!to.call || to.client >= max_clients) return;
    Client& client = table_[to.client];
    if (!client.present || client.session != to.session || client.owed == 0) return;
    --client.owed;
    tail4_ChannelMessage message = message_of(kind, words);
    message.ticket = to.ticket;
    message.generation = to.generation;
    client.port.put(message);
    if (client.port.unpublished() >= gather) client.port.publish();
}

void ChannelServer::publish() {
    for (std::uint32_t i = 0; i < clients_; ++i) table_[order_[i]].port.publish();
}

void ChannelServer::look() {
    publish();
    turn_ = 0;
    while (first_ != nullptr && turn_ < longest_turn && next(first_->received_)) {
        ++turn_;
        ReceiveAwaiter& waiter = *first_;
        first_ = waiter.next_;
        --waiting_;
        executor_->make_ready(*waiter.strand_);
    }
}

bool ChannelServer::announce(std::uint32_t state) {
    bool news = false;
    for (std::uint32_t i = 0; i < clients_; ++i) news = table_[order_[i]].port.announce(state) || news;
    return news && awaited();
}

bool ChannelServer::has_news() {
    if (!awaited()) return false;
    for (std::uint32_t i = 0; i < clients_; ++i) {
        ChannelPort& port = table_[order_[i]].port;
        if (port.dead() || (!port.watches() && port.available() != 0)) return true;
    }
    return false;
}

} // namespace sel4async
