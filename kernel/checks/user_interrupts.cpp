#include "checks/user_interrupts.hpp"

#include "arch/arch.hpp"
#include "async/sender_tables.hpp"
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
constexpr u32 words_of_bits = objects::sender_table_entries / 64;

bool has(const u64* bits, u32 number) { return (bits[number / 64] & base::bit(number % 64)) != 0; }

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

// A list holds the entries of one vector of its receiver, at most one in a table; returns how many.
u32 check_list_of(const async::SenderTablesView& view, u32 receiver, u32 vector, Report& report) {
    u32 count = 0;
    for (u32 number = view.first[receiver * uintr::vector_count + vector]; number != 0;
         number = view.next[number - 1]) {
        if (!report.expect(number <= entry_total && count < max_sender_tables, "uintc.list", nullptr, number)) break;
        const u64 word = view.words[number - 1];
        report.expect(word == uintr::SenderEntry::make(receiver, vector).raw, "uintc.entry", nullptr, word);
        ++count;
    }
    report.expect((count != 0) == has(view.vectors + receiver, vector), "uintc.vector", nullptr, receiver);
    return count;
}

// Who has no receiver's number is named by nobody, unless something was left when it ended.
u32 check_lists(const UserInterruptView& view, const async::SenderTablesView& tables, Report& report) {
    u32 listed = 0;
    for (u32 i = 0; i < max_receivers && report.ok(); ++i) {
        const Tcb* thread = view.receivers[i];
        report.expect(!has(view.leftovers, i) || thread == nullptr, "uintc.leftover", thread, i);
        report.expect(tables.vectors[i] == 0 || thread != nullptr || has(view.leftovers, i), "uintc.stale-entry",
                      thread, i);
        for (u64 vectors = tables.vectors[i]; vectors != 0 && report.ok(); vectors &= vectors - 1)
            listed += check_list_of(tables, i, base::lowest_bit(vectors), report);
    }
    return listed;
}

// What is in a table is in a receiver's list, and known to be used. A table a check.
void check_tables(const async::SenderTablesView& view, u32 listed, Report& report) {
    static u32 turn = 0;
    turn = (turn + 1) % max_sender_tables;
    for (u32 entry = 0; entry < objects::sender_table_entries; ++entry) {
        const u32 number = turn * objects::sender_table_entries + entry;
        report.expect((view.words[number] != 0) == has(view.used, number), "uintc.table", nullptr, number);
    }
    for (u32 i = 0; i < max_sender_tables * words_of_bits; ++i) {
        for (u64 word = view.used[i]; word != 0; word &= word - 1) --listed;
    }
    report.expect(listed == 0, "uintc.listed", nullptr, listed);
}

u32 index_of_hart(u64 hart_id) {
    for (u32 hart = 0; hart < smp::hart_count; ++hart) {
        if (smp::harts[hart].hart_id_ == hart_id) return hart;
    }
    return smp::hart_count;
}

// An entry may be active on a hart that has its thread loaded, or sleeps over it. Other harts run meanwhile: their
// threads can deactivate their own entries, and no other.
void check_active(const UserInterruptView& view, Report& report) {
    for (u32 i = 0; i < async::entries_touched(); ++i) {
        const Tcb* thread = view.receivers[i];
        report.expect(async::entry_used(i) == (thread != nullptr || has(view.leftovers, i)), "uintc.used", thread, i);
        if (!async::entry_active(i)) continue;
        const u32 hart = index_of_hart(async::entry_hart(i));
        if (!report.expect(thread != nullptr && hart < smp::hart_count, "uintc.active", thread, i)) return;
        const scheduler::State& state = scheduler::state_of(hart);
        const bool guarded = has(view.parked[hart], i) && state.current == nullptr;
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
    for (u32 hart = 0; hart < smp::hart_count; ++hart) {
        u32 count = 0;
        for (u32 i = 0; i < max_receivers; ++i) {
            if (!has(view.parked[hart], i)) continue;
            const Tcb* thread = view.receivers[i];
            if (!report.expect(thread != nullptr && thread->affinity == hart && !is_loaded(thread), "uintc.parked",
                               thread, i))
                return;
            ++count;
        }
        report.expect(count == objects::parked_receivers[hart], "uintc.parked-count", nullptr, hart);
    }
}

} // namespace

void check_user_interrupts(Report& report) {
    if (!objects::user_interrupts_present() || async::entries_touched() == 0) return;
    const UserInterruptView view = objects::user_interrupt_view();
    check_owners(view, report);
    const async::SenderTablesView tables = async::sender_tables_view();
    const u32 listed = check_lists(view, tables, report);
    if (report.ok()) check_tables(tables, listed, report);
    if (report.ok()) check_active(view, report);
    if (report.ok()) check_parked(view, report);
}

} // namespace checks
