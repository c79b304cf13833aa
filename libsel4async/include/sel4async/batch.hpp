// Several requests of one strand in one publication: batch(op, ...) for requests that do not depend on each other,
// linked(op, ...) for a chain in which each is carried out only if the one before it succeeded. Both give the replies
// in order. All requests wait in one group (Flight) that lies in the frame of the task; its slots go back when the last
// one is complete. Completions come through the dispatcher, so the strand is woken once.
// Source: async-design.md 9.1, 9.12.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <sel4async/awaiters.hpp>
#include <span>
#include <tuple>

namespace sel4async {

namespace detail {

class Flight : Listener, Wait {
public:
    explicit Flight(Strand& strand) : strand_(&strand) {}

    // Adds a request if there is a slot for it. fill(slot, vec, generation) writes all but the flags in `flags`.
    template <class Fill>
    void add(bool wide, std::uint32_t flags, Fill fill) {
        Ticket* ticket = take(wide);
        if (ticket != nullptr) send(*ticket, flags, fill);
    }
    // Slots for a chain at once; all or nothing.
    [[nodiscard]] bool reserve(std::span<const bool> wide) {
        for (const bool large : wide) {
            if (take(large) != nullptr) continue;
            undo();
            return false;
        }
        next_ = first_;
        return true;
    }
    template <class Fill>
    void add_reserved(std::uint32_t flags, Fill fill) {
        Ticket& ticket = *next_;
        next_ = place(ticket).sibling;
        send(ticket, flags, fill);
    }
    // False: nothing is pending.
    [[nodiscard]] bool fly() {
        if (flush_) strand_->executor->flush();
        if (pending_ == 0) return false;
        interrupt = [](Wait& self, Strand&) {
            auto& flight = static_cast<Flight&>(self);
            for (Ticket* t = flight.first_; t != nullptr; t = flight.place(*t).sibling) {
                if (t->waited_for()) t->cancel();
            }
        };
        leave = [](Wait& self, Strand& strand) { static_cast<Flight&>(self).give_up(*strand.executor); };
        flying_ = true;
        strand_->enter(*this);
        return true;
    }
    // Once, at the end: the replies of those that were sent, at their places.
    void land(std::span<Reply> replies) {
        if (flying_) strand_->exit(*this);
        for (Reply& reply : replies) reply = Reply(error_);
        for (Ticket* ticket = first_; ticket != nullptr;) {
            Ticket* next = place(*ticket).sibling;
            replies[place(*ticket).position] = Reply(*ticket->slot);
            ticket->release();
            ticket = next;
        }
    }

private:
    GroupPlace& place(const Ticket& ticket) const { return strand_->executor->buffer().group_place(ticket); }
    Ticket* take(bool wide) {
        Ticket* ticket = strand_->executor->reserve(*strand_, wide, error_);
        const std::uint32_t position = count_++;
        if (ticket == nullptr) return nullptr;
        place(*ticket) = {nullptr, position};
        (last_ == nullptr ? first_ : place(*last_).sibling) = ticket;
        last_ = ticket;
        return ticket;
    }
    template <class Fill>
    void send(Ticket& ticket, std::uint32_t flags, Fill fill) {
        completed = [](Listener& self, Ticket&) {
            auto& flight = static_cast<Flight&>(self);
            if (--flight.pending_ == 0 && flight.flying_) flight.strand_->executor->make_ready(*flight.strand_);
        };
        fill(*ticket.slot, TAIL4_ASYNC_DISPATCHER, ticket.begin_for(*this));
        ticket.slot->flags |= flags;
        ++pending_;
        flush_ = strand_->executor->buffer().push(ticket.index) || flush_;
    }
    void undo() {
        for (Ticket* ticket = first_; ticket != nullptr;) {
            Ticket* next = place(*ticket).sibling;
            strand_->executor->unreserve(*ticket);
            ticket = next;
        }
        first_ = nullptr;
    }
    void give_up(Executor& executor) {
        for (Ticket* ticket = first_; ticket != nullptr;) {
            Ticket* next = place(*ticket).sibling;
            if (ticket->waited_for())
                executor.orphan(*ticket);
            else
                ticket->release();
            ticket = next;
        }
    }

