// Strands that end early: asked to, or given up with what they wait for.
#include <sel4async/executor.hpp>

namespace sel4async {

namespace {

// GroupPlace::position of a given-up request of a group: it belongs to no strand.
constexpr std::uint32_t no_strand = ~std::uint32_t{0};

} // namespace

// What it waits for may be other strands, and those may wait for it: each is asked once, one after the other.
void Executor::interrupt(Strand& strand) {
    if (strand.asked) return;
    strand.asked = true;
    strand.next_asked = 0;
    Strand* const before = std::exchange(last_asked_, &strand);
    if (before != nullptr) {
        before->next_asked = static_cast<std::uint16_t>(&strand - strands_.at + 1);
        return; // whoever began goes on with it
    }
    const auto after = [this](const Strand& at) {
        return at.next_asked == 0 ? nullptr : &strands_[at.next_asked - 1U];
    };
    for (Strand* at = &strand; at != nullptr; at = after(*at)) {
        if (at->awaits_request())
            at->ticket->cancel();
        else if (at->wait != nullptr && at->wait->interrupt != nullptr)
            at->wait->interrupt(*at->wait, *at);
    }
    for (Strand* at = &strand; at != nullptr; at = after(*at)) at->asked = false;
    last_asked_ = nullptr;
}

void Executor::cancel(Strand& strand) {
    if (!strand.cancelled) {
        strand.cancelled = true;
        ++strand.cancels;
    }
    aim(strand);
    interrupt(strand);
}

void Executor::expire(Strand& strand) {
    ++strand.cancels;
    aim(strand);
    interrupt(strand);
}

bool Executor::take_cancellation(Strand& strand) {
    if (strand.cancels == 0) return false;
    strand.cancels = 0;
    strand.cancelled = false;
    ++strand.takes;
    aim(strand);
    return true;
}

void Executor::uncancel(Strand& strand, std::uint32_t takes) {
    if (takes != strand.takes) return;
    --strand.cancels;
    aim(strand);
}

void Executor::abandon(Strand& strand) {
    for (Wait* wait = strand.wait; wait != nullptr;) {
        Wait* outer = wait->outer;
        wait->leave(*wait, strand);
        wait = outer;
    }
    strand.wait = nullptr;
    strand.dying = true;
    unready(strand);
    if (strand.unread) strand.ticket->release();
    if (!strand.awaits_request()) {
        close_strand(strand);
        return;
    }
    // The strand stays, without frames, until the kernel is done: its vector may still be sent.
    strand.ticket->cancel();
    buffer_->group_place(*strand.ticket).position = static_cast<std::uint32_t>(&strand - strands_.at);
    strand.ticket->listen(orphans_);
}

void Executor::orphan(Ticket& ticket) {
    ticket.cancel();
    buffer_->group_place(ticket).position = no_strand;
    ticket.listen(orphans_);
    ++live_;
}

void Executor::bury(Listener& self, Ticket& ticket) {
    auto& executor = *static_cast<Orphans&>(self).executor;
    const std::uint32_t position = executor.buffer_->group_place(ticket).position;
    ticket.release();
    if (position == no_strand)
        --executor.live_;
    else
        executor.close_strand(executor.strands_[position]);
}

} // namespace sel4async
