// The C stubs against the wire format of the specification (sel4-abi-riscv64.md 3.2), typed in again. Built twice, with
// the labels of UP and of SMP. `service` is 100 everywhere; arguments are telling numbers.
#include "base/types.hpp"
#include "fake_kernel.hpp"

#include <gtest/gtest.h>

namespace {

using Words = std::vector<seL4_Word>;

#ifdef CONFIG_ENABLE_SMP_SUPPORT
constexpr seL4_Word shift = 1; // labels behind TCBSetAffinity
static_assert(CONFIG_MAX_NUM_NODES == base::max_harts);
#else
constexpr seL4_Word shift = 0;
#endif

class Stubs : public testing::Test {
protected:
    void expect(seL4_Error error, seL4_Word label, const Words& words, const Words& caps) {
        EXPECT_EQ(error, seL4_NoError);
        EXPECT_EQ(kernel_.last.number, -1);
        EXPECT_EQ(kernel_.last.cptr, 100u);
        EXPECT_EQ(kernel_.last.label, label);
        EXPECT_EQ(kernel_.last.words, words);
        EXPECT_EQ(kernel_.last.caps, caps);
        EXPECT_EQ(kernel_.last.beyond, 0u);
    }
    abi_test::FakeKernel kernel_;
};

TEST_F(Stubs, Untyped) { expect(seL4_Untyped_Retype(100, 1, 2, 50, 3, 4, 5, 6), 1, {1, 2, 3, 4, 5, 6}, {50}); }

TEST_F(Stubs, TcbRegisters) {
    expect(seL4_TCB_CopyRegisters(100, 50, 1, 0, 1, 1, 0xab), 4, {0xab0d}, {50});
    expect(seL4_TCB_CopyRegisters(100, 50, 0, 1, 0, 0, 0), 4, {2}, {50});

    seL4_UserContext context{};
    Words words{0x2a01, 31};
    for (seL4_Word i = 0; i < 32; ++i) {
        reinterpret_cast<seL4_Word*>(&context)[i] = 1000 + i;
        words.push_back(1000 + i);
    }
    expect(seL4_TCB_WriteRegisters(100, 1, 0x2a, 31, &context), 3, words, {});

    kernel_.answer.words.assign(words.begin() + 2, words.end());
    context = {};
    expect(seL4_TCB_ReadRegisters(100, 1, 3, 32, &context), 2, {0x301, 32}, {});
    EXPECT_EQ(context.pc, 1000u);
    EXPECT_EQ(context.gp, 1003u);
    EXPECT_EQ(context.s0, 1004u);
    EXPECT_EQ(context.a0, 1016u);
    EXPECT_EQ(context.t6, 1030u);
    EXPECT_EQ(context.tp, 1031u);
}

TEST_F(Stubs, TcbConfiguration) {
    expect(seL4_TCB_Configure(100, 1, 50, 2, 51, 3, 0x4000, 52), 5, {1, 2, 3, 0x4000}, {50, 51, 52});
    expect(seL4_TCB_SetPriority(100, 50, 7), 6, {7}, {50});
    expect(seL4_TCB_SetMCPriority(100, 50, 8), 7, {8}, {50});
    expect(seL4_TCB_SetSchedParams(100, 50, 9, 10), 8, {9, 10}, {50});
    expect(seL4_TCB_SetIPCBuffer(100, 0x4000, 50), 9, {0x4000}, {50});
    expect(seL4_TCB_SetSpace(100, 1, 50, 2, 51, 3), 10, {1, 2, 3}, {50, 51});
    expect(seL4_TCB_SetTLSBase(100, 0x777), 15 + shift, {0x777}, {});
}

TEST_F(Stubs, TcbControl) {
    expect(seL4_TCB_Suspend(100), 11, {}, {});
    expect(seL4_TCB_Resume(100), 12, {}, {});
    expect(seL4_TCB_BindNotification(100, 50), 13, {}, {50});
    expect(seL4_TCB_UnbindNotification(100), 14, {}, {});
#ifdef CONFIG_ENABLE_SMP_SUPPORT
    expect(seL4_TCB_SetAffinity(100, 3), 15, {3}, {});
#endif
    kernel_.answer.words = {1};
    const seL4_TCB_SetFlags_t flags = seL4_TCB_SetFlags(100, 2, 3);
    expect(seL4_NoError, 16 + shift, {2, 3}, {});
    EXPECT_EQ(flags.error, 0);
    EXPECT_EQ(flags.flags, 1u);
}

TEST_F(Stubs, CNode) {
    expect(seL4_CNode_Revoke(100, 1, 64), 17 + shift, {1, 64}, {});
    expect(seL4_CNode_Delete(100, 1, 64), 18 + shift, {1, 64}, {});
    expect(seL4_CNode_CancelBadgedSends(100, 1, 64), 19 + shift, {1, 64}, {});
    expect(seL4_CNode_Copy(100, 1, 64, 50, 2, 63, seL4_AllRights), 20 + shift, {1, 64, 2, 63, 15}, {50});
    expect(seL4_CNode_Mint(100, 1, 64, 50, 2, 63, seL4_CanRead, ~0ul), 21 + shift, {1, 64, 2, 63, 2, ~0ul}, {50});
    expect(seL4_CNode_Move(100, 1, 64, 50, 2, 63), 22 + shift, {1, 64, 2, 63}, {50});
    expect(seL4_CNode_Mutate(100, 1, 64, 50, 2, 63, 9), 23 + shift, {1, 64, 2, 63, 9}, {50});
    expect(seL4_CNode_Rotate(100, 1, 64, 9, 50, 2, 63, 8, 51, 3, 62), 24 + shift, {1, 64, 9, 2, 63, 8, 3, 62},
           {50, 51});
    expect(seL4_CNode_SaveCaller(100, 1, 64), 25 + shift, {1, 64}, {});
}

TEST_F(Stubs, Interrupts) {
    expect(seL4_IRQControl_Get(100, ~0ul, 50, 1, 64), 26 + shift, {~0ul, 1, 64}, {50});
    expect(seL4_IRQHandler_Ack(100), 27 + shift, {}, {});
    expect(seL4_IRQHandler_SetNotification(100, 50), 28 + shift, {}, {50});
    expect(seL4_IRQHandler_Clear(100), 29 + shift, {}, {});
    expect(seL4_IRQControl_GetTrigger(100, 5, 1, 50, 2, 64), 40 + shift, {5, 1, 2, 64}, {50});
}

TEST_F(Stubs, Domains) {
    expect(seL4_DomainSet_Set(100, 3, 50), 30 + shift, {3}, {50});
    expect(seL4_DomainSet_ScheduleConfigure(100, 1, 2, 1ul << 56), 31 + shift, {1, 2, 1ul << 56}, {});
    expect(seL4_DomainSet_ScheduleSetStart(100, 1), 32 + shift, {1}, {});
}

TEST_F(Stubs, Memory) {
    const seL4_RISCV_VMAttributes attributes = seL4_RISCV_ExecuteNever;
    expect(seL4_RISCV_PageTable_Map(100, 50, 0x1000, attributes), 33 + shift, {0x1000, 1}, {50});
    expect(seL4_RISCV_PageTable_Unmap(100), 34 + shift, {}, {});
    expect(seL4_RISCV_Page_Map(100, 50, 0x1000, seL4_ReadWrite, attributes), 35 + shift, {0x1000, 3, 1}, {50});
    expect(seL4_RISCV_Page_Unmap(100), 36 + shift, {}, {});
    kernel_.answer.words = {0x81003000};
    const seL4_RISCV_Page_GetAddress_t address = seL4_RISCV_Page_GetAddress(100);
    expect(seL4_NoError, 37 + shift, {}, {});
    EXPECT_EQ(address.paddr, 0x81003000u);
    expect(seL4_RISCV_ASIDControl_MakePool(100, 50, 51, 1, 64), 38 + shift, {1, 64}, {50, 51});
    expect(seL4_RISCV_ASIDPool_Assign(100, 50), 39 + shift, {}, {50});
}

TEST_F(Stubs, AsyncQueue) {
    expect(seL4_TaiL4_AsyncQueue_Bind(100, 3, 50, 51, 52), 256, {3}, {50, 51, 52});
    expect(seL4_TaiL4_AsyncQueue_Map(100, 50, 0x4000), 257, {0x4000}, {50});
    expect(seL4_TaiL4_AsyncQueue_MapDoorbell(100, 50, 0x5000), 258, {0x5000}, {50});
    expect(seL4_TaiL4_AsyncQueue_Unbind(100), 261, {}, {});
    kernel_.answer.words = {7, 8, 9, 10, 11};
    EXPECT_EQ(seL4_TaiL4_AsyncQueue_Drive(100, 32).executed, 7u);
    expect(seL4_NoError, 259, {32}, {});
    const seL4_TaiL4_AsyncQueue_Info_t info = seL4_TaiL4_AsyncQueue_Info(100);
    expect(seL4_NoError, 260, {}, {});
    EXPECT_EQ(info.state, 7u);
    EXPECT_EQ(info.dead_reason, 8u);
    EXPECT_EQ(info.requests, 9u);
    EXPECT_EQ(info.completions, 10u);
    EXPECT_EQ(info.rejected, 11u);
}

TEST_F(Stubs, ErrorWordsReachTheBuffer) {
    kernel_.answer = {0, seL4_FailedLookup, {1, 4, 30, 0x55, 6}};
    EXPECT_EQ(seL4_CNode_Move(100, 1, 64, 50, 2, 63), seL4_FailedLookup);
    EXPECT_EQ(seL4_GetMR(0), 1u);
    EXPECT_EQ(seL4_GetMR(1), 4u);
    EXPECT_EQ(seL4_GetMR(2), 30u);
    EXPECT_EQ(seL4_GetMR(3), 0x55u);
    EXPECT_EQ(seL4_GetMR(4), 6u);

    kernel_.answer = {0, seL4_RangeError, {1, 32}};
    const seL4_RISCV_Page_GetAddress_t address = seL4_RISCV_Page_GetAddress(100);
    EXPECT_EQ(address.error, seL4_RangeError);
    EXPECT_EQ(address.paddr, 0u);
    EXPECT_EQ(seL4_GetMR(1), 32u);
}

TEST_F(Stubs, SuccessLeavesTheBufferAlone) {
    kernel_.buffer.msg[0] = 77;
    kernel_.answer.words = {0x1000};
    (void)seL4_RISCV_Page_GetAddress(100);
    EXPECT_EQ(kernel_.buffer.msg[0], 77u);
}

TEST(Labels, CountOfTheConfiguration) {
    EXPECT_EQ(nInvocationLabels, 41 + static_cast<int>(shift));
    EXPECT_EQ(RISCVIRQIssueIRQHandlerTrigger, 40 + static_cast<int>(shift));
}

} // namespace
