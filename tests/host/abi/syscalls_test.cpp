// System calls, value types, boot info and faults of the user headers (sel4-abi-riscv64.md 1, 2.4, 2.5, 5.9, 9.1).
#include "fake_kernel.hpp"

#include <cstring>
#include <gtest/gtest.h>

extern "C" int c_probe(void);

namespace {

class Calls : public testing::Test {
protected:
    Calls() {
        for (unsigned i = 0; i < 4; ++i) {
            kernel_.buffer.msg[i] = 10 + i;
        }
    }
    abi_test::FakeKernel kernel_;
    seL4_MessageInfo_t info_ = seL4_MessageInfo_new(5, 0, 0, 4);
    std::vector<seL4_Word> message_{10, 11, 12, 13};
};

TEST_F(Calls, Numbers) {
    const auto number = [&](auto call) {
        call();
        return kernel_.last.number;
    };
    EXPECT_EQ(number([&] { seL4_Call(1, info_); }), -1);
    EXPECT_EQ(number([&] { seL4_ReplyRecv(1, info_, nullptr); }), -2);
    EXPECT_EQ(number([&] { seL4_Send(1, info_); }), -3);
    EXPECT_EQ(number([&] { seL4_NBSend(1, info_); }), -4);
    EXPECT_EQ(number([&] { seL4_Recv(1, nullptr); }), -5);
    EXPECT_EQ(number([&] { seL4_Reply(info_); }), -6);
    EXPECT_EQ(number([&] { seL4_Yield(); }), -7);
    EXPECT_EQ(number([&] { seL4_NBRecv(1, nullptr); }), -8);
    EXPECT_EQ(number([&] { seL4_Wait(1, nullptr); }), -5);
    EXPECT_EQ(number([&] { seL4_Poll(1, nullptr); }), -8);
    EXPECT_EQ(number([&] { seL4_Signal(1); }), -3);
    EXPECT_EQ(number([&] { seL4_DebugPutChar('x'); }), -9);
    EXPECT_EQ(number([&] { seL4_DebugDumpScheduler(); }), -10);
    EXPECT_EQ(number([&] { seL4_DebugHalt(); }), -11);
    EXPECT_EQ(number([&] { seL4_DebugCapIdentify(1); }), -12);
    EXPECT_EQ(number([&] { seL4_DebugSnapshot(); }), -13);
    EXPECT_EQ(number([&] { seL4_DebugNameThread(1, "n"); }), -14);
    EXPECT_EQ(kernel_.calls, 17u);
}

TEST_F(Calls, PlainFormsUseTheBuffer) {
    kernel_.answer = {99, 6, {1, 2}};
    const seL4_MessageInfo_t reply = seL4_Call(7, info_);
    EXPECT_EQ(kernel_.last.cptr, 7u);
    EXPECT_EQ(kernel_.last.label, 5u);
    EXPECT_EQ(kernel_.last.words, message_);
    EXPECT_EQ(seL4_MessageInfo_get_label(reply), 6u);
    EXPECT_EQ(seL4_MessageInfo_get_length(reply), 2u);
    EXPECT_EQ(seL4_GetMR(0), 1u);
    EXPECT_EQ(seL4_GetMR(1), 2u);
    EXPECT_EQ(seL4_GetMR(2), 12u); // not written by the kernel: as sent
}

TEST_F(Calls, ReceiversReturnBadgeAndMessage) {
    kernel_.answer = {99, 6, {1, 2, 3, 4}};
    seL4_Word badge = 0;
    EXPECT_EQ(seL4_MessageInfo_get_label(seL4_Recv(7, &badge)), 6u);
    EXPECT_EQ(badge, 99u);
    EXPECT_EQ(seL4_GetMR(3), 4u);
    kernel_.answer.badge = 98;
    (void)seL4_ReplyRecv(7, info_, &badge);
    EXPECT_EQ(badge, 98u);
    EXPECT_EQ(kernel_.last.words, (std::vector<seL4_Word>{1, 2, 3, 4}));
}

TEST_F(Calls, WithMRsFormsSendOnlyTheLength) {
    seL4_Word words[4] = {20, 21, 22, 23};
    const seL4_MessageInfo_t two = seL4_MessageInfo_new(5, 0, 0, 2);
    seL4_SendWithMRs(7, two, &words[0], &words[1], &words[2], &words[3]);
    EXPECT_EQ(kernel_.last.words, (std::vector<seL4_Word>{20, 21}));
    EXPECT_EQ(kernel_.last.beyond, 0u);
    seL4_NBSendWithMRs(7, two, &words[0], nullptr, nullptr, nullptr);
    EXPECT_EQ(kernel_.last.words, (std::vector<seL4_Word>{20, 0}));
    kernel_.answer = {0, 0, {1, 2, 3, 4}};
    (void)seL4_CallWithMRs(7, two, &words[0], &words[1], nullptr, &words[3]);
    EXPECT_EQ(words[1], 2u);
    EXPECT_EQ(words[2], 22u);
    EXPECT_EQ(words[3], 4u);
    EXPECT_EQ(seL4_GetMR(0), 10u); // the buffer is left alone
    seL4_Word badge = 1;
    (void)seL4_ReplyRecvWithMRs(7, two, &badge, &words[0], &words[1], &words[2], &words[3]);
    EXPECT_EQ(kernel_.last.number, -2);
    EXPECT_EQ(words[2], 3u);
    EXPECT_EQ(badge, 0u);
}

TEST_F(Calls, SignalCarriesNothing) {
    seL4_Signal(7);
    EXPECT_EQ(kernel_.last.cptr, 7u);
    EXPECT_EQ(kernel_.last.tag, 0u);
}

TEST_F(Calls, Debug) {
    kernel_.answer.badge = 12;
    EXPECT_EQ(seL4_DebugCapIdentify(3), 12u);
    seL4_DebugPutChar('\xff');
    EXPECT_EQ(kernel_.last.cptr, 0xffu);
    seL4_DebugNameThread(3, "worker");
    EXPECT_STREQ(reinterpret_cast<const char*>(kernel_.buffer.msg), "worker");
    const std::string longer(2000, 'x');
    seL4_DebugNameThread(3, longer.c_str());
    EXPECT_EQ(std::strlen(reinterpret_cast<const char*>(kernel_.buffer.msg)), 959u);
    EXPECT_EQ(kernel_.buffer.userData, 0u);
}

TEST(Types, MessageInfo) {
    seL4_MessageInfo_t info = seL4_MessageInfo_new(0x123456789abcd, 5, 2, 120);
    EXPECT_EQ(info.words[0], 0x123456789abcdb78u);
    EXPECT_EQ(seL4_MessageInfo_get_label(info), 0x123456789abcdu);
    EXPECT_EQ(seL4_MessageInfo_get_capsUnwrapped(info), 5u);
    EXPECT_EQ(seL4_MessageInfo_get_extraCaps(info), 2u);
    EXPECT_EQ(seL4_MessageInfo_get_length(info), 120u);
    info = seL4_MessageInfo_set_label(info, 1);
    info = seL4_MessageInfo_set_length(info, 3);
    info = seL4_MessageInfo_set_extraCaps(info, 1);
    info = seL4_MessageInfo_set_capsUnwrapped(info, 0);
    EXPECT_EQ(info.words[0], 0x1083u);
}

TEST(Types, RightsAndCNodeData) {
    EXPECT_EQ(seL4_AllRights.words[0], 15u);
    EXPECT_EQ(seL4_ReadWrite.words[0], 3u);
    EXPECT_EQ(seL4_CanRead.words[0], 2u);
    EXPECT_EQ(seL4_CanWrite.words[0], 1u);
    EXPECT_EQ(seL4_CanGrant.words[0], 4u);
    EXPECT_EQ(seL4_CanGrantReply.words[0], 8u);
    EXPECT_EQ(seL4_NoWrite.words[0], 14u);
    EXPECT_EQ(seL4_NoRead.words[0], 13u);
    EXPECT_EQ(seL4_NoRights.words[0], 0u);
    EXPECT_EQ(seL4_CNode_CapData_new(5, 51).words[0], (5u << 6) | 51u);
}

TEST_F(Calls, Faults) {
    EXPECT_EQ(seL4_Fault_NullFault, 0);
    EXPECT_EQ(seL4_Fault_CapFault, 1);
    EXPECT_EQ(seL4_Fault_UnknownSyscall, 2);
    EXPECT_EQ(seL4_Fault_UserException, 3);
    EXPECT_EQ(seL4_Fault_VMFault, 5);
    EXPECT_EQ(seL4_CapFault_GuardMismatch_BitsFound, 6);
    EXPECT_EQ(seL4_CapFault_DepthMismatch_BitsFound, 5);
    EXPECT_EQ(seL4_CapFault_BitsLeft, 4);
    EXPECT_EQ(seL4_UnknownSyscall_Syscall, 10);
    EXPECT_EQ(seL4_UnknownSyscall_Length, 11);
    EXPECT_EQ(seL4_UserException_Length, 4);
    EXPECT_EQ(seL4_VMFault_FSR, 3);

    const seL4_MessageInfo_t tag = seL4_MessageInfo_new(5, 0, 0, 4);
    const seL4_Fault_t fault = seL4_getFault(tag);
    EXPECT_TRUE(seL4_isVMFault_tag(tag));
    EXPECT_EQ(seL4_Fault_get_seL4_FaultType(fault), seL4_Fault_VMFault);
    EXPECT_EQ(seL4_Fault_VMFault_get_IP(fault), 10u);
    EXPECT_EQ(seL4_Fault_VMFault_get_Addr(fault), 11u);
    EXPECT_EQ(seL4_Fault_VMFault_get_PrefetchFault(fault), 12u);
    EXPECT_EQ(seL4_Fault_VMFault_get_FSR(fault), 13u);
    EXPECT_EQ(seL4_Fault_get_seL4_FaultType(seL4_getFault(seL4_MessageInfo_new(77, 0, 0, 4))), seL4_Fault_NullFault);
}

TEST(Headers, WorkInC) { EXPECT_EQ(c_probe(), 10 + 64); }

TEST(BootInfo, FindsBlocksAndStopsAtBadLengths) {
    struct alignas(4096) {
        union {
            seL4_BootInfo info;
            char page[4096];
        };
        seL4_BootInfoHeader blocks[4];
    } frame{};
    frame.info.extraLen = sizeof(frame.blocks);
    frame.blocks[0] = {SEL4_BOOTINFO_HEADER_PADDING, 32};
    frame.blocks[2] = {SEL4_BOOTINFO_HEADER_FDT, 32};
    EXPECT_EQ(sel4_find_bootinfo(&frame.info, SEL4_BOOTINFO_HEADER_FDT), &frame.blocks[2]);
    EXPECT_EQ(sel4_find_bootinfo(&frame.info, SEL4_BOOTINFO_HEADER_X86_VBE), nullptr);
    frame.blocks[0].len = 0;
    EXPECT_EQ(sel4_find_bootinfo(&frame.info, SEL4_BOOTINFO_HEADER_FDT), nullptr);
    frame.blocks[0].len = 65;
    EXPECT_EQ(sel4_find_bootinfo(&frame.info, SEL4_BOOTINFO_HEADER_FDT), nullptr);
}

} // namespace
