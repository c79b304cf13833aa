// IPC, notifications and faults as observed on upstream: sel4-abi-riscv64.md section 5 and D.2.
#include "machine.hpp"

#include "caps/mdb.hpp"
#include "ipc/fault.hpp"
#include "ipc/notification.hpp"
#include "objects/upcalls.hpp"
#include "syscalls/handle.hpp"

namespace kernel::test {

using api::Syscall;
using arch::Reg;

class Ipc : public testing::Test {
protected:
    Ipc() { EXPECT_EQ(machine.call(own_tcb, Label::TCBSetPriority, {10}, {own_tcb}), ok()); }

    u64 reg(Tcb& thread, Reg which) { return thread.context[which]; }
    u64 tag(Tcb& thread) { return thread.context[Reg::A1]; }
    u64 message(Tcb& thread, unsigned i) {
        return i < 4 ? ipc::message_register(thread, i) : machine.buffer(thread).msg[i];
    }
    void send(Tcb& thread, u64 to, u64 label = 0, const Words& words = {}, const Words& caps = {}) {
        machine.syscall(thread, Syscall::Send, to, label, words, caps);
    }
    void call(Tcb& thread, u64 to, u64 label = 0, const Words& words = {}, const Words& caps = {}) {
        machine.syscall(thread, Syscall::Call, to, label, words, caps);
    }
    void receive(Tcb& thread, u64 from) { machine.syscall(thread, Syscall::Recv, from); }
    void reply(Tcb& thread, u64 label = 0, const Words& words = {}) {
        machine.syscall(thread, Syscall::Reply, 0, label, words);
    }
    Tcb& me() { return machine.initial(); }

