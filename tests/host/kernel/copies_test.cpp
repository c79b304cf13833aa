// What of a capability belongs to one slot only: no operation that copies may take it along, each that moves does, and
// the source keeps it. Over all types and all operations.
#include "invariants.hpp"

#include "caps/mdb.hpp"
#include "objects/async_queue.hpp"
#include "objects/irq.hpp"

#include <sel4/async_abi.h>

namespace kernel::test {

namespace {

constexpr u64 vector = 5;

Cap every_mark(const Cap& cap) {
    if (cap.is(CapType::Frame)) return cap.with_mapping(1, 0x1000);
    if (cap.is(CapType::Notification)) return cap.with_made_sender(true);
    return cap;
}

bool marked(const Cap& cap) { return caps::without_own_marks(cap) != cap; }

class Copies : public testing::Test {
protected:
    // A notification's capability with a badge, which says of itself that it made a sender.
    u64 sender() {
        const u64 index = machine.mint(machine.make(ObjectType::Notification), vector);
        machine.slot(index).cap = every_mark(machine.cap(index));
        return index;
    }
    u64 empty() { return machine.free_slot(); }

    Machine machine;
};

TEST_F(Copies, InsertingHasNoMarksOfAnyType) {
    machine.make(ObjectType::Untyped, 12);
    const u64 sources[] = {
        CN,
        own_tcb,
        own_vspace,
        own_table,
        irq_control,
        asid_control,
        own_pool,
        domain_cap,
        own_buffer,
        memory,
        machine.make(ObjectType::Endpoint),
        machine.make(ObjectType::Notification),
        machine.make(ObjectType::Page),
        machine.make(ObjectType::MegaPage),
        machine.make(ObjectType::CapTable, 4),
        machine.make(ObjectType::PageTable),
        machine.make(ObjectType::AsyncQueue, api::min_async_queue_bits),
    };
    for (const u64 source : sources) {
        const Cap before = every_mark(machine.cap(source));
        machine.slot(source).cap = before;
        Slot& dest = machine.slot(empty());
        caps::insert_derived(before, machine.slot(source), dest);
        EXPECT_FALSE(marked(dest.cap)) << source;
        if (!before.is(CapType::Untyped)) {
            EXPECT_EQ(machine.cap(source), before) << source;
        }
    }
}

TEST_F(Copies, CopyAndMintLeaveTheMarkBehind) {
    const u64 source = sender();
    EXPECT_FALSE(marked(machine.cap(machine.copy(source))));
    EXPECT_FALSE(marked(machine.cap(machine.copy(source, 1))));
    EXPECT_TRUE(marked(machine.cap(source)));
    const u64 plain = machine.make(ObjectType::Notification); // one with a badge cannot be minted from
    machine.slot(plain).cap = every_mark(machine.cap(plain));
    EXPECT_FALSE(marked(machine.cap(machine.mint(plain, 3))));
    EXPECT_TRUE(marked(machine.cap(plain)));
}

TEST_F(Copies, MovingTakesItAlong) {
    const u64 source = sender();
    const u64 moved = empty();
    EXPECT_EQ(machine.call(CN, Label::CNodeMove, {moved, 64, source, 64}, {CN}), ok());
    EXPECT_TRUE(marked(machine.cap(moved)));
    EXPECT_TRUE(machine.cap(source).is_null());
    const u64 frame = machine.make(ObjectType::Page); // a notification cannot be mutated
    machine.slot(frame).cap = every_mark(machine.cap(frame));
    const u64 mutated = empty();
    EXPECT_EQ(machine.call(CN, Label::CNodeMutate, {mutated, 64, frame, 64, 0}, {CN}), ok());
    EXPECT_TRUE(marked(machine.cap(mutated)));
    EXPECT_TRUE(machine.cap(frame).is_null());
}

// The case of the issue: clearing a handler took the sender entry of the capability that its notification came from.
TEST_F(Copies, AHandlersNotificationMadeNoSender) {
    const u64 source = sender();
    const u64 handler = empty();
    EXPECT_EQ(machine.call(irq_control, Label::IRQIssueIRQHandler, {11, handler, 64}, {CN}), ok());
    EXPECT_EQ(machine.call(handler, Label::IRQSetIRQHandler, {}, {source}), ok());
    EXPECT_FALSE(marked(objects::irq_slot(11).cap));
    EXPECT_EQ(objects::irq_slot(11).cap.badge(), vector);
    EXPECT_TRUE(marked(machine.cap(source)));
    EXPECT_EQ(broken_invariant(machine), "");
    EXPECT_EQ(machine.call(handler, Label::IRQClearIRQHandler), ok());
    EXPECT_TRUE(marked(machine.cap(source)));
}

TEST_F(Copies, ABoundQueuesNotificationMadeNoSender) {
    const u64 source = sender();
    const u64 queue = machine.make(ObjectType::AsyncQueue, api::min_async_queue_bits);
    EXPECT_EQ(machine.call(queue, Label::AsyncQueueBind, {TAIL4_ASYNC_BIND_NOTIFICATION}, {CN, own_vspace, source}),
              ok());
    const objects::AsyncQueue& bound = *machine.cap(queue).as_async_queue();
    const Cap& kept = bound.slots[static_cast<unsigned>(objects::QueueSlot::Notification)].cap;
    EXPECT_TRUE(kept.is(CapType::Notification));
    EXPECT_FALSE(marked(kept));
    EXPECT_TRUE(marked(machine.cap(source)));
}

TEST_F(Copies, AnInstalledBufferIsMappedNowhere) {
    const u64 frame = machine.make(ObjectType::Page);
    machine.slot(frame).cap = every_mark(machine.cap(frame));
    const u64 thread = machine.make(ObjectType::Tcb);
    EXPECT_EQ(machine.call(thread, Label::TCBSetIPCBuffer, {0x3000}, {frame}), ok());
    EXPECT_FALSE(marked(machine.tcb(thread).slot(TcbSlot::Buffer).cap));
    EXPECT_TRUE(marked(machine.cap(frame)));
}

} // namespace

} // namespace kernel::test
