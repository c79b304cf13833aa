// The domain schedule (sel4-abi-riscv64.md 6.5), and who runs when a thread changes its domain.
#include "scheduler_box.hpp"

#include "ipc/endpoint.hpp"

namespace kernel::test {

class Domains : public Scheduling {
protected:
    Domains() : Scheduling(1, 2) {}
};

TEST_F(Domains, TheScheduleGoesRound) {
    const u64 other = machine.make_thread(10);
    EXPECT_EQ(machine.call(domain_cap, Label::DomainSetSet, {1}, {other}), ok());
    EXPECT_EQ(machine.call(domain_cap, Label::DomainScheduleConfigure, {0, 0, 2}), ok());
    EXPECT_EQ(machine.call(domain_cap, Label::DomainScheduleConfigure, {1, 1, 3}), ok());
    machine.start(machine.tcb(other));
    machine.syscall(machine.initial(), Syscall::Call, domain_cap, wire_label(Label::DomainScheduleSetStart), {0});
    const auto ran = [&] { return machine.current() == &machine.initial() ? 0 : 1; };
    for (const int expected : {0, 0, 1, 1, 1, 0, 0, 1}) {
        EXPECT_EQ(ran(), expected);
        tick();
    }
    expect_consistent();
}

// It comes into the running domain, and a lesser one is woken behind it.
TEST_F(Domains, WhoComesInGoesFirst) {
    become(100);
    const u64 high = machine.make_thread(200);
    const u64 low = machine.make_thread(150);
    const u64 ntfn = machine.make(ObjectType::Notification);
    Tcb& waiter = machine.tcb(low);
    machine.start(waiter);
    machine.syscall(waiter, Syscall::Recv, ntfn);
    ASSERT_EQ(machine.current(), &machine.initial());
    EXPECT_EQ(machine.call(domain_cap, Label::DomainSetSet, {1}, {high}), ok());
    machine.start(machine.tcb(high));
    machine.syscall(machine.initial(), Syscall::Call, domain_cap, wire_label(Label::DomainSetSet), {0}, {high});
    EXPECT_EQ(machine.current(), &machine.tcb(high));
    expect_consistent();
}

// The same in one entry: both come, the more important one runs.
TEST_F(Domains, WhoComesInGoesBeforeACandidate) {
    become(100);
    const u64 high = machine.make_thread(200);
    const u64 low = machine.make_thread(150);
    EXPECT_EQ(machine.call(domain_cap, Label::DomainSetSet, {1}, {high}), ok());
    machine.start(machine.tcb(high));
    Tcb& candidate = machine.tcb(low);
    ipc::ensure_reply_master(candidate);
    objects::set_state(candidate, ThreadState::Running);
    objects::possible_switch_to(candidate);
    scheduler::set_domain(machine.tcb(high), 0);
    scheduler::schedule();
    EXPECT_EQ(machine.current(), &machine.tcb(high));
    EXPECT_TRUE(candidate.queued);
    expect_consistent();
}

} // namespace kernel::test
