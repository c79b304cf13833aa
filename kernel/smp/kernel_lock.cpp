#include "smp/kernel_lock.hpp"

#include "arch/arch.hpp"
#include "base/bits.hpp"
#include "base/spinlock.hpp"
#include "smp/hart.hpp"
#include "smp/latency.hpp"

#include <atomic>

namespace smp {

namespace {

// One line per hart. Requests are set by the holder (release), served and cleared by the hart (release); what a fence
// is for is written before its request.
struct alignas(64) Mailbox {
    std::atomic<u32> requests{0};
    base::Asid asid{0};
    base::Vaddr vaddr{0};
};

constexpr u32 all_fences =
    bit_of(Request::FencePage) | bit_of(Request::FenceSpace) | bit_of(Request::FenceAll) | bit_of(Request::FenceCode);

// Looks at another hart's mailbox until the firmware is asked to interrupt it, in case the device has lost the word.
constexpr u32 patience = 1 << 14;
// Looks at the own line, which goes down when the holder has seen the answer.
constexpr u32 line_patience = 256;

Mailbox mailboxes[base::max_harts];
[[gnu::section(".bss.hot.harts")]] base::TicketLock kernel_lock;
u64 kick_targets = 0; // under the lock

Mailbox& own_mailbox() { return mailboxes[this_hart().index_]; }

void fence(const Mailbox& mailbox, u32 requests) {
    if ((requests & bit_of(Request::FencePage)) != 0) arch::local_flush_page(mailbox.vaddr, mailbox.asid);
    if ((requests & bit_of(Request::FenceSpace)) != 0) arch::local_flush_asid(mailbox.asid);
    if ((requests & bit_of(Request::FenceAll)) != 0) arch::local_flush_all();
    if ((requests & bit_of(Request::FenceCode)) != 0) arch::local_fence_i();
}

void serve(Mailbox& mailbox) {
    // Acquire: pairs with the release in ask(); what the holder wrote before it asked is visible, tables included.
    const u32 requests = mailbox.requests.load(std::memory_order_acquire) & ~bit_of(Request::Look);
    if (requests == 0) return;
    arch::begin_device_turn();
    fence(mailbox, requests);
    if ((requests & ~all_fences) != 0) serve_request(requests);
    arch::end_device_turn(); // what the thread here has stored to a device is there before the holder goes on
    mailbox.requests.fetch_and(~requests, std::memory_order_release);
}

void ask(u64 targets, u32 requests) {
    for (u64 left = targets; left != 0; left &= left - 1)
        mailboxes[base::lowest_bit(left)].requests.fetch_or(requests, std::memory_order_release);
    // The requests are visible before the interrupt is; the store to the device orders nothing.
    arch::full_fence();
}

void await_answers(u64 targets, u32 requests) {
    for (u64 left = targets; left != 0; left &= left - 1) {
        const Mailbox& mailbox = mailboxes[base::lowest_bit(left)];
        // Acquire: pairs with the release in serve(); the registers the hart saved before are visible.
        const auto answered = [&mailbox, requests] {
            return (mailbox.requests.load(std::memory_order_acquire) & requests) == 0;
        };
        while (!base::spin_until(answered, patience)) arch::send_ipi(left);
    }
}

} // namespace

void lock_slowly() {
    Mailbox& mailbox = own_mailbox();
    const u64 before = looks();
    kernel_lock.acquire([&mailbox] { serve(mailbox); });
    end_wait(before);
    arch::begin_device_turn(); // a send takes two stores, and the device knows no hart: tests/model, send_pair
    serve(mailbox);            // a request that came just before our turn
}

void unlock_slowly() {
    const u64 targets = kick_targets;
    kick_targets = 0;
    // Relaxed: whoever looks does so under the lock.
    for (u64 left = targets; left != 0; left &= left - 1)
        mailboxes[base::lowest_bit(left)].requests.fetch_or(bit_of(Request::Look), std::memory_order_relaxed);
    arch::end_device_turn();
    kernel_lock.release();
    if (targets == 0) return;
    arch::full_fence(); // Look is visible before the interrupt is
    arch::send_ipi(targets);
}

bool contended_slowly() { return kernel_lock.contended(); }

void remote_call(u64 targets, Request request) {
    if (targets == 0) return;
    arch::end_device_turn();
    ask(targets, bit_of(request));
    arch::send_ipi(targets);
    await_answers(targets, bit_of(request));
    arch::begin_device_turn();
}

void shoot_down(u64 targets, const Shootdown& fences) {
    if (targets == 0) return;
    arch::end_device_turn();
    for (u64 left = targets; left != 0; left &= left - 1) {
        Mailbox& mailbox = mailboxes[base::lowest_bit(left)];
        mailbox.asid = fences.asid;
        mailbox.vaddr = fences.vaddr;
    }
    ask(targets, fences.requests);
    const bool is_one = (targets & (targets - 1)) == 0;
    const bool raised = is_one && raise_line(base::lowest_bit(targets));
    if (!raised) arch::send_ipi(targets);
    await_answers(targets, fences.requests);
    if (raised) lower_line();
    arch::begin_device_turn();
}

// The software interrupt that was pending was the shoot-down's: what else may have set it would be among the requests.
bool serve_alone() {
    Mailbox& mailbox = own_mailbox();
    const u32 requests = mailbox.requests.load(std::memory_order_acquire);
    if (requests == 0 || (requests & ~all_fences) != 0 || arch::pending_interrupts() != arch::software_interrupt)
        return false;
    arch::clear_software_interrupt();
    serve(mailbox);
    for (u32 i = 0; i < line_patience && arch::pending_interrupts() == arch::software_interrupt; ++i) {
    }
    return true;
}

void kick_at_unlock(u64 targets) { kick_targets |= targets; }

void kick_self() {
    own_mailbox().requests.fetch_or(bit_of(Request::Look), std::memory_order_relaxed);
    arch::raise_software_interrupt();
}

void begin_look() { own_mailbox().requests.fetch_and(~bit_of(Request::Look), std::memory_order_relaxed); }

} // namespace smp
