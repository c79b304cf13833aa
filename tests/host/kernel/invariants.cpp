#include "invariants.hpp"

#include "caps/mdb.hpp"
#include "checks/checks.hpp"
#include "checks/slot_walk.hpp"

namespace kernel::test {

namespace {

void set_root(Machine& machine) { checks::set_root({&machine.slot(0), usize{1} << root_radix}); }

} // namespace

std::string broken_invariant(Machine& machine) {
    set_root(machine);
    const checks::Finding finding = checks::check_everything().finding;
    return finding.name == nullptr ? "" : finding.name;
}

std::set<Slot*> all_slots(Machine& machine) {
    set_root(machine);
    std::set<Slot*> slots;
    checks::Report report;
    {
        checks::SlotWalk walk(report);
        walk.find_all();
        walk.each_slot([&slots](Slot& slot) { slots.insert(&slot); });
    }
    EXPECT_TRUE(report.ok()) << report.finding().name;
    return slots;
}

unsigned count_inside(Machine& machine, const Slot& slot) {
    unsigned count = 0;
    for (const Slot* other : all_slots(machine)) {
        if (other == &slot) continue;
        if (other->cap.is(CapType::Untyped) && other->cap.untyped_bits() > slot.cap.untyped_bits()) continue;
        const bool zombie = other->cap.is(CapType::Zombie);
        const bool covered = zombie ? caps::is_mdb_parent(slot, *other) : caps::same_region(slot.cap, other->cap);
        if (covered) ++count;
    }
    return count;
}

} // namespace kernel::test
