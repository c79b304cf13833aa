// The user's end of a queue's shared area: free slots, the submission ring, the completion ring. Works on a pointer, so
// the same code runs against a fake kernel on the host. What this side must be able to trust (generations, waiters,
// ring positions, free list) is kept outside the shared area: a program that scribbles there harms its own calls only.
// One thread owns the buffer; it does not move. No atomics per request: push() is plain, publish() is one release store
// per batch. Source: sel4/async_abi.h; async-design.md 6.2, 6.4.
#pragma once

#include <cstddef>
#include <cstdint>
#include <sel4/async_request.hpp>
#include <sel4async/fences.hpp>
#include <sel4async/places.hpp>
#include <utility>

namespace sel4async {

struct Ticket;

// Who is told of a completion when no strand is to be resumed: groups of requests, and requests given up.
struct Listener {
    void (*completed)(Listener& self, Ticket& ticket) = nullptr;
};

// Who waits for a slot, in one word: 0 nobody, above 0 whoever was named to begin(), below 0 a Listener. One comparison
// on the hot path tells the usual case from both others.
using Waiter = std::intptr_t;

// What this side knows of a slot, never in shared memory. Two share a line: what many tasks wait with is to fit the
// cache.
struct alignas(32) Ticket {
    union {
        Ticket* next = nullptr; // while it is free
        Ticket** home; // while it is taken: the free list it goes back to. A ticket that is its own home stays there
    };
    void* who = nullptr; // a Waiter, kept as a pointer: a store of it cannot hit a request's arguments (aliasing)
    tail4_AsyncSlot* slot = nullptr;
    std::uint32_t generation = 0;
    std::uint16_t index = 0;
    std::uint8_t level = 0; // what it counts as; 0: it is not counted

    // A new use of the slot: its generation, never 0, and who waits for it.
    std::uint32_t begin(void* waiting) {
        who = waiting;
        return generation += 2;
    }
    std::uint32_t begin_for(Listener& listener) {
        listen(listener);
        return generation += 2;
    }
    void listen(Listener& listener) { who = reinterpret_cast<void*>(-reinterpret_cast<Waiter>(&listener)); }
    Waiter waiter() const { return reinterpret_cast<Waiter>(who); }
    bool waited_for() const { return who != nullptr; }
    void release() {
        Ticket** const list = home;
        next = *list;
        *list = this;
    }
    void stay_at_home() { home = &next; }
    // Asks the kernel not to carry it out. Only while somebody waits: then the slot is still this request's.
    void cancel() const { __atomic_fetch_or(&slot->flags, TAIL4_ASYNC_SLOT_CANCEL, __ATOMIC_RELAXED); }
    // The waiter, once, when the request is complete.
    void* claim() {
        if (waiter() <= 0 || __atomic_load_n(&slot->done, __ATOMIC_ACQUIRE) != generation) return nullptr;
        return std::exchange(who, nullptr);
    }
};

// Where a taken ticket is in the group of requests it belongs to: beside the tickets, as few have one.
struct GroupPlace {
    Ticket* sibling = nullptr;
    std::uint32_t position = 0;
};

// Free slots, last in first out: the hot ones again. A set of its own, because a strand that must not take slots just
// so (cancelled, or counted by its priority) is given an empty one, and nothing is asked on the way of the others.
class FreeSlots {
public:
    // Null: none is free.
    Ticket* take() { return pop(free_); }
    Ticket* take_wide() { return pop(wide_free_); }
    // At least `count` narrow ones are there.
    bool has(std::uint32_t count) const {
        const Ticket* ticket = free_;
        for (; count != 0 && ticket != nullptr; --count) ticket = ticket->next;
        return count == 0;
    }

protected:
    Ticket* free_ = nullptr;
    Ticket* wide_free_ = nullptr;

private:
    static Ticket* pop(Ticket*& head) {
        Ticket* ticket = head;
        if (ticket != nullptr) [[likely]] {
            head = ticket->next;
            ticket->home = &head;
        }
        return ticket;
    }
};

class SlotBuffer : places::Reserved<places::buffer>, public FreeSlots {
public:
    static constexpr std::uint32_t max_slots = 2048; // a ticket's index has 16 bits
    static constexpr std::uint32_t none = ~std::uint32_t{0};
    static constexpr std::uint32_t wide_groups = 4; // kept apart, so that wide requests never starve
    // Given out first. Not 0: where pages begin lie page tables' and objects' first lines (kernel/docs/cache_sets.md).
    static constexpr std::uint32_t first_slot = 24;