    Machine machine;
    u64 ep = machine.make(ObjectType::Endpoint);
    u64 ntfn = machine.make(ObjectType::Notification);
    Tcb& peer = machine.spawn(20);
    Tcb& third = machine.spawn(20);
};

TEST_F(Ipc, DebugCallsCanBeSwitchedOff) {
    machine.syscall(peer, Syscall::DebugCapIdentify, ep);
    EXPECT_NE(reg(peer, Reg::A0), ep);
    syscalls::debug_calls = false;
    machine.syscall(peer, Syscall::DebugPutChar, 'x');
    EXPECT_EQ(fake::cpu.console.back(), 'x');
    EXPECT_TRUE(peer.runnable());
    machine.syscall(peer, Syscall::DebugCapIdentify, ep);
    EXPECT_FALSE(peer.runnable());
    syscalls::debug_calls = true;
}

TEST_F(Ipc, WordsBadgeAndLabelArrive) {
    const u64 badged = machine.mint(ep, 77);
    for (const bool receiver_first : {true, false}) {
        if (receiver_first) receive(peer, ep);
        send(me(), badged, 0x1'2345'6789'abcd, {1, 2, 3, 4, 5, 6});
        if (!receiver_first) receive(peer, ep);
        EXPECT_EQ(reg(peer, Reg::A0), 77U);
        EXPECT_EQ(tag(peer), info_word(0x1'2345'6789'abcd, 6));
        for (unsigned i = 0; i < 6; ++i) EXPECT_EQ(message(peer, i), i + 1);
        EXPECT_EQ(me().state, ThreadState::Running);
        EXPECT_EQ(peer.state, ThreadState::Running);
    }
}

TEST_F(Ipc, LengthIsCut) {
    receive(peer, ep);
    machine.run(me());
    me().context[Reg::A0] = ep;
    me().context[Reg::A1] = 127;
    machine.syscall(me(), Syscall::Send, ep, 9, Words(120, 3));
    EXPECT_EQ(tag(peer), info_word(9, 120));
    // Without a buffer only the registers travel.
    receive(peer, ep);
    EXPECT_EQ(machine.call(own_tcb, Label::TCBSetIPCBuffer, {0}, {own_buffer}), ok());
    machine.run(me());
    me().context[Reg::A0] = ep;
    me().context[Reg::A1] = info_word(0, 9);
    EXPECT_EQ(ipc::send_buffer(me()), nullptr);
}

TEST_F(Ipc, CallAndReply) {
    receive(peer, ep);
    me().context[Reg::A4] = 0xa4;
    call(me(), ep, 1, {10, 11, 12, 13});
    EXPECT_EQ(me().state, ThreadState::BlockedOnReply);
    EXPECT_EQ(reg(peer, Reg::A0), 0U);
    reply(peer, 5, {7, 8});
    EXPECT_EQ(me().state, ThreadState::Running);
    EXPECT_EQ(tag(me()), info_word(5, 2));
    EXPECT_EQ(message(me(), 0), 7U);
    EXPECT_EQ(message(me(), 2), 12U); // unchanged
    EXPECT_TRUE(peer.slot(TcbSlot::Caller).empty());
    reply(peer); // nobody: nothing
}

TEST_F(Ipc, CallNeedsGrantOrGrantReply) {
    const u64 without = machine.copy(ep, 3);
    const u64 grant_reply = machine.copy(ep, 3 | 8);
    receive(peer, ep);
    call(me(), grant_reply);
    EXPECT_TRUE(peer.slot(TcbSlot::Caller).cap.is(CapType::Reply));
    reply(peer);
    receive(peer, ep);
    call(me(), without, 4);
    EXPECT_EQ(me().state, ThreadState::Inactive);
    EXPECT_EQ(tag(peer), info_word(4, 0));
    EXPECT_TRUE(peer.slot(TcbSlot::Caller).empty());
}

TEST_F(Ipc, SavedReplyCapabilities) {
    receive(peer, ep);
    call(me(), ep);
    const u64 saved = machine.free_slot();
    call(peer, CN, wire_label(Label::CNodeSaveCaller), {saved, 64});
    EXPECT_TRUE(machine.cap(saved).is(CapType::Reply));
    call(peer, CN, wire_label(Label::CNodeCopy), {saved + 100, 64, saved, 64, 15}, {CN});
    EXPECT_EQ(tag(peer) >> 12, static_cast<u64>(ErrorCode::IllegalOperation));
    call(peer, CN, wire_label(Label::CNodeMove), {saved + 100, 64, saved, 64}, {CN});
    EXPECT_EQ(tag(peer), 0U);
    send(peer, saved + 100, 6, {1});
    EXPECT_EQ(tag(me()), info_word(6, 1));
    EXPECT_TRUE(machine.slot(saved + 100).empty());
    EXPECT_EQ(peer.state, ThreadState::Running);
}

TEST_F(Ipc, ReceivingAgainLosesTheCaller) {
    receive(peer, ep);
    call(me(), ep);
    machine.syscall(peer, Syscall::NBRecv, ep);
    EXPECT_EQ(reg(peer, Reg::A0), 0U);
    EXPECT_TRUE(peer.slot(TcbSlot::Caller).empty());
    EXPECT_EQ(me().state, ThreadState::BlockedOnReply); // for ever
}

TEST_F(Ipc, SendersAndReceiversAreFifo) {
    send(peer, ep, 1);
    send(third, ep, 2);
    receive(me(), ep);
    EXPECT_EQ(tag(me()), info_word(1, 0));
    receive(me(), ep);
    EXPECT_EQ(tag(me()), info_word(2, 0));
}

TEST_F(Ipc, CapabilitiesTravelAndUnwrap) {
    const u64 badged = machine.mint(ep, 9);
    const u64 target = machine.free_slot();
    ipc::Buffer& buffer = machine.buffer(peer);
    buffer.receive_cnode = CN;
    buffer.receive_index = target;
    buffer.receive_depth = 64;
    receive(peer, ep);
    send(me(), ep, 0, {}, {badged, ntfn, own_tcb}); // unwrapped, transferred, no slot left
    EXPECT_EQ(ipc::MessageInfo{tag(peer)}.extra_caps(), 2U);
    EXPECT_EQ(ipc::MessageInfo::Unwrapped::get(tag(peer)), 1U);
    EXPECT_EQ(buffer.caps_or_badges[0], 9U);
    EXPECT_TRUE(machine.cap(target).is(CapType::Notification));
    EXPECT_EQ(machine.slot(ntfn).mdb_next(), &machine.slot(target));
    receive(peer, ep); // the slot is in use
    send(me(), ep, 0, {}, {ntfn});
    EXPECT_EQ(ipc::MessageInfo{tag(peer)}.extra_caps(), 0U);
    receive(peer, ep); // no grant right
    send(me(), machine.copy(ep, 1), 0, {}, {badged});
    EXPECT_EQ(ipc::MessageInfo{tag(peer)}.extra_caps(), 0U);
}

TEST_F(Ipc, Notifications) {
    const u64 bit0 = machine.mint(ntfn, 1);
    const u64 bit3 = machine.mint(ntfn, 8);
    send(me(), bit0);
    send(me(), bit3);
    me().context[Reg::A2] = 0x55;
    machine.syscall(me(), Syscall::NBRecv, ntfn);
    EXPECT_EQ(reg(me(), Reg::A0), 9U);
    EXPECT_EQ(reg(me(), Reg::A2), 0x55U);
    machine.syscall(me(), Syscall::NBRecv, ntfn);
    EXPECT_EQ(reg(me(), Reg::A0), 0U);
    receive(peer, ntfn);
    receive(third, ntfn);
    send(me(), bit0);
    send(me(), bit3);
    EXPECT_EQ(reg(peer, Reg::A0), 1U);
    EXPECT_EQ(reg(third, Reg::A0), 8U);
}

TEST_F(Ipc, BoundNotifications) {
    const u64 bit1 = machine.mint(ntfn, 2);
    ipc::bind(peer, *machine.cap(ntfn).as_notification());
    receive(peer, ep);
    send(me(), bit1); // ends the wait on the endpoint
    EXPECT_EQ(peer.state, ThreadState::Running);
    EXPECT_EQ(reg(peer, Reg::A0), 2U);
    EXPECT_TRUE(machine.cap(ep).as_endpoint()->idle());
    send(me(), bit1);
    send(third, ep, 3);
    receive(peer, ep); // the notification comes before the sender
    EXPECT_EQ(reg(peer, Reg::A0), 2U);
    EXPECT_EQ(third.state, ThreadState::BlockedOnSend);
    receive(third, ntfn); // bound to another: a fault without a handler
    EXPECT_EQ(third.state, ThreadState::Inactive);
}

TEST_F(Ipc, MissingRights) {
    call(me(), machine.copy(ep, 2));
    EXPECT_EQ(tag(me()), info_word(static_cast<u64>(ErrorCode::InvalidCapability), 1));
    send(me(), machine.copy(ep, 2)); // silently
    EXPECT_EQ(me().state, ThreadState::Running);
    machine.syscall(me(), Syscall::NBSend, u64{1} << 40);
    EXPECT_EQ(me().state, ThreadState::Running);
}

class Faults : public Ipc {
protected:
    Faults() {
        peer.fault_endpoint = ep;
        peer.context[Reg::Sp] = 0x8000;
    }
    u64 handler_tag() { return tag(me()); }
};

TEST_F(Faults, CapFaults) {
    const u64 bad = u64{1} << 40;
    for (const bool receiving : {false, true}) {
        machine.syscall(peer, receiving ? Syscall::NBRecv : Syscall::Send, bad);
        receive(me(), ep);
        EXPECT_EQ(handler_tag(), info_word(1, 7));
        EXPECT_EQ(message(me(), 0), peer.context.fault_ip_);
        const Words words{bad, receiving ? u64{1} : u64{0}, 4, 64, 0, root_guard};
        for (unsigned i = 0; i < words.size(); ++i) EXPECT_EQ(message(me(), i + 1), words[i]);
        reply(me(), 1); // whatever the label: restart
        EXPECT_TRUE(peer.runnable());
        EXPECT_EQ(peer.fault.kind, objects::FaultKind::None);
    }
}

TEST_F(Faults, DeletedEndpointUnderAReceiver) {
    const u64 other = machine.make(ObjectType::Endpoint);
    receive(peer, other);
    EXPECT_EQ(machine.call(CN, Label::CNodeDelete, {other, 64}), ok());
    EXPECT_EQ(peer.state, ThreadState::Restart);
    receive(peer, other);
    receive(me(), ep);
    EXPECT_EQ(handler_tag(), info_word(1, 5));
    EXPECT_EQ(message(me(), 1), other);
    EXPECT_EQ(message(me(), 3), 2U);
    EXPECT_EQ(message(me(), 4), 0U);
}

TEST_F(Faults, UnknownSyscalls) {
    machine.syscall(peer, static_cast<Syscall>(99), 0x11);
    receive(me(), ep);
    EXPECT_EQ(handler_tag(), info_word(2, 11));
    EXPECT_EQ(message(me(), 1), 0x8000U);
    EXPECT_EQ(message(me(), 3), 0x11U);
    EXPECT_EQ(message(me(), 10), 99U);
    reply(me(), 0, {0x20000, 0x9000, 3, 40, 41, 42, 43, 44, 45, 46});
    EXPECT_EQ(peer.context.fault_ip_, 0x20000U);
    EXPECT_EQ(reg(peer, Reg::Sp), 0x9000U);
    EXPECT_EQ(reg(peer, Reg::A0), 40U);
    EXPECT_EQ(reg(peer, Reg::A6), 46U);
    scheduler::activate(peer);
    EXPECT_EQ(peer.context.next_ip_, 0x20000U);
}

TEST_F(Faults, UserExceptionsStopOnALabel) {
    machine.run(peer);
    ipc::raise_fault(peer, {objects::FaultKind::UserException, {2, 0, 0}, {}});
    scheduler::schedule();
    receive(me(), ep);
    EXPECT_EQ(handler_tag(), info_word(3, 4));
    reply(me(), 1, {0x30000});
    EXPECT_EQ(peer.state, ThreadState::Inactive);
    EXPECT_EQ(peer.context.fault_ip_, 0x30000U);
}

TEST_F(Faults, AStaleFaultIsSentLater) {
    machine.run(peer);
    ipc::raise_fault(peer, {objects::FaultKind::VmFault, {0x1234, 5, 0}, {}});
    scheduler::schedule();
    EXPECT_EQ(peer.state, ThreadState::BlockedOnSend);
    objects::suspend(peer);
    machine.start(peer);
    send(peer, ep, 8, {1});
    receive(me(), ep);
    EXPECT_EQ(handler_tag(), info_word(5, 4));
    EXPECT_EQ(message(me(), 1), 0x1234U);
}

TEST_F(Faults, NoHandlerNoThread) {
    third.fault_endpoint = machine.copy(ep, 3); // neither grant nor grantreply
    machine.syscall(third, Syscall::Send, u64{1} << 40);
    EXPECT_EQ(third.state, ThreadState::Inactive);
    EXPECT_TRUE(machine.cap(ep).as_endpoint()->idle());
    EXPECT_NE(fake::cpu.console.find("without a handler"), std::string::npos);
}

TEST_F(Ipc, CancelledByBadge) {
    const u64 one = machine.mint(ep, 1);
    send(peer, one);
    send(third, machine.mint(ep, 2));
    EXPECT_EQ(machine.call(CN, Label::CNodeCancelBadgedSends, {one, 64}), ok());
    EXPECT_TRUE(peer.runnable());
    EXPECT_EQ(third.state, ThreadState::BlockedOnSend);
}

TEST_F(Ipc, SuspendedWhileWaitingForAReply) {
    receive(peer, ep);
    call(third, ep);
    ASSERT_EQ(third.state, ThreadState::BlockedOnReply);
    objects::suspend(third);
    EXPECT_TRUE(peer.slot(TcbSlot::Caller).empty());
    EXPECT_EQ(third.state, ThreadState::Inactive);
}

// --- Long queues: one thread a step, so that interrupts get in.
TEST_F(Ipc, APreemptedEndOfAnEndpointLetsNobodyBackIn) {
    const u64 spare = machine.copy(ep); // somebody else's way to wait again
    send(peer, ep);
    send(third, spare);
    machine.run(me());
    EXPECT_EQ(machine.call(CN, Label::CNodeDelete, {spare, 64}), ok());
    fake::preempt_after(1);
    Reply answer;
    EXPECT_FALSE(machine.call_once(CN, Label::CNodeDelete, {ep, 64}, {}, answer));
    fake::preempt_after(0);
    EXPECT_EQ(peer.state, ThreadState::Restart);
    EXPECT_EQ(third.state, ThreadState::BlockedOnSend);
    EXPECT_EQ(machine.call(ep, Label::UntypedRetype), error(ErrorCode::InvalidCapability, {0})); // no rights left
    EXPECT_EQ(machine.call(CN, Label::CNodeDelete, {ep, 64}), ok());
    EXPECT_EQ(third.state, ThreadState::Restart);
    EXPECT_TRUE(machine.slot(ep).empty());
}

TEST_F(Ipc, APreemptedEndOfANotificationGoesOn) {
    receive(peer, ntfn);
    receive(third, ntfn);
    machine.run(me());
    fake::preempt_after(1);
    Reply answer;
    EXPECT_FALSE(machine.call_once(CN, Label::CNodeDelete, {ntfn, 64}, {}, answer));
    fake::preempt_after(0);
    EXPECT_EQ(peer.state, ThreadState::Restart);
    EXPECT_EQ(third.state, ThreadState::BlockedOnNotification);
    EXPECT_EQ(machine.call(CN, Label::CNodeDelete, {ntfn, 64}), ok());
    EXPECT_EQ(third.state, ThreadState::Restart);
}

TEST_F(Ipc, APreemptedCancelBadgedSendsGoesOnBehindWhatItSaw) {
    const u64 badged = machine.mint(ep, 7);
    const u64 others = machine.mint(ep, 8);
    Tcb& last = machine.spawn(20);
    send(peer, others);
    send(third, badged);
    send(last, badged);
    machine.run(me());
    const Words which{badged, 64};
    Reply answer;
    fake::preempt_after(1); // it has seen the peer, and goes on at the third
    EXPECT_FALSE(machine.call_once(CN, Label::CNodeCancelBadgedSends, which, {}, answer));
    EXPECT_EQ(third.state, ThreadState::BlockedOnSend);
    // The one it would go on with leaves.
    fake::preempt_after(0);
    objects::suspend(third);
    EXPECT_EQ(machine.call(CN, Label::CNodeCancelBadgedSends, which), ok());
    EXPECT_EQ(peer.state, ThreadState::BlockedOnSend);
    EXPECT_EQ(third.state, ThreadState::Inactive);
    EXPECT_EQ(last.state, ThreadState::Restart);
}

} // namespace kernel::test
