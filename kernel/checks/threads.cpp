#include "checks/threads.hpp"

#include "objects/endpoint.hpp"
#include "scheduler/scheduler.hpp"

namespace checks {

using caps::Cap;
using caps::CapType;
using objects::Tcb;
using objects::TcbSlot;
using objects::ThreadState;

namespace {

struct Seen {
    u64 threads = 0;
    u64 waiting = 0;
    u64 bound = 0;
    u64 queued = 0;
    u64 current = 0;
    u64 fpu_owners = 0;
};

bool waits_in_queue(const Tcb& thread) {
    return thread.state == ThreadState::BlockedOnSend || thread.state == ThreadState::BlockedOnReceive ||
        thread.state == ThreadState::BlockedOnNotification;
}

void check_slots(const Tcb& thread, Report& report) {
    const auto holds = [&thread](TcbSlot which, CapType type) {
        const Cap& cap = thread.slot(which).cap;
        return cap.is_null() || cap.is(type);
    };
    // A revoke may have begun to delete the CNode here.
    report.expect(holds(TcbSlot::CSpace, CapType::CNode) || holds(TcbSlot::CSpace, CapType::Zombie), "thread.cspace",
                  &thread);
    report.expect(holds(TcbSlot::VSpace, CapType::PageTable), "thread.vspace", &thread);
    report.expect(holds(TcbSlot::Buffer, CapType::Frame), "thread.buffer", &thread);
    const Cap& master = thread.slot(TcbSlot::Reply).cap;
    report.expect(master.is_null() ||
                      (master.is(CapType::Reply) && master.reply_master() && master.reply_tcb() == &thread),
                  "thread.reply", &thread);
    const Cap& caller = thread.slot(TcbSlot::Caller).cap;
    report.expect(caller.is_null() || (caller.is(CapType::Reply) && !caller.reply_master()), "thread.caller", &thread);
}

// Runnable: running on its hart, in that hart's ready queue, or the candidate of the hart that is in the kernel. Else:
// in none of them.
void check_place(const Tcb& thread, Seen& seen, Report& report) {
    report.expect(thread.affinity < smp::hart_count, "thread.affinity", &thread, thread.affinity);
    report.expect(thread.domain < scheduler::domain_count(), "thread.domain", &thread, thread.domain);
    if (!report.ok()) return;
    report.expect(thread.context.hart_ == &smp::harts[thread.affinity], "thread.hart", &thread);
    unsigned runs = 0;
    unsigned candidacies = 0;
    for (u32 hart = 0; hart < smp::hart_count; ++hart) {
        const scheduler::State& state = scheduler::state_of(hart);
        if (state.fpu_owner == &thread) ++seen.fpu_owners;
        if (state.action == &thread && scheduler::action_is_sound(state)) ++candidacies;
        if (state.current != &thread) continue;
        ++seen.current;
        // Within an entry: it has stopped, or was stopped and restarted, and its hart knows that it has to choose.
        const bool leaves = state.action != nullptr && (thread.stopped() || thread.queued);
        if (!leaves) ++runs;
        report.expect(thread.affinity == hart, "thread.runs-elsewhere", &thread, hart);
    }
    if (thread.queued) ++seen.queued;
    const unsigned places = runs + candidacies + (thread.queued ? 1U : 0U);
    if (thread.runnable())
        report.expect(places == 1, places == 0 ? "thread.runnable-nowhere" : "thread.runnable-twice", &thread, places);
    else
        report.expect(places == 0, "thread.stopped-but-queued", &thread, static_cast<u64>(thread.state));
    const bool linked = thread.ready_links.prev != nullptr || thread.ready_links.next != nullptr;
    report.expect(thread.queued || !linked, "thread.ready-links", &thread);
}

void check_waiting(const Tcb& thread, Seen& seen, Report& report) {
    if (waits_in_queue(thread)) {
        ++seen.waiting;
        report.expect(thread.blocked_on != nullptr, "thread.waits-for-nothing", &thread);
    } else {
        const bool linked = thread.wait_links.prev != nullptr || thread.wait_links.next != nullptr;
        report.expect(!linked, "thread.wait-links", &thread, static_cast<u64>(thread.state));
    }
    if (thread.state == ThreadState::BlockedOnReply)
        report.expect(!thread.slot(TcbSlot::Reply).empty(), "thread.no-master", &thread);
    // Only its notification can wake a receiver.
    report.expect(thread.user_interrupts.receiver == 0 || thread.bound_notification != nullptr, "thread.receiver",
                  &thread);
    if (thread.bound_notification == nullptr) return;
    ++seen.bound;
    report.expect(thread.bound_notification->bound_tcb == &thread, "thread.bound", &thread);
}

struct Place {
    u32 hart, domain, priority;
    bool is_of(const Tcb& thread) const {
        return thread.affinity == hart && thread.domain == domain && thread.priority == priority;
    }
};

u64 check_ready_queue(const objects::ReadyQueue& queue, const Place& place, Report& report) {
    u64 count = 0;
    const Tcb* before = nullptr;
    for (const Tcb* thread = queue.head; thread != nullptr && report.ok(); thread = thread->ready_links.next) {
        report.expect(thread->ready_links.prev == before, "ready.links", thread);
        report.expect(thread->queued && place.is_of(*thread), "ready.place", thread, place.priority);
        before = thread;
        ++count;
    }
    report.expect(queue.tail == before, "ready.tail", &queue);
    return count;
}

// The queues of one domain on one hart against their bitmap.
u64 check_ready(u32 hart, u32 domain, Report& report) {
    const scheduler::State& state = scheduler::state_of(hart);
    u64 count = 0;
    for (unsigned rank = 0; rank < scheduler::priorities; ++rank) {
        const unsigned priority = scheduler::priorities - 1 - rank;
        const objects::ReadyQueue& queue = state.queues[domain][priority];
        const bool marked = (state.ready[domain][rank / 64] & base::bit(rank % 64)) != 0;
        report.expect(marked != queue.empty(), "ready.bitmap", &queue, priority);
        count += check_ready_queue(queue, {hart, domain, priority}, report);
    }
    for (unsigned word = 0; word < scheduler::priorities / 64; ++word) {
        const bool marked = (state.summary[domain] & base::bit(word)) != 0;
        report.expect(marked == (state.ready[domain][word] != 0), "ready.summary", &state, word);
    }
    return count;
}

void check_harts(const Seen& seen, Report& report) {
    u64 ready = 0;
    u64 current = 0;
    u64 owners = 0;
    for (u32 hart = 0; hart < smp::hart_count; ++hart) {
        const scheduler::State& state = scheduler::state_of(hart);
        for (u32 domain = 0; domain < scheduler::domain_count(); ++domain) ready += check_ready(hart, domain, report);
        if (state.current != nullptr) ++current;
        if (state.fpu_owner != nullptr) ++owners;
        const bool interrupts = state.current != nullptr && state.current->interrupt_id != 0;
        report.expect(state.interrupt_owner == (interrupts ? state.current : nullptr), "hart.interrupts", &state, hart);
        report.expect(scheduler::action_is_sound(state), "hart.action", &state, hart);
    }
    report.expect(ready == seen.queued, "ready.members", nullptr, ready);
    report.expect(current == seen.current, "hart.current", nullptr, current);
    report.expect(owners == seen.fpu_owners, "hart.fpu-owner", nullptr, owners);
}

} // namespace

void check_threads(const Counts& counts, Report& report) {
    Seen seen;
    for (const Tcb* thread = scheduler::first_thread(); thread != nullptr && report.ok(); thread = thread->debug_next) {
        ++seen.threads;
        check_slots(*thread, report);
        check_place(*thread, seen, report);
        check_waiting(*thread, seen, report);
    }
    report.cost.threads = seen.threads;
    if (!report.ok()) return;
    check_harts(seen, report);
    report.expect(seen.threads == counts.threads, "thread.objects", nullptr, counts.threads);
    report.expect(seen.waiting == counts.waiting, "queue.members", nullptr, counts.waiting);
    report.expect(seen.bound == counts.bound, "notification.bound-count", nullptr, counts.bound);
}

} // namespace checks
