#include <sel4async/executor.hpp>

namespace sel4async {

namespace {

// Handler words, as TAIC delivers them: id << 2 | reusable << 1 (taic/regs.hpp).
constexpr std::uint64_t reusable_bit = 2;
constexpr std::uint32_t word_shift = 2;
// Looks at TAIC before the executor sleeps; memory reads between two looks.
constexpr std::uint32_t default_spin = 50'000;
constexpr std::uint32_t smallest_spin = 500;
constexpr std::uint32_t smallest_gap = 8;
constexpr std::uint32_t largest_gap = 4'096;
constexpr std::uint32_t taic_batch = 16;
// Drives in a row without any completion, with requests outstanding, before the queue counts as broken.
constexpr std::uint32_t patience = 1'000;
// Words taken in one go; the device cannot hold more.
constexpr std::uint32_t most_words = 2'048;

void full_fence() { __atomic_thread_fence(__ATOMIC_SEQ_CST); }

} // namespace

Dispatcher dispatch_completions(Executor& executor) {
    while (true) {
        executor.drain();
        co_await std::suspend_always{};
    }
}

bool Executor::init(SlotBuffer& buffer, Doorbell& doorbell, Registration registration) {
    if (dispatcher_.valid()) dispatcher_.destroy();
    dispatcher_ = dispatch_completions(*this);
    if (!dispatcher_.valid()) return false;
    full_.init(queue_full);
    gone_.init(queue_dead);
    buffer_ = &buffer;
    doorbell_ = &doorbell;
    registration_ = registration;
    drives_ = doorbell.drives();
    buffer.set_limit(drives_ ? SlotBuffer::max_slots : taic_batch);
    spin_ = spin_limit_ = doorbell.other_harts() ? default_spin : 0;
    ready_head_ = nullptr;
    free_ = nullptr;
    opened_ = live_ = outstanding_ = armed_ = idle_drives_ = 0;
    dead_ = false;
    vectors_.init(drives_ ? 1 : buffer.control().vectors);
    if (!drives_) arm(0);
    return true;
}

// --- Strands

Strand* Executor::open_strand() {
    Strand* strand = free_;
    if (strand != nullptr)
        free_ = strand->next;
    else if (opened_ < max_strands)
        strand = &strands_[opened_++];
    else
        return nullptr;
    const std::uint32_t generation = strand->generation + 1;
    *strand = {};
    strand->executor = this;
    strand->buffer = buffer_;
    strand->ticket = &full_.ticket; // nobody waits there
    strand->generation = generation;
    strand->vector = vectors_.allocate();
    by_vector_[strand->vector] = strand;
    if (!drives_ && (armed_ >> strand->vector & 1) == 0)
        arm(strand->vector); // for good: the vector, not the strand, is registered
    ++live_;
    return strand;
}

void Executor::close_strand(Strand& strand) {
    vectors_.release(strand.vector);
    by_vector_[strand.vector] = nullptr;
    ++strand.generation; // old task words find nothing
    strand.next = free_;
    free_ = &strand;
    --live_;
}

std::uint64_t Executor::task_word(const Strand& strand) {
    const auto index = static_cast<std::uint64_t>(&strand - strand.executor->strands_);
    return ((first_strand_id + index) | std::uint64_t{strand.generation & 0xffff} << generation_shift) << word_shift;
}

void Executor::refuse(Strand& strand) {
    strand.ticket = dead_ ? &gone_.ticket : &full_.ticket;
    ++statistics_.refused;
    make_ready(strand);
}

// --- Running

Stopped Executor::run() {
    while (true) {
        run_ready();
        flush();
        if (live_ == 0) return dead_ ? Stopped::Dead : Stopped::Finished;
        dispatcher_.look();
        if (resumed_ || ready_head_ != nullptr) continue;
        if (dead_) return Stopped::Dead; // strands that park for ever are left
        const bool go_on = drives_ ? drive() : watch();
        if (!go_on) return Stopped::Stalled;
    }
}

void Executor::run_ready() {
    while (Strand* strand = ready_head_) {
        ready_head_ = strand->next;
        strand->resume.resume();
    }
}

// Publishes the batch. The kernel is rung only if it sleeps, once.
void Executor::flush() {
    if (buffer_->unpublished() == 0) return;
    outstanding_ += buffer_->unpublished();
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

// Strands go on right here, in the ring's order: none passes through the ready list. All of the batch counts as
// answered before the first of them runs.
void Executor::drain() {
    resumed_ = false;
    const auto resume = [this](void* waiter) {
        if (waiter == nullptr) [[unlikely]] {
            ++statistics_.spurious;
            ++outstanding_;
            return;
        }
        static_cast<Strand*>(waiter)->resume.resume();
    };
    const auto answered = [this](std::uint32_t count) {
        resumed_ = count != 0;
        outstanding_ -= count;
    };
    if (!buffer_->drain(resume, answered)) die();
    if (dead_) outstanding_ = 0; // perhaps found by a batch that was published meanwhile
}

bool Executor::drive() {
    if (outstanding_ == 0) return take_words(); // whoever is left waits for a task word
    ++statistics_.drives;
    if (!doorbell_->drive(outstanding_)) {
        die();
        return true;
    }
    if (buffer_->has_completions()) {
        idle_drives_ = 0;
        return true;
    }
    return ++idle_drives_ < patience;
}

// --- Waiting, with TAIC

// Nothing is ready: direct wake-ups may come, for a while, then a notification.
bool Executor::watch() {
    if (queue_is_dead()) {
        die();
        return true;
    }
    std::uint32_t& ustate = buffer_->control().ustate;
    __atomic_exchange_n(&ustate, TAIL4_ASYNC_POLLING, __ATOMIC_ACQ_REL);
    full_fence(); // partner: the kernel's fence between its publication and its look at ustate
    if (buffer_->has_completions()) {
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

// Looks at the device now and then, ever more rarely, so that others get at it; at the ring's tail in between.
bool Executor::wait_for_words() {
    std::uint32_t gap = smallest_gap;
    for (std::uint32_t left = spin_; left != 0; --left) {
        if (take_words()) return true;
        for (std::uint32_t i = 0; i < gap; ++i) {
            if (buffer_->has_completions()) return true;
        }
        gap = gap < largest_gap ? 2 * gap : gap;
    }
    return false;
}

bool Executor::sleep() {
    if (outstanding_ == 0) { // only parked strands, and their words signal no notification
        awake();
        return true;
    }
    std::uint32_t& ustate = buffer_->control().ustate;
    // Withdraws the promise to look; whoever completes something from now on signals the notification.
    __atomic_exchange_n(&ustate, TAIL4_ASYNC_BLOCKED, __ATOMIC_ACQ_REL);
    full_fence();
    if (!buffer_->has_completions() && !take_words() && !queue_is_dead()) {
        ++statistics_.sleeps;
        doorbell_->wait();
    }
    awake();
    take_words();
    return true;
}

void Executor::awake() { __atomic_exchange_n(&buffer_->control().ustate, TAIL4_ASYNC_RUNNING, __ATOMIC_ACQ_REL); }

bool Executor::take_words() {
    for (std::uint32_t taken = 0; taken < most_words; ++taken) {
        const std::uint64_t word = doorbell_->poll();
        if (word == 0) return taken != 0;
        ++statistics_.wakes;
        take_word(word);
    }
    return true;
}

// A word may be late, double or forged: nothing is believed but what the tables say.
void Executor::take_word(std::uint64_t word) {
    const std::uint64_t id = word >> word_shift;
    if (id == 1) return; // vector 0: the dispatcher, which looks anyway before anybody waits again
    if (id <= Vectors::limit) {
        const auto vector = static_cast<std::uint32_t>(id - 1);
        if (registration_ == Registration::OneShot) arm(vector);
        Strand* strand = by_vector_[vector];
        if (strand != nullptr && strand->ticket->waiter == strand && strand->ticket->claim() != nullptr) {
            --outstanding_;
            make_ready(*strand);
            return;
        }
    } else if (id >= first_strand_id) {
        const std::uint64_t index = (id & ((1U << generation_shift) - 1)) - first_strand_id;
        if (index < opened_ && strands_[index].parked &&
            (strands_[index].generation & 0xffff) == id >> generation_shift) {
            strands_[index].parked = false;
            make_ready(strands_[index]);
            return;
        }
    }
    ++statistics_.spurious;
}

// One-shot registrations are made again before anybody can sleep on the vector (async-design.md 3, E18).
void Executor::arm(std::uint32_t vector) {
    const std::uint64_t reusable = registration_ == Registration::Persistent || vector == 0 ? reusable_bit : 0;
    doorbell_->arm(vector, std::uint64_t{vector + 1} << word_shift | reusable);
    armed_ |= std::uint32_t{1} << vector;
}

// --- The end of a queue

bool Executor::queue_is_dead() const {
    return __atomic_load_n(&buffer_->control().kstate, __ATOMIC_ACQUIRE) == TAIL4_ASYNC_DEAD;
}

// Every strand that waits for the queue is told.
void Executor::die() {
    if (dead_) return;
    dead_ = true;
    buffer_->close();
    for (std::uint32_t i = 0; i < opened_; ++i) {
        Strand& strand = strands_[i];
        if (strand.ticket->waiter != &strand) continue;
        strand.ticket->waiter = nullptr; // the slot may still be written: it is not used again
        strand.ticket = &gone_.ticket;
        make_ready(strand);
    }
    outstanding_ = 0;
}

} // namespace sel4async
