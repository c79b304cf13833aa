// Who may do what: each operation on an endpoint or a notification, with each set of rights.
#include "box.hpp"

namespace kernel::test {

namespace {

using api::Syscall;
using arch::Reg;

// The rights as bits of a rights word.
constexpr u64 write = 1, read = 2, grant = 4, grant_reply = 8, all = 15;

constexpr u64 word = 0x1234;
constexpr u8 own = 10; // the priority of all

} // namespace

class Rights : public BoxTest {
protected:
    Rights() : BoxTest(1) { EXPECT_EQ(machine.call(own_tcb, Label::TCBSetPriority, {own}, {own_tcb}), ok()); }

    Tcb& me() { return machine.initial(); }
    // A receiver that waits, after the other one is gone.
    Tcb& receiver(u64 from) {
        Tcb& thread = machine.spawn(own);
        machine.syscall(thread, Syscall::Recv, from);
        return thread;
    }
    bool arrives(const Tcb& thread, ThreadState waits) { return thread.state != waits; }
};

class EachRight : public Rights, public testing::WithParamInterface<u64> {
protected:
    u64 rights = GetParam();
    bool may_write = (rights & write) != 0;
    bool may_read = (rights & read) != 0;
    bool may_grant = (rights & grant) != 0;
    bool may_be_answered = (rights & (grant | grant_reply)) != 0;
};

TEST_P(EachRight, OfAnEndpointToSend) {
    const u64 ep = fresh(ObjectType::Endpoint);
    const u64 weak = machine.copy(ep, rights);
    for (const Syscall number : {Syscall::Send, Syscall::NBSend}) {
        Tcb& peer = receiver(ep);
        machine.syscall(me(), number, weak, 7, {word});
        EXPECT_EQ(arrives(peer, ThreadState::BlockedOnReceive), may_write);
        EXPECT_TRUE(me().runnable());
        if (!may_write) return;
        EXPECT_EQ(ipc::message_register(peer, 0), word);
        machine.run(me());
    }
}

TEST_P(EachRight, OfAnEndpointToCall) {
    const u64 ep = fresh(ObjectType::Endpoint);
    const u64 weak = machine.copy(ep, rights);
    Tcb& peer = receiver(ep);
    machine.syscall(me(), Syscall::Call, weak, 7, {word});
    EXPECT_EQ(arrives(peer, ThreadState::BlockedOnReceive), may_write);
    if (!may_write) {
        EXPECT_EQ(me().context[Reg::A1] >> 12, static_cast<u64>(ErrorCode::InvalidCapability));
        return;
    }
    EXPECT_EQ(me().state, may_be_answered ? ThreadState::BlockedOnReply : ThreadState::Inactive);
    EXPECT_EQ(peer.slot(TcbSlot::Caller).cap.is(CapType::Reply), may_be_answered);
}

// The sender waits first: what its capability allowed is remembered.
TEST_P(EachRight, OfAnEndpointWhoseSenderWaits) {
    const u64 ep = fresh(ObjectType::Endpoint);
    const u64 weak = machine.copy(ep, rights);
    const u64 given = fresh(ObjectType::Notification);
    const u64 target = machine.free_slot();
    Tcb& peer = machine.spawn(own);
    machine.buffer(peer).receive_cnode = CN;
    machine.buffer(peer).receive_index = target;
    machine.buffer(peer).receive_depth = 64;
    machine.syscall(me(), Syscall::Call, weak, 7, {word}, {given});
    EXPECT_EQ(me().state == ThreadState::BlockedOnSend, may_write);
    if (!may_write) return;
    machine.syscall(peer, Syscall::Recv, ep);
    EXPECT_EQ(machine.slot(target).empty(), !may_grant);
    EXPECT_EQ(me().state, may_be_answered ? ThreadState::BlockedOnReply : ThreadState::Inactive);
}

// Whether it waits for the caller or the caller for it: its answers carry capabilities only if its own right to receive
// comes with the right to grant.
TEST_P(EachRight, OfAnEndpointToReceive) {
    const u64 ep = fresh(ObjectType::Endpoint);
    const u64 weak = machine.copy(ep, rights);
    for (const bool waits : {true, false}) {
        Tcb& peer = machine.spawn(own);
        Tcb& caller = machine.spawn(own);
        if (!waits) machine.syscall(caller, Syscall::Call, ep, 7, {word});
        machine.syscall(peer, Syscall::Recv, weak);
        if (!may_read) {
            EXPECT_EQ(peer.state, ThreadState::Inactive); // a fault that nobody handles
            return;
        }
        if (waits) machine.syscall(caller, Syscall::Call, ep, 7, {word});
        ASSERT_TRUE(peer.slot(TcbSlot::Caller).cap.is(CapType::Reply));
        EXPECT_EQ(peer.slot(TcbSlot::Caller).cap.rights().grant(), may_grant);
        // And so does its answer.
        const u64 given = fresh(ObjectType::Notification);
        const u64 target = machine.free_slot();
        machine.buffer(caller).receive_cnode = CN;
        machine.buffer(caller).receive_index = target;
        machine.buffer(caller).receive_depth = 64;
        const u64 saved = machine.free_slot();
        machine.run(peer);
        EXPECT_EQ(machine.call(CN, Label::CNodeSaveCaller, {saved, 64}), ok());
        machine.syscall(peer, Syscall::Send, saved, 0, {}, {given});
        EXPECT_EQ(caller.state, ThreadState::Running);
        EXPECT_EQ(machine.slot(target).empty(), !may_grant);
        machine.run(me());
    }
}

TEST_P(EachRight, OfAnEndpointToPoll) {
    const u64 ep = fresh(ObjectType::Endpoint);
    const u64 weak = machine.copy(ep, rights);
    Tcb& peer = machine.spawn(own);
    machine.syscall(peer, Syscall::NBRecv, weak);
    EXPECT_EQ(peer.state, may_read ? ThreadState::Running : ThreadState::Inactive);
}

TEST_P(EachRight, OfANotification) {
    const u64 ntfn = fresh(ObjectType::Notification);
    const u64 weak = machine.mint(ntfn, 3, rights);
    objects::Notification& object = *machine.cap(ntfn).as_notification();
    for (const Syscall number : {Syscall::Send, Syscall::NBSend, Syscall::Call}) {
        machine.syscall(me(), number, weak);
        EXPECT_EQ(object.active(), may_write);
        EXPECT_TRUE(me().runnable());
        if (object.active()) object.consume();
    }
    for (const Syscall number : {Syscall::NBRecv, Syscall::Recv}) {
        Tcb& peer = machine.spawn(own);
        machine.syscall(peer, number, weak);
        const ThreadState waits = number == Syscall::Recv ? ThreadState::BlockedOnNotification : ThreadState::Running;
        EXPECT_EQ(peer.state, may_read ? waits : ThreadState::Inactive);
        machine.run(me());
    }
}

TEST_P(EachRight, OfAFaultHandler) {
    const u64 ep = fresh(ObjectType::Endpoint);
    const u64 weak = machine.copy(ep, rights);
    Tcb& handler = receiver(ep);
    const u64 index = machine.make_thread(own);
    EXPECT_EQ(machine.call(index, Label::TCBSetSpace, {weak, 0, 0}, {CN, own_vspace}), ok());
    Tcb& faulter = machine.tcb(index);
    machine.start(faulter);
    machine.syscall(faulter, static_cast<Syscall>(-99), 0);
    const bool heard = may_write && may_be_answered;
    EXPECT_EQ(arrives(handler, ThreadState::BlockedOnReceive), heard);
    EXPECT_EQ(faulter.state, heard ? ThreadState::BlockedOnReply : ThreadState::Inactive);
}

TEST_P(EachRight, OfACopyIsNoMoreThanItsOwn) {
    const u64 ep = fresh(ObjectType::Endpoint);
    const u64 weak = machine.copy(ep, rights);
    for (u64 wanted = 0; wanted <= all; ++wanted)
        EXPECT_EQ(machine.cap(machine.copy(weak, wanted)).rights().word_, rights & wanted);
}

INSTANTIATE_TEST_SUITE_P(All, EachRight, testing::Range<u64>(0, 16));

} // namespace kernel::test
