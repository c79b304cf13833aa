// Interrupts on a PLIC as its specification has it: a source that was claimed is held back until whoever may
// acknowledge has done so or is gone, and it is never lost.
#include "fake_plic.hpp"
#include "user_interrupts_box.hpp"

#include "objects/irq.hpp"
#include "syscalls/commit_system.hpp"

#include <utility>

namespace kernel::test {

namespace {

using objects::IrqClaim;

constexpr u32 source = 11;
constexpr u64 badge = 6;

class Irq : public testing::Test {
protected:
    explicit Irq(u32 harts = 2) : machine(harts) {}

    u64 issue(u64 irq = source) {
        const u64 handler = machine.free_slot();
        EXPECT_EQ(machine.call(irq_control, Label::IRQIssueIRQHandler, {irq, handler, 64}, {CN}), ok());
        return handler;
    }
    void set(u64 handler, u64 to) { EXPECT_EQ(machine.call(handler, Label::IRQSetIRQHandler, {}, {to}), ok()); }
    void acknowledge(u64 handler) { EXPECT_EQ(machine.call(handler, Label::IRQAckIRQ), ok()); }
    void remove(u64 index) { EXPECT_EQ(machine.call(CN, Label::CNodeDelete, {index, 64}), ok()); }
    void revoke(u64 index) { EXPECT_EQ(machine.call(CN, Label::CNodeRevoke, {index, 64}), ok()); }

    // A handler with a notification, whose slot is `notification`.
    u64 connect() {
        notification = machine.make(ObjectType::Notification);
        const u64 handler = issue();
        set(handler, machine.mint(notification, badge));
        return handler;
    }
    // The hart enters the kernel for as long as its PLIC line is up; how often. It has to end.
    unsigned enter(u32 hart = 0) {
        const u32 before = std::exchange(fake::cpu.hart, hart);
        unsigned entries = 0;
        for (; fake::plic.interrupts(hart) && entries < 100; ++entries) objects::handle_external_interrupt();
        fake::cpu.hart = before;
        EXPECT_LT(entries, 100U) << "the hart never leaves the loop";
        return entries;
    }
    // The badge that came, 0 if none did.
    u64 poll(u64 index) {
        objects::Notification& object = *machine.cap(index).as_notification();
        return object.active() ? object.consume() : 0;
    }
    void expect_sound(unsigned idle_completions = 0) {
        EXPECT_EQ(fake::plic.idle_completions, idle_completions);
        EXPECT_EQ(fake::plic.ignored_completions, 0U);
        EXPECT_EQ(broken_invariant(machine), "");
    }

