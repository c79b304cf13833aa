#include "checks/checks.hpp"

#include "arch/arch.hpp"
#include "checks/derivation.hpp"
#include "checks/objects.hpp"
#include "checks/spaces.hpp"
#include "checks/threads.hpp"
#include "checks/user_interrupts.hpp"
#include "scheduler/scheduler.hpp"

namespace checks {

u64 entries_left = 0;

namespace {

u64 interval = 0;
u64 done = 0;
u64 next_note = 1024;

// Lists first: what follows believes them.
void look(Report& report) {
    Counts counts;
    SlotWalk walk(report);
    walk.find_all();
    walk.each_list([&report](Slot& head) { check_list(head, report); });
    walk.each_slot([&](Slot& slot) {
        check_object(slot, counts, report);
        claim_entries(slot, report);
    });
    if (report.ok()) check_spaces(counts.pools, report);
    if (report.ok()) check_interrupts(counts, report);
    if (report.ok()) check_executor(counts, report);
    if (report.ok()) check_threads(counts, report);
    if (report.ok()) check_user_interrupts(report);
    walk.finish();
}

Outcome check_or_panic() {
    const Outcome outcome = check_everything();
    const Finding& finding = outcome.finding;
    if (finding.name != nullptr) {
        arch::print("\nTaiL4: invariant broken: {} at {} ({})\n", finding.name, arch::hex(finding.what),
                    arch::hex(finding.detail));
        base::panic("invariant broken", __FILE_NAME__, __LINE__);
    }
    return outcome;
}

} // namespace

Outcome check_everything() {
    Report report;
    look(report);
    return {report.finding(), report.cost};
}

void start(u64 entries) {
    interval = entries;
    entries_left = entries;
    if (entries == 0) return;
    const caps::Cap& cspace = scheduler::first_thread()->slot(objects::TcbSlot::CSpace).cap;
    set_root({cspace.cnode_slots(), usize{1} << cspace.radix()});
    const u64 begin = arch::read_time();
    const Cost cost = check_or_panic().cost;
    const u64 end = arch::read_time();
    arch::print("TaiL4: checks after every {} entries; the first: {} capabilities, {} slots, {} threads, ", entries,
                cost.slots, cost.scanned, cost.threads);
    arch::print("{} table entries, {} ticks\n", cost.entries, end - begin);
}

void check_at_exit() {
    static_cast<void>(check_or_panic());
    entries_left = interval;
    ++done;
    if (done < next_note || !arch::at_line_start()) return;
    arch::print("TaiL4: {} checks done\n", done);
    next_note = 2 * done;
}

} // namespace checks
