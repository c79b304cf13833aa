// The user's end of a queue's shared area: free slots, the submission ring, the completion ring. Works on a pointer, so
// the same code runs against a fake kernel on the host. What this side must be able to trust (generations, waiters,
// ring positions, free list) is kept outside the shared area: a program that scribbles there harms its own calls only.
// One thread owns the buffer. No atomics per request: push() is plain, publish() is one release store per batch.
// Source: sel4/async_abi.h; async-design.md 6.2, 6.4.
#pragma once

#include <cstddef>
#include <cstdint>
#include <sel4/async_request.hpp>

namespace sel4async {

class SlotBuffer {
public:
    static constexpr std::uint32_t max_slots = 2048;
    static constexpr std::uint32_t none = ~std::uint32_t{0};
    static constexpr std::uint32_t wide_groups = 4; // kept apart, so that wide requests never starve

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
        sq_tail_ = published_ = control->sq_tail;
        cq_head_ = control->cq_head;
        free_ = wide_free_ = none;
        const std::uint32_t narrow = mask_ + 1 - wide_groups * TAIL4_ASYNC_WIDE_SLOTS;
        for (std::uint32_t i = 0; i < wide_groups; ++i) release_wide(narrow + i * TAIL4_ASYNC_WIDE_SLOTS);
        for (std::uint32_t i = narrow; i-- > 0;) release(i);
        return true;
    }

    std::uint32_t capacity() const { return mask_ + 1; }
    tail4_AsyncControl& control() { return *control_; }
    tail4_AsyncSlot& slot(std::uint32_t index) { return slots_[index]; }

    // --- Slots, last in first out: the hot ones again.
    std::uint32_t allocate() { return take(free_); }
    std::uint32_t allocate_wide() { return take(wide_free_); }
    void release(std::uint32_t index) { give(free_, index); }
    void release_wide(std::uint32_t index) { give(wide_free_, index); }

    // A new use of the slot: its generation, never 0, and who waits for it.
    std::uint32_t begin(std::uint32_t index, void* waiter) {
        Ticket& ticket = tickets_[index];
        ticket.waiter = waiter;
        ticket.generation = (ticket.generation + 2) | 1; // odd, so never 0
        return ticket.generation;
    }
    std::uint32_t generation(std::uint32_t index) const { return tickets_[index].generation; }

    // --- Submission
    void push(std::uint32_t index) {
        sq_[sq_tail_ & mask_] = index;
        ++sq_tail_;
    }
    std::uint32_t unpublished() const { return sq_tail_ - published_; }
    std::uint32_t submitted() const { return sq_tail_; }
    void publish() {
        // Release: slots and ring entries before the tail; the kernel's acquire load is the partner.
        __atomic_store_n(&control_->sq_tail, sq_tail_, __ATOMIC_RELEASE);
        published_ = sq_tail_;
    }

    // --- Completion
    bool is_done(std::uint32_t index) const {
        return __atomic_load_n(&slots_[index].done, __ATOMIC_ACQUIRE) == tickets_[index].generation;
    }
    // The waiter of a completed request, once; null if it is not complete or nobody waits.
    void* claim(std::uint32_t index) {
        Ticket& ticket = tickets_[index];
        if (ticket.waiter == nullptr || !is_done(index)) return nullptr;
        void* waiter = ticket.waiter;
        ticket.waiter = nullptr;
        return waiter;
    }
    // Gives up on a request, whatever becomes of it.
    void* abandon(std::uint32_t index) {
        void* waiter = tickets_[index].waiter;
        tickets_[index].waiter = nullptr;
        return waiter;
    }

    bool has_completions() { return __atomic_load_n(&control_->cq_tail, __ATOMIC_ACQUIRE) != cq_head_; }
    // Hands the waiter of each completed request to `take`. False: the ring is corrupt.
    template <class Take>
    [[nodiscard]] bool drain(Take take) {
        const std::uint32_t tail = __atomic_load_n(&control_->cq_tail, __ATOMIC_ACQUIRE);
        std::uint32_t head = cq_head_;
        if (tail - head > mask_ + 1) [[unlikely]]
            return false;
        const std::uint32_t mask = mask_;
        for (; head != tail; ++head) {
            const std::uint32_t index = __atomic_load_n(&cq_[head & mask], __ATOMIC_RELAXED);
            if (index > mask) [[unlikely]]
                return false;
            // `done` was written before cq_tail, which was read with acquire.
            Ticket& ticket = tickets_[index];
            void* waiter = ticket.waiter;
            if (__atomic_load_n(&slots_[index].done, __ATOMIC_RELAXED) != ticket.generation) [[unlikely]]
                waiter = nullptr;
            else
                ticket.waiter = nullptr;
            take(waiter);
        }
        cq_head_ = head;
        // Tells observers how far we are; the kernel does not read it.
        __atomic_store_n(&control_->cq_head, head, __ATOMIC_RELAXED);
        return true;
    }

private:
    struct Ticket {
        void* waiter = nullptr;
        std::uint32_t generation = 0;
        std::uint32_t next = 0;
    };

    static std::uint32_t* words(unsigned char* bytes) { return static_cast<std::uint32_t*>(static_cast<void*>(bytes)); }
    std::uint32_t take(std::uint32_t& head) {
        const std::uint32_t index = head;
        if (index != none) head = tickets_[index].next;
        return index;
    }
    void give(std::uint32_t& head, std::uint32_t index) {
        tickets_[index].next = head;
        head = index;
    }

    tail4_AsyncControl* control_ = nullptr;
    std::uint32_t* sq_ = nullptr;
    std::uint32_t* cq_ = nullptr;
    tail4_AsyncSlot* slots_ = nullptr;
    std::uint32_t mask_ = 0;
    std::uint32_t sq_tail_ = 0;
    std::uint32_t published_ = 0;
    std::uint32_t cq_head_ = 0;
    std::uint32_t free_ = 0;
    std::uint32_t wide_free_ = 0;
    Ticket tickets_[max_slots];
};

} // namespace sel4async
