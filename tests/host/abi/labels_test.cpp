// The kernel's label tables against the table of the specification, typed in again (sel4-abi-riscv64.md 3.1, 3.2).
#include "api/labels.hpp"

#include <gtest/gtest.h>

#include <set>

namespace {

using api::Interface;
using api::Label;

struct Row {
    Label label;
    std::uint64_t up; // 0: none
    std::uint64_t smp;
    unsigned words;
    unsigned caps;
};

constexpr Row rows[] = {
    {Label::UntypedRetype, 1, 1, 6, 1},
    {Label::TCBReadRegisters, 2, 2, 2, 0},
    {Label::TCBWriteRegisters, 3, 3, 34, 0},
    {Label::TCBCopyRegisters, 4, 4, 1, 1},
    {Label::TCBConfigure, 5, 5, 4, 3},
    {Label::TCBSetPriority, 6, 6, 1, 1},
    {Label::TCBSetMCPriority, 7, 7, 1, 1},
    {Label::TCBSetSchedParams, 8, 8, 2, 1},
    {Label::TCBSetIPCBuffer, 9, 9, 1, 1},
    {Label::TCBSetSpace, 10, 10, 3, 2},
    {Label::TCBSuspend, 11, 11, 0, 0},
    {Label::TCBResume, 12, 12, 0, 0},
    {Label::TCBBindNotification, 13, 13, 0, 1},
    {Label::TCBUnbindNotification, 14, 14, 0, 0},
    {Label::TCBSetAffinity, 0, 15, 1, 0},
    {Label::TCBSetTLSBase, 15, 16, 1, 0},
    {Label::TCBSetFlags, 16, 17, 2, 0},
    {Label::CNodeRevoke, 17, 18, 2, 0},
    {Label::CNodeDelete, 18, 19, 2, 0},
    {Label::CNodeCancelBadgedSends, 19, 20, 2, 0},
    {Label::CNodeCopy, 20, 21, 5, 1},
    {Label::CNodeMint, 21, 22, 6, 1},
    {Label::CNodeMove, 22, 23, 4, 1},
    {Label::CNodeMutate, 23, 24, 5, 1},
    {Label::CNodeRotate, 24, 25, 8, 2},
    {Label::CNodeSaveCaller, 25, 26, 2, 0},
    {Label::IRQIssueIRQHandler, 26, 27, 3, 1},
    {Label::IRQAckIRQ, 27, 28, 0, 0},
    {Label::IRQSetIRQHandler, 28, 29, 0, 1},
    {Label::IRQClearIRQHandler, 29, 30, 0, 0},
    {Label::DomainSetSet, 30, 31, 1, 1},
    {Label::DomainScheduleConfigure, 31, 32, 3, 0},
    {Label::DomainScheduleSetStart, 32, 33, 1, 0},
    {Label::RISCVPageTableMap, 33, 34, 2, 1},
    {Label::RISCVPageTableUnmap, 34, 35, 0, 0},
    {Label::RISCVPageMap, 35, 36, 3, 1},
    {Label::RISCVPageUnmap, 36, 37, 0, 0},
    {Label::RISCVPageGetAddress, 37, 38, 0, 0},
    {Label::RISCVASIDControlMakePool, 38, 39, 2, 2},
    {Label::RISCVASIDPoolAssign, 39, 40, 0, 1},
    {Label::RISCVIRQIssueIRQHandlerTrigger, 40, 41, 4, 1},
    {Label::AsyncQueueBind, 256, 256, 1, 3},
    {Label::AsyncQueueMap, 257, 257, 1, 1},
    {Label::AsyncQueueMapDoorbell, 258, 258, 1, 1},
    {Label::AsyncQueueDrive, 259, 259, 1, 0},
    {Label::AsyncQueueInfo, 260, 260, 0, 0},
    {Label::AsyncQueueUnbind, 261, 261, 0, 0},
    {Label::AsyncQueueWake, 262, 262, 0, 0},
    {Label::AsyncQueueExecute, 263, 263, 1, 0},
    {Label::NotificationRegisterReceiver, 270, 270, 0, 1},
    {Label::NotificationRegisterSender, 271, 271, 0, 0},
    {Label::NotificationUnregisterReceiver, 272, 272, 0, 0},
    {Label::NotificationUnregisterSender, 273, 273, 0, 0},
};

TEST(Labels, WireLabelsOfBothConfigurations) {
    std::set<std::uint64_t> up, smp;
    for (const Row& row : rows) {
        if (row.up != 0) {
            EXPECT_EQ(api::label_of(false, row.up), row.label) << row.up;
            up.insert(row.up);
        }
        EXPECT_EQ(api::label_of(true, row.smp), row.label) << row.smp;
        smp.insert(row.smp);
    }
    EXPECT_EQ(up.size(), 52u);
    EXPECT_EQ(smp.size(), 53u);
    // Between the fixed labels are numbers in reserve: they are no method of any object.
    const auto known = [](bool smp_build, std::uint64_t wire) {
        return api::shape_of(api::label_of(smp_build, wire)).label != Label::Invalid;
    };
    for (std::uint64_t wire = 0; wire < 1024; ++wire) {
        EXPECT_EQ(known(false, wire), up.contains(wire)) << wire;
        EXPECT_EQ(known(true, wire), smp.contains(wire)) << wire;
    }
}

TEST(Labels, LabelsAreNotTruncated) {
    for (const std::uint64_t high : {std::uint64_t{1} << 16, std::uint64_t{1} << 32, std::uint64_t{1} << 51}) {
        EXPECT_EQ(api::label_of(false, high + 1), Label::Invalid);
        EXPECT_EQ(api::label_of(true, high + 256), Label::Invalid);
    }
}

TEST(Labels, ShapesOfTheWireFormat) {
    for (const Row& row : rows) {
        const api::Shape shape = api::shape_of(row.label);
        EXPECT_EQ(shape.label, row.label);
        EXPECT_EQ(shape.words, row.words) << row.smp;
        EXPECT_EQ(shape.caps, row.caps) << row.smp;
        EXPECT_LE(shape.min_words, shape.words);
        EXPECT_LE(shape.min_caps, shape.caps);
    }
    EXPECT_EQ(api::shape_of(Label::TCBWriteRegisters).min_words, 2);
    EXPECT_EQ(api::shape_of(Label::AsyncQueueBind).min_caps, 2);
    EXPECT_EQ(api::shape_of(Label::TCBReadRegisters).results, 32);
    EXPECT_EQ(api::shape_of(Label::RISCVPageGetAddress).results, 1);
    EXPECT_EQ(api::shape_of(Label::Invalid).interface, Interface::None);
    EXPECT_EQ(api::shape_of(Label{200}).interface, Interface::None);
    EXPECT_EQ(api::shape_of(Label{269}).interface, Interface::None); // kept free between two interfaces
    EXPECT_EQ(api::shape_of(Label::NotificationRegisterSender).interface, Interface::Notification);
    EXPECT_EQ(api::shape_of(Label{274}).interface, Interface::None);
    EXPECT_EQ(api::shape_of(Label::RISCVIRQIssueIRQHandlerTrigger).interface, Interface::IRQControl);
    EXPECT_EQ(api::shape_of(Label::DomainScheduleSetStart).interface, Interface::DomainSet);
    EXPECT_EQ(api::shape_of(Label::RISCVPageMap).interface, Interface::Page);
}

TEST(Numbers, ObjectsAndSizes) {
    EXPECT_EQ(api::sel4_object_types, 9u);
    EXPECT_EQ(static_cast<int>(api::ObjectType::CapTable), 4);
    EXPECT_EQ(static_cast<int>(api::ObjectType::GigaPage), 5);
    EXPECT_EQ(static_cast<int>(api::ObjectType::Page), 6);
    EXPECT_EQ(static_cast<int>(api::ObjectType::MegaPage), 7);
    EXPECT_EQ(static_cast<int>(api::ObjectType::PageTable), 8);
    EXPECT_EQ(static_cast<int>(api::ObjectType::AsyncQueue), 256);
    EXPECT_EQ(api::tcb_bits, 11u);
    EXPECT_EQ(api::notification_bits, 5u);
    EXPECT_EQ(api::max_untyped_bits, 38u);
}

TEST(Numbers, SystemCalls) {
    using api::Syscall;
    constexpr std::pair<Syscall, int> expected[] = {
        {Syscall::Call, -1},
        {Syscall::ReplyRecv, -2},
        {Syscall::Send, -3},
        {Syscall::NBSend, -4},
        {Syscall::Recv, -5},
        {Syscall::Reply, -6},
        {Syscall::Yield, -7},
        {Syscall::NBRecv, -8},
        {Syscall::DebugPutChar, -9},
        {Syscall::DebugDumpScheduler, -10},
        {Syscall::DebugHalt, -11},
        {Syscall::DebugCapIdentify, -12},
        {Syscall::DebugSnapshot, -13},
        {Syscall::DebugNameThread, -14},
        {Syscall::DebugSendIPI, -15},
        {Syscall::DebugGetThreadAffinity, -16},
        {Syscall::DebugRun, -17},
        {Syscall::BenchmarkFlushCaches, -18},
        {Syscall::BenchmarkResetLog, -19},
        {Syscall::BenchmarkFinalizeLog, -20},
        {Syscall::BenchmarkSetLogBuffer, -21},
        {Syscall::BenchmarkNullSyscall, -22},
        {Syscall::BenchmarkGetThreadUtilisation, -23},
        {Syscall::SetTLSBase, -30},
    };
    for (const auto& [call, number] : expected) {
        EXPECT_EQ(static_cast<int>(call), number);
    }
}

} // namespace
