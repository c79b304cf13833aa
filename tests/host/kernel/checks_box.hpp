// The invariant checker can fail: each Break breaks one thing behind the kernel's back and expects its name. Together
// the checks_*_test.cpp break every invariant kernel/checks can name (tools/check_invariants.py compares the two
// lists).
#pragma once

#include "box.hpp"

#include "caps/zombie.hpp"
#include "objects/async_queue.hpp"

namespace kernel::test {

using caps::ZombieCap;

// Objects of the box, and the slots they are in.
class Checks : public BoxTest {
public:
    explicit Checks(u32 harts) : BoxTest(harts) {
        EXPECT_EQ(machine.call(own_tcb, Label::TCBSetPriority, {10}, {own_tcb}), ok());
    }
    void TestBody() override {}

    using BoxTest::fresh;
    using BoxTest::machine;
    Slot& slot(u64 index) { return machine.slot(index); }
    Slot& empty() { return slot(machine.free_slot()); }
    // An object without a place in the box, so that its list is its own.
    Slot& boxed(ObjectType type, u64 size_bits = 0) { return slot(fresh(type, size_bits)); }
    u64 box_slot() const { return box; }

    // A CNode in deletion, preempted: its zombie.
    Slot& zombie(u64 nested = 0) {
        const u64 node = fresh(ObjectType::CapTable, 3);
        for (u64 i = 0; i < 8; ++i) {
            if (i != nested || nested == 0) copy_into(node, i, own_tcb);
        }
        if (nested != 0) move_into(node, nested, inner());
        for (u32 steps = 0; steps < 2 + (nested != 0 ? 8 - nested : 0); ++steps) {
            fake::preempt_after(1);
            Reply reply;
            EXPECT_FALSE(machine.call_once(CN, Label::CNodeDelete, {node, 64}, {}, reply));
        }
        fake::preempt_after(0);
        EXPECT_TRUE(slot(node).cap.is(CapType::Zombie));
        return slot(node);
    }
    u64 inner() {
        const u64 node = fresh(ObjectType::CapTable, 3);
        for (u64 i = 0; i < 8; ++i) copy_into(node, i, own_tcb);
        return node;
    }
};

struct Break {
    const char* name; // of the invariant
    void (*run)(Checks& t);
    u32 harts = 1;
    friend std::ostream& operator<<(std::ostream& out, const Break& what) { return out << what.name; }
};

// NamesWhatIsBroken; instantiated by each list of them.
class CheckerBreaks : public testing::TestWithParam<Break> {};

} // namespace kernel::test
