// Upstream's names in C99, C11 and C++20: names.inc.
#include "fake_kernel.hpp"

#include <gtest/gtest.h>

extern "C" {
int names_in_c99();
int names_in_c11();
int names_in_cxx20();
}

namespace {

class Names : public testing::TestWithParam<int (*)()> {};

TEST_P(Names, AreThereAndWork) {
    abi_test::FakeKernel kernel;
    kernel.answer.badge = 5;
    EXPECT_EQ(GetParam()(), 0);
    EXPECT_EQ(kernel.calls, 10u); // those of check_benchmark_calls()
}
INSTANTIATE_TEST_SUITE_P(Languages, Names, testing::Values(names_in_c99, names_in_c11, names_in_cxx20));

TEST(BenchmarkCalls, HaveUpstreamsNumbersAndArguments) {
    abi_test::FakeKernel kernel;
    const auto expect = [&kernel](int number, seL4_Word first, seL4_Word second) {
        EXPECT_EQ(kernel.last.number, number);
        EXPECT_EQ(kernel.last.cptr, first);
        EXPECT_EQ(kernel.last.tag, second);
    };
    (void)seL4_BenchmarkResetLog();
    expect(-19, 0, 0);
    (void)seL4_BenchmarkFinalizeLog();
    expect(-20, 0, 0);
    (void)seL4_BenchmarkSetLogBuffer(6);
    expect(-21, 6, 0);
    seL4_BenchmarkNullSyscall();
    expect(-22, 0, 0);
    seL4_BenchmarkFlushCaches();
    expect(-18, 0, 0);
    seL4_BenchmarkFlushL1Caches(3);
    expect(-18, 1, 3);
    seL4_BenchmarkGetThreadUtilisation(7);
    expect(-23, 7, 0);
    seL4_BenchmarkResetThreadUtilisation(8);
    expect(-24, 8, 0);
    seL4_BenchmarkDumpAllThreadsUtilisation();
    expect(-25, 0, 0);
    seL4_BenchmarkResetAllThreadsUtilisation();
    expect(-26, 0, 0);
}

} // namespace
