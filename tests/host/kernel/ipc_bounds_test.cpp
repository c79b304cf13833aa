// What IPC must not do: reach past a buffer or a message, wait where it may not, or go on where somebody has been.
#include "box.hpp"

#include "ipc/fault.hpp"
#include "objects/upcalls.hpp"

namespace kernel::test {

namespace {

using api::Syscall;
using arch::Reg;

} // namespace

class IpcBounds : public BoxTest {
protected:
    static constexpr u8 own = 10; // the priority of all

    IpcBounds() { EXPECT_EQ(machine.call(own_tcb, Label::TCBSetPriority, {own}, {own_tcb}), ok()); }

    Tcb& me() { return machine.initial(); }
    u64 tag(const Tcb& thread) { return thread.context[Reg::A1]; }
    void set_buffer(u64 thread, u64 address, u64 frame) {
        EXPECT_EQ(machine.call(thread, Label::TCBSetIPCBuffer, {address}, {frame}), ok());
    }
    // One more sender at `to`.
    Tcb& sender(u64 to) {
        Tcb& thread = machine.spawn(own);
        machine.syscall(thread, Syscall::Send, to, 0, {1});
        return thread;
    }
    // CancelBadgedSends has seen one thread and is preempted.
    void begin_cancel(u64 badged) {
        machine.run(me());
        Reply answer;
        fake::preempt_after(1);
        EXPECT_FALSE(machine.call_once(CN, Label::CNodeCancelBadgedSends, {badged, 64}, {}, answer));
        fake::preempt_after(0);
    }
    void cancel(u64 badged) {
        machine.run(me());
        EXPECT_EQ(machine.call(CN, Label::CNodeCancelBadgedSends, {badged, 64}), ok());
    }

