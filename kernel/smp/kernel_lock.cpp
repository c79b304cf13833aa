#include "smp/kernel_lock.hpp"

#include "arch/arch.hpp"
#include "base/spinlock.hpp"
#include "smp/hart.hpp"

#include <atomic>

namespace smp {

namespace {

// One line per hart: its requests, and whether its user registers are saved.
struct alignas(64) Mailbox {
    std::atomic<u32> requests{0}; // set by the holder (release), served and cleared by the hart (release)
    std::atomic<u32> inside{0};   // set at entry (release, after the registers were saved), cleared before exit
};

Mailbox mailboxes[base::max_harts];
base::TicketLock kernel_lock;
u64 kick_targets = 0; // under the lock

void serve(Mailbox& mailbox) {
    // Acquire: pairs with the release in remote_call; what the holder wrote before it asked is visible.
    const u32 requests = mailbox.requests.load(std::memory_order_acquire);
    if (requests == 0) return;
    serve_request(requests);
    mailbox.requests.store(0, std::memory_order_release);
}

} // namespace

void lock_slowly() {
    Mailbox& mailbox = mailboxes[this_hart().index_];
    // Release: the holder that sees `inside` sees the saved registers too.
    mailbox.inside.store(1, std::memory_order_release);
    kernel_lock.acquire([&mailbox] { serve(mailbox); });
    serve(mailbox); // a request that came just before our turn
}

void unlock_slowly() {
    const u64 targets = kick_targets;
    kick_targets = 0;
    mailboxes[this_hart().index_].inside.store(0, std::memory_order_relaxed); // ordered by the lock's release
    kernel_lock.release();
    if (targets != 0) arch::send_ipi(targets);
}

bool lock_contended() { return hart_count > 1 && kernel_lock.contended(); }

void remote_call(u64 targets, Request request) {
    u64 to_interrupt = 0;
    for (u32 hart = 0; hart < hart_count; ++hart) {
        if ((targets & base::bit(hart)) == 0) continue;
        mailboxes[hart].requests.fetch_or(static_cast<u32>(request), std::memory_order_release);
        to_interrupt |= base::bit(hart);
    }
    if (to_interrupt == 0) return;
    // Full fence against the store to `inside` and the poll of `requests` on the other side.
    std::atomic_thread_fence(std::memory_order_seq_cst);
    arch::send_ipi(to_interrupt);
    for (u32 hart = 0; hart < hart_count; ++hart) {
        if ((targets & base::bit(hart)) == 0) continue;
        while (mailboxes[hart].requests.load(std::memory_order_acquire) != 0) {
        }
    }
}

void kick_at_unlock(u64 targets) { kick_targets |= targets; }

bool in_kernel(base::HartIndex hart) { return mailboxes[hart].inside.load(std::memory_order_acquire) != 0; }

} // namespace smp
