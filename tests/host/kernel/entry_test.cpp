// The kernel's entry and exit: what a trap or an interrupt does, whom it lets go on, and what an idle hart waits for.
#include "taic_box.hpp"
#include "user_interrupts_box.hpp"

#include "trap/trap.hpp"

#include <gmock/gmock.h>

namespace kernel::test {

namespace {

constexpr u64 load_page_fault = 13;

void interrupt(Machine& machine, u64 pending) {
    fake::cpu.pending = pending;
    trap_interrupt(&machine.current()->context, 0);
}
// The thread that runs has no fault handler: it runs no more.
void fault(Machine& machine) { trap_exception(&machine.current()->context, load_page_fault, 0x5000); }

class Entry : public BoxTest {
protected:
    explicit Entry(unsigned domains = 1) : BoxTest(1, domains) {}
};

// It trapped, and another hart stopped it before this one had the lock.
TEST_F(Entry, ATrapOfAStoppedThreadIsDropped) {
    Tcb& stopped = machine.tcb(machine.make_thread(10));
    machine.spawn(10);
    trap_exception(&stopped.context, load_page_fault, 0x5000);
    EXPECT_EQ(machine.current(), &machine.initial());
    EXPECT_EQ(stopped.state, ThreadState::Inactive);
    EXPECT_EQ(stopped.fault.kind, objects::FaultKind::None);
}

TEST_F(Entry, AMemoryFaultIsNoUseOfTheFpu) {
    Tcb& next = machine.spawn(10);
    fault(machine);
    EXPECT_EQ(machine.current(), &next);
    EXPECT_EQ(machine.initial().state, ThreadState::Inactive);
    EXPECT_EQ(fake::cpu.fpu_loads, 0U);
}

// A hart that remembers an invalid entry: other harts' new pages are no news to it.
TEST_F(Entry, AFaultOfAPageThatIsThereIsNone) {
    constexpr base::Vaddr vaddr = 0x20'0000;
    constexpr u64 execute_never = 1;
    constexpr u64 fetch_page_fault = 12;
    constexpr u64 store_page_fault = 15;
    EXPECT_EQ(machine.call(fresh(ObjectType::PageTable), Label::RISCVPageTableMap, {vaddr, 0}, {own_vspace}), ok());
    EXPECT_EQ(machine.call(fresh(ObjectType::Page), Label::RISCVPageMap, {vaddr, 3, execute_never}, {own_vspace}),
              ok());
    machine.spawn(10); // runs instead when there is a fault
    arch::Context& context = machine.initial().context;
    using fake::Fence;
    for (const u64 cause : {load_page_fault, store_page_fault}) {
        fake::cpu.fences.clear();
        EXPECT_EQ(trap_exception(&context, cause, vaddr + 8), &context);
        EXPECT_EQ(fake::cpu.fences, (std::vector<Fence>{{Fence::Kind::Page, 1, vaddr + 8, 1}}));
    }
    EXPECT_NE(trap_exception(&context, fetch_page_fault, vaddr), &context);
}

TEST_F(Entry, TimerInterruptsEndASlice) {
    Tcb& equal = machine.spawn(255);
    for (unsigned tick = 0; tick < objects::time_slice_ticks; ++tick) {
        EXPECT_EQ(machine.current(), &machine.initial());
        interrupt(machine, arch::timer_interrupt);
    }
    EXPECT_EQ(machine.current(), &equal);
}

// Where an entry takes longer than a tick, the timer is always pending.
TEST_F(Entry, TheTimerKeepsNoSoftwareInterruptOut) {
    const unsigned timers = fake::cpu.timers_set;
    interrupt(machine, arch::timer_interrupt | arch::software_interrupt);
    EXPECT_EQ(fake::cpu.timers_set, timers + 1);
    EXPECT_EQ(fake::cpu.pending, arch::timer_interrupt);
}

// What preempted a call is served before the call is made again.
TEST_F(Entry, APreemptedCallLetsTheInterruptIn) {
    for (unsigned i = 0; i < 4; ++i) fresh(ObjectType::Endpoint);
    Tcb& thread = machine.initial();
    thread.context[arch::Reg::A0] = CN;
    thread.context[arch::Reg::A1] = info_word(wire_label(Label::CNodeRevoke), 2);
    thread.context[arch::Reg::A7] = static_cast<u64>(static_cast<i64>(Syscall::Call));
    ipc::message_register(thread, 0) = box;
    ipc::message_register(thread, 1) = 64;
    thread.context.fault_ip_ = 0x10000;
    thread.context.next_ip_ = 0x10004;
    const unsigned timers = fake::cpu.timers_set;
    fake::preempt_after(1);
    trap_ecall(&thread.context);
    fake::preempt_after(0);
    EXPECT_EQ(fake::cpu.timers_set, timers + 1);
    EXPECT_EQ(thread.state, ThreadState::Running);
    EXPECT_EQ(thread.context.next_ip_, 0x10000U);
    revoke_slot(box);
}

// It goes on where it was told to, not behind the instruction that it was in.
TEST_F(Entry, ARestartedThreadIsActivatedFirst) {
    Tcb& thread = machine.initial();
    thread.context.fault_ip_ = 0x10000;
    thread.context.next_ip_ = 0x10004;
    objects::set_state(thread, ThreadState::Restart);
    interrupt(machine, 0);
    EXPECT_EQ(thread.state, ThreadState::Running);
    EXPECT_EQ(thread.context.next_ip_, 0x10000U);
}

class DoorbellEntry : public BoxTest {
protected:
    TaicModelDevice device{false};
};

TEST_F(DoorbellEntry, ADoorbellIsTakenAndServedAtOnce) {
    const u64 slot = fresh(ObjectType::AsyncQueue, 15);
    const u64 ntfn = fresh(ObjectType::Notification);
    const u64 flags = TAIL4_ASYNC_BIND_TAIC | TAIL4_ASYNC_BIND_NOTIFICATION;
    EXPECT_EQ(machine.call(slot, Label::AsyncQueueBind, {flags}, {CN, own_vspace, ntfn}), ok());
    TaicUser owner(device, *machine.cap(slot).as_async_queue());
    machine.run(machine.spawn(100));
    owner.listen(1);
    owner.submit(1, TAIL4_OP_Nop, 1);
    owner.page().send({async::os_id, 0, async::kernel_vector});
    interrupt(machine, arch::software_interrupt);
    EXPECT_THAT(owner.woken(), testing::ElementsAre(1));
    EXPECT_EQ(fake::cpu.pending, 0U);
}

// Counts how often the hart waits. A tick comes each time, and after a while something else.
class Waits {
public:
    Waits() {
        fake::at_wait = [this] {
            ++count_;
            fake::cpu.pending = arch::timer_interrupt | (count_ < 20 ? 0 : arch::software_interrupt);
        };
    }
    Waits(const Waits&) = delete;
    Waits& operator=(const Waits&) = delete;
    ~Waits() { fake::at_wait = nullptr; }
    unsigned count() const { return count_; }

private:
    unsigned count_ = 0;
};

class IdleOverReceivers : public UserInterrupts {};

TEST_F(IdleOverReceivers, ABitThatHasComeKeepsTheHartAwake) {
    const Pair pair = receiver();
    Tcb& thread = machine.tcb(pair.tcb);
    machine.syscall(thread, Syscall::Recv, pair.ntfn);
    EXPECT_EQ(thread.state, ThreadState::BlockedOnNotification);
    device[entry_of(pair)].high = 1;
    const Waits waits;
    fault(machine);
    EXPECT_EQ(waits.count(), 0U);
    EXPECT_EQ(machine.current(), &thread);
}

class IdleInADomain : public Entry {
protected:
    IdleInADomain() : Entry(2) {}
};

TEST_F(IdleInADomain, TheFirstHartCountsItsTime) {
    const u64 other = machine.make_thread(10);
    EXPECT_EQ(machine.call(domain_cap, Label::DomainSetSet, {1}, {other}), ok());
    EXPECT_EQ(machine.call(domain_cap, Label::DomainScheduleConfigure, {0, 0, 3}), ok());
    EXPECT_EQ(machine.call(domain_cap, Label::DomainScheduleConfigure, {1, 1, 3}), ok());
    EXPECT_EQ(machine.call(domain_cap, Label::DomainScheduleSetStart, {0}), ok());
    machine.start(machine.tcb(other));
    const Waits waits;
    fault(machine);
    EXPECT_EQ(waits.count(), 3U);
    EXPECT_EQ(machine.current(), &machine.tcb(other));
}

} // namespace

} // namespace kernel::test