    // `shared` is the mapped area. False: it is none, or of another version.
    [[nodiscard]] bool attach(void* shared) {
        auto* control = static_cast<tail4_AsyncControl*>(shared);
        const std::uint32_t bits = control->size_bits;
        if (control->magic != TAIL4_ASYNC_MAGIC || control->version != TAIL4_ASYNC_VERSION ||
            bits < TAIL4_ASYNC_MIN_SIZE_BITS || bits > TAIL4_ASYNC_MAX_SIZE_BITS)
            return false;
        auto* bytes = static_cast<unsigned char*>(shared);
        control_ = control;
        mask_ = tail4_async_slots(bits) - 1;
        sq_ = words(bytes + tail4_async_sq_offset());
        cq_ = words(bytes + tail4_async_cq_offset(bits));
        slots_ = static_cast<tail4_AsyncSlot*>(static_cast<void*>(bytes + tail4_async_slots_offset(bits)));
        sq_end_ = sq_ + mask_ + 1;
        sq_tail_ = control->sq_tail;
        cursor_ = sq_ + (sq_tail_ & mask_);
        mark_ = cursor_ - sq_;
        cq_head_ = control->cq_head;
        limit_ = max_slots;
        aim();
        table_ = tickets_.at;
        free_ = wide_free_ = nullptr;
        const std::uint32_t narrow = mask_ + 1 - wide_groups * TAIL4_ASYNC_WIDE_SLOTS;
        for (std::uint32_t place = mask_ + 1; place-- > 0;) {
            const std::uint32_t i = (place + first_slot) & mask_;
            Ticket& ticket = tickets_[i];
            ticket.who = nullptr;
            ticket.level = 0;
            ticket.home = i < narrow ? &free_ : &wide_free_;
            ticket.slot = slots_ + i;
            ticket.index = static_cast<std::uint16_t>(i);
            ticket.generation |= 1; // and stays odd, so it is never 0
            if (i < narrow || i % TAIL4_ASYNC_WIDE_SLOTS == 0) ticket.release();
        }
        return true;
    }

    std::uint32_t capacity() const { return mask_ + 1; }
    tail4_AsyncControl& control() { return *control_; }
    tail4_AsyncSlot& slot(std::uint32_t index) { return slots_[index]; }

    Ticket& ticket(std::uint32_t index) { return tickets_[index]; }
    GroupPlace& group_place(const Ticket& ticket) { return group_places_[ticket.index]; }
    // The queue is dead: no slot is given out any more, whoever releases one.
    void close() {
        for (Ticket& ticket : tickets_) ticket.home = &lost_;
        free_ = wide_free_ = nullptr;
    }

    // The same by number, for those who work without an executor.
    std::uint32_t allocate() { return index_of(take()); }
    std::uint32_t allocate_wide() { return index_of(take_wide()); }
    void release(std::uint32_t index) { tickets_[index].release(); }
    void release_wide(std::uint32_t index) { tickets_[index].release(); }
    std::uint32_t begin(std::uint32_t index, void* waiter) { return tickets_[index].begin(waiter); }

    // --- Submission
    // True: a batch is full, publish() is due. One look covers that and the end of the ring.
    bool push(std::uint32_t index) {
        *cursor_++ = index;
        if (cursor_ != stop_) [[likely]]
            return false;
        return turn();
    }
    // The last request, if it is not published.
    std::uint32_t take_back() {
        if (cursor_ == sq_) {
            cursor_ = sq_end_;
            mark_ += sq_end_ - sq_;
        }
        const std::uint32_t index = *--cursor_;
        aim();
        return index;
    }
    std::uint32_t unpublished() const { return static_cast<std::uint32_t>(cursor_ - sq_ - mark_); }
    void set_limit(std::uint32_t limit) {
        limit_ = limit;
        aim();
    }
    void publish() {
        sq_tail_ += unpublished();
        // Release: slots and ring entries before the tail; the kernel's acquire load is the partner.
        store_release(control_->sq_tail, sq_tail_);
        mark_ = cursor_ - sq_;
        aim();
    }

