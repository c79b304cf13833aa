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
#include <sel4async/source.hpp>
#include <sel4async/strand.hpp>
#include <sel4async/timers.hpp>
#include <sel4async/vectors.hpp>

namespace sel4async {

// Why run() came back.
enum class Stopped : std::uint8_t {
    Finished, // no strand is left
    Dead,     // the queue is; every strand was told so and is finished
    Stalled,  // requests are outstanding that the kernel does not answer (a corrupted queue), or nobody can wake who
              // waits
    Nested    // called by one of its own strands: nothing was done
};

struct Statistics {
    std::uint64_t batches;   // publications of the submission tail
    std::uint64_t doorbells; // user to kernel, through TAIC
    std::uint64_t drives;    // user to kernel, by trap
    std::uint64_t wakes;     // kernel to user, through TAIC
    std::uint64_t direct;    // those of them that came by the vector of a task
    std::uint64_t sleeps;    // kernel to user, by notification
    std::uint64_t spurious;  // words and completions that nobody waited for
    std::uint64_t refused;   // no slot
    std::uint64_t arms;      // registrations of a vector with TAIC
};

// Strands that wait until some slots are free, in the order they came.
struct SlotWait : Wait {
    Strand* strand = nullptr;
    SlotWait* next = nullptr;
    std::uint32_t count = 0;
};

class Executor : places::Reserved<places::executor> {
public:
    static constexpr std::uint32_t max_strands = 512;
    static constexpr std::uint32_t first_strand_id = 64;
    static constexpr std::uint32_t generation_shift = 16;

    // `buffer` is attached. False: no memory for the dispatcher's frame, or tasks of it are still alive. `registration`
    // is of tasks started without options. The executor outlives its tasks.
    [[nodiscard]] bool init(SlotBuffer& buffer, Doorbell& doorbell,
                            Registration registration = Registration::Persistent);

    Stopped run();

    const Statistics& statistics() const { return statistics_; }
    void reset_statistics() { statistics_ = {}; }
    std::uint32_t outstanding() const { return outstanding_; }
    // Strands, and requests that were given up and are still the kernel's.
    std::uint32_t live() const { return live_; }
    const Options& defaults() const { return defaults_; }
    // So many places of the TAIC queue are other processes' (TaicBell), not vectors. Before the first strand.
    void share_receivers(std::uint32_t places);
    // Requests gathered before the tail is published although strands are still ready.
    void set_batch(std::uint32_t limit) { buffer_->set_limit(limit); }
    void set_usual_batch();
    void set_spin(std::uint32_t polls) { spin_ = spin_limit_ = polls; }
    // Looks at the ring before it says that it waits, in units of those polls. 0: every wait is one that the kernel
    // ends.
    void set_first_looks(std::uint32_t looks) { looks_ = looks; }
    void set_usual_looks();
    // False: a request goes through the rings also when it is alone and nobody else has anything to do. Such a one is
    // else carried out by a system call, which costs less than to wake another hart, or to move its lines there and
    // back; a long one keeps this thread in the kernel.
    void set_calls(bool call) { alone_ = !call ? ~std::uint32_t{0} : drives_ ? 0 : 1; }
    // The kernel's priority of requests from strands of a level; 0 is that of the thread that bound the queue. The
    // kernel serves more important queues first, up to that thread's MCP.
    void set_priority(Level level, std::uint8_t priority) { priorities_[level] = priority; }
    std::uint64_t now() const { return doorbell_->now(); }
    std::uint64_t deadline(std::uint64_t ticks) const { return Timers::deadline(now(), ticks); }
    // Enqueued on the process' TAIC page by whoever, this word wakes the strand from park().
    static std::uint64_t task_word(const Strand& strand);

    // Sticky: what the strand waits for is asked to end, and its further requests fail as `cancelled`, until the task
    // takes the cancellation (take_cancellation). However often it is called, it counts once. The strand has not
    // ended: Task::cancel() knows that, this does not.
    void cancel(Strand& strand);
    // The same for each time-out that is over.
    void expire(Strand& strand);
    // True if there were cancellations: they count no longer.
    bool take_cancellation(Strand& strand);
    // Takes back one, unless it was taken; `takes` is of when it was made.
    void uncancel(Strand& strand, std::uint32_t takes);
    // The strand ends where it is; its frames are destroyed by the caller, next. Its slot is free again when the kernel
    // has completed the request. Not for the strand that runs.
    void abandon(Strand& strand);
    // It waits for nothing: it is the one that runs.
    bool runs(const Strand& strand) const;

