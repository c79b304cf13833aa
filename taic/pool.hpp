// The process queues of a kernel, made at boot and lent to one process after another. A queue that comes back is
// cleaned (taic/reuse.hpp) and lent again only when it has proved to be empty. What stands in the way is freed and
// allocated anew, which clears both tables: registrations that nobody can find, or, on published hardware, one whose
// sender still has an owner. For that all who could send are held, as a send can make the hardware lose a store to its
// allocator (race R3). A queue that fails even then stays aside, and is tried again whenever one comes back.
// What can be found: tags below `vectors` of the kernel, tag 0 of another process; registrations to send there.
// Processes are 1, 2, ...; the kernel is 0. The caller's lock is held. Source: shared TAIC specification, 3.8, 7.1.
#pragma once

#include "taic/reuse.hpp"

namespace taic {

class QueuePool {
public:
    static constexpr std::uint32_t max_processes = 8; // with the kernel
    struct Setup {
        std::uint64_t os;
        std::uint32_t slots;    // of each table
        std::uint32_t vectors;  // tags by which the kernel wakes
        std::uint32_t doorbell; // tag by which a process wakes the kernel
    };

    // Takes all queues that the device has left, as far as the kernel's has a receive slot for each process' doorbell.
    // `replaces` of the hardware is found out here.
    template <Bus B>
    void init(Driver<B> driver, const Setup& setup) {
        setup_ = setup;
        auto allocator = driver.allocator();
        std::uint32_t end =
            driver.geometry().global_queues < max_processes ? driver.geometry().global_queues : max_processes;
        if (setup.slots < end) end = setup.slots + 1;
        for (std::uint32_t p = 1; p < end; ++p) {
            const Maybe<Index> index = allocator.allocate(setup.os, p);
            if (!index) break;
            queues_[p] = *index;
            count_ = p;
            cleaner(driver, p).quieten(); // after a restart a line may be left
        }
        if (count_ != 0) replaces_ = cleaner(driver, 1).is_replacing();
        for (std::uint32_t p = 1; p <= count_; ++p) driver.queue(queues_[p]).register_sender(kernel());
    }

    std::uint32_t count() const { return count_; }
    Index queue(std::uint32_t process) const { return queues_[process]; }
    bool is_aside(std::uint32_t process) const { return (aside_ >> process & 1) != 0; }
    bool replaces() const { return replaces_; }

    // A process whose queue can be lent; 0: none.
    std::uint32_t next() const {
        for (std::uint32_t p = 1; p <= count_; ++p) {
            if (((lent_ | aside_ | lost_) >> p & 1) == 0) return p;
        }
        return 0;
    }
    void lend(std::uint32_t process) { lent_ |= 1U << process; }

    // Nobody has its page mapped any more. send(process, tag): the kernel sends. hold(): nobody else does, until the
    // caller's lock is released.
    template <Bus B, class Send, class Hold>
    void give_back(Driver<B> driver, std::uint32_t process, Send send, Hold hold) {
        lent_ &= ~(1U << process);
        aside_ |= 1U << process;
        for (std::uint32_t p = 1; p <= count_; ++p) {
            if (is_aside(p)) clean(driver, p, send);
        }
        if (aside_ == 0) return;
        hold();
        for (std::uint32_t p = 1; p <= count_; ++p) {
            if (is_aside(p)) renew(driver, p, send);
        }
    }

private:
    Peer kernel() const { return {setup_.os, 0, setup_.doorbell}; }
    Peer peer(std::uint32_t process) const { return {setup_.os, process, 0}; }
    bool is_lent(std::uint32_t process) const { return (lent_ >> process & 1) != 0; }

    template <Bus B>
    Cleaner<B> cleaner(Driver<B> driver, std::uint32_t p) {
        return {driver.queue(queues_[p]),
                {peer(p), setup_.slots, driver.geometry().external_lines, TaskWord::from_id(1), &nonce_, replaces_}};
    }

    template <Bus B, class Send>
    void clean(Driver<B> driver, std::uint32_t p, Send send) {
        Cleaner<B> queue = cleaner(driver, p);
        queue.quieten();
        queue.forget_receiver(kernel());
        for (std::uint32_t other = 1; other <= count_; ++other) queue.forget_receiver(peer(other));
        std::uint32_t free = 0;
        while (true) {
            forget_senders(driver, queue, p, send);
            const std::uint32_t before = free;
            free = queue.free_slots();
            if (free == setup_.slots) break;
            if (free <= before) return; // nothing more can be done
        }
        driver.queue(queues_[p]).register_sender(kernel());
        aside_ &= ~(1U << p);
    }

    template <Bus B, class Send>
    void forget_senders(Driver<B> driver, Cleaner<B>& queue, std::uint32_t p, Send send) {
        for (std::uint32_t tag = 0; tag < setup_.vectors; ++tag)
            queue.forget_sender({setup_.os, 0, tag}, [&] { send(p, tag); });
        for (std::uint32_t other = 1; other <= count_; ++other) {
            if (is_lent(other) && !replaces_) continue; // its owner may be in the middle of a sequence
            LocalQueue<B> sender = driver.queue(queues_[other]);
            if (!replaces_) sender.register_sender(peer(p));
            queue.forget_sender(peer(other), [&] { sender.send(peer(p)); });
            if (!replaces_) sender.cancel_sender(peer(p));
        }
    }

    // It is clean but for its tables. A free queue is not inside a sequence (quieten), so that can be had anew.
    template <Bus B, class Send>
    void renew(Driver<B> driver, std::uint32_t p, Send send) {
        for (std::uint32_t i = 0; i < forwarding; ++i) static_cast<void>(driver.queue(queues_[p]).dequeue());
        auto allocator = driver.allocator();
        if (!allocator.release(queues_[p])) return;
        const Maybe<Index> index = allocator.allocate(setup_.os, p);
        if (!index) {
            aside_ &= ~(1U << p);
            lost_ |= 1U << p;
            return;
        }
        if (index->global == queues_[p].global && index->local != queues_[p].local) { // it was not freed
            static_cast<void>(allocator.release(*index));
            return;
        }
        queues_[p] = *index;
        clean(driver, p, send);
    }

    // Accesses of seven device cycles each, while what was sent before is still on its way: eight for each queue.
    static constexpr std::uint32_t forwarding = 2 * max_processes;

    Setup setup_{};
    std::uint32_t count_ = 0;
    std::uint32_t lent_ = 0;  // bits
    std::uint32_t aside_ = 0; // bits: came back, and not clean
    std::uint32_t lost_ = 0;  // bits: the device did not give it again
    bool replaces_ = false;
    std::uint64_t nonce_ = std::uint64_t{1} << 32;
    Index queues_[max_processes] = {};
};

} // namespace taic
