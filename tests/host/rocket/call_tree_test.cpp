// Where a hart is, by calls and returns, traps and threads.
#include "tools/rocket/call_tree.hpp"

#include <gtest/gtest.h>

namespace rocket {
namespace {

constexpr u32 add = 0x0000'0013, call = 0x0000'00ef, call_register = 0x0007'80e7, ret = 0x0000'8067, jump = 0x0007'8067;
constexpr u32 call_millicode = 0x0000'02ef, ret_millicode = 0x0002'8067, ecall = 0x73;
constexpr u32 machine_return = 0x3020'0073, supervisor_return = 0x1020'0073;
constexpr auto user = Privilege::User, kernel = Privilege::Supervisor, machine = Privilege::Machine;

class CallStackTest : public testing::Test {
protected:
    // An instruction retires; its place as the sites from the root on.
    std::vector<u64> at(u64 counter, u32 instruction = add) {
        HartView view;
        view.counter = counter;
        view.instruction = instruction;
        view.privilege = privilege;
        view.stack = pointer;
        view.space = space;
        view.retires = true;
        view.traps = instruction == ecall;
        stack.step(view);
        return place();
    }
    std::vector<u64> place() const {
        std::vector<u64> sites;
        u32 number = stack.place();
        for (; tree.nodes()[number].parent != number; number = tree.nodes()[number].parent)
            sites.insert(sites.begin(), tree.nodes()[number].site);
        sites.insert(sites.begin(), static_cast<u64>(tree.nodes()[number].privilege));
        return sites;
    }
    using Sites = std::vector<u64>;

    CallTree tree;
    CallStack stack{tree, 0};
    Privilege privilege = kernel;
    u64 pointer = 0x8000, space = 7;
};

TEST_F(CallStackTest, ACallIsOfItsCallerAndWhatFollowsIsBelowIt) {
    EXPECT_EQ(at(0x100, call), Sites{1});
    EXPECT_EQ(at(0x200), (Sites{1, 0x100}));
    EXPECT_EQ(at(0x204, call_register), (Sites{1, 0x100}));
    EXPECT_EQ(at(0x300, ret), (Sites{1, 0x100, 0x204}));
    EXPECT_EQ(at(0x208, ret), (Sites{1, 0x100}));
    EXPECT_EQ(at(0x102), Sites{1}); // the call was a compressed one
}

TEST_F(CallStackTest, AJumpToAnotherFunctionIsNoCall) {
    at(0x100, call);
    at(0x200, jump);
    EXPECT_EQ(at(0x300, ret), (Sites{1, 0x100}));
    EXPECT_EQ(at(0x104), Sites{1});
}

TEST_F(CallStackTest, TheSaveAndRestoreRoutinesReturnThroughT0) {
    at(0x100, call);
    at(0x200, call_millicode);
    pointer -= 64;
    EXPECT_EQ(at(0x900, ret_millicode), (Sites{1, 0x100, 0x200}));
    EXPECT_EQ(at(0x204), (Sites{1, 0x100}));
}

TEST_F(CallStackTest, AReturnPastSeveralFramesDropsThem) {
    at(0x100, call);
    at(0x200, call);
    at(0x300, call);
    at(0x400, ret);
    EXPECT_EQ(at(0x104), Sites{1});
}

TEST_F(CallStackTest, AStackThatIsCutIsNoticedAtTheNextCall) {
    pointer = 0x7000;
    at(0x100, call);
    at(0x200, jump);
    pointer = 0x8000;
    at(0x500, call);
    EXPECT_EQ(at(0x600), (Sites{1, 0x500}));
}

TEST_F(CallStackTest, AReturnToNowhereKeepsWhatTheStackStillHolds) {
    at(0x100, call);
    pointer = 0x7000;
    at(0x200, call);
    at(0x300, ret);
    pointer = 0x7800;
    EXPECT_EQ(at(0x999), (Sites{1, 0x100}));
}

TEST_F(CallStackTest, AThreadFindsItsStackAgain) {
    privilege = user;
    at(0x10, call);
    EXPECT_EQ(at(0x20, ecall), (Sites{0, 0x10}));
    privilege = kernel, pointer = 0x9000;
    EXPECT_EQ(at(0xf00), Sites{1}); // the trap begins a stack of its own
    at(0xf04, supervisor_return);
    privilege = user, pointer = 0x6000; // another thread
    EXPECT_EQ(at(0x50, call), Sites{0});
    EXPECT_EQ(at(0x60, ecall), (Sites{0, 0x50}));
    privilege = kernel, pointer = 0x9000;
    at(0xf00);
    at(0xf04, supervisor_return);
    privilege = user, pointer = 0x8000; // the first one
    EXPECT_EQ(at(0x24), (Sites{0, 0x10}));
    EXPECT_EQ(at(0x28, ret), (Sites{0, 0x10}));
    EXPECT_EQ(at(0x14), Sites{0});
}

TEST_F(CallStackTest, OtherPageTablesAreAnotherThread) {
    privilege = user;
    at(0x10, call);
    at(0x20, ecall);
    privilege = kernel;
    at(0xf04, supervisor_return);
    privilege = user, space = 8;
    EXPECT_EQ(at(0x24), Sites{0});
    EXPECT_EQ(tree.nodes()[stack.place()].site, 8U);
}

TEST_F(CallStackTest, TheStackPointerMayComeLate) {
    privilege = user;
    at(0x10, call);
    at(0x20, ecall);
    privilege = kernel;
    at(0xf04, supervisor_return);
    privilege = user, pointer = 0x9000; // the kernel's load is on its way
    EXPECT_EQ(at(0x24), Sites{0});
    pointer = 0x8000;
    EXPECT_EQ(at(0x28), (Sites{0, 0x10}));
}

TEST_F(CallStackTest, FirmwareIsAboveWhatItInterrupts) {
    at(0x100, call);
    at(0x200, ecall);
    privilege = machine, pointer = 0x4000;
    EXPECT_EQ(at(0x8000, call), (Sites{1, 0x100, 0x200}));
    EXPECT_EQ(at(0x8100, ret), (Sites{1, 0x100, 0x200, 0x8000}));
    at(0x8004, machine_return);
    privilege = kernel, pointer = 0x8000;
    EXPECT_EQ(at(0x204), (Sites{1, 0x100}));
}

TEST_F(CallStackTest, FirmwareMayHandATrapOn) {
    privilege = user;
    at(0x10, call);
    at(0x20, ecall);
    privilege = machine;
    at(0x8000, machine_return);
    privilege = kernel, pointer = 0x9000;
    EXPECT_EQ(at(0xf00, supervisor_return), Sites{1});
    privilege = user, pointer = 0x8000;
    EXPECT_EQ(at(0x24), (Sites{0, 0x10}));
}

TEST_F(CallStackTest, ATrapWithinTheKernelReturnsToIt) {
    at(0x100, call);
    HartView view;
    view.counter = 0x200, view.instruction = add, view.privilege = kernel, view.stack = pointer, view.traps = true;
    stack.step(view);
    pointer -= 256;
    EXPECT_EQ(at(0xf00, supervisor_return), (Sites{1, 0x100, 0x200}));
    pointer += 256;
    EXPECT_EQ(at(0x200), (Sites{1, 0x100}));
}

TEST_F(CallStackTest, DeepRecursionIsCutOff) {
    for (int i = 0; i < 1000; ++i) {
        at(0x100, call);
        pointer -= 16;
    }
    EXPECT_EQ(stack.depth(), 128U);
}

} // namespace
} // namespace rocket