    // While frames are destroyed by kill(), the running tasks they own are killed, too.
    class Killing {
    public:
        explicit Killing(Executor& executor) : executor_(executor) { ++executor_.killing_; }
        Killing(const Killing&) = delete;
        Killing& operator=(const Killing&) = delete;
        ~Killing() { --executor_.killing_; }

    private:
        Executor& executor_;
    };
    bool killing() const { return killing_ != 0; }

    // --- Used by tasks.
    // The running strand suspends, and goes on at `handle` as soon as it has returned to the executor. A loop in place
    // of a jump from coroutine to coroutine: that one is a call wherever the compiler makes no tail call of it, and
    // tasks that end at once would pile up on the stack.
    void go_on(Strand& strand, std::coroutine_handle<> handle) {
        strand.resume = handle;
        next_ = handle;
    }
    Strand* open_strand(const Options& options);
    void close_strand(Strand& strand);
    void make_ready(Strand& strand) {
        Queue& queue = ready_[strand.level];
        strand.next = nullptr;
        if (queue.head == nullptr)
            queue.head = &strand;
        else
            queue.tail->next = &strand;
        queue.tail = &strand;
        ready_bits_ |= 1U << strand.level;
    }
    // Lets `write(slot, vec, generation)` put the strand's request into a slot. The strand suspends in any case: if
    // there is no slot, it is ready at once, and its reply says why.
    template <class Write>
    [[gnu::always_inline]] static void begin(Strand& strand, Write write) {
        Ticket* ticket = strand.slots->take();
        if (ticket == nullptr) [[unlikely]]
            begin_slowly(strand, false, write); // nothing after it, so that nothing is reloaded on the usual way
        else
            submit(strand, static_cast<SlotBuffer&>(*strand.slots), *ticket, write); // not empty: the queue's own set
    }
    template <class Write>
    static void begin_wide(Strand& strand, Write write) {
        begin_slowly(strand, true, write);
    }
    [[gnu::always_inline]] static Reply finish(const Strand& strand) {
        Ticket& ticket = *strand.ticket;
        ticket.release(); // nobody takes it before the reply is copied
        return Reply(*ticket.slot);
    }
    [[gnu::always_inline]] static std::uint32_t finish_error(const Strand& strand) {
        Ticket& ticket = *strand.ticket;
        ticket.release();
        return error_of(*ticket.slot);
    }
    // The dispatcher: resumes who waits for the completions in the ring.
    void drain();

    // --- Used by groups of requests (flight.hpp).
    // A slot for the strand, whatever its level; null: none, `error` says why.
    Ticket* reserve(const Strand& strand, bool wide, std::uint32_t& error);
    void unreserve(Ticket& ticket); // it was not sent
    SlotBuffer& buffer() { return *buffer_; }
    void flush();
    // The request is not wanted any more: cancelled if the kernel has not begun it; the slot comes back by itself.
    void orphan(Ticket& ticket);

    // --- Used by waits for time and for slots.
    [[nodiscard]] bool add(Timer& timer); // false: no place
    void remove(Timer& timer);
    bool has_place_for_timer() const { return !timers_.full(); }
    void wait_for_slots(SlotWait& wait);
    bool forget(SlotWait& wait); // false: it was woken already
    void park(Strand& strand);   // until its task word comes
    bool unpark(Strand& strand); // false: it was not parked

    // --- Used by groups of tasks: those that share a task with another group.
    detail::Join* sharing() const { return sharing_; } // in the order they came
    void share(detail::Join& group);
    void unshare(detail::Join& group);

    // --- Used by channels.
    void add(Source& source);
    void remove(Source& source);

private:
    // The answer to requests that have no slot: a slot of our own that says why.
    struct Refusal {
        tail4_AsyncSlot slot{};
        Ticket ticket{};
        void init(std::uint32_t error) {
            slot.status = tail4_async_status(error, 0);
            ticket.stay_at_home();
            ticket.slot = &slot;
        }
    };

