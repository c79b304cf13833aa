// Random nestings, deletions, revocations, moves and rotations, most of them preempted somewhere and left so, with the
// invariants checked after each. The seeds are fixed: a failure comes again.
#include "box.hpp"

#include <random>

namespace kernel::test {

class LifetimeStress : public BoxTest, public testing::WithParamInterface<unsigned> {
protected:
    static constexpr u64 pool_size = 48;

    u64 random(u64 below) { return std::uniform_int_distribution<u64>(0, below - 1)(generator); }
    u64 any_slot() { return pool + random(pool_size); }

    // A slot of the pool, or one inside a CNode of the pool: the CNode's capability, index and depth.
    struct Place {
        u64 root, index, depth;
    };
    Place any_place() {
        const u64 slot = any_slot();
        if (random(2) == 0 || !machine.cap(slot).is(CapType::CNode)) return {CN, slot, 64};
        const u64 radix = machine.cap(slot).radix();
        return {slot, random(u64{1} << radix), radix};
    }

    void random_retype() {
        struct Kind {
            ObjectType type;
            u64 size_bits;
        };
        static constexpr Kind kinds[] = {
            {ObjectType::CapTable, 1}, {ObjectType::CapTable, 2},  {ObjectType::CapTable, 3},
            {ObjectType::Tcb, 0},      {ObjectType::Endpoint, 0},  {ObjectType::Notification, 0},
            {ObjectType::Untyped, 8},  {ObjectType::Untyped, 12},  {ObjectType::AsyncQueue, 15},
            {ObjectType::Page, 0},     {ObjectType::PageTable, 0},
        };
        const Kind& kind = kinds[random(std::size(kinds))];
        u64 from = random(4) == 0 ? any_slot() : box;
        if (!machine.cap(from).is(CapType::Untyped)) from = box;
        machine.call(from, Label::UntypedRetype, {static_cast<u64>(kind.type), kind.size_bits, 0, 0, any_slot(), 1},
                     {CN});
    }

    void random_transfer() {
        static constexpr Label labels[] = {Label::CNodeCopy,   Label::CNodeMove, Label::CNodeMint,
                                           Label::CNodeMutate, Label::CNodeMove, Label::CNodeMove};
        const Place to = any_place();
        const Place from = any_place();
        machine.call(to.root, labels[random(std::size(labels))],
                     {to.index, to.depth, from.index, from.depth, 15, random(3)}, {from.root});
    }

    void random_rotate() {
        const Place from = any_place();
        const Place pivot = any_place();
        const Place to = random(2) == 0 ? from : any_place();
        machine.call(to.root, Label::CNodeRotate,
                     {to.index, to.depth, 0, pivot.index, pivot.depth, 0, from.index, from.depth},
                     {pivot.root, from.root});
    }

    void random_removal() {
        const Place at = any_place();
        const Label label = random(3) == 0 ? Label::CNodeRevoke : Label::CNodeDelete;
        fake::preempt_after(random(3) == 0 ? 0 : 1 + static_cast<u32>(random(6)));
        Reply reply;
        machine.call_once(at.root, label, {at.index, at.depth}, {}, reply);
        fake::preempt_after(0);
    }

    void random_thread_call() {
        const u64 thread = any_slot();
        if (machine.cap(thread).is(CapType::Endpoint)) return; // the only thread would block
        switch (random(5)) {
        case 0: machine.call(thread, Label::TCBSetSpace, {0, 0, 0}, {any_slot(), own_vspace}); break;
        case 1: machine.call(thread, Label::TCBSetIPCBuffer, {0x400}, {any_slot()}); break;
        case 2: machine.call(thread, Label::TCBBindNotification, {}, {any_slot()}); break;
        case 3: machine.call(thread, Label::TCBResume); break;
        default: machine.call(thread, Label::AsyncQueueBind, {0}, {any_slot(), own_vspace}); break;
        }
    }

    void random_step() {
        const u64 dice = random(16);
        if (dice < 5) return random_retype();
        if (dice < 10) return random_transfer();
        if (dice < 11) return random_rotate();
        if (dice < 13) return random_thread_call();
        random_removal();
    }

    u64 pool = machine.free_slot(pool_size);
    std::mt19937_64 generator{GetParam()};
};

TEST_P(LifetimeStress, KeepsTheInvariants) {
    for (int round = 0; round < 12 && !HasFailure(); ++round) {
        for (int i = 0; i < 250; ++i) {
            random_step();
            const std::string problem = broken_invariant(machine);
            ASSERT_EQ(problem, "") << "round " << round << " step " << i;
        }
        call_in_pieces(Label::CNodeRevoke, box, 1 + static_cast<u32>(random(5)));
        EXPECT_EQ(count_inside(machine, machine.slot(box)), 0U);
        for (u64 i = 0; i < pool_size; ++i) EXPECT_TRUE(machine.slot(pool + i).empty());
    }
}

INSTANTIATE_TEST_SUITE_P(Seeds, LifetimeStress, testing::Range(1U, 7U));

} // namespace kernel::test