    Machine machine;
    u64 notification = 0;
};

TEST_F(Irq, AnUnservedSourceIsHeldBackUntilItIsAcknowledged) {
    const u64 handler = connect();
    fake::plic.set_line(source, true);
    EXPECT_EQ(enter(), 1U);
    EXPECT_EQ(objects::irq_claim(source), IrqClaim::Signalled);
    EXPECT_EQ(poll(notification), badge);
    EXPECT_EQ(enter(), 0U);
    acknowledge(handler); // the driver has not served it: it comes again, once
    EXPECT_EQ(enter(), 1U);
    EXPECT_EQ(poll(notification), badge);
    fake::plic.set_line(source, false);
    acknowledge(handler);
    EXPECT_EQ(objects::irq_claim(source), IrqClaim::None);
    EXPECT_EQ(enter(), 0U);
    fake::plic.set_line(source, true);
    EXPECT_EQ(enter(), 1U);
    expect_sound();
}

TEST_F(Irq, AcknowledgingWithoutAClaimCompletesNothing) {
    const u64 handler = connect();
    acknowledge(handler);
    EXPECT_EQ(machine.call(handler, Label::IRQClearIRQHandler), ok());
    EXPECT_EQ(machine.call(handler, Label::IRQClearIRQHandler), ok());
    remove(handler);
    EXPECT_EQ(fake::plic.completions, 0U);
    expect_sound();
}

TEST_F(Irq, AnyHartAcknowledgesForTheOneThatClaimed) {
    const u64 handler = connect(); // on hart 0
    fake::plic.set_line(source, true);
    for (unsigned i = 0; i < 3; ++i) {
        EXPECT_EQ(enter(1), 0U);
        EXPECT_EQ(enter(0), 1U);
        fake::cpu.hart = 1;
        objects::complete_irq(source);
        fake::cpu.hart = 0;
    }
    EXPECT_EQ(enter(0), 1U);
    acknowledge(handler);
    EXPECT_EQ(fake::plic.completions, 4U);
    expect_sound();
}

TEST_F(Irq, ClearingTheHandlerLetsTheSourceGo) {
    const u64 handler = connect();
    fake::plic.set_line(source, true);
    EXPECT_EQ(enter(), 1U);
    EXPECT_EQ(machine.call(handler, Label::IRQClearIRQHandler), ok());
    EXPECT_EQ(enter(), 1U); // nobody hears that one
    EXPECT_EQ(objects::irq_claim(source), IrqClaim::Unheard);
    const u64 next = machine.make(ObjectType::Notification);
    set(handler, machine.mint(next, 9));
    EXPECT_EQ(enter(), 1U);
    EXPECT_EQ(poll(next), 9U);
    expect_sound();
}

TEST_F(Irq, WithoutANotificationOneComesWhenOneIsSet) {
    const u64 handler = issue();
    fake::plic.set_line(source, true);
    EXPECT_EQ(enter(), 1U);
    EXPECT_EQ(enter(), 0U);
    notification = machine.make(ObjectType::Notification);
    set(handler, machine.mint(notification, badge));
    EXPECT_EQ(enter(), 1U);
    EXPECT_EQ(poll(notification), badge);
    expect_sound();
}

TEST_F(Irq, WithoutANotificationAnAcknowledgementLetsItGoToo) {
    const u64 handler = issue();
    fake::plic.set_line(source, true);
    EXPECT_EQ(enter(), 1U);
    fake::plic.set_line(source, false);
    acknowledge(handler);
    EXPECT_EQ(enter(), 0U);
    EXPECT_EQ(objects::irq_claim(source), IrqClaim::None);
    expect_sound();
}

// The driver that was told is at work: it acknowledges, whatever notification is set by then.
TEST_F(Irq, ReplacingTheNotificationAcknowledgesNothing) {
    const u64 handler = connect();
    fake::plic.set_line(source, true);
    EXPECT_EQ(enter(), 1U);
    const u64 next = machine.make(ObjectType::Notification);
    set(handler, machine.mint(next, 9));
    EXPECT_EQ(enter(), 0U);
    acknowledge(handler);
    EXPECT_EQ(enter(), 1U);
    EXPECT_EQ(poll(next), 9U);
    expect_sound();
}

TEST_F(Irq, WhoSucceedsADeadNotificationHearsOfWhatItWasTold) {
    const u64 handler = connect();
    fake::plic.set_line(source, true);
    EXPECT_EQ(enter(), 1U);
    revoke(notification);
    remove(notification);
    EXPECT_EQ(enter(), 0U);
    const u64 next = machine.make(ObjectType::Notification);
    set(handler, machine.mint(next, 9));
    EXPECT_EQ(enter(), 1U);
    EXPECT_EQ(poll(next), 9U);
    expect_sound();
}

// Its completion is written while the source is enabled: else the PLIC ignores it, and the source is silent for good.
TEST_F(Irq, TheNextHandlerGetsASourceThatDiedUnacknowledged) {
    fake::plic.set_line(source, true);
    for (const bool revoked : {false, true}) {
        const u64 handler = connect();
        EXPECT_EQ(enter(), 1U) << revoked;
        machine.copy(handler);
        if (revoked)
            revoke(irq_control);
        else
            revoke(handler), remove(handler);
        EXPECT_EQ(objects::irq_claim(source), IrqClaim::None);
        EXPECT_FALSE(fake::plic.in_service[source]);
        EXPECT_EQ(enter(), 0U);
        expect_sound();
    }
}

TEST_F(Irq, ADeadDriversCSpaceTakesTheClaimAlong) {
    const u64 node = machine.make(ObjectType::CapTable, 4);
    notification = machine.make(ObjectType::Notification);
    EXPECT_EQ(machine.call(irq_control, Label::IRQIssueIRQHandler, {source, node, 64}, {CN}),
              error(ErrorCode::DeleteFirst)); // the CNode itself is there
    EXPECT_EQ(machine.call(irq_control, Label::IRQIssueIRQHandler, {source, 3, 4}, {node}), ok());
    const u64 handler = machine.free_slot();
    EXPECT_EQ(machine.call(CN, Label::CNodeMove, {handler, 64, 3, 4}, {node}), ok());
    set(handler, notification);
    EXPECT_EQ(machine.call(node, Label::CNodeMove, {3, 4, handler, 64}, {CN}), ok());
    fake::plic.set_line(source, true);
    EXPECT_EQ(enter(), 1U);
    remove(node);
    EXPECT_EQ(objects::irq_state(source), objects::IrqState::Inactive);
    EXPECT_FALSE(fake::plic.in_service[source]);
    expect_sound();
}

TEST_F(Irq, ASourceThatNobodyHasIsDropped) {
    fake::plic.enabled[source] = 1; // as a firmware might leave it
    fake::plic.enabled[plic_sources + 2] = 1;
    fake::plic.set_line(source, true);
    fake::plic.set_line(plic_sources + 2, true);
    EXPECT_EQ(enter(), 2U);
    EXPECT_EQ(fake::plic.enabled[source], 0U);
    EXPECT_EQ(fake::plic.enabled[plic_sources + 2], 0U);
    connect();
    EXPECT_EQ(enter(), 1U);
    EXPECT_EQ(poll(notification), badge);
    expect_sound();
}

// A driver that acknowledges and has not served its device: the line is up at each entry.
TEST_F(Irq, TheTimerWaitsForOneDeviceInterruptAtMost) {
    const u64 handler = connect();
    fake::plic.set_line(source, true);
    fake::cpu.pending = arch::external_interrupt | arch::timer_interrupt;
    const unsigned ticks_before = fake::cpu.timers_set;
    for (unsigned entries = 1; entries <= 10; ++entries) {
        trap_interrupt(&machine.current()->context, 0);
        objects::complete_irq(source);
        EXPECT_EQ(fake::plic.claims, (entries + 1) / 2);
        EXPECT_EQ(fake::cpu.timers_set - ticks_before, entries / 2);
    }
    fake::cpu.pending = arch::external_interrupt | arch::software_interrupt;
    for (unsigned entries = 0; entries < 2; ++entries) {
        trap_interrupt(&machine.current()->context, 0);
        objects::complete_irq(source);
    }
    EXPECT_EQ(fake::cpu.pending, arch::external_interrupt);
    fake::cpu.pending = 0;
    EXPECT_EQ(enter(), 1U);
    acknowledge(handler);
    expect_sound();
}

TEST_F(Irq, TheLastSourceIsOneOfThem) {
    issue(plic_sources);
    EXPECT_EQ(fake::plic.enabled[plic_sources], base::bit(0));
    EXPECT_EQ(machine.call(irq_control, Label::IRQIssueIRQHandler, {plic_sources + 1, machine.free_slot(), 64}, {CN}),
              error(ErrorCode::RevokeFirst)); // the kernel's
}

// Its last capability is the handler's, which is preempted while it empties the queue: nobody is signalled any more.
TEST_F(Irq, ANotificationThatDiesInItsHandlerWakesNobody) {
    notification = machine.make(ObjectType::Notification);
    const u64 handler = issue();
    set(handler, notification);
    Tcb* waiters[] = {&machine.spawn(255), &machine.spawn(255)};
    for (Tcb* waiter : waiters) machine.syscall(*waiter, api::Syscall::Recv, notification);
    machine.run(machine.initial());
    remove(notification);
    Reply reply;
    fake::preempt_after(1);
    EXPECT_FALSE(machine.call_once(handler, Label::IRQClearIRQHandler, {}, {}, reply));
    fake::preempt_after(0);
    EXPECT_EQ(waiters[1]->state, ThreadState::BlockedOnNotification);
    fake::plic.set_line(source, true);
    EXPECT_EQ(enter(), 1U);
    EXPECT_EQ(objects::irq_claim(source), IrqClaim::Unheard);
    EXPECT_EQ(waiters[1]->state, ThreadState::BlockedOnNotification);
    machine.run(machine.initial());
    EXPECT_EQ(machine.call(handler, Label::IRQClearIRQHandler), ok());
    EXPECT_EQ(waiters[1]->state, ThreadState::Restart);
}

// A worker issues a handler for the queue whose request it carries out: on that queue's hart, which asked.
TEST_F(Irq, ASourceComesToTheHartThatAskedForIt) {
    EXPECT_EQ(syscalls::commit_irq_control({source, &machine.slot(irq_control), &machine.slot(machine.free_slot())},
                                           {.domain = 0, .hart = 1}),
              syscalls::Outcome::Done);
    EXPECT_EQ(fake::plic.enabled[source], base::bit(1));
}

// The thread of its notification may be far from waiting for that: it gets a bit as well as the signal.
class IrqOfAReceiver : public UserInterrupts {};

TEST_F(IrqOfAReceiver, IsABitAndASignal) {
    const Pair pair = receiver();
    const u64 handler = machine.free_slot();
    EXPECT_EQ(machine.call(irq_control, Label::IRQIssueIRQHandler, {source, handler, 64}, {CN}), ok());
    EXPECT_EQ(machine.call(handler, Label::IRQSetIRQHandler, {}, {machine.mint(pair.ntfn, badge)}), ok());
    device[entry_of(pair)].send = 0;
    fake::plic.set_line(source, true);
    objects::handle_external_interrupt();
    EXPECT_EQ(device[entry_of(pair)].send, badge);
    EXPECT_TRUE(machine.cap(pair.ntfn).as_notification()->active());
}

class OtherSocket : public Irq {
protected:
    OtherSocket() : Irq(4) {}
    static void SetUpTestSuite() { fake::harts_without_context = 0b1011; }
    static void TearDownTestSuite() { fake::harts_without_context = 0; }
};

TEST_F(OtherSocket, AHandlerGotThereSignalsByAHartThatThePlicReaches) {
    const u64 handler = connect(); // hart 0 has no context
    fake::plic.set_line(source, true);
    EXPECT_EQ(fake::plic.enabled[source], base::bit(2));
    EXPECT_EQ(enter(0), 0U);
    EXPECT_EQ(enter(2), 1U);
    EXPECT_EQ(poll(notification), badge);
    acknowledge(handler);
    EXPECT_EQ(enter(2), 1U);
    expect_sound();
}

} // namespace

} // namespace kernel::test
