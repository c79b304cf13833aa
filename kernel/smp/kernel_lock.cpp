#include "smp/kernel_lock.hpp"

#include "arch/arch.hpp"
#include "base/bits.hpp"
#include "base/spinlock.hpp"
#include "smp/hart.hpp"
#include "smp/latency.hpp"

#include <atomic>

namespace smp {

namespace {

// One line per hart. Set by the holder (release), served and cleared by the hart (release).
struct alignas(64) Mailbox {
    std::atomic<u32> requests{0};
};

Mailbox mailboxes[base::max_harts];
[[gnu::section(".bss.hot.harts")]] base::TicketLock kernel_lock;
u64 kick_targets = 0; // under the lock

void serve(Mailbox& mailbox) {
    // Acquire: pairs with the release in remote_call; what the holder wrote before it asked is visible.
    const u32 requests = mailbox.requests.load(std::memory_order_acquire);
    if (requests == 0) return;
    arch::begin_device_turn();
    serve_request(requests);
    arch::end_device_turn(); // what the thread here has stored to a device is there before the holder goes on
    mailbox.requests.store(0, std::memory_order_release);
}

} // namespace

void lock_slowly() {
    Mailbox& mailbox = mailboxes[this_hart().index_];
    const u64 before = looks();
    kernel_lock.acquire([&mailbox] { serve(mailbox); });
    end_wait(before);
    arch::begin_device_turn(); // a send takes two stores, and the device knows no hart: tests/model, send_pair
    serve(mailbox);            // a request that came just before our turn
}

void unlock_slowly() {
    const u64 targets = kick_targets;
    kick_targets = 0;
    arch::end_device_turn();
    kernel_lock.release();
    if (targets != 0) arch::send_ipi(targets);
}

bool contended_slowly() { return kernel_lock.contended(); }

void remote_call(u64 targets, Request request) {
    if (targets == 0) return;
    arch::end_device_turn();
    for (u64 left = targets; left != 0; left &= left - 1)
        mailboxes[base::lowest_bit(left)].requests.fetch_or(static_cast<u32>(request), std::memory_order_release);
    // The requests are visible before the interrupt is; the firmware's store to the device orders nothing.
    arch::full_fence();
    arch::send_ipi(targets);
    for (u64 left = targets; left != 0; left &= left - 1) {
        // Acquire: pairs with the release in serve(); the registers the hart saved before are visible.
        while (mailboxes[base::lowest_bit(left)].requests.load(std::memory_order_acquire) != 0) {
        }
    }
    arch::begin_device_turn();
}

void kick_at_unlock(u64 targets) { kick_targets |= targets; }

} // namespace smp
