// Kernel state is global and never reset: every test runs in a process of its own. With --gtest_filter the chosen
// tests run in this one (for a debugger: choose one).
#include <gtest/gtest.h>

#include <cstdio>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace {

bool run_alone(const std::string& name) {
    std::fflush(nullptr);
    const pid_t child = fork();
    if (child < 0) return false;
    if (child == 0) {
        GTEST_FLAG_SET(filter, name);
        GTEST_FLAG_SET(brief, true);
        std::exit(RUN_ALL_TESTS());
    }
    int status = 0;
    return waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

} // namespace

int main(int argc, char** argv) {
    testing::InitGoogleTest(&argc, argv);
    if (GTEST_FLAG_GET(filter) != "*" || GTEST_FLAG_GET(list_tests)) return RUN_ALL_TESTS();
    int total = 0;
    int failed = 0;
    const testing::UnitTest& all = *testing::UnitTest::GetInstance();
    for (int i = 0; i < all.total_test_suite_count(); ++i) {
        const testing::TestSuite& suite = *all.GetTestSuite(i);
        for (int j = 0; j < suite.total_test_count(); ++j) {
            const std::string name = std::string(suite.name()) + "." + suite.GetTestInfo(j)->name();
            ++total;
            if (run_alone(name)) continue;
            ++failed;
            std::printf("FAILED: %s\n", name.c_str());
        }
    }
    std::printf("%d tests, %d failed\n", total, failed);
    return total == 0 || failed != 0 ? 1 : 0;
}
