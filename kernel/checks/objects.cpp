#include "checks/objects.hpp"

#include "async/executor.hpp"
#include "caps/mdb.hpp"
#include "objects/endpoint.hpp"
#include "objects/irq.hpp"
#include "objects/types.hpp"
#include "scheduler/scheduler.hpp"
#include "vspace/asid.hpp"

namespace checks {

using caps::Cap;
using caps::CapType;
using objects::AsyncQueue;
using objects::QueueState;
using objects::Tcb;
using objects::TcbSlot;
using objects::ThreadState;
using objects::WorkerState;

namespace {

// All threads of a queue wait for `object` in the same state; returns how many there are.
u64 check_wait_queue(const objects::WaitQueue& queue, const void* object, Report& report) {
    u64 count = 0;
    const Tcb* before = nullptr;
    for (const Tcb* thread = queue.head; thread != nullptr && report.ok(); thread = thread->wait_links.next) {
        report.expect(thread->wait_links.prev == before, "queue.links", object, reinterpret_cast<u64>(thread));
        report.expect(thread->blocked_on == object && thread->state == queue.head->state, "queue.state", object,
                      reinterpret_cast<u64>(thread));
        before = thread;
        ++count;
    }
    report.expect(queue.tail == before, "queue.tail", object);
    return count;
}

void check_endpoint(const objects::Endpoint& endpoint, Counts& counts, Report& report) {
    report.expect(endpoint.idle() || endpoint.has_senders() || endpoint.has_receivers(), "endpoint.state", &endpoint);
    counts.waiting += check_wait_queue(endpoint.queue, &endpoint, report);
}

void check_notification(const objects::Notification& notification, Counts& counts, Report& report) {
    if (notification.active()) {
        report.expect(notification.queue.tail == reinterpret_cast<const Tcb*>(u64{1}), "notification.active",
                      &notification);
    } else {
        report.expect(notification.badge_word == 0, "notification.idle-with-badge", &notification,
                      notification.badge_word);
        counts.waiting += check_wait_queue(notification.queue, &notification, report);
        report.expect(!notification.waiting() || notification.queue.head->state == ThreadState::BlockedOnNotification,
                      "notification.state", &notification);
    }
    if (notification.bound_tcb == nullptr) return;
    ++counts.bound;
    report.expect(notification.bound_tcb->bound_notification == &notification, "notification.bound", &notification);
}

// The master stands in its thread; at most one answer follows it, while the thread waits for it.
void check_reply(const Slot& slot, Report& report) {
    const Tcb& thread = *slot.cap.reply_tcb();
    if (slot.cap.reply_master()) {
        report.expect(&slot == &thread.slot(TcbSlot::Reply) && prev_of(slot) == nullptr && slot.revocable(),
                      "reply.master", &slot);
        return;
    }
    report.expect(prev_of(slot) == &thread.slot(TcbSlot::Reply) && next_of(slot) == nullptr, "reply.answer", &slot);
    report.expect(thread.state == ThreadState::BlockedOnReply, "reply.state", &thread, static_cast<u64>(thread.state));
}

void check_handler(const Slot& slot, Counts& counts, Report& report) {
    const u64 irq = slot.cap.irq();
    if (first_of_object(slot)) ++counts.handlers;
    report.expect(irq <= objects::last_irq() && objects::irq_state(irq) == objects::IrqState::Signal, "irq.handler",
                  &slot, irq);
}

void check_binding(const AsyncQueue& queue, Report& report) {
    using objects::QueueSlot;
    const Cap& cspace = queue.slots[static_cast<unsigned>(QueueSlot::CSpace)].cap;
    const Cap& vspace = queue.slots[static_cast<unsigned>(QueueSlot::VSpace)].cap;
    const Cap& notification = queue.slots[static_cast<unsigned>(QueueSlot::Notification)].cap;
    report.expect(cspace.is_null() || cspace.is(CapType::CNode) || cspace.is(CapType::Zombie), "async.cspace", &queue);
    report.expect(vspace.is_null() || vspace.is(CapType::PageTable), "async.vspace", &queue);
    report.expect(notification.is_null() || notification.is(CapType::Notification), "async.notification", &queue);
    report.expect(notification == caps::without_own_marks(notification), "async.copy", &queue);
    report.expect(queue.pending_count == 0, "async.pending", &queue, queue.pending_count);
    if constexpr (TAIL4_DEBUG != 0) {
        // Every request that was taken has one outcome, but for the one that is being carried out.
        report.expect(queue.requests() == queue.delivered + (queue.preempted ? 1 : 0), "async.completions", &queue,
                      queue.delivered);
        report.expect(queue.rejected <= queue.delivered && queue.cq_tail <= queue.delivered, "async.counts", &queue,
                      queue.rejected);
    }
    report.expect(queue.worker != nullptr && queue.bound, "async.bound", &queue);
    report.expect(queue.worker_state == WorkerState::Asleep || queue.worker_state == WorkerState::Ready ||
                      queue.worker_state == WorkerState::Polling,
                  "async.worker", &queue, static_cast<u64>(queue.worker_state));
    report.expect((queue.worker_state == WorkerState::Ready) == queue.in_ready_list, "async.ready", &queue);
}

void check_queue(const AsyncQueue& queue, Counts& counts, Report& report) {
    const auto start = reinterpret_cast<u64>(&queue);
    const bool size = queue.size_bits >= api::min_async_queue_bits && queue.size_bits <= api::max_async_queue_bits;
    if (!report.expect(size, "async.size", &queue, queue.size_bits)) return;
    report.expect(reinterpret_cast<u64>(queue.control) == start + base::bit(queue.size_bits - 1U), "async.control",
                  &queue);
    report.expect(queue.slot_mask + 1 == tail4_async_slots(queue.size_bits), "async.slots", &queue);
    report.expect(queue.sq_tail - queue.sq_head <= queue.slot_mask + 1, "async.ring", &queue, queue.sq_head);
    if (queue.bound) ++counts.queues;
    if (queue.in_ready_list) ++counts.ready;
    const bool known = queue.taic_process == 0 || async::queue_of_process(queue.taic_process) == &queue;
    report.expect(known || !queue.bound, "async.process", &queue, queue.taic_process);
    if (queue.state == QueueState::Bound) check_binding(queue, report);
    if (queue.state == QueueState::Unbound)
        report.expect(!queue.bound && !queue.in_ready_list && queue.taic_process == 0 && queue.map_asid == 0,
                      "async.unbound", &queue);
}

void check_pool(const Cap& cap, Counts& counts, Report& report) {
    ++counts.pools;
    const u64 base = cap.asid_base();
    const bool good = base % objects::asid_pool_entries == 0 &&
        base < objects::asid_pool_entries * objects::asid_pool_count && vspace::asid_pool(base) == cap.as_asid_pool();
    report.expect(good, "asid.pool", cap.as_asid_pool(), base);
}

} // namespace

void check_object(Slot& slot, Counts& counts, Report& report) {
    const Cap& cap = slot.cap;
    if (cap.is(CapType::Reply)) check_reply(slot, report);
    if (cap.is(CapType::IrqHandler)) check_handler(slot, counts, report);
    if (!first_of_object(slot)) return;
    switch (cap.type()) {
    case CapType::Endpoint: check_endpoint(*cap.as_endpoint(), counts, report); break;
    case CapType::Notification: check_notification(*cap.as_notification(), counts, report); break;
    case CapType::AsyncQueue: check_queue(*cap.as_async_queue(), counts, report); break;
    case CapType::AsidPool: check_pool(cap, counts, report); break;
    case CapType::Tcb: ++counts.threads; break;
    default: break;
    }
}

void check_interrupts(const Counts& counts, Report& report) {
    u64 used = 0;
    for (u64 irq = 0; irq <= objects::last_irq(); ++irq) {
        const Slot& slot = objects::irq_slot(irq);
        const bool signals = objects::irq_state(irq) == objects::IrqState::Signal;
        if (signals) ++used;
        report.expect(slot.empty() || (signals && slot.cap.is(CapType::Notification)), "irq.slot", &slot, irq);
        report.expect(slot.empty() || slot.cap == caps::without_own_marks(slot.cap), "irq.copy", &slot, irq);
        report.expect(signals || objects::irq_claim(irq) == objects::IrqClaim::None, "irq.claim", nullptr, irq);
    }
    report.expect(used == counts.handlers, "irq.active", nullptr, used);
}

void check_executor(const Counts& counts, Report& report) {
    report.expect(async::bound_count() == counts.queues, "async.executor", nullptr, counts.queues);
    u64 ready = 0;
    for (unsigned line = 0; line < scheduler::max_domains * scheduler::priorities; ++line) {
        const unsigned domain = line / scheduler::priorities;
        const unsigned priority = line % scheduler::priorities;
        const AsyncQueue* queue = async::first_ready(static_cast<u8>(domain), static_cast<u8>(priority));
        // More than there are: a circle.
        for (; queue != nullptr && ready <= counts.ready; queue = queue->next_ready) {
            report.expect(queue->in_ready_list && queue->ready_priority == priority && queue->domain == domain,
                          "async.ready-list", queue);
            ++ready;
        }
    }
    report.expect(ready == counts.ready, "async.ready-members", nullptr, ready);
}

} // namespace checks
