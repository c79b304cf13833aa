// The user's executor: runs strands (a started task with all it awaits), gathers the requests they make into batches,
// and sleeps without ever losing a wake-up. A software list stands in front of TAIC: what becomes ready here costs no
// device access; the hardware queue brings only what the kernel or another hart sends.
//
// Order of things, for ever: run all that is ready; publish the batch (one store, one fence, at most one doorbell); let
// the dispatcher resume who is in the completion ring; then drive the kernel (one hart), or watch TAIC and at last
// sleep. Task words: ids 1..32 are vectors + 1; from 64 on strands, index and generation. One thread owns an executor.
// Source: async-design.md 6.2, 6.5, 9.1 to 9.6; sel4/async_abi.h.
#pragma once

#include <coroutine>
#include <cstdint>
#include <sel4async/dispatcher.hpp>
#include <sel4async/doorbell.hpp>
#include <sel4async/reply.hpp>
#include <sel4async/slot_buffer.hpp>
#include <sel4async/vectors.hpp>

namespace sel4async {

class Executor;

// One line of execution. `resume` is its innermost coroutine, at all times: tasks change it when they begin and end.
struct Strand {
    std::coroutine_handle<> resume;
    SlotBuffer* buffer;
    Ticket* ticket; // of the request it waits for; a refused one has a ticket, too, whose slot says why
    std::uint32_t vector;
    std::uint32_t generation;
    Executor* executor;
    Strand* next;
    bool parked; // waits for its own task word
};

// Why run() came back.
enum class Stopped : std::uint8_t {
    Finished, // no strand is left
    Dead,     // the queue is; every strand was told so and is finished
    Stalled   // requests are outstanding that the kernel does not answer (a corrupted queue)
};

enum class Registration : std::uint8_t { Persistent, OneShot };

struct Statistics {
    std::uint64_t batches;   // publications of the submission tail
    std::uint64_t doorbells; // user to kernel, through TAIC
    std::uint64_t drives;    // user to kernel, by trap
    std::uint64_t wakes;     // kernel to user, through TAIC
    std::uint64_t sleeps;    // kernel to user, by notification
    std::uint64_t spurious;  // words and completions that nobody waited for
    std::uint64_t refused;   // no slot
};

class Executor {
public:
    static constexpr std::uint32_t max_strands = 512;
    static constexpr std::uint32_t first_strand_id = 64;
    static constexpr std::uint32_t generation_shift = 16;

    // `buffer` is attached. False: no memory for the dispatcher's frame.
    [[nodiscard]] bool init(SlotBuffer& buffer, Doorbell& doorbell,
                            Registration registration = Registration::Persistent);

    Stopped run();

    const Statistics& statistics() const { return statistics_; }
    void reset_statistics() { statistics_ = {}; }
    std::uint32_t outstanding() const { return outstanding_; }
    std::uint32_t live() const { return live_; }
    // Requests gathered before the tail is published although strands are still ready.
    void set_batch(std::uint32_t limit) { buffer_->set_limit(limit); }
    void set_spin(std::uint32_t polls) { spin_ = spin_limit_ = polls; }
    // Enqueued on the process' TAIC page by whoever, this word wakes the strand from park().
    static std::uint64_t task_word(const Strand& strand);

    // --- Used by tasks.
    Strand* open_strand();
    void close_strand(Strand& strand);
    void make_ready(Strand& strand) {
        strand.next = nullptr;
        if (ready_head_ == nullptr)
            ready_head_ = &strand;
        else
            ready_tail_->next = &strand;
        ready_tail_ = &strand;
    }
    // Lets `write(slot, vec, generation)` put the strand's request into a slot. The strand suspends in any case: if
    // there is no slot, it is ready at once, and its reply says why.
    template <class Write>
    [[gnu::always_inline]] static void begin(Strand& strand, Write write) {
        submit(strand, strand.buffer->take(), write);
    }
    template <class Write>
    static void begin_wide(Strand& strand, Write write) {
        submit(strand, strand.buffer->take_wide(), write);
    }
    [[gnu::always_inline]] static Reply finish(const Strand& strand) {
        Ticket& ticket = *strand.ticket;
        ticket.release(); // nobody takes it before the reply is copied
        return Reply(*ticket.slot);
    }
    // The dispatcher: resumes who waits for the completions in the ring.
    void drain();

private:
    // The answer to requests that have no slot: a slot of our own that says why.
    struct Refusal {
        tail4_AsyncSlot slot{};
        Ticket* nowhere = nullptr;
        Ticket ticket{};
        void init(std::uint32_t error) {
            slot.status = tail4_async_status(error, 0);
            ticket.home = &nowhere;
            ticket.slot = &slot;
        }
    };

    template <class Write>
    [[gnu::always_inline]] static void submit(Strand& strand, Ticket* ticket, Write write) {
        if (ticket == nullptr) [[unlikely]] {
            strand.executor->refuse(strand);
            return;
        }
        strand.ticket = ticket;
        write(*ticket->slot, strand.vector, ticket->begin(&strand));
        if (strand.buffer->push(ticket->index)) [[unlikely]]
            strand.executor->flush();
    }
    void refuse(Strand& strand);
    void arm(std::uint32_t vector);
    void run_ready();
    void flush();
    bool drive();
    bool watch();
    bool wait_for_words();
    bool take_words();
    void take_word(std::uint64_t word);
    bool sleep();
    void awake();
    void die();
    bool queue_is_dead() const;

    SlotBuffer* buffer_ = nullptr;
    Doorbell* doorbell_ = nullptr;
    Dispatcher dispatcher_;
    Strand* ready_head_ = nullptr;
    Strand* ready_tail_ = nullptr;
    Strand* free_ = nullptr;
    std::uint32_t opened_ = 0; // strands_ ever used
    std::uint32_t live_ = 0;
    std::uint32_t outstanding_ = 0;
    std::uint32_t spin_ = 0;
    std::uint32_t spin_limit_ = 0;
    std::uint32_t armed_ = 0; // bits: vectors registered with TAIC
    std::uint32_t idle_drives_ = 0;
    Registration registration_ = Registration::Persistent;
    bool drives_ = false;
    bool resumed_ = false; // by the last look at the ring
    bool dead_ = false;
    Refusal full_;
    Refusal gone_;
    Vectors vectors_;
    Statistics statistics_{};
    Strand* by_vector_[Vectors::limit] = {};
    Strand strands_[max_strands] = {};
};

} // namespace sel4async
