// Deletion and revocation of everything that can contain capabilities, preempted at every point and then continued in
// several ways. After each step the invariants hold; at the end nothing is left and the memory can be used again.
#include "box.hpp"

#include <functional>

namespace kernel::test {

namespace {

constexpr u64 buffer_address = 0x1000;

} // namespace

struct Shape {
    const char* name;
    // Builds it in the box; returns the slot whose deletion starts it off.
    std::function<u64(class Lifetime&)> build;
};

class Lifetime : public BoxTest, public testing::WithParamInterface<usize> {
public:
    u64 cnode(u64 radix = 1) { return fresh(ObjectType::CapTable, radix); }

    u64 nested(unsigned depth) {
        u64 inner = fresh(ObjectType::Endpoint);
        for (unsigned i = 0; i < depth; ++i) {
            const u64 outer = cnode(1 + i % 2);
            move_into(outer, i % 2, inner);
            inner = outer;
        }
        return inner;
    }
    // A thread whose CSpace is the only capability of the CNode at `space`.
    u64 thread_with(u64 space) {
        const u64 frame = fresh(ObjectType::Page);
        const u64 thread = fresh(ObjectType::Tcb);
        EXPECT_EQ(machine.call(thread, Label::TCBConfigure, {0, 0, 0, buffer_address}, {space, own_vspace, frame}),
                  ok());
        delete_slot(space);
        return thread;
    }
    u64 self_containing() {
        const u64 holder = cnode();
        const u64 self = cnode(2);
        copy_into(self, 3, self);
        copy_into(self, 0, self);
        move_into(holder, 1, self);
        return holder;
    }
    u64 two_cycle() {
        const u64 a = cnode();
        const u64 b = cnode();
        const u64 holder = cnode(2);
        copy_into(b, 0, a);
        move_into(a, 1, b);
        move_into(a, 0, cnode()); // something above the cycle's slot
        move_into(holder, 2, a);
        return holder;
    }
    // Nobody outside has a capability to these: only a revoke finds them.
    void orphan_cycle() {
        const u64 a = cnode();
        const u64 b = cnode();
        const u64 c = cnode();
        copy_into(c, 0, a);
        move_into(b, 1, c);
        move_into(a, 0, b);
        delete_slot(a);
    }
    u64 thread_in_its_own_space() {
        const u64 space = cnode(2);
        const u64 holder = cnode();
        copy_into(holder, 0, space);
        const u64 thread = thread_with(space);
        const u64 inside = machine.free_slot();
        EXPECT_EQ(machine.call(CN, Label::CNodeCopy, {inside, 64, thread, 64, 15}, {CN}), ok());
        EXPECT_EQ(machine.call(holder, Label::CNodeDelete, {1, 1}), ok());
        const u64 again = machine.free_slot();
        EXPECT_EQ(machine.call(CN, Label::CNodeMove, {again, 64, 0, 1}, {holder}), ok());
        move_into(again, 1, inside);
        move_into(again, 2, nested(3));
        delete_slot(again);
        return thread;
    }
    u64 threads_in_a_row() {
        u64 space = nested(2);
        u64 thread = 0;
        for (int i = 0; i < 3; ++i) {
            thread = thread_with(space);
            space = cnode(2);
            move_into(space, static_cast<u64>(i), thread);
        }
        return space;
    }
    u64 queue_in_cnode() {
        const u64 holder = cnode(2);
        const u64 queue = fresh(ObjectType::AsyncQueue, 15);
        const u64 space = nested(3);
        EXPECT_EQ(machine.call(queue, Label::AsyncQueueBind, {0}, {space, own_vspace}), ok());
        delete_slot(space);
        move_into(holder, 1, nested(2));
        move_into(holder, 2, queue);
        return holder;
    }
    u64 broad() {
        const u64 holder = cnode(3);
        for (unsigned i = 0; i < 8; ++i) move_into(holder, i, nested(1 + i % 3));
        return holder;
    }
    u64 untyped_in_its_own_child() {
        const u64 part = fresh(ObjectType::Untyped, 12);
        const u64 node = machine.free_slot();
        EXPECT_EQ(
            machine.call(part, Label::UntypedRetype, {static_cast<u64>(ObjectType::CapTable), 2, 0, 0, node, 1}, {CN}),
            ok());
        move_into(node, 1, nested(2));
        move_into(node, 2, part);
        return node;
    }
};

namespace {

const Shape shapes[] = {
    {"nested", [](Lifetime& test) { return test.nested(5); }},
    {"chain", [](Lifetime& test) { return test.nested(12); }},
    {"broad", [](Lifetime& test) { return test.broad(); }},
    {"self", [](Lifetime& test) { return test.self_containing(); }},
    {"cycle", [](Lifetime& test) { return test.two_cycle(); }},
    {"orphans",
     [](Lifetime& test) {
         test.orphan_cycle();
         return test.nested(1);
     }},
    {"thread", [](Lifetime& test) { return test.thread_with(test.nested(3)); }},
    {"thread_cycle", [](Lifetime& test) { return test.thread_in_its_own_space(); }},
    {"threads", [](Lifetime& test) { return test.threads_in_a_row(); }},
    {"queue", [](Lifetime& test) { return test.queue_in_cnode(); }},
    {"untyped", [](Lifetime& test) { return test.untyped_in_its_own_child(); }},
};

} // namespace

// How a preempted deletion goes on.
enum class Then { DeleteAgain, RevokeBox, MoveZombie, RotateZombie, RevokeInPieces };

class Continued : public Lifetime {
protected:
    void go_on(Then then, u64 slot) {
        switch (then) {
        case Then::DeleteAgain: break;
        case Then::RevokeBox: revoke_slot(box); return;
        case Then::RevokeInPieces: call_in_pieces(Label::CNodeRevoke, box, 1); return;
        case Then::MoveZombie: {
            const u64 elsewhere = machine.free_slot();
            EXPECT_EQ(machine.call(CN, Label::CNodeMove, {elsewhere, 64, slot, 64}, {CN}), ok());
            slot = elsewhere;
            break;
        }
        case Then::RotateZombie: {
            const u64 other = cnode();
            EXPECT_EQ(machine.call(CN, Label::CNodeRotate, {slot, 64, 0, other, 64, 0, slot, 64}, {CN, CN}), ok());
            EXPECT_EQ(broken_invariant(machine), "");
            call_in_pieces(Label::CNodeDelete, other, 2);
            break;
        }
        }
        call_in_pieces(Label::CNodeDelete, slot, 3);
    }
};

TEST_P(Lifetime, EveryStepAlone) {
    for (const Label label : {Label::CNodeDelete, Label::CNodeRevoke}) {
        const u64 slot = shapes[GetParam()].build(*this);
        call_in_pieces(label, label == Label::CNodeDelete ? slot : box, 1);
        if (label == Label::CNodeDelete) {
            EXPECT_TRUE(machine.slot(slot).empty());
        }
        revoke_slot(box);
        expect_box_free();
    }
}

TEST_P(Continued, FromEveryPoint) {
    for (const Then then :
         {Then::DeleteAgain, Then::RevokeBox, Then::MoveZombie, Then::RotateZombie, Then::RevokeInPieces}) {
        bool preempted = true;
        for (u32 steps = 1; preempted && steps < 500 && !HasFailure(); ++steps) {
            const u64 slot = shapes[GetParam()].build(*this);
            preempted = !try_call(Label::CNodeDelete, slot, steps);
            if (preempted) go_on(then, slot);
            EXPECT_TRUE(machine.slot(slot).empty()) << steps;
            revoke_slot(box);
            expect_box_free();
        }
        EXPECT_FALSE(preempted);
    }
}

// The revoke of the box stops at every point; then the deletion of the slot, which may be half done or gone.
TEST_P(Continued, RevokeFirst) {
    bool preempted = true;
    for (u32 steps = 1; preempted && steps < 500 && !HasFailure(); ++steps) {
        const u64 slot = shapes[GetParam()].build(*this);
        preempted = !try_call(Label::CNodeRevoke, box, steps);
        call_in_pieces(Label::CNodeDelete, slot, 1);
        EXPECT_TRUE(machine.slot(slot).empty());
        revoke_slot(box);
        expect_box_free();
    }
    EXPECT_FALSE(preempted);
}

INSTANTIATE_TEST_SUITE_P(Shapes, Lifetime, testing::Range(usize{0}, std::size(shapes)));
INSTANTIATE_TEST_SUITE_P(Shapes, Continued, testing::Range(usize{0}, std::size(shapes)));

class Chains : public Lifetime {};

// Hundreds of one-bit CNodes, one in the other: no recursion, and each point is one step.
TEST_F(Chains, Hundreds) {
    for (const u32 steps : {0U, 1U, 37U, 250U}) {
        const u64 slot = nested(400);
        if (steps != 0 && !try_call(Label::CNodeDelete, slot, steps))
            call_in_pieces(Label::CNodeRevoke, box, 500);
        else
            delete_slot(slot);
        EXPECT_EQ(count_inside(machine, machine.slot(box)), 0U);
        expect_box_free();
    }
}

// Minted apart, two capabilities of one badge have nothing to do with each other, whoever of their copies is left.
TEST_F(Chains, RevokingABadgeSparesItsEquals) {
    const u64 ep = fresh(ObjectType::Endpoint);
    const u64 one = machine.mint(ep, 5);
    const u64 copy = machine.copy(one);
    const u64 other = machine.mint(ep, 5);
    revoke_slot(other);
    EXPECT_FALSE(machine.slot(one).empty());
    delete_slot(one); // the copy stands for it now
    revoke_slot(other);
    EXPECT_FALSE(machine.slot(copy).empty());
    revoke_slot(ep);
    EXPECT_TRUE(machine.slot(copy).empty() && machine.slot(other).empty());
}

TEST_F(Chains, DeletingEmptySlotsSucceeds) {
    delete_slot(machine.free_slot());
    revoke_slot(machine.free_slot());
}

} // namespace kernel::test
