#include "checks/user_interrupts.hpp"

#include "arch/arch.hpp"
#include "async/taic_device.hpp"
#include "async/uintc_device.hpp"
#include "objects/endpoint.hpp"
#include "objects/user_interrupts.hpp"
#include "scheduler/scheduler.hpp"

namespace checks {

using objects::max_receivers;
using objects::max_sender_tables;
using objects::Tcb;
using objects::UserInterruptView;

namespace {

constexpr u32 entry_total = max_sender_tables * objects::sender_table_entries;

// The tables of owners say what the living threads say: so no dead one is in them.
void check_owners(const UserInterruptView& view, Report& report) {
    u32 receivers = 0;
    u32 senders = 0;
    for (const Tcb* thread = scheduler::first_thread(); thread != nullptr; thread = thread->debug_next) {
        const objects::UserInterrupts& part = thread->user_interrupts;
        if (part.receiver != 0) {
            ++receivers;
            report.expect(part.receiver <= max_receivers && view.receivers[part.receiver - 1] == thread,
                          "uintc.receiver", thread, part.receiver);
        }
        if (part.sender_table != 0) {
            ++senders;
            report.expect(part.sender_table <= max_sender_tables && view.senders[part.sender_table - 1] == thread,
                          "uintc.sender", thread, part.sender_table);
        }
        report.expect((thread->interrupt_id != 0) == (part.receiver != 0 || part.sender_table != 0), "uintc.id", thread,
                      thread->interrupt_id);
    }
    for (u32 i = 0; i < max_receivers; ++i) {
        if (view.receivers[i] != nullptr) --receivers;
    }
    for (u32 i = 0; i < max_sender_tables; ++i) {
        if (view.senders[i] != nullptr) --senders;
    }
    report.expect(receivers == 0, "uintc.dead-receiver", nullptr, receivers);
    report.expect(senders == 0, "uintc.dead-sender", nullptr, senders);
}

// Each list holds entries of its receiver, in order; returns how many.
u32 check_list_of(const UserInterruptView& view, u32 receiver, Report& report) {
    const Tcb& thread = *view.receivers[receiver];
    u32 count = 0;
    u32 before = 0;
    for (u32 number = thread.user_interrupts.first_entry; number != 0 && report.ok();) {
        if (!report.expect(number <= entry_total && count < entry_total, "uintc.list", &thread, number)) break;
        const uintr::SenderEntry entry{view.words[number - 1]};
        report.expect(entry.valid() && entry.receiver() == receiver && entry.vector() < uintr::vector_count,
                      "uintc.entry", &thread, entry.raw);
        report.expect(view.links[number - 1].previous == before, "uintc.list", &thread, number);
        before = number;
        number = view.links[number - 1].next;
        ++count;
    }
    return count;
}

u32 entries_in(const UserInterruptView& view, u32 table) {
    const volatile u64* words = view.words + usize{table} * objects::sender_table_entries;
    u32 count = 0;
    for (u32 entry = 0; entry < objects::sender_table_entries; ++entry) count += words[entry] != 0 ? 1U : 0U;
    return count;
}

// What is in no receiver's list names nobody, or somebody dead. Of the tables nobody has, one each time.
void check_tables(const UserInterruptView& view, u32 listed, Report& report) {
    static u32 turn = 0;
    turn = (turn + 1) % max_sender_tables;
    for (u32 table = 0; table < max_sender_tables; ++table) {
        if (view.senders[table] != nullptr)
            listed -= entries_in(view, table);
        else if (table == turn)
            report.expect(entries_in(view, table) == 0, "uintc.table", nullptr, table);
    }
    report.expect(listed == 0, "uintc.stale-entry", nullptr, listed);
}

u32 index_of_hart(u64 hart_id) {
    for (u32 hart = 0; hart < smp::hart_count; ++hart) {
        if (smp::harts[hart].hart_id_ == hart_id) return hart;
    }
    return smp::hart_count;
}

bool is_parked(const UserInterruptView& view, u32 receiver) {
    return (view.parked[receiver / 64] & base::bit(receiver % 64)) != 0;
}

// An entry may be active on a hart that has its thread loaded, or sleeps over it. Other harts run meanwhile: their
// threads can deactivate their own entries, and no other.
void check_active(const UserInterruptView& view, Report& report) {
    for (u32 i = 0; i < async::entries_touched(); ++i) {
        const Tcb* thread = view.receivers[i];
        report.expect(async::entry_used(i) == (thread != nullptr), "uintc.used", thread, i);
        if (!async::entry_active(i)) continue;
        const u32 hart = index_of_hart(async::entry_hart(i));
        if (!report.expect(thread != nullptr && hart < smp::hart_count, "uintc.active", thread, i)) return;
        const scheduler::State& state = scheduler::state_of(hart);
        const bool guarded = is_parked(view, i) && thread->affinity == hart && state.current == nullptr;
        report.expect(state.interrupt_owner == thread || guarded, "uintc.active", thread, i);
    }
    // Where TAIC has a line to the same pin, a process can raise that.
    const Tcb* owner = scheduler::own_state().interrupt_owner;
    const bool expected = owner != nullptr && owner->user_interrupts.receiver != 0;
    report.expect(expected || async::taic_present() || !arch::user_interrupt_pending(), "uintc.line", owner);
}

bool is_loaded(const Tcb* thread) {
    for (u32 hart = 0; hart < smp::hart_count; ++hart) {
        if (scheduler::state_of(hart).interrupt_owner == thread) return true;
    }
    return false;
}

// Who was woken meanwhile, by anybody, stays parked until its hart loads it.
void check_parked(const UserInterruptView& view, Report& report) {
    u32 counts[base::max_harts] = {};
    for (u32 i = 0; i < max_receivers; ++i) {
        if (!is_parked(view, i)) continue;
        const Tcb* thread = view.receivers[i];
        if (!report.expect(thread != nullptr && !is_loaded(thread), "uintc.parked", thread, i)) return;
        ++counts[thread->affinity];
    }
    for (u32 hart = 0; hart < smp::hart_count; ++hart)
        report.expect(counts[hart] == objects::parked_receivers[hart], "uintc.parked-count", nullptr, hart);
}

} // namespace

void check_user_interrupts(Report& report) {
    if (!objects::user_interrupts_present() || async::entries_touched() == 0) return;
    const UserInterruptView view = objects::user_interrupt_view();
    check_owners(view, report);
    u32 listed = 0;
    for (u32 i = 0; i < max_receivers && report.ok(); ++i) {
        if (view.receivers[i] != nullptr) listed += check_list_of(view, i, report);
    }
    if (report.ok()) check_tables(view, listed, report);
    if (report.ok()) check_active(view, report);
    if (report.ok()) check_parked(view, report);
}

} // namespace checks
