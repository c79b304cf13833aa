// Who goes on when several could: candidates beside queues, equals, other harts, and what moves with a thread.
#include "scheduler_box.hpp"

#include "objects/upcalls.hpp"
#include "scheduler/domains.hpp"
#include "smp/kernel_lock.hpp"

namespace kernel::test {

namespace {

// Those of a priority in this hart's queue, in order; they are taken out.
std::vector<const Tcb*> take_all(unsigned priority) {
    scheduler::State& state = scheduler::own_state();
    std::vector<const Tcb*> found;
    while (!state.queues[scheduler::current_domain()][priority].empty())
        found.push_back(&scheduler::take_first(state, priority));
    return found;
}

} // namespace

class Choice : public Scheduling {
protected:
    using Scheduling::Scheduling;
    // A thread that is in no queue yet, as one that has just been woken.
    Tcb& woken(u8 priority) {
        Tcb& thread = machine.tcb(machine.make_thread(priority));
        thread.state = ThreadState::Running;
        return thread;
    }
    Tcb& queued(u8 priority) { return machine.spawn(priority); }
    Tcb& me() { return machine.initial(); }
};

TEST_F(Choice, ACandidatePassesNobodyHigher) {
    become(100);
    Tcb& higher = queued(90);
    Tcb& candidate = woken(80);
    objects::possible_switch_to(candidate);
    objects::suspend(me());
    scheduler::schedule();
    EXPECT_EQ(machine.current(), &higher);
    EXPECT_TRUE(candidate.queued);
    expect_consistent();
}

TEST_F(Choice, ACandidateWaitsBehindAnEqualThatIsQueued) {
    become(100);
    objects::append(me());
    Tcb& candidate = woken(100);
    objects::possible_switch_to(candidate);
    scheduler::schedule();
    EXPECT_EQ(machine.current(), &me());
    EXPECT_TRUE(candidate.queued);
    expect_consistent();
}

// A lesser one is the first of its priority, as if it had run; an equal one comes after those that wait.
TEST_F(Choice, ACandidateThatHasToWaitKnowsItsPlace) {
    become(100);
    for (const u8 priority : {u8{90}, u8{100}}) {
        Tcb& waiting = queued(priority);
        Tcb& candidate = woken(priority);
        objects::possible_switch_to(candidate);
        scheduler::schedule();
        EXPECT_EQ(machine.current(), &me());
        const std::vector<const Tcb*> lesser{&candidate, &waiting}, equal{&waiting, &candidate};
        EXPECT_EQ(take_all(priority), priority < 100 ? lesser : equal);
    }
}

class ChoiceOfDomains : public Choice {
protected:
    ChoiceOfDomains() : Choice(2, 2, true) {}
    void tick_under_lock() {
        smp::lock_kernel();
        tick();
        smp::unlock_kernel();
    }
};

TEST_F(ChoiceOfDomains, WhoLeavesTheDomainStopsAtOnce) {
    Tcb& other = queued(50);
    machine.syscall(me(), Syscall::Call, domain_cap, wire_label(Label::DomainSetSet), {1}, {own_tcb});
    EXPECT_EQ(machine.current(), &other);
    expect_consistent();
}

TEST_F(ChoiceOfDomains, AnIdleHartIsInterruptedForItsDomain) {
    const u64 index = machine.make_thread(10);
    EXPECT_EQ(machine.call(domain_cap, Label::DomainSetSet, {1}, {index}), ok());
    EXPECT_EQ(machine.call(index, Label::TCBSetAffinity, {1}), ok());
    EXPECT_EQ(machine.call(index, Label::TCBResume), ok());
    EXPECT_EQ(machine.call(domain_cap, Label::DomainScheduleConfigure, {0, 0, 2}), ok());
    EXPECT_EQ(machine.call(domain_cap, Label::DomainScheduleConfigure, {1, 1, 2}), ok());
    EXPECT_EQ(machine.call(domain_cap, Label::DomainScheduleSetStart, {0}), ok());
    // Hart 1 has nothing to do in this domain, and its ticks measure nothing.
    fake::cpu.hart = 1;
    for (unsigned i = 0; i < 5; ++i) {
        scheduler::timer_tick();
        scheduler::schedule();
    }
    EXPECT_EQ(scheduler::state_of(1).current, nullptr);
    EXPECT_EQ(scheduler::state_of(1).action, nullptr);
    fake::cpu.hart = 0;
    EXPECT_EQ(scheduler::current_domain(), 0U);
    for (unsigned i = 0; i < 4 && scheduler::current_domain() == 0; ++i) {
        fake::cpu.ipis.clear();
        tick_under_lock();
    }
    EXPECT_EQ(scheduler::current_domain(), 1U);
    EXPECT_EQ(fake::cpu.ipis, std::vector<u64>{base::bit(1)});
    fake::cpu.hart = 1;
    scheduler::schedule();
    EXPECT_EQ(machine.current(), &machine.tcb(index));
    fake::cpu.hart = 0;
}

class ChoiceOfHarts : public Choice {
protected:
    ChoiceOfHarts() : Choice(2, 1, true) {}
};

TEST_F(ChoiceOfHarts, AnotherHartIsInterruptedForItsThread) {
    const u64 index = machine.make_thread(10);
    EXPECT_EQ(machine.call(index, Label::TCBSetAffinity, {1}), ok());
    fake::cpu.ipis.clear();
    smp::lock_kernel();
    EXPECT_EQ(machine.call(index, Label::TCBResume), ok());
    smp::unlock_kernel();
    EXPECT_EQ(fake::cpu.ipis, std::vector<u64>{base::bit(1)});
}

TEST_F(ChoiceOfHarts, AMovedThreadTakesItsRegistersAlong) {
    const u64 index = machine.make_thread(10);
    EXPECT_TRUE(scheduler::fpu_trap());
    scheduler::give_fpu(scheduler::own_state(), machine.tcb(index)); // one is stored, the other loaded
    EXPECT_EQ(fake::cpu.fpu_saves, 1U);
    EXPECT_EQ(fake::cpu.fpu_loads, 2U);
    EXPECT_EQ(machine.call(index, Label::TCBSetAffinity, {1}), ok());
    EXPECT_EQ(fake::cpu.fpu_saves, 2U);
    EXPECT_EQ(scheduler::own_state().fpu_owner, nullptr);
}

} // namespace kernel::test
