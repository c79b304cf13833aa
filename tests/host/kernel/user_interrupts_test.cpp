// User interrupts in the kernel (shared specification, 8.5): registration by capability, the exchange of state,
// and that no entry outlives what made it.
#include "user_interrupts_box.hpp"

#include "async/sender_tables.hpp"
#include "invariants.hpp"

#include <sel4/async_abi.h>

namespace kernel::test {

namespace {

constexpr u32 entries = uintc_entries;
constexpr u64 read_right = 2, write_right = 1;

} // namespace

TEST_F(UserInterrupts, Case80_ReceiverNeedsItsThread) {
    const u64 ntfn = fresh(ObjectType::Notification);
    const u64 ep = fresh(ObjectType::Endpoint);
    const u64 tcb = machine.make_thread(100);
    const auto reg = [&](u64 cap, const Words& extra) {
        return machine.call(cap, Label::NotificationRegisterReceiver, {}, extra);
    };
    EXPECT_EQ(reg(ntfn, {}), error(ErrorCode::TruncatedMessage));
    EXPECT_EQ(reg(ntfn, {ep}), error(ErrorCode::InvalidCapability, {1}));
    EXPECT_EQ(reg(machine.copy(ntfn, write_right), {tcb}), error(ErrorCode::InvalidCapability, {0}));
    EXPECT_EQ(reg(ntfn, {tcb}), error(ErrorCode::IllegalOperation));
    EXPECT_EQ(machine.call(tcb, Label::TCBBindNotification, {}, {ntfn}), ok());
    EXPECT_EQ(reg(ntfn, {tcb}), ok());
    EXPECT_EQ(reg(ntfn, {tcb}), ok()); // again: no change
    EXPECT_EQ(machine.tcb(tcb).user_interrupts.receiver, 1U);
    EXPECT_FALSE(machine.cap(ntfn).as_notification()->active()); // none of it was a signal
}

// As on the fast path, which knows no labels.
TEST_F(UserInterrupts, ASendWithTheirLabelIsASignal) {
    const Pair pair = bound();
    for (const Syscall number : {Syscall::Send, Syscall::NBSend})
        machine.syscall(machine.initial(), number, machine.mint(pair.ntfn, 3),
                        wire_label(Label::NotificationRegisterSender));
    EXPECT_TRUE(machine.cap(pair.ntfn).as_notification()->active());
    EXPECT_EQ(fake::cpu.sender_table[0].raw, 0U);
}

TEST_F(UserInterrupts, Case81_SenderNeedsRightsBadgeAndReceiver) {
    const Pair pair = bound();
    EXPECT_EQ(register_sender(machine.mint(pair.ntfn, 3, read_right)), error(ErrorCode::InvalidCapability, {0}));
    EXPECT_EQ(register_sender(machine.mint(pair.ntfn, 64)), error(ErrorCode::RangeError, {0, 63}));
    const u64 good = machine.mint(pair.ntfn, 63, write_right);
    EXPECT_EQ(register_sender(good), error(ErrorCode::IllegalOperation));
    EXPECT_EQ(machine.call(pair.ntfn, Label::NotificationRegisterReceiver, {}, {pair.tcb}), ok());
    EXPECT_EQ(register_sender(good), ok({0}));
    EXPECT_EQ(word(0), uintr::SenderEntry::make(entry_of(pair), 63).raw);
}

TEST_F(UserInterrupts, Case82_TwiceTheSameIsOneEntry) {
    const Pair pair = receiver();
    const u64 one = machine.mint(pair.ntfn, 1), two = machine.mint(pair.ntfn, 2);
    EXPECT_EQ(register_sender(one), ok({0}));
    EXPECT_EQ(register_sender(two), ok({1}));
    EXPECT_EQ(register_sender(one), ok({0}));
    EXPECT_EQ(machine.call(one, Label::NotificationUnregisterSender), ok());
    EXPECT_EQ(word(0), 0U);
    EXPECT_EQ(machine.call(one, Label::NotificationUnregisterSender), error(ErrorCode::IllegalOperation));
    EXPECT_EQ(register_sender(one), ok({0}));
}

TEST_F(UserInterrupts, Case83_ReceiversRunOutAndComeBack) {
    for (int round = 0; round < 20; ++round) {
        for (u32 i = 0; i <= entries; ++i) {
            const u64 tcb = fresh(ObjectType::Tcb), ntfn = fresh(ObjectType::Notification);
            EXPECT_EQ(machine.call(tcb, Label::TCBBindNotification, {}, {ntfn}), ok());
            EXPECT_EQ(machine.call(ntfn, Label::NotificationRegisterReceiver, {}, {tcb}),
                      i < entries ? ok() : error(ErrorCode::NotEnoughMemory, {0}));
        }
        revoke_slot(box);
        machine.give_back(box + 1);
    }
    expect_box_free();
}

TEST_F(UserInterrupts, Case84_SenderTableFills) {
    // Eight receivers with 64 vectors each are 512 entries.
    u64 last = 0;
    for (u64 r = 0; r < 8; ++r) {
        const Pair pair = receiver();
        for (u64 vector = 0; vector < 64; ++vector) {
            last = machine.mint(pair.ntfn, vector);
            EXPECT_EQ(register_sender(vector == 0 ? pair.ntfn : last), ok({r * 64 + vector}));
        }
    }
    const Pair ninth = receiver();
    EXPECT_EQ(register_sender(ninth.ntfn), error(ErrorCode::NotEnoughMemory, {0}));
    drop(last);
    EXPECT_EQ(register_sender(ninth.ntfn), ok({511}));
}

TEST_F(UserInterrupts, TablesRunOutAndComeBack) {
    const Pair pair = receiver();
    const u64 cap = machine.mint(pair.ntfn, 5);
    Tcb& own = machine.initial();
    Words threads;
    for (u32 i = 0; i < objects::max_sender_tables; ++i) {
        threads.push_back(machine.make_thread(100));
        machine.syscall(machine.tcb(threads.back()), Syscall::Call, cap, wire_label(Label::NotificationRegisterSender));
        EXPECT_EQ(machine.tcb(threads.back()).user_interrupts.sender_table, i + 1);
    }
    machine.run(own);
    EXPECT_EQ(register_sender(cap), error(ErrorCode::NotEnoughMemory, {0}));
    drop(threads[3]);
    EXPECT_EQ(register_sender(cap), ok({0}));
    EXPECT_EQ(own.user_interrupts.sender_table, 4U);
}

// Case 90: nothing is sent by right of a capability that is gone; copies made nothing, so their end changes nothing.
TEST_F(UserInterrupts, Case90_EntriesEndWithTheirCapability) {
    const Pair pair = receiver();
    const u64 minted = machine.mint(pair.ntfn, 4), copy = machine.copy(minted), derived = machine.copy(minted);
    EXPECT_EQ(register_sender(copy), ok({0}));
    drop(derived);
    EXPECT_NE(word(0), 0U);
    const u64 moved = machine.free_slot();
    EXPECT_EQ(machine.call(CN, Label::CNodeMove, {moved, 64, copy, 64}, {CN}), ok());
    EXPECT_NE(word(0), 0U);
    EXPECT_EQ(machine.call(CN, Label::CNodeRevoke, {minted, 64}), ok());
    EXPECT_EQ(word(0), 0U);
    EXPECT_EQ(register_sender(minted), ok({0}));
}

// What a capability has made is its own: a copy of it has made nothing, wherever it stands.
TEST_F(UserInterrupts, TheEndOfACopyEndsNoEntry) {
    const Pair pair = receiver();
    const u64 minted = machine.mint(pair.ntfn, 4);
    EXPECT_EQ(register_sender(minted), ok({0}));
    drop(machine.copy(minted));
    EXPECT_NE(word(0), 0U);
    const u64 queue = fresh(ObjectType::AsyncQueue, 15);
    EXPECT_EQ(machine.call(queue, Label::AsyncQueueBind, {TAIL4_ASYNC_BIND_NOTIFICATION}, {CN, own_vspace, minted}),
              ok());
    drop(queue);
    EXPECT_NE(word(0), 0U);
    drop(minted);
    EXPECT_EQ(word(0), 0U);
}

// Case 91: the entry of a dead receiver names nobody, also when its number is given out again.
TEST_F(UserInterrupts, Case91_EntriesEndWithTheirReceiver) {
    const Pair other = receiver();
    const u64 others = machine.mint(other.ntfn, 1);
    EXPECT_EQ(register_sender(others), ok({0}));
    enum class End { Tcb, Notification, Unbind, Unregister };
    for (const End end : {End::Tcb, End::Notification, End::Unbind, End::Unregister}) {
        const Pair pair = receiver();
        EXPECT_EQ(entry_of(pair), 1U);
        const u64 cap = machine.mint(pair.ntfn, 9);
        EXPECT_EQ(register_sender(cap), ok({1}));
        device[1].high = 0;
        switch (end) {
        case End::Tcb: drop(pair.tcb); break;
        case End::Notification:
            drop(cap);
            drop(pair.ntfn);
            break;
        case End::Unbind: EXPECT_EQ(machine.call(pair.tcb, Label::TCBUnbindNotification), ok()); break;
        case End::Unregister: EXPECT_EQ(machine.call(pair.ntfn, Label::NotificationUnregisterReceiver), ok()); break;
        }
        EXPECT_EQ(word(1), 0U);
        EXPECT_NE(word(0), 0U);
        EXPECT_EQ(device[1].low, 0U);
    }
}

// The end of a receiver takes 32 entries at once; its number is given out again when the rest is gone, too.
TEST_F(UserInterrupts, WhatAReceiverLeavesGoesBeforeItsNumberIsUsed) {
    const Pair pair = receiver();
    for (u64 vector = 0; vector < 64; ++vector)
        EXPECT_EQ(register_sender(vector == 0 ? pair.ntfn : machine.mint(pair.ntfn, vector)), ok({vector}));
    const u32 dead = entry_of(pair);
    drop(pair.tcb);
    EXPECT_EQ(broken_invariant(machine), "");
    u64 left = 0;
    for (u64 i = 0; i < 64; ++i) left += word(i) != 0 ? 1U : 0U;
    EXPECT_EQ(left, 64 - async::removal_step);
    for (u32 i = 1; i < entries; ++i) EXPECT_NE(entry_of(receiver()), dead);
    EXPECT_NE(word(63), 0U); // nobody has wanted its number
    const Pair last = receiver();
    EXPECT_EQ(entry_of(last), dead);
    for (u64 i = 0; i < 64; ++i) EXPECT_EQ(word(i), 0U);
    EXPECT_EQ(broken_invariant(machine), "");
    const u64 tcb = fresh(ObjectType::Tcb), ntfn = fresh(ObjectType::Notification);
    EXPECT_EQ(machine.call(tcb, Label::TCBBindNotification, {}, {ntfn}), ok());
    EXPECT_EQ(machine.call(ntfn, Label::NotificationRegisterReceiver, {}, {tcb}),
              error(ErrorCode::NotEnoughMemory, {0}));
}

// The same of a sender's table, whose entries stay in the lists of receivers that live.
TEST_F(UserInterrupts, WhatASenderLeavesGoesBeforeItsTableIsUsed) {
    const Pair pair = receiver(), second = receiver();
    const u64 full = machine.make_thread(100);
    for (const Pair& to : {pair, second}) {
        for (u64 vector = 0; vector < 64; ++vector)
            machine.syscall(machine.tcb(full), Syscall::Call, vector == 0 ? to.ntfn : machine.mint(to.ntfn, vector),
                            wire_label(Label::NotificationRegisterSender));
    }
    EXPECT_EQ(machine.tcb(full).user_interrupts.sender_table, 1U);
    const u64 table = fake::cpu.sender_table[0].base();
    const u64* const words = arch::to_pointer<const u64>(base::Paddr{table});
    machine.run(machine.initial());
    drop(full);
    EXPECT_EQ(broken_invariant(machine), "");
    EXPECT_EQ(words[0], 0U);
    EXPECT_NE(words[127], 0U);
    drop(second.tcb); // takes half of its own away
    EXPECT_EQ(broken_invariant(machine), "");
    Words threads;
    for (u32 i = 0; i < objects::max_sender_tables; ++i) {
        EXPECT_NE(words[127], 0U);
        threads.push_back(machine.make_thread(100));
        machine.syscall(machine.tcb(threads.back()), Syscall::Call, pair.ntfn,
                        wire_label(Label::NotificationRegisterSender));
    }
    EXPECT_EQ(machine.tcb(threads.back()).user_interrupts.sender_table, 1U); // the last that was to be had
    EXPECT_NE(words[0], 0U);
    for (u64 i = 1; i < 512; ++i) EXPECT_EQ(words[i], 0U);
    machine.run(machine.initial());
    EXPECT_EQ(broken_invariant(machine), "");
}

TEST_F(UserInterrupts, StateIsExchangedWithTheThread) {
    const Pair a = receiver(), b = receiver();
    Tcb& one = machine.tcb(a.tcb);
    Tcb& two = machine.tcb(b.tcb);
    for (const u64 slot : {a.tcb, b.tcb}) {
        EXPECT_EQ(machine.call(slot, Label::TCBSetPriority, {255}, {own_tcb}), ok());
        EXPECT_EQ(machine.call(slot, Label::TCBResume), ok());
        while (machine.current() != &machine.initial()) machine.syscall(*machine.current(), Syscall::Yield, 0);
    }
    const auto run_to = [&](Tcb& thread) {
        while (machine.current() != &thread) machine.syscall(*machine.current(), Syscall::Yield, 0);
    };
    run_to(one);
    EXPECT_EQ(fake::cpu.receiver[0].raw, uintr::ReceiverStatus::make(0).raw);
    EXPECT_EQ(device[0].low, uintr::Low::running(smp::harts[0].hart_id_).raw); // the hardware's number
    fake::cpu.user_interrupts[0] = {1, 2, 3, 4, 5, 6};                         // what it does in U-mode
    device[0].active = 1;
    run_to(two);
    EXPECT_EQ(device[0].active, 0U);
    EXPECT_EQ(fake::cpu.receiver[0].raw, uintr::ReceiverStatus::make(1).raw);
    EXPECT_EQ(fake::cpu.user_interrupts[0].vector_, 0U);
    run_to(machine.initial());
    EXPECT_EQ(fake::cpu.receiver[0].raw, 0U); // case 88
    EXPECT_EQ(fake::cpu.user_interrupts[0].status_, 0U);
    const unsigned loads = fake::cpu.user_interrupt_loads;
    machine.syscall(machine.initial(), Syscall::Send, 0);
    EXPECT_EQ(fake::cpu.user_interrupt_loads, loads); // others pay nothing
    run_to(one);
    EXPECT_EQ(fake::cpu.user_interrupts[0].value_, 6U);
}

class UserInterruptsOnTwoHarts : public UserInterrupts {
protected:
    UserInterruptsOnTwoHarts() : UserInterrupts(2) {}
};

// Case 92: a receiver that runs on another hart is taken out there before its entry is anybody else's.
TEST_F(UserInterruptsOnTwoHarts, Case92_EndsWhileItRunsElsewhere) {
    const Pair pair = receiver();
    Tcb& thread = machine.tcb(pair.tcb);
    scheduler::set_affinity(thread, 1);
    machine.start(thread);
    fake::cpu.hart = 1;
    machine.run(thread);
    EXPECT_EQ(fake::cpu.receiver[1].raw, uintr::ReceiverStatus::make(0).raw);
    fake::cpu.hart = 0;
    EXPECT_EQ(machine.call(pair.ntfn, Label::NotificationUnregisterReceiver), ok());
    EXPECT_EQ(fake::cpu.receiver[1].raw, 0U);
    EXPECT_EQ(scheduler::state_of(1).interrupt_owner, nullptr);
    EXPECT_EQ(thread.interrupt_id, 0U);
    EXPECT_TRUE(thread.queued); // goes on without
}

// Another hart's send has read its entry already: it has arrived before the vector can get another meaning.
TEST_F(UserInterruptsOnTwoHarts, ARemovedSendersLastSendIsOver) {
    const Pair pair = receiver();
    Tcb& sender = machine.tcb(machine.make_thread(100));
    const u64 minted = machine.mint(pair.ntfn, 4);
    machine.syscall(sender, Syscall::Call, minted, wire_label(Label::NotificationRegisterSender));
    machine.run(machine.initial());
    scheduler::set_affinity(sender, 1);
    machine.start(sender);
    fake::cpu.hart = 1;
    machine.run(sender);
    const u64 table = fake::cpu.sender_table[1].base();
    fake::cpu.hart = 0;
    const u64& entry = *arch::to_pointer<const u64>(base::Paddr{table});
    for (const bool by_right : {true, false}) {
        if (!by_right) {
            fake::cpu.hart = 1;
            const u64 other = machine.mint(pair.ntfn, 5);
            machine.syscall(sender, Syscall::Call, other, wire_label(Label::NotificationRegisterSender));
            fake::cpu.hart = 0;
        }
        EXPECT_NE(entry, 0U);
        unsigned entered = 0;
        fake::at_ipi = [&] { entered += entry == 0 ? 1U : 0U; };
        if (by_right)
            drop(minted);
        else
            EXPECT_EQ(machine.call(pair.ntfn, Label::NotificationUnregisterReceiver), ok());
        fake::at_ipi = nullptr;
        EXPECT_GE(entered, 1U);
    }
}

TEST(UserInterruptsAbsent, Case96_WithoutTheDeviceNothingChanges) {
    Machine machine;
    const u64 ntfn = machine.make(ObjectType::Notification);
    const u64 tcb = machine.make_thread(100);
    EXPECT_EQ(machine.call(tcb, Label::TCBBindNotification, {}, {ntfn}), ok());
    EXPECT_EQ(machine.call(ntfn, Label::NotificationRegisterReceiver, {}, {tcb}), error(ErrorCode::IllegalOperation));
    EXPECT_EQ(machine.call(ntfn, Label::NotificationRegisterSender), error(ErrorCode::IllegalOperation));
    EXPECT_FALSE(machine.cap(ntfn).as_notification()->active());
    machine.syscall(machine.initial(), Syscall::Call, ntfn, 7); // any other label is a signal
    EXPECT_TRUE(machine.cap(ntfn).as_notification()->active());
}

} // namespace kernel::test
