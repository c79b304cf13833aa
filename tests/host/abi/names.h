/* A program that uses every name upstream's libsel4 has for RISC-V 64 without MCS, beside the invocations, the system
 * calls and the message words (stubs_test, syscalls_test, labels_test). Included once as C99, C11 and C++20 each.
 * Numbers are upstream's, typed in again; those it builds of other numbers are written so. */
#pragma once

#include "names_values.h"

#define SAME(type, other) SEL4_COMPILE_ASSERT(type##_is_##other, sizeof(type) == sizeof(other))
SAME(seL4_SchedContext, seL4_CPtr)
SAME(seL4_SchedControl, seL4_CPtr)
SAME(api_object_t, seL4_Word)
SAME(object_t, seL4_Word)

/* Of the last call of __assert_fail(), which the test provides as a program without a C library does. */
#ifdef __cplusplus
extern "C" {
#endif
extern const char* failed_text;
extern int failed_line;
#ifdef __cplusplus
}
#endif

static int failures;
static void expect_equal(seL4_Word value, seL4_Word expected) { failures += value != expected; }

/* All four accessors of a field: the value is cut to the field, the bits around it stay. */
#define CHECK_FIELD(type, prefix, field, mask)                                                                         \
    do {                                                                                                               \
        type x;                                                                                                        \
        memset(&x, 0xff, sizeof(x));                                                                                   \
        const type all = x;                                                                                            \
        x = prefix##_set_##field(x, 0);                                                                                \
        expect_equal(prefix##_get_##field(x), 0);                                                                      \
        prefix##_ptr_set_##field(&x, ~(seL4_Word)0);                                                                   \
        expect_equal(prefix##_ptr_get_##field(&x), mask);                                                              \
        expect_equal((seL4_Word)memcmp(&x, &all, sizeof(x)), 0);                                                       \
    } while (0)
#define CHECK_WORD(fault, word) CHECK_FIELD(seL4_Fault_t, seL4_Fault_##fault, word, ~(seL4_Word)0)

static void check_fields(void) {
    CHECK_FIELD(seL4_MessageInfo_t, seL4_MessageInfo, label, 0xfffffffffffff);
    CHECK_FIELD(seL4_MessageInfo_t, seL4_MessageInfo, capsUnwrapped, 7);
    CHECK_FIELD(seL4_MessageInfo_t, seL4_MessageInfo, extraCaps, 3);
    CHECK_FIELD(seL4_MessageInfo_t, seL4_MessageInfo, length, 127);
    CHECK_FIELD(seL4_CapRights_t, seL4_CapRights, capAllowGrantReply, 1);
    CHECK_FIELD(seL4_CapRights_t, seL4_CapRights, capAllowGrant, 1);
    CHECK_FIELD(seL4_CapRights_t, seL4_CapRights, capAllowRead, 1);
    CHECK_FIELD(seL4_CapRights_t, seL4_CapRights, capAllowWrite, 1);
    CHECK_FIELD(seL4_CNode_CapData_t, seL4_CNode_CapData, guard, 0x3ffffffffffffff);
    CHECK_FIELD(seL4_CNode_CapData_t, seL4_CNode_CapData, guardSize, 63);
    CHECK_FIELD(seL4_Fault_t, seL4_Fault, seL4_FaultType, ~(seL4_Word)0);

    seL4_MessageInfo_t info;
    seL4_MessageInfo_ptr_new(&info, 5, 4, 3, 120);
    expect_equal(info.words[0], 5ul << 12 | 4ul << 9 | 3ul << 7 | 120);
    seL4_CapRights_t rights;
    seL4_CapRights_ptr_new(&rights, 1, 0, 1, 0);
    expect_equal(rights.words[0], 10);
    seL4_CNode_CapData_t data;
    seL4_CNode_CapData_ptr_new(&data, 9, 60);
    expect_equal(data.words[0], 9ul << 6 | 60);
}

static void check_faults(void) {
    CHECK_WORD(CapFault, IP);
    CHECK_WORD(CapFault, Addr);
    CHECK_WORD(CapFault, InRecvPhase);
    CHECK_WORD(CapFault, LookupFailureType);
    CHECK_WORD(CapFault, MR4);
    CHECK_WORD(CapFault, MR5);
    CHECK_WORD(CapFault, MR6);
    CHECK_WORD(UnknownSyscall, FaultIP);
    CHECK_WORD(UnknownSyscall, SP);
    CHECK_WORD(UnknownSyscall, RA);
    CHECK_WORD(UnknownSyscall, A0);
    CHECK_WORD(UnknownSyscall, A6);
    CHECK_WORD(UnknownSyscall, Syscall);
    CHECK_WORD(UserException, FaultIP);
    CHECK_WORD(UserException, SP);
    CHECK_WORD(UserException, Number);
    CHECK_WORD(UserException, Code);
    CHECK_WORD(VMFault, IP);
    CHECK_WORD(VMFault, Addr);
    CHECK_WORD(VMFault, PrefetchFault);
    CHECK_WORD(VMFault, FSR);

    seL4_Fault_t fault = seL4_Fault_VMFault_new(1, 2, 3, 4);
    expect_equal(seL4_Fault_get_seL4_FaultType(fault), seL4_Fault_VMFault);
    expect_equal(seL4_Fault_VMFault_get_FSR(fault), 4);
    expect_equal((seL4_Word)seL4_Fault_seL4_FaultType_equals(fault, seL4_Fault_VMFault), 1);
    expect_equal((seL4_Word)seL4_Fault_seL4_FaultType_equals(fault, seL4_Fault_CapFault), 0);
    fault = seL4_Fault_UserException_new(1, 2, 3, 4);
    expect_equal(seL4_Fault_UserException_get_Number(fault), 3);
    fault = seL4_Fault_CapFault_new(1, 2, 3, 4, 5, 6, 7);
    expect_equal(seL4_Fault_CapFault_get_MR6(fault), 7);
    fault = seL4_Fault_UnknownSyscall_new(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11);
    expect_equal(seL4_Fault_UnknownSyscall_get_Syscall(fault), 11);
    expect_equal(seL4_Fault_get_seL4_FaultType(seL4_Fault_NullFault_new()), seL4_Fault_NullFault);

    for (int i = 0; i < 12; ++i) seL4_SetMR(i, (seL4_Word)i + 100);
    expect_equal(seL4_MappingFailedLookupLevel(), 102);
    fault = seL4_getArchFault(seL4_MessageInfo_new(seL4_Fault_UnknownSyscall, 0, 0, seL4_UnknownSyscall_Length));
    expect_equal(seL4_Fault_UnknownSyscall_get_Syscall(fault), 110);
    fault = seL4_getArchFault(seL4_MessageInfo_new(seL4_Fault_CapFault, 0, 0, seL4_CapFault_Length));
    expect_equal(seL4_Fault_get_seL4_FaultType(fault), seL4_Fault_NullFault);
}

static void check_deprecated(void) {
    const seL4_MessageInfo_t fault = seL4_MessageInfo_new(seL4_Fault_VMFault, 0, 0, seL4_UnknownSyscall_Length);
    seL4_SetTag(fault);
    expect_equal(seL4_GetTag().words[0], fault.words[0]);
    expect_equal(seL4_isPageFault_MSG() && seL4_isPageFault_Tag(fault) && !seL4_isExceptIPC_Tag(fault), 1);
    expect_equal(seL4_IsArchSyscallFrom(fault) && seL4_IsArchExceptionFrom(fault), 1);
    seL4_ExceptIPC_Set(0, 70);
    seL4_ExceptIPC_Set(1, 71);
    expect_equal(seL4_PF_FIP(), 70);
    expect_equal(seL4_PF_Addr(), 71);
    expect_equal(seL4_ExceptIPC_Get(1), 71);
    const seL4_CapRights rights = seL4_NoRights;
    const seL4_CapData_t badge = seL4_CapData_Badge_new(7);
    expect_equal(rights.words[0] + badge, 7);
    expect_equal(seL4_CapData_Guard_new(3, 2), 3ul << 6 | 2);
    seL4_PageFaultIpcRegisters registers;
    registers.raw[3] = 5;
    expect_equal(registers.regs.fsr, 5);

    seL4_BootInfo info;
    seL4_InitBootInfo(&info);
    expect_equal(seL4_GetBootInfo() == &info, 1);
}

static void check_assertions(void) {
    seL4_CompileTimeAssert(sizeof(seL4_Word) == 8);
    failed_text = seL4_Null;
    seL4_Assert(failures >= 0);
    seL4_DebugAssert(failures >= 0);
    expect_equal(failed_text == seL4_Null, 1);
    failed_line = 0;
    seL4_Assert(failures < 0);
    expect_equal(failed_text != seL4_Null && strcmp(failed_text, "failures < 0") == 0 && failed_line == __LINE__ - 1,
                 1);
    seL4_DebugAssert(failures < 1 - 1);
    expect_equal(failed_text != seL4_Null && strcmp(failed_text, "failures < 1 - 1") == 0, 1);
    seL4_Fail("by hand");
    expect_equal(failed_text != seL4_Null && strcmp(failed_text, "by hand") == 0, 1);
}

static void check_benchmark_calls(void) {
    expect_equal((seL4_Word)seL4_BenchmarkResetLog(), 5); /* the answer of the test's kernel */
    expect_equal(seL4_BenchmarkFinalizeLog(), 5);
    expect_equal((seL4_Word)seL4_BenchmarkSetLogBuffer(6), 5);
    seL4_BenchmarkNullSyscall();
    seL4_BenchmarkFlushCaches();
    seL4_BenchmarkFlushL1Caches(0);
    seL4_BenchmarkGetThreadUtilisation(1);
    seL4_BenchmarkResetThreadUtilisation(1);
    seL4_BenchmarkDumpAllThreadsUtilisation();
    seL4_BenchmarkResetAllThreadsUtilisation();
}

static void check_formats(void) {
    char text[100];
    const seL4_Word word = ~(seL4_Word)0;
    snprintf(text, sizeof(text), "%" SEL4_PRIu_word " %" SEL4_PRI_word " %" SEL4_PRIx_word " %" SEL4_PRId_word, word,
             word, word, (seL4_Int64)word);
    expect_equal((seL4_Word)strcmp(text, "18446744073709551615 18446744073709551615 ffffffffffffffff -1"), 0);
    snprintf(text, sizeof(text), "%" SEL4_PRIi_word " %" SEL4_PRId64 " %" SEL4_PRIi64 " %" SEL4_PRIu64 " %" SEL4_PRIx64,
             (seL4_Int64)-2, (seL4_Int64)-3, (seL4_Int64)-4, (seL4_Uint64)5, (seL4_Uint64)10);
    expect_equal((seL4_Word)strcmp(text, "-2 -3 -4 5 a"), 0);
}

static int count_failures(void) {
    check_fields();
    check_faults();
    check_deprecated();
    check_assertions();
    check_benchmark_calls();
    check_formats();
    return failures;
}