    u64 ep = fresh(ObjectType::Endpoint);
    u64 index = machine.make_thread(own);
    Tcb& peer = machine.tcb(index);
};

// --- Buffers

TEST_F(IpcBounds, ABufferIsUsedAsItsRightsAllow) {
    const u64 frame = fresh(ObjectType::Page);
    auto* bytes = reinterpret_cast<char*>(base::raw(machine.cap(frame).paddr()));
    for (u64 rights = 0; rights < 4; ++rights) {
        set_buffer(index, 0x1400, machine.copy(frame, rights)); // the second KiB of its page
        const bool readable = (rights & 2) != 0;
        const auto* wanted = reinterpret_cast<const volatile ipc::Buffer*>(bytes + 0x400);
        EXPECT_EQ(ipc::send_buffer(peer), readable ? wanted : nullptr) << rights;
        EXPECT_EQ(ipc::receive_buffer(peer), rights == 3 ? wanted : nullptr) << rights;
    }
}

TEST_F(IpcBounds, WithoutABufferOnlyTheRegistersArrive) {
    set_buffer(index, 0, own_buffer);
    machine.start(peer);
    machine.syscall(peer, Syscall::Recv, ep);
    machine.syscall(me(), Syscall::Send, ep, 5, {1, 2, 3, 4, 5, 6});
    EXPECT_EQ(tag(peer), info_word(5, 4));
}

TEST_F(IpcBounds, WhatCannotBeDerivedStays) {
    const u64 target = machine.free_slot();
    machine.buffer(peer).receive_cnode = CN;
    machine.buffer(peer).receive_index = target;
    machine.buffer(peer).receive_depth = 64;
    machine.start(peer);
    for (const u64 cap : {u64{irq_control}, fresh(ObjectType::PageTable)}) {
        machine.syscall(peer, Syscall::Recv, ep);
        machine.syscall(me(), Syscall::Send, ep, 0, {}, {cap});
        EXPECT_EQ(ipc::MessageInfo{tag(peer)}.extra_caps(), 0U);
        EXPECT_EQ(machine.slot(target).mdb_prev(), nullptr);
        machine.run(me());
    }
    EXPECT_EQ(broken_invariant(machine), "");
}

// --- Replies to faults

class FaultReplies : public IpcBounds {
protected:
    FaultReplies() {
        peer.fault_endpoint = ep;
        machine.start(peer);
    }
    void fail(const objects::Fault& fault) {
        machine.run(peer);
        ipc::raise_fault(peer, fault);
        scheduler::schedule();
        machine.syscall(me(), Syscall::Recv, ep);
    }
    static constexpr objects::Fault exception{objects::FaultKind::UserException, {2, 0, 0}, {}};
    static constexpr objects::Fault unknown{objects::FaultKind::UnknownSyscall, {99, 0, 0}, {}};
};

TEST_F(FaultReplies, ChangeNoMoreThanTheyMay) {
    for (const Reg reg : {Reg::Ra, Reg::A0, Reg::A5}) peer.context[reg] = 77;
    fail(exception);
    machine.syscall(me(), Syscall::Reply, 0, 0, {0x30000, 0x9000, 1, 2, 3, 4, 5});
    EXPECT_EQ(peer.context.fault_ip_, 0x30000U);
    EXPECT_EQ(peer.context[Reg::Sp], 0x9000U);
    for (const Reg reg : {Reg::Ra, Reg::A0, Reg::A5}) EXPECT_EQ(peer.context[reg], 77U);
}

TEST_F(FaultReplies, WithoutABufferChangeWhatTheRegistersSay) {
    peer.context[Reg::A0] = peer.context[Reg::A1] = 77;
    fail(unknown);
    set_buffer(own_tcb, 0, own_buffer);
    me().context[Reg::A1] = info_word(0, 10);
    for (unsigned i = 0; i < ipc::register_words; ++i) ipc::message_register(me(), i) = i;
    EXPECT_TRUE(ipc::apply_fault_reply(me(), peer));
    EXPECT_EQ(peer.context[Reg::A0], 3U);
    EXPECT_EQ(peer.context[Reg::A1], 77U);
}

TEST_F(FaultReplies, AStoppedThreadsFaultIsOver) {
    fail(exception);
    EXPECT_EQ(peer.state, ThreadState::BlockedOnReply);
    objects::suspend(peer);
    EXPECT_EQ(peer.fault.kind, objects::FaultKind::None);
}

// --- Waiting

TEST_F(IpcBounds, ANonblockingSendDoesNotWait) {
    machine.syscall(me(), Syscall::NBSend, ep, 0, {1});
    EXPECT_EQ(me().state, ThreadState::Running);
    EXPECT_TRUE(machine.cap(ep).as_endpoint()->idle());
}

// Stopped in user mode, it is behind its last system call, not at it.
TEST_F(IpcBounds, AStoppedThreadGoesOnWhereItWas) {
    machine.start(peer);
    peer.context.fault_ip_ = 0x10000;
    peer.context.next_ip_ = 0x10044;
    EXPECT_EQ(machine.call(index, Label::TCBReadRegisters, {1, 1}), ok({0x10044}));
}

TEST_F(IpcBounds, WhoWaitedForADeadNotificationCanRun) {
    const u64 ntfn = fresh(ObjectType::Notification);
    Tcb* waiters[] = {&machine.spawn(own), &machine.spawn(own)};
    for (Tcb* waiter : waiters) machine.syscall(*waiter, Syscall::Recv, ntfn);
    machine.run(me());
    delete_slot(ntfn);
    for (const Tcb* waiter : waiters) {
        EXPECT_EQ(waiter->state, ThreadState::Restart);
        EXPECT_TRUE(waiter->queued);
    }
}

// --- A preempted CancelBadgedSends: the next thread it would look at may be gone when it goes on.

TEST_F(IpcBounds, TheNextSenderHasBeenReceived) {
    const u64 badged = machine.mint(ep, 7);
    sender(badged);
    Tcb& next = sender(badged);
    Tcb& last = sender(badged);
    begin_cancel(badged);
    machine.syscall(me(), Syscall::Recv, ep);
    EXPECT_EQ(next.state, ThreadState::Running);
    cancel(badged);
    EXPECT_EQ(next.state, ThreadState::Running);
    EXPECT_EQ(last.state, ThreadState::Restart);
    EXPECT_EQ(broken_invariant(machine), "");
}

TEST_F(IpcBounds, TheNextCallIsForAnotherBadgeOrEndpoint) {
    const u64 other = fresh(ObjectType::Endpoint);
    const u64 seven = machine.mint(ep, 7);
    const u64 eight = machine.mint(ep, 8);
    const u64 elsewhere = machine.mint(other, 7);
    Tcb& first = sender(eight);
    Tcb& second = sender(seven);
    Tcb& there = sender(elsewhere);
    begin_cancel(seven);
    cancel(elsewhere);
    EXPECT_EQ(there.state, ThreadState::Restart);
    EXPECT_EQ(second.state, ThreadState::BlockedOnSend);
    begin_cancel(seven);
    cancel(eight);
    EXPECT_EQ(first.state, ThreadState::Restart);
    EXPECT_EQ(second.state, ThreadState::BlockedOnSend);
    EXPECT_EQ(broken_invariant(machine), "");
}

TEST_F(IpcBounds, TheEndpointIsAnother) {
    const u64 untyped = fresh(ObjectType::Untyped, 12);
    const u64 at = machine.free_slot();
    const auto make = [&] {
        EXPECT_EQ(
            machine.call(untyped, Label::UntypedRetype, {static_cast<u64>(ObjectType::Endpoint), 0, 0, 0, at, 1}, {CN}),
            ok());
        return machine.mint(at, 7);
    };
    const u64 old = make();
    sender(old);
    Tcb& next = sender(old);
    begin_cancel(old);
    revoke_slot(untyped);
    EXPECT_EQ(next.state, ThreadState::Restart);
    objects::suspend(next);
    machine.start(next);
    machine.syscall(next, Syscall::Send, machine.mint(ep, 7), 0, {1});
    EXPECT_EQ(next.state, ThreadState::BlockedOnSend);
    machine.run(me());
    const u64 again = make(); // at the same place
    Tcb& there = sender(again);
    cancel(again);
    EXPECT_EQ(there.state, ThreadState::Restart);
    EXPECT_EQ(next.state, ThreadState::BlockedOnSend);
    EXPECT_EQ(broken_invariant(machine), "");
}

} // namespace kernel::test
