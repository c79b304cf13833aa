// A test with an untyped of its own, the "box": what a test builds in it must be gone after a revoke of the box, and
// its memory usable again.
#pragma once

#include "invariants.hpp"

namespace kernel::test {

class BoxTest : public testing::Test {
protected:
    static constexpr unsigned box_bits = 20;

    explicit BoxTest(u32 harts = 1, unsigned domains = 1)
        : machine(harts, domains, harts > 1), box(machine.make(ObjectType::Untyped, box_bits)) {}

    // A fresh object of the box; its slot.
    u64 fresh(ObjectType type, u64 size_bits = 0) {
        const u64 at = machine.free_slot();
        retype(type, size_bits, at);
        return at;
    }
    void retype(ObjectType type, u64 size_bits, u64 at) {
        EXPECT_EQ(machine.call(box, Label::UntypedRetype, {static_cast<u64>(type), size_bits, 0, 0, at, 1}, {CN}),
                  ok());
    }
    // Moves or copies the capability of the root CNode's slot `from` into slot `index` of the CNode at `node`.
    void move_into(u64 node, u64 index, u64 from) {
        const u64 radix = machine.cap(node).radix();
        EXPECT_EQ(machine.call(node, Label::CNodeMove, {index, radix, from, 64}, {CN}), ok());
    }
    void copy_into(u64 node, u64 index, u64 from) {
        const u64 radix = machine.cap(node).radix();
        EXPECT_EQ(machine.call(node, Label::CNodeCopy, {index, radix, from, 64, 15}, {CN}), ok());
    }

    // One try, preempted at its `steps`th preemption point; true: it was not preempted.
    bool try_call(Label label, u64 target, u32 steps) {
        fake::preempt_after(steps);
        Reply reply;
        const bool done = machine.call_once(CN, label, {target, 64}, {}, reply);
        fake::preempt_after(0);
        if (done) {
            EXPECT_EQ(reply, ok());
        }
        EXPECT_EQ(broken_invariant(machine), "");
        return done;
    }
    // Again and again, preempted at each `steps`th point.
    void call_in_pieces(Label label, u64 target, u32 steps) {
        for (unsigned tries = 0; tries < 100000; ++tries) {
            if (try_call(label, target, steps)) return;
        }
        ADD_FAILURE() << "never ends";
    }
    void delete_slot(u64 target) { EXPECT_TRUE(try_call(Label::CNodeDelete, target, 0)); }
    void revoke_slot(u64 target) { EXPECT_TRUE(try_call(Label::CNodeRevoke, target, 0)); }

    // Nothing of the box is left, and all of it can be had again.
    void expect_box_free() {
        EXPECT_EQ(count_inside(machine, machine.slot(box)), 0U);
        const u64 all = machine.free_slot();
        retype(ObjectType::Untyped, box_bits, all);
        delete_slot(all);
        machine.give_back(box + 1);
    }

    Machine machine;
    u64 box;
};

} // namespace kernel::test
