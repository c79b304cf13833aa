// A queue on the real kernel: binds and maps the object, and is the executor's doorbell. What is wanted may not be had
// (no TAIC, or its queues are lent out; no notification): then the next best kind is taken, and kind() says which.
// The caller made the object and the page tables. The TAIC page serves a whole process: one thread uses it.
// Source: sel4/async_abi.h; async-design.md 8.2, 10.24.
#pragma once

#include <sel4/sel4.h>
#include <sel4async/doorbell.hpp>
#include <sel4async/slot_buffer.hpp>
#include <sel4async/user_interrupts.hpp>

namespace sel4async {

class KernelDoorbell final : public Doorbell {
public:
    void connect(CPtr queue, CPtr notification, DoorbellKind kind, bool other_harts) {
        queue_ = queue;
        notification_ = notification;
        kind_ = kind;
        other_harts_ = other_harts;
    }
    // The wake-ups are interrupts of the calling thread: the kernel's, and those of channel peers (UintcBell). A bit,
    // whichever it is, means that there is something to look at.
    void use_interrupts(UserInterrupts& interrupts) { interrupts_ = &interrupts; }
    // The TAIC page is mapped there; `control` says how the kernel is called.
    void use_taic(std::uint64_t page, const tail4_AsyncControl& control);
    bool has_taic() const { return page_ != 0; }
    DoorbellKind kind() const { return kind_; }

    // What other processes know this one's TAIC queue by; 0: it has none.
    std::uint32_t taic_process() const { return process_; }
    // From now on that process and this one may wake each other (ring_peer): the word means that there is something to
    // look at. Takes a slot of each table; once per peer (taic.md 3.6, Q2).
    void add_peer(std::uint32_t process);
    void ring_peer(std::uint32_t process);

    bool drives() const override {
        return kind_ == DoorbellKind::Trap || (kind_ == DoorbellKind::Taic && !other_harts_);
    }
    bool other_harts() const override { return other_harts_; }
    bool drive(std::uint64_t budget) override;
    std::uint64_t execute(std::uint32_t slot) override;
    void ring() override;
    std::uint64_t poll() override;
    void arm(std::uint32_t vector, std::uint64_t handler) override;
    void wait() override;
    std::uint64_t now() override;
    void idle() override;

private:
    CPtr queue_ = 0;
    CPtr notification_ = 0;
    std::uint64_t page_ = 0;
    UserInterrupts* interrupts_ = nullptr;
    std::uint64_t kernel_os_ = 0;
    std::uint32_t kernel_process_ = 0;
    std::uint32_t kernel_vector_ = 0;
    std::uint32_t process_ = 0;
    DoorbellKind kind_ = DoorbellKind::Trap;
    bool other_harts_ = false;
};

struct QueueSetup {
    CPtr queue;        // the object
    CPtr cspace;       // where its requests look capabilities up
    CPtr vspace;       // where it is mapped
    CPtr notification; // 0: none, then nobody can sleep: only Trap and Poll
    std::uint64_t shared_vaddr;
    std::uint64_t doorbell_vaddr;
    DoorbellKind doorbell;
    bool other_harts; // the kernel may run on another hart meanwhile
    // For Uintc: the thread's own, started. `notification` is the one they were started with, its badge the
    // vector of the kernel's wake-ups.
    UserInterrupts* interrupts = nullptr;
};

class Queue {
public:
    // Also what a partial failure left behind is undone with the object.
    [[nodiscard]] seL4_Error connect(const QueueSetup& setup);

    SlotBuffer& buffer() { return buffer_; }
    KernelDoorbell& doorbell() { return doorbell_; }
    bool has_taic() const { return doorbell_.has_taic(); }
    DoorbellKind kind() const { return doorbell_.kind(); }

private:
    SlotBuffer buffer_;
    KernelDoorbell doorbell_;
};

} // namespace sel4async
