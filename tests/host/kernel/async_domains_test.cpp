// Whose domain, hart and time: an asynchronous queue belongs to its binder's, and all harts change domain together. And
// what a request changes of a thread that runs holds as soon as it is answered.
#include "async_box.hpp"

#include "async/executor.hpp"
#include "objects/irq.hpp"
#include "objects/upcalls.hpp"
#include "scheduler/domains.hpp"
#include "smp/kernel_lock.hpp"

namespace kernel::test {

namespace {

class TwoDomains : public Async {
protected:
    explicit TwoDomains(u64 flags = TAIL4_ASYNC_BIND_NOTIFICATION) : Async(flags, 2, 2) {}
    ~TwoDomains() override { fake::cpu.hart = 0; }

    // Two ticks of domain 0, three of domain 1, and so on.
    void start_schedule() {
        EXPECT_EQ(machine.call(domain_cap, Label::DomainScheduleConfigure, {0, 0, 2}), ok());
        EXPECT_EQ(machine.call(domain_cap, Label::DomainScheduleConfigure, {1, 1, 3}), ok());
        machine.syscall(*machine.current(), api::Syscall::Call, domain_cap, wire_label(Label::DomainScheduleSetStart),
                        {0});
    }
    void schedule_on(u32 hart) {
        fake::cpu.hart = hart;
        scheduler::schedule();
        if (machine.current() != nullptr) scheduler::activate(*machine.current());
    }
    void tick_on(u32 hart) {
        fake::cpu.hart = hart;
        scheduler::timer_tick();
        async::tick();
        schedule_on(hart);
        async::follow_domain();
    }
    Tcb& thread_of(u32 hart, u64 domain) {
        const u64 slot = machine.make_thread(50);
        EXPECT_EQ(machine.call(domain_cap, Label::DomainSetSet, {domain}, {slot}), ok());
        EXPECT_EQ(machine.call(slot, Label::TCBSetAffinity, {hart}), ok());
        EXPECT_EQ(machine.call(slot, Label::TCBResume), ok());
        return machine.tcb(slot);
    }
    static Tcb* runs_on(u32 hart) { return scheduler::state_of(hart).current; }
};

TEST_F(TwoDomains, AllHartsChangeTogether) {
    const Tcb& first = thread_of(1, 0);
    const Tcb& second = thread_of(1, 1);
    start_schedule();
    schedule_on(1);
    EXPECT_EQ(runs_on(1), &first);
    for (int i = 0; i < 5; ++i) tick_on(1); // only the first hart measures
    EXPECT_EQ(scheduler::current_domain(), 0);
    tick_on(0);
    EXPECT_EQ(runs_on(0), &machine.initial());
    fake::cpu.ipis.clear();
    tick_on(0);
    EXPECT_EQ(scheduler::current_domain(), 1);
    EXPECT_EQ(runs_on(0), nullptr);
    EXPECT_EQ(runs_on(1), nullptr); // before anything of domain 1 runs
    ASSERT_FALSE(fake::cpu.ipis.empty());
    EXPECT_EQ(fake::cpu.ipis.front(), base::bit(1));
    EXPECT_TRUE(first.queued);
    EXPECT_EQ(broken_invariant(machine), "");
    schedule_on(1);
    EXPECT_EQ(runs_on(1), &second);
    for (int i = 0; i < 3; ++i) tick_on(0);
    EXPECT_EQ(scheduler::current_domain(), 0);
    EXPECT_EQ(runs_on(1), nullptr);
    schedule_on(1);
    EXPECT_EQ(runs_on(1), &first);
    EXPECT_EQ(broken_invariant(machine), "");
}

// The call of a thread that waits for the lock while its slice ends is made in its next slice.
TEST_F(TwoDomains, AnEndedSliceDropsTheTrap) {
    Tcb& thread = thread_of(1, 0);
    start_schedule();
    schedule_on(1);
    ASSERT_EQ(runs_on(1), &thread);
    thread.context.fault_ip_ = 0x1000;
    thread.context.next_ip_ = 0x1004;
    tick_on(0);
    tick_on(0);
    EXPECT_EQ(thread.context.next_ip_, 0x1000U);
}

TEST_F(TwoDomains, AnIdleHartIsToldOfTheNewDomain) {
    const Tcb& second = thread_of(1, 1);
    start_schedule();
    schedule_on(1);
    EXPECT_EQ(runs_on(1), nullptr);
    smp::lock_slowly();
    tick_on(0);
    tick_on(0);
    fake::cpu.ipis.clear();
    smp::unlock_slowly();
    EXPECT_EQ(fake::cpu.ipis, std::vector<u64>{base::bit(1)});
    schedule_on(1);
    EXPECT_EQ(runs_on(1), &second);
}

// The queue is domain 0's, as its binder.
TEST_F(TwoDomains, AWorkerRunsInItsOwnTimeOnly) {
    start_schedule();
    tick_on(0);
    tick_on(0);
    ASSERT_EQ(scheduler::current_domain(), 1);
    submit(1, TAIL4_OP_Nop);
    async::make_ready(*queue);
    EXPECT_FALSE(async::work_left());
    for (const u32 hart : {0U, 1U, 0U}) {
        fake::cpu.hart = hart;
        async::run_ready();
    }
    tick_on(0);
    tick_on(0);
    EXPECT_EQ(control().cq_tail, 0U);
    EXPECT_EQ(broken_invariant(machine), "");
    fake::cpu.hart = 0;
    smp::lock_slowly();
    scheduler::timer_tick();
    scheduler::schedule();
    ASSERT_EQ(scheduler::current_domain(), 0);
    EXPECT_TRUE(async::work_left());
    fake::cpu.ipis.clear();
    async::follow_domain(); // hart 1 has nothing to do
    smp::unlock_slowly();
    EXPECT_EQ(fake::cpu.ipis.back(), base::bit(1));
    fake::cpu.hart = 1;
    async::run_ready();
    EXPECT_EQ(control().cq_tail, 1U);
}

// It watched the ring when its domain's time ended.
TEST_F(TwoDomains, AWatchEndsWithTheSlice) {
    start_schedule();
    fake::cpu.hart = 1;
    submit(1, TAIL4_OP_Nop);
    async::make_ready(*queue);
    async::run_ready();
    ASSERT_TRUE(async::is_watching());
    submit(2, TAIL4_OP_Nop);
    tick_on(0);
    tick_on(0);
    ASSERT_EQ(scheduler::current_domain(), 1);
    fake::cpu.hart = 1;
    async::end_polling();
    EXPECT_FALSE(async::is_watching());
    EXPECT_EQ(control().cq_tail, 1U);
    for (int i = 0; i < 3; ++i) tick_on(0);
    fake::cpu.hart = 1;
    async::run_ready();
    EXPECT_EQ(control().cq_tail, 2U);
}

TEST_F(TwoDomains, WhatAQueueMakesIsOfItsDomainAndHart) {
    // Bound by a thread of domain 1 on hart 0, served by hart 1, driven by one of domain 0.
    machine.initial().domain = 1; // no call: the hart would choose another thread
    const u64 other = fresh(ObjectType::AsyncQueue, 15);
    EXPECT_EQ(machine.call(other, Label::AsyncQueueBind, {TAIL4_ASYNC_BIND_NOTIFICATION}, {CN, own_vspace, ntfn}),
              ok());
    machine.initial().domain = 0;
    const u64 made = machine.free_slot(2);
    const Words words = {static_cast<u64>(ObjectType::Tcb), 0, 0, 0, made, 1};
    submit(1, TAIL4_OP_UntypedRetype, box, words, {CN});
    fake::cpu.hart = 1;
    async::make_ready(*queue);
    async::run_ready();
    fake::cpu.hart = 0;
    EXPECT_EQ(machine.tcb(made).affinity, 0U);
    EXPECT_EQ(machine.tcb(made).context.hart_, &smp::harts[0]);
    EXPECT_EQ(machine.tcb(made).domain, 0U);
    index = other;
    queue = machine.cap(other).as_async_queue();
    submit(1, TAIL4_OP_UntypedRetype, box, {words[0], 0, 0, 0, made + 1, 1}, {CN});
    EXPECT_EQ(drive(), 1U);
    EXPECT_EQ(machine.tcb(made + 1).domain, 1U);
    EXPECT_EQ(broken_invariant(machine), "");
}

// The running thread's space is changed by itself, by a request that it drives, and by a worker that interrupts it.
class OwnSpace : public Async {
protected:
    OwnSpace() : Async(TAIL4_ASYNC_BIND_NOTIFICATION, 2) {
        EXPECT_EQ(machine.call(own_pool, Label::RISCVASIDPoolAssign, {}, {space}), ok());
        before = root();
    }
    ~OwnSpace() override { fake::cpu.hart = 0; }
    static u64 root(u32 hart = 0) { return fake::cpu.space[hart].root; }
    u64 new_root() { return caps::object_paddr(machine.cap(space).page_table()); }
    void set_by_request() { submit(1, TAIL4_OP_TCBSetSpace, own_tcb, {0, 0, 0}, {CN, space}); }

