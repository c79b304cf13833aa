#include <bit>
#include <sel4async/executor.hpp>
#include <sel4async/fences.hpp>

namespace sel4async {

namespace {

// Looks at TAIC before the executor sleeps, and memory reads between two looks: half a million reads at most.
constexpr std::uint32_t default_spin = 128;
// So many times that are the looks at the ring alone, by an executor that has nothing to do, before it says that it
// waits. The kernel sees somebody who runs, so it rings nobody: both ways of a request are stores to memory.
constexpr std::uint32_t first_looks = 8;
constexpr std::uint32_t smallest_spin = 16;
constexpr std::uint32_t smallest_gap = 8;
constexpr std::uint32_t largest_gap = 4'096;
// From this gap on a word may have been lost: the slots themselves are looked at, too.
constexpr std::uint32_t late_gap = 512;
// Requests that become visible at once: few where the kernel may run on another hart, which is to begin while the rest
// is written.
constexpr std::uint32_t batch_alone = 16;
constexpr std::uint32_t batch_beside = 4;
// Drives in a row without any completion, with requests outstanding, before the queue counts as broken. A long revoke
// is preempted in each one, for minutes if it must be; those of a broken queue return at once.
constexpr std::uint32_t patience = 100'000;
// Words taken in one go; the device cannot hold more.
constexpr std::uint32_t most_words = 2'048;
// Ready strands resumed before the kernel and the clock are looked at again.
constexpr std::uint32_t ready_turn = 1'024;

} // namespace

Dispatcher dispatch_completions(Executor& executor) {
    while (true) {
        executor.drain();
        co_await std::suspend_always{};
    }
}

bool Executor::init(SlotBuffer& buffer, Doorbell& doorbell, Registration registration) {
    if (tasks_are_alive()) return false; // their frames would point at the strands of others
    if (dispatcher_.valid()) dispatcher_.destroy();
    dispatcher_ = dispatch_completions(*this);
    if (!dispatcher_.valid()) return false;
    full_.init(queue_full);
    gone_.init(queue_dead);
    cancelled_.init(cancelled);
    orphans_.completed = bury;
    orphans_.executor = this;
    buffer_ = &buffer;
    doorbell_ = &doorbell;
    defaults_ = {default_level, registration, true};
    drives_ = doorbell.drives();
    set_usual_batch();
    spin_ = spin_limit_ = doorbell.other_harts() ? default_spin : 0;
    set_usual_looks();
    for (Queue& queue : ready_) queue = {};
    for (std::uint32_t& count : pending_) count = 0;
    timers_.clear();
    slot_waits_ = nullptr;
    sources_ = nullptr;
    sharing_ = nullptr;
    free_ = nullptr;
    ready_bits_ = parked_ = rounds_ = ranked_ = opened_ = live_ = outstanding_ = armed_ = persistent_ = idle_drives_ =
        0;
    attention_ = drives_ ? 0 : 1; // looks at TAIC also while strands stay ready
    alone_ = attention_;
    dead_ = preempted_ = false;
    vectors_.init(drives_ ? 1 : buffer.control().vectors);
    if (!drives_) arm(0, Registration::Persistent);
    return true;
}

void Executor::set_usual_batch() {
    set_batch(drives_ ? SlotBuffer::max_slots : doorbell_->other_harts() ? batch_beside : batch_alone);
}

void Executor::set_usual_looks() { looks_ = first_looks; }

// --- Running

Stopped Executor::run() {
    if (running_) return Stopped::Nested;
    running_ = true;
    const Stopped why = run_all();
    running_ = false;
    return why;
}

Stopped Executor::run_all() {
    while (true) {
        const bool all = ready_bits_ == 0 || run_ready();
        if (buffer_->unpublished() != 0) {
            if (buffer_->unpublished() == 1 && attention_ == alone_ && outstanding_ == 0 && all && execute()) continue;
            flush();
        }
        if (live_ == 0) {
            if (sources_ != nullptr) attend(); // the last strands' messages leave
            return dead_ ? Stopped::Dead : Stopped::Finished;
        }
        resumed_ = buffer_->has_completions();
        if (resumed_) {
            preempted_ = false; // it is among them: the kernel goes on with it before it takes another
            dispatcher_.look();
        }
        if (attention_ != 0) [[unlikely]]
            attend();
        if (resumed_ || ready_bits_ != 0) {
            if (all || dead_) continue;
            if (!drives_ || parked_ != 0) take_words();
            if (drives_ && outstanding_ != 0) drive();
            continue;
        }
        if (dead_) { // strands that park for ever are left, or some that wait for the clock
            if (!pass_time()) return Stopped::Dead;
            continue;
        }
        const bool go_on = drives_ || preempted_ ? drive() : watch();
        if (!go_on) return Stopped::Stalled;
    }
}

// The most important first. False: some are left, after a long turn.
bool Executor::run_ready() {
    for (std::uint32_t turn = 0; ready_bits_ != 0; ++turn) {
        if (turn == ready_turn) return false;
        std::uint32_t level = default_level;
        if (ready_bits_ != 1U << default_level) level = static_cast<std::uint32_t>(std::bit_width(ready_bits_) - 1);
        Queue& queue = ready_[level];
        Strand& strand = *queue.head;
        queue.head = strand.next;
        if (queue.head == nullptr) ready_bits_ &= ~(1U << level);
        strand.unread = false;
        resume(strand.resume);
    }
    return true;
}

// Publishes the batch. The kernel is rung only if it sleeps, once.
void Executor::flush() {
    outstanding_ += buffer_->unpublished();
    if (ranked_ != 0) [[unlikely]]
        publish_priority();
    buffer_->publish();
    ++statistics_.batches;
    if (drives_) return; // drive() follows, on this hart
    full_fence();        // partner: the kernel's fence between kstate = BLOCKED and its look at sq_tail
    std::uint32_t& kstate = buffer_->control().kstate;
    std::uint32_t seen = __atomic_load_n(&kstate, __ATOMIC_RELAXED);
    if (seen == TAIL4_ASYNC_RUNNING || seen == TAIL4_ASYNC_NOTIFIED) return;
    if (seen == TAIL4_ASYNC_DEAD) {
        die();
        return;
    }
    if (__atomic_compare_exchange_n(&kstate, &seen, TAIL4_ASYNC_NOTIFIED, false, __ATOMIC_ACQ_REL, __ATOMIC_RELAXED)) {
        ++statistics_.doorbells;
        doorbell_->ring();
    }
}

// Strands go on right here, in the ring's order: none passes through the ready list, as long as all are of one level.
// All of the batch counts as answered before the first of them runs.
void Executor::drain() {
    const auto answered = [this](std::uint32_t count) { outstanding_ -= count; };
    const auto go_on = [this](Ticket& ticket, Waiter waiter) {
        if (waiter <= 0) [[unlikely]] {
            tell(ticket, waiter);
            return;
        }
        resume(reinterpret_cast<Strand*>(waiter)->resume);
    };
    const auto queue = [this](Ticket& ticket, Waiter waiter) {
        if (waiter <= 0)
            tell(ticket, waiter);
        else
            claim(*reinterpret_cast<Strand*>(waiter));
    };
    const bool ranked = ranked_ != 0;
    if (!(ranked ? buffer_->drain(queue, answered) : buffer_->drain(go_on, answered))) die();
    if (ranked) publish_priority(); // perhaps less important than before
    if (dead_) outstanding_ = 0;    // perhaps found by a batch that was published meanwhile
}

// The only request there is goes past the rings. False: it has to go through them.
namespace {

// AsyncQueueExecute takes it.
bool goes_alone(std::uint32_t flags) { return flags == 0 || flags == (TAIL4_ASYNC_SLOT_WIDE | TAIL4_ASYNC_SLOT_EACH); }

} // namespace

bool Executor::execute() {
    if (ranked_ != 0) return false;
    Ticket& ticket = buffer_->ticket(buffer_->take_back());
    std::uint64_t outcome = TAIL4_ASYNC_NOT_BEGUN;
    if (goes_alone(ticket.slot->flags) && ticket.waiter() > 0) outcome = doorbell_->execute(ticket.index);
    if (outcome == TAIL4_ASYNC_NOT_BEGUN) {
        buffer_->push(ticket.index);
        return false;
    }
    ++statistics_.drives;
    auto* strand = static_cast<Strand*>(outcome == TAIL4_ASYNC_COMPLETE ? ticket.claim() : nullptr);
    if (strand == nullptr) {
        ++outstanding_;
        preempted_ = true;
    } else {
        resume(strand->resume);
    }
    return true;
}

bool Executor::drive() {
    if (outstanding_ == 0) return take_words() || pass_time() || await_sources();
    ++statistics_.drives;
    if (!doorbell_->drive(outstanding_)) {
        die();
        return true;
    }
    if (buffer_->has_completions()) {
        idle_drives_ = 0;
        return true;
    }
    return ++idle_drives_ < patience || pass_time();
}

// --- Waiting, with TAIC

// Nothing is ready: direct wake-ups may come, for a while, then a notification.
bool Executor::watch() {
    if (queue_is_dead()) {
        die();
        return true;
    }
    if (looks_ != 0 && outstanding_ != 0 && completes_soon()) return true;
    std::uint32_t& ustate = buffer_->control().ustate;
    __atomic_exchange_n(&ustate, TAIL4_ASYNC_POLLING, __ATOMIC_ACQ_REL);
    full_fence(); // partner: the kernel's fence between its publication and its look at ustate
    if (announce(TAIL4_ASYNC_POLLING) || buffer_->has_completions()) {
        awake();
        return true;
    }
    if (wait_for_words()) {
        awake();
        spin_ = spin_ < spin_limit_ / 2 ? 2 * spin_ : spin_limit_;
        return true;
    }
    spin_ = spin_ / 2 > smallest_spin ? spin_ / 2 : spin_;
    return sleep();
}

// As long as waits end awake (watch() halves `spin_` if not).
bool Executor::completes_soon() {
    if (attention_ > 1) return false; // others than the kernel may have news
    for (std::uint32_t left = spin_ * looks_; left != 0; --left) {
        if (buffer_->has_completions()) return true;
    }
    return false;
}

// Looks at the device now and then, ever more rarely, so that others get at it; at the ring's tail in between. The
// published hardware loses words (taic.md 3.6): without take_done() each would cost a whole spin and a sleep.
bool Executor::wait_for_words() {
    std::uint32_t gap = smallest_gap;
    for (std::uint32_t left = spin_; left != 0; --left) {
        if (take_words()) return true;
        for (std::uint32_t i = 0; i < gap; ++i) {
            if (buffer_->has_completions()) return true;
        }
        if (sources_have_news() || (timers_.next() != Timers::never && timers_.next() <= now())) return true;
        if (gap >= late_gap && take_done()) return true;
        gap = gap < largest_gap ? 2 * gap : gap;
    }
    return false;
}

bool Executor::sleep() {
    if (pass_time()) { // nobody would wake us for that: awake, until no time-out runs
        awake();
        return true;
    }
    if (parked_ != 0 || (outstanding_ == 0 && !sources_awaited())) { // words for parked strands signal nothing
        awake();
        doorbell_->idle();
        return true;
    }
    std::uint32_t& ustate = buffer_->control().ustate;
    // Withdraws the promise to look; whoever completes something from now on signals the notification.
    __atomic_exchange_n(&ustate, TAIL4_ASYNC_BLOCKED, __ATOMIC_ACQ_REL);
    full_fence();
    if (!announce(TAIL4_ASYNC_BLOCKED) && !buffer_->has_completions() && !take_words() && !take_done() &&
        !queue_is_dead()) {
        ++statistics_.sleeps;
        doorbell_->wait();
    }
    awake();
    take_words();
    return true;
}

void Executor::awake() {
    __atomic_exchange_n(&buffer_->control().ustate, TAIL4_ASYNC_RUNNING, __ATOMIC_ACQ_REL);
    announce(TAIL4_ASYNC_RUNNING);
}

// False: nobody waits for the clock.
bool Executor::pass_time() {
    if (timers_.next() == Timers::never) return false;
    if (timers_.next() > now()) doorbell_->idle();
    return true;
}

bool Executor::take_words() {
    for (std::uint32_t taken = 0; taken < most_words; ++taken) {
        const std::uint64_t word = doorbell_->poll();
        if (word == 0) return taken != 0;
        ++statistics_.wakes;
        take_word(word);
    }
    return true;
}

// --- The end of a queue

bool Executor::queue_is_dead() const {
    return __atomic_load_n(&buffer_->control().kstate, __ATOMIC_ACQUIRE) == TAIL4_ASYNC_DEAD;
}

// Everybody who waits for the queue is told. Slots may still be written: they are not used again.
void Executor::die() {
    if (dead_) return;
    dead_ = true;
    buffer_->close();
    for (std::uint32_t i = 0; i < buffer_->capacity(); ++i) {
        Ticket& ticket = buffer_->ticket(i);
        const Waiter waiter = ticket.waiter();
        if (waiter == 0) continue;
        ticket.who = nullptr;
        ticket.slot = &gone_.slot;
        if (waiter < 0)
            tell(ticket, waiter);
        else
            claim(*reinterpret_cast<Strand*>(waiter));
    }
    outstanding_ = 0;
}

} // namespace sel4async