    template <class Write>
    [[gnu::always_inline]] static void submit(Strand& strand, SlotBuffer& buffer, Ticket& ticket, Write write) {
        strand.ticket = &ticket;
        write(*ticket.slot, strand.vector, ticket.begin(&strand));
        if (buffer.push(ticket.index)) [[unlikely]]
            strand.executor->flush();
    }
    template <class Write>
    [[gnu::noinline, gnu::cold]] static void begin_slowly(Strand& strand, bool wide, Write write) {
        Ticket* ticket = strand.executor->reserve_or_refuse(strand, wide);
        if (ticket != nullptr) submit(strand, *strand.executor->buffer_, *ticket, write);
    }
    Ticket* reserve_or_refuse(Strand& strand, bool wide);
    struct Orphans : Listener {
        Executor* executor;
    };
    // First in, first out.
    struct Queue {
        Strand* head;
        Strand* tail;
    };
    void give_vector(Strand& strand);
    void resume(std::coroutine_handle<> handle) {
        handle.resume();
        while (next_ != nullptr) [[unlikely]] std::exchange(next_, nullptr).resume();
    }
    void interrupt(Strand& strand);
    bool tasks_are_alive() const;
    Stopped run_all();
    void aim(Strand& strand) {
        strand.slots = strand.cancels != 0 || strand.level != default_level ? &no_slots_ : buffer_;
    }
    bool ready(const Strand& strand) const;
    void unready(Strand& strand);
    void settle(Ticket& ticket);
    void claim(Strand& strand);
    void tell(Ticket& ticket, Waiter waiter);
    static void bury(Listener& self, Ticket& ticket);
    void publish_priority();
    void attend();
    std::uint32_t preferred_vectors(Registration registration) const;
    void arm(std::uint32_t vector, Registration registration);
    bool run_ready();
    bool execute();
    bool drive();
    bool watch();
    bool completes_soon();
    bool wait_for_words();
    bool take_words();
    void take_word(std::uint64_t word);
    bool take_vector(std::uint32_t vector);
    bool answer(std::uint32_t vector);
    bool take_done();
    bool pass_time();
    bool await_sources();
    bool sources_awaited() const;
    bool announce(std::uint32_t state);
    bool sources_have_news();
    bool sleep();
    void awake();
    void die();
    bool queue_is_dead() const;

    SlotBuffer* buffer_ = nullptr;
    Doorbell* doorbell_ = nullptr;
    std::coroutine_handle<> next_; // what the running strand goes on with
    Dispatcher dispatcher_;
    std::uint32_t ready_bits_ = 0; // levels with a ready strand
    std::uint32_t live_ = 0;
    std::uint32_t outstanding_ = 0;
    std::uint32_t attention_ = 0; // timers, waits for slots, sources, parked strands, and one for TAIC
    std::uint32_t alone_ = 0;     // `attention_` of an executor that calls what is alone
    std::uint32_t ranked_ = 0;    // strands of another level than the usual one
    bool drives_ = false;
    bool resumed_ = false; // by the last look at the ring
    bool dead_ = false;
    bool running_ = false;
    bool preempted_ = false; // a request that was called: it goes on by drive()
    // Up to here it is one line of the cache, and all that a round needs.
    std::uint32_t parked_ = 0;
    std::uint32_t rounds_ = 0;
    std::uint32_t opened_ = 0; // strands_ ever used
    std::uint32_t spin_ = 0;
    std::uint32_t spin_limit_ = 0;
    std::uint32_t looks_ = 0;
    std::uint32_t idle_drives_ = 0;
    std::uint32_t killing_ = 0;
    std::uint32_t armed_ = 0;      // bits: vectors registered with TAIC
    std::uint32_t persistent_ = 0; // those of them that stay so
    Options defaults_{0, Registration::Persistent, false};
    FreeSlots no_slots_;
    Strand* free_ = nullptr;
    Queue ready_[levels] = {};
    std::uint32_t pending_[levels] = {}; // counted requests of each level
    std::uint8_t priorities_[levels] = {};
    Orphans orphans_{};
    SlotWait* slot_waits_ = nullptr;
    Source* sources_ = nullptr;
    Strand* last_asked_ = nullptr; // of those whose waits are being interrupted
    detail::Join* sharing_ = nullptr;
    Refusal full_;
    Refusal gone_;
    Refusal cancelled_;
    Vectors vectors_;
    Statistics statistics_{};
    Strand* by_vector_[Vectors::limit] = {};
    places::Placed<Strand, max_strands, places::strands> strands_ = {};
    Timers timers_;
};

} // namespace sel4async
