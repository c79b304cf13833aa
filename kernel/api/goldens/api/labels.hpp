// The numbers of the binary interface as the kernel sees them. A Label is config-independent; one
// kernel serves the wire labels of seL4's UP and SMP interfaces (sel4-abi-riscv64.md 2, 3, 7).
// Made by tools/gen_api.py from kernel/api/sel4.toml; change the table, not this file.
#pragma once

#include <cstdint>
#include <iterator>

namespace api {

enum class Syscall : std::int64_t {
    Call = -1,
    ReplyRecv = -2,
    Send = -3,
    NBSend = -4,
    Recv = -5,
    Reply = -6,
    Yield = -7,
    NBRecv = -8,
    DebugPutChar = -9,
    DebugDumpScheduler = -10,
    DebugHalt = -11,
    DebugCapIdentify = -12,
    DebugSnapshot = -13,
    DebugNameThread = -14,
    DebugSendIPI = -15,
    DebugGetThreadAffinity = -16,
    DebugRun = -17,
    BenchmarkFlushCaches = -18,
    BenchmarkResetLog = -19,
    BenchmarkFinalizeLog = -20,
    BenchmarkSetLogBuffer = -21,
    BenchmarkNullSyscall = -22,
    BenchmarkGetThreadUtilisation = -23,
    BenchmarkResetThreadUtilisation = -24,
    BenchmarkDumpAllThreadsUtilisation = -25,
    BenchmarkResetAllThreadsUtilisation = -26,
    SetTLSBase = -30,
    DebugLongestStretch = -64,
};

enum class ObjectType : std::uint64_t {
    Untyped = 0,
    Tcb = 1,
    Endpoint = 2,
    Notification = 3,
    CapTable = 4,
    GigaPage = 5,
    Page = 6,
    MegaPage = 7,
    PageTable = 8,
    AsyncQueue = 256,
};

inline constexpr std::uint64_t sel4_object_types = 9;

inline constexpr unsigned word_bits = 64;
inline constexpr unsigned word_size_bits = 3;
inline constexpr unsigned slot_bits = 5;
inline constexpr unsigned tcb_bits = 11;
inline constexpr unsigned endpoint_bits = 4;
inline constexpr unsigned notification_bits = 5;
inline constexpr unsigned page_bits = 12;
inline constexpr unsigned large_page_bits = 21;
inline constexpr unsigned huge_page_bits = 30;
inline constexpr unsigned page_table_bits = 12;
inline constexpr unsigned page_table_entry_bits = 3;
inline constexpr unsigned page_table_index_bits = 9;
inline constexpr unsigned vspace_bits = 12;
inline constexpr unsigned vspace_index_bits = 9;
inline constexpr unsigned num_asid_pools_bits = 7;
inline constexpr unsigned asid_pool_bits = 12;
inline constexpr unsigned asid_pool_index_bits = 9;
inline constexpr unsigned ipc_buffer_size_bits = 10;
inline constexpr unsigned boot_info_frame_bits = 12;
inline constexpr unsigned min_untyped_bits = 4;
inline constexpr unsigned max_untyped_bits = 38;
inline constexpr unsigned badge_bits = 64;
inline constexpr unsigned guard_size_bits = 6;
inline constexpr unsigned guard_bits = 58;
inline constexpr unsigned min_async_queue_bits = 15;
inline constexpr unsigned max_async_queue_bits = 20;

enum class Label : std::uint16_t {
    Invalid = 0,
    UntypedRetype = 1,
    TCBReadRegisters = 2,
    TCBWriteRegisters = 3,
    TCBCopyRegisters = 4,
    TCBConfigure = 5,
    TCBSetPriority = 6,
    TCBSetMCPriority = 7,
    TCBSetSchedParams = 8,
    TCBSetIPCBuffer = 9,
    TCBSetSpace = 10,
    TCBSuspend = 11,
    TCBResume = 12,
    TCBBindNotification = 13,
    TCBUnbindNotification = 14,
    TCBSetAffinity = 15,
    TCBSetTLSBase = 16,
    TCBSetFlags = 17,
    CNodeRevoke = 18,
    CNodeDelete = 19,
    CNodeCancelBadgedSends = 20,
    CNodeCopy = 21,
    CNodeMint = 22,
    CNodeMove = 23,
    CNodeMutate = 24,
    CNodeRotate = 25,
    CNodeSaveCaller = 26,
    IRQIssueIRQHandler = 27,
    IRQAckIRQ = 28,
    IRQSetIRQHandler = 29,
    IRQClearIRQHandler = 30,
    DomainSetSet = 31,
    DomainScheduleConfigure = 32,
    DomainScheduleSetStart = 33,
    RISCVPageTableMap = 34,
    RISCVPageTableUnmap = 35,
    RISCVPageMap = 36,
    RISCVPageUnmap = 37,
    RISCVPageGetAddress = 38,
    RISCVASIDControlMakePool = 39,
    RISCVASIDPoolAssign = 40,
    RISCVIRQIssueIRQHandlerTrigger = 41,
    AsyncQueueBind = 256,
    AsyncQueueMap = 257,
    AsyncQueueMapDoorbell = 258,
    AsyncQueueDrive = 259,
    AsyncQueueInfo = 260,
    AsyncQueueUnbind = 261,
    AsyncQueueWake = 262,
    AsyncQueueExecute = 263,
    NotificationRegisterReceiver = 270,
    NotificationRegisterSender = 271,
    NotificationUnregisterReceiver = 272,
    NotificationUnregisterSender = 273,
};

// The op word of an async slot: an invocation's canonical label, or one of the additional operations.
enum class AsyncOp : std::uint32_t {
    UntypedRetype = 1,
    TCBReadRegisters = 2,
    TCBWriteRegisters = 3,
    TCBCopyRegisters = 4,
    TCBConfigure = 5,
    TCBSetPriority = 6,
    TCBSetMCPriority = 7,
    TCBSetSchedParams = 8,
    TCBSetIPCBuffer = 9,
    TCBSetSpace = 10,
    TCBSuspend = 11,
    TCBResume = 12,
    TCBBindNotification = 13,
    TCBUnbindNotification = 14,
    TCBSetAffinity = 15,
    TCBSetTLSBase = 16,
    TCBSetFlags = 17,
    CNodeRevoke = 18,
    CNodeDelete = 19,
    CNodeCancelBadgedSends = 20,
    CNodeCopy = 21,
    CNodeMint = 22,
    CNodeMove = 23,
    CNodeMutate = 24,
    CNodeRotate = 25,
    CNodeSaveCaller = 26,
    IRQIssueIRQHandler = 27,
    IRQAckIRQ = 28,
    IRQSetIRQHandler = 29,
    IRQClearIRQHandler = 30,
    DomainSetSet = 31,
    DomainScheduleConfigure = 32,
    DomainScheduleSetStart = 33,
    RISCVPageTableMap = 34,
    RISCVPageTableUnmap = 35,
    RISCVPageMap = 36,
    RISCVPageUnmap = 37,
    RISCVPageGetAddress = 38,
    RISCVASIDControlMakePool = 39,
    RISCVASIDPoolAssign = 40,
    RISCVIRQIssueIRQHandlerTrigger = 41,
    Nop = 512,
    DebugPutChar = 513,
    DebugPutString = 514,
};

enum class Interface : std::uint8_t {
    None = 0,
    Untyped = 1,
    TCB = 2,
    CNode = 3,
    IRQControl = 4,
    IRQHandler = 5,
    DomainSet = 6,
    PageTable = 7,
    Page = 8,
    ASIDControl = 9,
    ASIDPool = 10,
    AsyncQueue = 11,
    Notification = 12,
};

inline constexpr std::uint64_t first_fixed_label = 256;
inline constexpr std::uint64_t last_fixed_label = 273;

inline constexpr Label up_labels[41] = {
    Label::Invalid,
    Label::UntypedRetype,
    Label::TCBReadRegisters,
    Label::TCBWriteRegisters,
    Label::TCBCopyRegisters,
    Label::TCBConfigure,
    Label::TCBSetPriority,
    Label::TCBSetMCPriority,
    Label::TCBSetSchedParams,
    Label::TCBSetIPCBuffer,
    Label::TCBSetSpace,
    Label::TCBSuspend,
    Label::TCBResume,
    Label::TCBBindNotification,
    Label::TCBUnbindNotification,
    Label::TCBSetTLSBase,
    Label::TCBSetFlags,
    Label::CNodeRevoke,
    Label::CNodeDelete,
    Label::CNodeCancelBadgedSends,
    Label::CNodeCopy,
    Label::CNodeMint,
    Label::CNodeMove,
    Label::CNodeMutate,
    Label::CNodeRotate,
    Label::CNodeSaveCaller,
    Label::IRQIssueIRQHandler,
    Label::IRQAckIRQ,
    Label::IRQSetIRQHandler,
    Label::IRQClearIRQHandler,
    Label::DomainSetSet,
    Label::DomainScheduleConfigure,
    Label::DomainScheduleSetStart,
    Label::RISCVPageTableMap,
    Label::RISCVPageTableUnmap,
    Label::RISCVPageMap,
    Label::RISCVPageUnmap,
    Label::RISCVPageGetAddress,
    Label::RISCVASIDControlMakePool,
    Label::RISCVASIDPoolAssign,
    Label::RISCVIRQIssueIRQHandlerTrigger,
};

inline constexpr Label smp_labels[42] = {
    Label::Invalid,
    Label::UntypedRetype,
    Label::TCBReadRegisters,
    Label::TCBWriteRegisters,
    Label::TCBCopyRegisters,
    Label::TCBConfigure,
    Label::TCBSetPriority,
    Label::TCBSetMCPriority,
    Label::TCBSetSchedParams,
    Label::TCBSetIPCBuffer,
    Label::TCBSetSpace,
    Label::TCBSuspend,
    Label::TCBResume,
    Label::TCBBindNotification,
    Label::TCBUnbindNotification,
    Label::TCBSetAffinity,
    Label::TCBSetTLSBase,
    Label::TCBSetFlags,
    Label::CNodeRevoke,
    Label::CNodeDelete,
    Label::CNodeCancelBadgedSends,
    Label::CNodeCopy,
    Label::CNodeMint,
    Label::CNodeMove,
    Label::CNodeMutate,
    Label::CNodeRotate,
    Label::CNodeSaveCaller,
    Label::IRQIssueIRQHandler,
    Label::IRQAckIRQ,
    Label::IRQSetIRQHandler,
    Label::IRQClearIRQHandler,
    Label::DomainSetSet,
    Label::DomainScheduleConfigure,
    Label::DomainScheduleSetStart,
    Label::RISCVPageTableMap,
    Label::RISCVPageTableUnmap,
    Label::RISCVPageMap,
    Label::RISCVPageUnmap,
    Label::RISCVPageGetAddress,
    Label::RISCVASIDControlMakePool,
    Label::RISCVASIDPoolAssign,
    Label::RISCVIRQIssueIRQHandlerTrigger,
};

// The canonical label of a wire label; Invalid if there is none.
constexpr Label label_of(bool smp, std::uint64_t wire) {
    if (wire >= first_fixed_label && wire <= last_fixed_label) {
        return static_cast<Label>(wire);
    }
    const std::size_t count = smp ? std::size(smp_labels) : std::size(up_labels);
    return wire >= count ? Label::Invalid : smp ? smp_labels[wire] : up_labels[wire];
}

// What a method looks like; Invalid belongs to Interface::None.
struct Shape {
    Label label;
    Interface interface;
    std::uint8_t words;      // as libsel4 sends them
    std::uint8_t min_words;  // fewer: TruncatedMessage
    std::uint8_t caps;
    std::uint8_t min_caps;
    std::uint8_t results;    // most result words of a success
};

inline constexpr Shape shapes[] = {
    {Label::Invalid, Interface::None, 0, 0, 0, 0, 0},
    {Label::UntypedRetype, Interface::Untyped, 6, 6, 1, 1, 0},
    {Label::TCBReadRegisters, Interface::TCB, 2, 2, 0, 0, 32},
    {Label::TCBWriteRegisters, Interface::TCB, 34, 2, 0, 0, 0},
    {Label::TCBCopyRegisters, Interface::TCB, 1, 1, 1, 1, 0},
    {Label::TCBConfigure, Interface::TCB, 4, 4, 3, 3, 0},
    {Label::TCBSetPriority, Interface::TCB, 1, 1, 1, 1, 0},
    {Label::TCBSetMCPriority, Interface::TCB, 1, 1, 1, 1, 0},
    {Label::TCBSetSchedParams, Interface::TCB, 2, 2, 1, 1, 0},
    {Label::TCBSetIPCBuffer, Interface::TCB, 1, 1, 1, 1, 0},
    {Label::TCBSetSpace, Interface::TCB, 3, 3, 2, 2, 0},
    {Label::TCBSuspend, Interface::TCB, 0, 0, 0, 0, 0},
    {Label::TCBResume, Interface::TCB, 0, 0, 0, 0, 0},
    {Label::TCBBindNotification, Interface::TCB, 0, 0, 1, 1, 0},
    {Label::TCBUnbindNotification, Interface::TCB, 0, 0, 0, 0, 0},
    {Label::TCBSetAffinity, Interface::TCB, 1, 1, 0, 0, 0},
    {Label::TCBSetTLSBase, Interface::TCB, 1, 1, 0, 0, 0},
    {Label::TCBSetFlags, Interface::TCB, 2, 2, 0, 0, 1},
    {Label::CNodeRevoke, Interface::CNode, 2, 2, 0, 0, 0},
    {Label::CNodeDelete, Interface::CNode, 2, 2, 0, 0, 0},
    {Label::CNodeCancelBadgedSends, Interface::CNode, 2, 2, 0, 0, 0},
    {Label::CNodeCopy, Interface::CNode, 5, 5, 1, 1, 0},
    {Label::CNodeMint, Interface::CNode, 6, 6, 1, 1, 0},
    {Label::CNodeMove, Interface::CNode, 4, 4, 1, 1, 0},
    {Label::CNodeMutate, Interface::CNode, 5, 5, 1, 1, 0},
    {Label::CNodeRotate, Interface::CNode, 8, 8, 2, 2, 0},
    {Label::CNodeSaveCaller, Interface::CNode, 2, 2, 0, 0, 0},
    {Label::IRQIssueIRQHandler, Interface::IRQControl, 3, 3, 1, 1, 0},
    {Label::IRQAckIRQ, Interface::IRQHandler, 0, 0, 0, 0, 0},
    {Label::IRQSetIRQHandler, Interface::IRQHandler, 0, 0, 1, 1, 0},
    {Label::IRQClearIRQHandler, Interface::IRQHandler, 0, 0, 0, 0, 0},
    {Label::DomainSetSet, Interface::DomainSet, 1, 1, 1, 1, 0},
    {Label::DomainScheduleConfigure, Interface::DomainSet, 3, 3, 0, 0, 0},
    {Label::DomainScheduleSetStart, Interface::DomainSet, 1, 1, 0, 0, 0},
    {Label::RISCVPageTableMap, Interface::PageTable, 2, 2, 1, 1, 0},
    {Label::RISCVPageTableUnmap, Interface::PageTable, 0, 0, 0, 0, 0},
    {Label::RISCVPageMap, Interface::Page, 3, 3, 1, 1, 0},
    {Label::RISCVPageUnmap, Interface::Page, 0, 0, 0, 0, 0},
    {Label::RISCVPageGetAddress, Interface::Page, 0, 0, 0, 0, 1},
    {Label::RISCVASIDControlMakePool, Interface::ASIDControl, 2, 2, 2, 2, 0},
    {Label::RISCVASIDPoolAssign, Interface::ASIDPool, 0, 0, 1, 1, 0},
    {Label::RISCVIRQIssueIRQHandlerTrigger, Interface::IRQControl, 4, 4, 1, 1, 0},
    {Label::AsyncQueueBind, Interface::AsyncQueue, 1, 1, 3, 2, 0},
    {Label::AsyncQueueMap, Interface::AsyncQueue, 1, 1, 1, 1, 0},
    {Label::AsyncQueueMapDoorbell, Interface::AsyncQueue, 1, 1, 1, 1, 0},
    {Label::AsyncQueueDrive, Interface::AsyncQueue, 1, 1, 0, 0, 1},
    {Label::AsyncQueueInfo, Interface::AsyncQueue, 0, 0, 0, 0, 5},
    {Label::AsyncQueueUnbind, Interface::AsyncQueue, 0, 0, 0, 0, 0},
    {Label::AsyncQueueWake, Interface::AsyncQueue, 0, 0, 0, 0, 0},
    {Label::AsyncQueueExecute, Interface::AsyncQueue, 1, 1, 0, 0, 1},
    {Label::Invalid, Interface::None, 0, 0, 0, 0, 0},
    {Label::Invalid, Interface::None, 0, 0, 0, 0, 0},
    {Label::Invalid, Interface::None, 0, 0, 0, 0, 0},
    {Label::Invalid, Interface::None, 0, 0, 0, 0, 0},
    {Label::Invalid, Interface::None, 0, 0, 0, 0, 0},
    {Label::Invalid, Interface::None, 0, 0, 0, 0, 0},
    {Label::NotificationRegisterReceiver, Interface::Notification, 0, 0, 1, 1, 0},
    {Label::NotificationRegisterSender, Interface::Notification, 0, 0, 0, 0, 1},
    {Label::NotificationUnregisterReceiver, Interface::Notification, 0, 0, 0, 0, 0},
    {Label::NotificationUnregisterSender, Interface::Notification, 0, 0, 0, 0, 0},
};
inline constexpr std::size_t first_fixed_shape = 42;

constexpr Shape shape_of(Label label) {
    const auto id = static_cast<std::uint16_t>(label);
    if (id >= first_fixed_label && id <= last_fixed_label) {
        return shapes[first_fixed_shape + (id - first_fixed_label)];
    }
    return id < first_fixed_shape ? shapes[id] : shapes[0];
}

} // namespace api
