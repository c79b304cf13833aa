// Strands and what befalls them: made, woken; vectors; levels; waits for slots. Their early end: cancellation.cpp.
#include <sel4async/executor.hpp>

namespace sel4async {

namespace {

// Handler words, as TAIC delivers them: id << 2 | reusable << 1 (taic/regs.hpp).
constexpr std::uint64_t reusable_bit = 2;
constexpr std::uint32_t word_shift = 2;
constexpr std::uint32_t generation_mask = (1U << Executor::generation_shift) - 1;

// Rounds of the executor between two looks at TAIC while it is never idle.
constexpr std::uint32_t look_every = 32;

} // namespace

Strand* Executor::open_strand(const Options& options) {
    Strand* strand = free_;
    if (strand != nullptr)
        free_ = strand->next;
    else if (opened_ < max_strands)
        strand = &strands_[opened_++];
    else
        return nullptr;
    // One by one: each task pays for this.
    ++strand->generation;
    strand->ticket = &full_.ticket; // nobody waits there
    strand->vector = 0;
    strand->executor = this;
    strand->wait = nullptr;
    strand->cancels = 0;
    strand->cancelled = strand->asked = strand->parked = strand->dying = strand->unread = false;
    strand->level = options.level;
    strand->registration = options.registration;
    strand->slots = buffer_;
    if (options.level != default_level) [[unlikely]] {
        if (options.level >= levels) strand->level = levels - 1;
        strand->slots = &no_slots_;
        ++ranked_;
    }
    if (!drives_ && options.vector) give_vector(*strand);
    ++live_;
    return strand;
}

void Executor::give_vector(Strand& strand) {
    strand.vector = static_cast<std::uint8_t>(vectors_.allocate(preferred_vectors(strand.registration)));
    if (strand.vector == 0) return; // none is left: the dispatcher's
    by_vector_[strand.vector] = &strand;
    if ((armed_ >> strand.vector & 1) == 0) arm(strand.vector, strand.registration);
}

void Executor::close_strand(Strand& strand) {
    if (strand.vector != 0) {
        vectors_.release(strand.vector);
        by_vector_[strand.vector] = nullptr;
    }
    ++strand.generation; // old task words find nothing
    if (strand.level != default_level && --ranked_ == 0) [[unlikely]]
        __atomic_store_n(&buffer_->control().sq_priority, 0U, __ATOMIC_RELAXED);
    strand.next = free_;
    free_ = &strand;
    --live_;
}

// Also of strands that were given up: those have no frames any more.
bool Executor::tasks_are_alive() const {
    for (std::uint32_t i = 0; i < opened_; ++i) {
        if (strands_[i].generation % 2 != 0 && !strands_[i].dying) return true; // odd: between open and close
    }
    return false;
}

bool Executor::ready(const Strand& strand) const {
    const Strand* at = ready_[strand.level].head;
    while (at != nullptr && at != &strand) at = at->next;
    return at != nullptr;
}

bool Executor::runs(const Strand& strand) const {
    return !strand.awaits_request() && (strand.wait == nullptr || strand.wait->encloses) && !ready(strand);
}

void Executor::unready(Strand& strand) {
    Queue& queue = ready_[strand.level];
    Strand* before = nullptr;
    for (Strand* at = queue.head; at != nullptr; before = at, at = at->next) {
        if (at != &strand) continue;
        (before == nullptr ? queue.head : before->next) = at->next;
        if (queue.tail == at) queue.tail = before;
        break;
    }
    if (queue.head == nullptr) ready_bits_ &= ~(1U << strand.level);
}

// --- Slots

Ticket* Executor::reserve(const Strand& strand, bool wide, std::uint32_t& error) {
    if (dead_ || strand.cancels != 0) {
        error = dead_ ? queue_dead : cancelled;
        return nullptr;
    }
    Ticket* ticket = wide ? buffer_->take_wide() : buffer_->take();
    if (ticket == nullptr) {
        error = queue_full;
        ++statistics_.refused;
    } else if (strand.level != default_level) {
        ticket->level = static_cast<std::uint8_t>(strand.level + 1);
        ++pending_[strand.level];
    }
    return ticket;
}

Ticket* Executor::reserve_or_refuse(Strand& strand, bool wide) {
    std::uint32_t error = 0;
    Ticket* ticket = reserve(strand, wide, error);
    if (ticket != nullptr) return ticket;
    strand.ticket = error == queue_dead ? &gone_.ticket : error == cancelled ? &cancelled_.ticket : &full_.ticket;
    make_ready(strand);
    return nullptr;
}

void Executor::unreserve(Ticket& ticket) {
    settle(ticket);
    ticket.release();
}

// The kernel is told how important the batch is: as its most important request, among all that are pending.
void Executor::publish_priority() {
    std::uint32_t ranked = 0;
    for (const std::uint32_t count : pending_) ranked += count;
    Level level = levels;
    while (level > 0 && pending_[level - 1] == 0 && !(level - 1 == default_level && outstanding_ > ranked)) --level;
    // Relaxed: the tail's release store follows.
    __atomic_store_n(&buffer_->control().sq_priority, level == 0 ? 0U : priorities_[level - 1], __ATOMIC_RELAXED);
}

void Executor::wait_for_slots(SlotWait& wait) {
    ++attention_;
    SlotWait** end = &slot_waits_;
    while (*end != nullptr) end = &(*end)->next;
    wait.next = nullptr;
    *end = &wait;
}

bool Executor::forget(SlotWait& wait) {
    for (SlotWait** at = &slot_waits_; *at != nullptr; at = &(*at)->next) {
        if (*at != &wait) continue;
        *at = wait.next;
        --attention_;
        return true;
    }
    return false;
}

bool Executor::add(Timer& timer) {
    if (!timers_.add(timer)) return false;
    ++attention_;
    return true;
}

void Executor::remove(Timer& timer) {
    if (timer.place == 0) return;
    timers_.remove(timer);
    --attention_;
}

void Executor::share_receivers(std::uint32_t places) {
    if (drives_) return;
    const std::uint32_t vectors = buffer_->control().vectors;
    vectors_.init(vectors > places ? vectors - places : 1);
}

void Executor::share(detail::Join& group) {
    detail::Join** end = &sharing_;
    while (*end != nullptr) end = &(*end)->next;
    group.next = nullptr;
    *end = &group;
}

void Executor::unshare(detail::Join& group) {
    detail::Join** at = &sharing_;
    while (*at != nullptr && *at != &group) at = &(*at)->next;
    if (*at != nullptr) *at = group.next;
}

void Executor::park(Strand& strand) {
    strand.parked = true;
    ++parked_;
    ++attention_;
}

bool Executor::unpark(Strand& strand) {
    if (!strand.parked) return false;
    strand.parked = false;
    --parked_;
    --attention_;
    return true;
}

// Once per round: what came through channels, time-outs that are due, and slots that became free. And now and then
// what came through TAIC: strands that are always ready must not keep those waiting whom a word wakes.
void Executor::attend() {
    if ((!drives_ || parked_ != 0) && ++rounds_ % look_every == 0) take_words();
    for (Source* source = sources_; source != nullptr; source = source->next) source->look();
    if (!timers_.empty()) {
        const std::uint64_t time = now();
        while (Timer* timer = timers_.take(time)) {
            --attention_;
            timer->expired(*timer);
        }
    }
    std::uint32_t slots = 0;
    while (slot_waits_ != nullptr && (dead_ || buffer_->has(slots + slot_waits_->count))) {
        SlotWait& wait = *slot_waits_;
        slots += wait.count;
        forget(wait);
        make_ready(*wait.strand);
    }
}

// --- Completions beside the usual way

void Executor::settle(Ticket& ticket) {
    if (ticket.level == 0) return;
    --pending_[ticket.level - 1];
    ticket.level = 0;
}

void Executor::claim(Strand& strand) {
    settle(*strand.ticket);
    strand.unread = true;
    make_ready(strand);
}

void Executor::tell(Ticket& ticket, Waiter waiter) {
    if (waiter == 0) {
        ++statistics_.spurious;
        ++outstanding_;
        return;
    }
    settle(ticket);
    auto& listener = *reinterpret_cast<Listener*>(-waiter);
    listener.completed(listener, ticket);
}

// A word may be late, double or forged: nothing is believed but what the tables say.
void Executor::take_word(std::uint64_t word) {
    const std::uint64_t id = word >> word_shift;
    if (id == 1) return; // vector 0: the dispatcher, which looks anyway before anybody waits again
    if (id <= Vectors::limit) {
        if (take_vector(static_cast<std::uint32_t>(id - 1))) return;
    } else if (id >= first_strand_id) {
        const std::uint64_t index = (id & generation_mask) - first_strand_id;
        if (index < opened_ && (strands_[index].generation & generation_mask) == id >> generation_shift &&
            unpark(strands_[index])) {
            make_ready(strands_[index]);
            return;
        }
    }
    ++statistics_.spurious;
}

// One-shot registrations are made again before anybody can sleep on the vector (async-design.md 3, E18).
bool Executor::take_vector(std::uint32_t vector) {
    if (vector >= Vectors::limit) return false;
    ++statistics_.direct;
    Strand* strand = by_vector_[vector];
    if ((armed_ >> vector & 1) != 0 && (persistent_ >> vector & 1) == 0)
        arm(vector, strand == nullptr ? Registration::OneShot : strand->registration);
    return answer(vector);
}

// The request of the vector's strand, if the kernel is done with it.
bool Executor::answer(std::uint32_t vector) {
    Strand* strand = by_vector_[vector];
    if (strand == nullptr) return false;
    Ticket& ticket = *strand->ticket;
    const Waiter waiter = ticket.waiter();
    const bool given_up = strand->dying && waiter == -reinterpret_cast<Waiter>(&orphans_);
    if (!given_up && !strand->awaits_request()) return false;
    if (__atomic_load_n(&ticket.slot->done, __ATOMIC_ACQUIRE) != ticket.generation) return false;
    ticket.who = nullptr;
    --outstanding_;
    if (given_up)
        tell(ticket, waiter);
    else
        claim(*strand);
    return true;
}

// What is done although no word has said so: TAIC delivers later than the kernel's fence ends, and loses words on the
// published hardware (taic.md 3.6). Only memory is asked, so the fences of watch() and sleep() order it.
bool Executor::take_done() {
    bool found = false;
    for (std::uint32_t vector = 1; vector < Vectors::limit; ++vector) found = answer(vector) || found;
    return found;
}

std::uint64_t Executor::task_word(const Strand& strand) {
    const auto index = static_cast<std::uint64_t>(&strand - strand.executor->strands_.at);
    return ((first_strand_id + index) | std::uint64_t{strand.generation & generation_mask} << generation_shift)
        << word_shift;
}

// A vector once registered for good stays so: the published hardware cannot take it back, and spends another place on
// each further registration (taic/README.md, Q2). So strands get one that is registered their way, or not yet, first.
std::uint32_t Executor::preferred_vectors(Registration registration) const {
    const std::uint32_t free = vectors_.free();
    const std::uint32_t same = free & armed_ & (registration == Registration::Persistent ? persistent_ : ~persistent_);
    return same != 0 ? same : free & ~armed_;
}

void Executor::arm(std::uint32_t vector, Registration registration) {
    const bool stays = registration == Registration::Persistent || vector == 0;
    doorbell_->arm(vector, std::uint64_t{vector + 1} << word_shift | (stays ? reusable_bit : 0));
    ++statistics_.arms;
    armed_ |= std::uint32_t{1} << vector;
    if (stays) persistent_ |= std::uint32_t{1} << vector;
}

} // namespace sel4async