    Strand* strand_;
    Ticket* first_ = nullptr;
    Ticket* last_ = nullptr;
    Ticket* next_ = nullptr;
    std::uint32_t count_ = 0;
    std::uint32_t pending_ = 0;
    std::uint32_t error_ = 0;
    bool flush_ = false;
    bool flying_ = false;
};

inline bool is_wide(const Request& request) { return request.wide(); }
template <auto Builder, class... Args>
bool is_wide(const Bound<Builder, Args...>& bound) {
    if constexpr (may_be_wide<Builder>)
        return bound.request().wide();
    else
        return false;
}

inline void fill_any(const Request& request, tail4_AsyncSlot& slot, std::uint32_t vec, std::uint32_t generation) {
    fill(&slot, request, vec, generation, 0);
}
template <auto Builder, class... Args>
void fill_any(const Bound<Builder, Args...>& bound, tail4_AsyncSlot& slot, std::uint32_t vec,
              std::uint32_t generation) {
    if constexpr (may_be_wide<Builder>)
        fill(&slot, bound.request(), vec, generation, 0);
    else
        bound.fill_slot(slot, vec, generation);
}

// op::... or a Request.
template <class T>
concept Sendable = requires(const T& operation) {
    as_request(operation);
};

} // namespace detail

template <bool chained, class... Operations>
class Batch {
public:
    static constexpr std::size_t count = sizeof...(Operations);

    explicit Batch(Operations... operations) : operations_(std::move(operations)...) {}

    class Awaiter {
    public:
        Awaiter(Strand& strand, std::tuple<Operations...> operations)
            : flight_(strand), operations_(std::move(operations)) {}
        bool await_ready() const noexcept { return false; }
        bool await_suspend(std::coroutine_handle<>) noexcept {
            std::apply([this](const auto&... operation) { submit(operation...); }, operations_);
            return flight_.fly();
        }
        std::array<Reply, count> await_resume() noexcept {
            std::array<Reply, count> replies;
            flight_.land(replies);
            return replies;
        }

    private:
        void submit(const Operations&... operation) {
            if constexpr (chained) {
                const std::array<bool, count> wide{detail::is_wide(operation)...};
                if (!flight_.reserve(wide)) return;
                std::size_t left = count;
                (flight_.add_reserved(--left == 0 ? 0 : TAIL4_ASYNC_SLOT_LINK, filler(operation)), ...);
            } else {
                (flight_.add(detail::is_wide(operation), 0, filler(operation)), ...);
            }
        }
        template <class Operation>
        static auto filler(const Operation& operation) {
            return [&operation](tail4_AsyncSlot& slot, std::uint32_t vec, std::uint32_t generation) {
                detail::fill_any(operation, slot, vec, generation);
            };
        }

        detail::Flight flight_;
        std::tuple<Operations...> operations_;
    };
    Awaiter on(Strand& strand) const { return {strand, operations_}; }

private:
    std::tuple<Operations...> operations_;
};

// A number of requests known at run time: as many as both spans have room for. Gives how many succeeded.
struct BatchOf {
    std::span<const Request> requests;
    std::span<Reply> replies;

    class Awaiter {
    public:
        Awaiter(Strand& strand, const BatchOf& batch)
            : flight_(strand),
              requests_(batch.requests.first(std::min(batch.requests.size(), batch.replies.size()))),
              replies_(batch.replies.first(requests_.size())) {}
        bool await_ready() const noexcept { return false; }
        bool await_suspend(std::coroutine_handle<>) noexcept {
            for (const Request& request : requests_) {
                flight_.add(request.wide(), 0,
                            [&request](tail4_AsyncSlot& slot, std::uint32_t vec, std::uint32_t generation) {
                                detail::fill_any(request, slot, vec, generation);
                            });
            }
            return flight_.fly();
        }
        std::size_t await_resume() noexcept {
            flight_.land(replies_);
            std::size_t good = 0;
            for (const Reply& reply : replies_) good += reply.ok() ? 1U : 0U;
            return good;
        }

    private:
        detail::Flight flight_;
        std::span<const Request> requests_;
        std::span<Reply> replies_;
    };
    Awaiter on(Strand& strand) const { return {strand, *this}; }
};

// auto [a, b] = co_await batch(op::page_unmap(x), op::page_unmap(y)): requests without a slot are answered queue_full,
// the others are sent.
template <detail::Sendable... Operations>
Batch<false, Operations...> batch(Operations... operations) {
    return Batch<false, Operations...>(std::move(operations)...);
}
// auto [made, mapped] = co_await linked(op::untyped_retype(...), op::page_map(...)): after the first failure the others
// are `cancelled`. Sent as a whole or, without the slots, not at all.
template <detail::Sendable... Operations>
Batch<true, Operations...> linked(Operations... operations) {
    return Batch<true, Operations...>(std::move(operations)...);
}
// Of a number known at run time; both spans of equal length, alive until the replies are there.
inline BatchOf batch(std::span<const Request> requests, std::span<Reply> replies) { return {requests, replies}; }

} // namespace sel4async