    // --- Completion
    // The waiter of a completed request, once; null if it is not complete or nobody waits.
    void* claim(std::uint32_t index) { return tickets_[index].claim(); }
    // Gives up on a request, whatever becomes of it.
    void abandon(std::uint32_t index) { tickets_[index].who = nullptr; }

    bool has_completions() { return __atomic_load_n(&control_->cq_tail, __ATOMIC_ACQUIRE) != cq_head_; }
    // Hands each completed request to take(ticket, waiter); who waits there does so no longer. The waiter is 0 if
    // nobody waited for this completion. False: the ring is corrupt.
    template <class Take>
    [[nodiscard]] bool drain(Take take) {
        return drain(take, [](std::uint32_t) {});
    }
    // `announce` is told first how many entries there are.
    template <class Take, class Announce>
    [[nodiscard]] bool drain(Take take, Announce announce) {
        const std::uint32_t tail = __atomic_load_n(&control_->cq_tail, __ATOMIC_ACQUIRE);
        std::uint32_t head = cq_head_;
        if (tail - head > mask_ + 1) [[unlikely]]
            return false;
        const std::uint64_t mask = mask_;
        const std::uint32_t* cq = cq_;
        Ticket* const tickets = table_;
        announce(tail - head);
        for (; head != tail; ++head) {
            const std::uint64_t index = *static_cast<const volatile std::uint32_t*>(cq + (head & mask));
            if (index > mask) [[unlikely]]
                return false;
            // `done` was written before cq_tail, which was read with acquire.
            Ticket& ticket = tickets[index];
            Waiter waiter = ticket.waiter();
            // It says what it said. A store first: the line crosses once, and not again for the next request.
            __atomic_store_n(&ticket.slot->generation, ticket.generation, __ATOMIC_RELAXED);
            if (*static_cast<const volatile std::uint32_t*>(&ticket.slot->done) != ticket.generation) [[unlikely]]
                waiter = 0;
            else
                ticket.who = nullptr;
            take(ticket, waiter);
        }
        cq_head_ = head;
        // Tells observers how far we are; the kernel does not read it.
        __atomic_store_n(&control_->cq_head, head, __ATOMIC_RELAXED);
        return true;
    }

private:
    static std::uint32_t* words(unsigned char* bytes) { return static_cast<std::uint32_t*>(static_cast<void*>(bytes)); }
    static std::uint32_t index_of(const Ticket* ticket) { return ticket == nullptr ? none : ticket->index; }
    [[gnu::noinline]] bool turn() {
        if (cursor_ == sq_end_) {
            cursor_ = sq_;
            mark_ -= sq_end_ - sq_;
        }
        aim();
        return unpublished() >= limit_;
    }
    // `stop_` is the next place where push() has to think.
    void aim() {
        const std::uint32_t waiting = unpublished();
        const std::ptrdiff_t left = limit_ > waiting ? limit_ - waiting : 1;
        stop_ = sq_end_ - cursor_ < left ? sq_end_ : cursor_ + left;
    }

    std::uint32_t* cursor_ = nullptr; // next entry of the submission ring
    std::uint32_t* stop_ = nullptr;
    Ticket* lost_ = nullptr;
    tail4_AsyncControl* control_ = nullptr;
    std::uint32_t* sq_ = nullptr;
    std::uint32_t* sq_end_ = nullptr;
    std::uint32_t* cq_ = nullptr;
    Ticket* table_ = nullptr; // tickets_: one addition less for each completion
    tail4_AsyncSlot* slots_ = nullptr;
    std::ptrdiff_t mark_ = 0; // where `cursor_` was when the tail was published; less after the ring's end
    std::uint32_t mask_ = 0;
    std::uint32_t limit_ = 0;
    std::uint32_t sq_tail_ = 0;
    std::uint32_t cq_head_ = 0;
    GroupPlace group_places_[max_slots];
    places::Placed<Ticket, max_slots, places::first_ticket - first_slot * sizeof(Ticket)> tickets_;
};

} // namespace sel4async