    u64 space = fresh(ObjectType::PageTable);
    u64 before = 0;
};

TEST_F(OwnSpace, ByItself) {
    EXPECT_EQ(machine.call(own_tcb, Label::TCBSetSpace, {0, 0, 0}, {CN, space}), ok());
    EXPECT_EQ(root(), new_root());
    EXPECT_EQ(machine.call(own_tcb, Label::TCBConfigure, {0, 0, 0, 0}, {CN, own_vspace, own_buffer}), ok());
    EXPECT_EQ(root(), before);
}

TEST_F(OwnSpace, ByItsDrive) {
    set_by_request();
    EXPECT_EQ(drive(), 1U);
    EXPECT_EQ(root(), new_root());
}

TEST_F(OwnSpace, ByAWorkerOnItsHart) {
    set_by_request();
    EXPECT_EQ(machine.call(own_tcb, Label::TCBSetPriority, {1}, {own_tcb}), ok());
    control().sq_priority = 9;
    async::make_ready(*queue);
    async::run_ready();
    scheduler::schedule();
    EXPECT_EQ(machine.current(), &machine.initial());
    EXPECT_EQ(root(), new_root());
}

TEST_F(OwnSpace, ByAWorkerOnAnotherHart) {
    set_by_request();
    fake::cpu.hart = 1;
    async::make_ready(*queue);
    async::run_ready();
    EXPECT_EQ(scheduler::state_of(0).current, nullptr); // stopped, to be chosen anew
    fake::cpu.hart = 0;
    scheduler::schedule();
    EXPECT_EQ(root(), new_root());
}

// The capability goes, the address space stays for others: nobody runs in it by the one that is gone.
TEST_F(OwnSpace, IsLeftWhenItsCapabilityIsDeleted) {
    EXPECT_EQ(machine.call(own_tcb, Label::TCBSetSpace, {0, 0, 0}, {CN, space}), ok());
    machine.syscall(machine.initial(), api::Syscall::Call, CN, wire_label(Label::CNodeRevoke), {space, 64});
    EXPECT_TRUE(machine.initial().slot(TcbSlot::VSpace).empty());
    EXPECT_EQ(root(), 0U);
    EXPECT_EQ(broken_invariant(machine), "");
}

TEST_F(OwnSpace, IsLeftOnAnotherHartToo) {
    const u64 child = machine.make_thread(50);
    EXPECT_EQ(machine.call(child, Label::TCBSetSpace, {0, 0, 0}, {CN, space}), ok());
    EXPECT_EQ(machine.call(child, Label::TCBSetAffinity, {1}), ok());
    EXPECT_EQ(machine.call(child, Label::TCBResume), ok());
    fake::cpu.hart = 1;
    scheduler::schedule();
    scheduler::activate(machine.tcb(child));
    ASSERT_EQ(root(1), new_root());
    fake::cpu.hart = 0;
    EXPECT_EQ(machine.call(CN, Label::CNodeRevoke, {space, 64}), ok());
    EXPECT_EQ(root(1), 0U);
    EXPECT_EQ(root(0), before);
}

// What a Drive has taken is no work for the hart that watches the ring.
class PolledAndDriven : public Async {
protected:
    PolledAndDriven() : Async(TAIL4_ASYNC_BIND_POLL, 2) {}
};

TEST_F(PolledAndDriven, TheWatcherSpinsOn) {
    fake::cpu.hart = 1;
    async::run_ready();
    fake::cpu.hart = 0;
    submit(1, TAIL4_OP_Nop);
    EXPECT_EQ(drive(), 1U);
    fake::cpu.hart = 1;
    EXPECT_TRUE(async::take_up_polling());
    async::end_polling();
    EXPECT_FALSE(async::work_left());
    fake::cpu.pending = arch::timer_interrupt; // or spin() would not end
    fake::cpu.quiet_checks = 100;
    async::spin();
    EXPECT_EQ(fake::cpu.quiet_checks, 0U);
    fake::cpu.pending = 0;
    fake::cpu.hart = 0;
}

} // namespace

} // namespace kernel::test
