// Which events a trace has, and when.
#include "tools/rocket/mark.hpp"
#include "tools/rocket/trace.hpp"

#include <gtest/gtest.h>

#include <cstring>

namespace rocket {
namespace {

class TraceTest : public testing::Test {
protected:
    void TearDown() override { std::fclose(file); }
    void start(const Window& window = {}, u64 most_bytes = 10'000) {
        trace =
            std::make_unique<Trace>(2, window, std::vector<Range>{{0x100, 0x200}, {0x200, 0x280}}, most_bytes, file);
        trace->look(0, views[0]);
        trace->look(1, views[1]);
        trace->end_cycle();
    }
    void cycle() {
        trace->look(0, views[0]);
        trace->look(1, views[1]);
        trace->end_cycle();
    }
    // Hart 0 retires an instruction.
    void at(u64 counter, u32 instruction = 0x13) {
        views[0].counter = counter, views[0].instruction = instruction, views[0].retires = true;
        cycle();
        views[0].retires = false;
    }
    // The lines since the last call, but for those of the beginning.
    std::vector<std::string> said() {
        std::fflush(file);
        std::fseek(file, read, SEEK_SET);
        std::vector<std::string> lines;
        char line[256];
        while (std::fgets(line, sizeof line, file) != nullptr) lines.emplace_back(line, std::strlen(line) - 1);
        read = std::ftell(file);
        return lines;
    }
    using Lines = std::vector<std::string>;

    std::FILE* file = std::tmpfile();
    long read = 0;
    std::unique_ptr<Trace> trace;
    HartView views[2];
};

TEST_F(TraceTest, BeginsWithTheModeOfEachHart) {
    views[1].privilege = Privilege::User, views[1].counter = 0x40, views[1].sleeps = true;
    start();
    EXPECT_EQ(said(), (Lines{"trace 1 cycles 10 2", "m 1 0 3 - 0", "m 1 1 0 - 40", "s 1 1 1"}));
}

TEST_F(TraceTest, ATrapHasItsCauseAndWhereItWas) {
    views[0].privilege = Privilege::User;
    start();
    said();
    views[0].traps = true, views[0].cause = 8, views[0].counter = 0x44;
    cycle();
    views[0].traps = false, views[0].privilege = Privilege::Supervisor, views[0].counter = 0x900;
    cycle();
    cycle();
    views[0].privilege = Privilege::User, views[0].counter = 0x48;
    cycle();
    EXPECT_EQ(said(), (Lines{"m 2 0 1 8 44", "m 4 0 0 - 48"}));
}

TEST_F(TraceTest, CodeOfInterestIsSeenWhenItIsEntered) {
    start();
    said();
    views[0].argument = 0xabc;
    at(0x100);
    at(0x104);
    at(0x500); // elsewhere: a function that it calls
    at(0x108);
    at(0x100); // through its begin again
    at(0x27c); // not through its begin
    at(0x280);
    EXPECT_EQ(said(), (Lines{"f 1 0 0 1 abc", "f 5 0 0 1 abc", "f 6 0 1 0 -"}));
}

TEST_F(TraceTest, AnAccessIsOfTheHartThatWaitsForItLongest) {
    start();
    said();
    views[1].device = true;
    cycle();
    views[0].device = true;
    cycle();
    trace->taic(TAIC_EVENT_SEND, 1, 0, 4, 0x500000006);
    trace->taic(TAIC_EVENT_WAKE, 2, 0, 7, 1);
    trace->supervisor_line(0, true);
    cycle();
    trace->taic(TAIC_EVENT_DEQUEUE, 2, 1, 7, 0);
    EXPECT_EQ(said(), (Lines{"t 3 1 send 1 0 4 500000006", "t 3 1 wake 2 0 7 1", "l 3 0 1", "t 4 0 dequeue 2 1 7 0"}));
}

TEST_F(TraceTest, SleepAndTheConsole) {
    start();
    said();
    views[0].sleeps = true;
    cycle();
    trace->line("a line of it");
    views[0].sleeps = false;
    cycle();
    EXPECT_EQ(said(), (Lines{"s 1 0 1", "c 2 a line of it", "s 2 0 0"}));
}

TEST_F(TraceTest, OnlyWhatIsInTheWindowIsWritten) {
    start({.from_mark = 1, .to_mark = 2});
    at(0x100);
    EXPECT_EQ(said(), Lines{"trace 1 cycles 10 2"});
    at(0x500, mark_instruction(1));
    at(0x100);
    at(0x504, mark_instruction(2));
    at(0x100);
    EXPECT_EQ(said(), (Lines{"m 3 0 3 - 500", "m 3 1 3 - 0", "f 3 0 0 1 0", "g 5"}));
}

TEST_F(TraceTest, ItStopsAtItsLimit) {
    start({}, 60);
    for (int i = 0; i < 100; ++i) at(0x100);
    trace->finish();
    const Lines lines = said();
    EXPECT_LT(lines.size(), 10U);
    EXPECT_EQ(lines.back().substr(0, 2), "x ");
}

TEST_F(TraceTest, TheEndIsSaidOnce) {
    start();
    said();
    trace->finish();
    trace->finish();
    EXPECT_EQ(said(), Lines{"g 1"});
}

} // namespace
} // namespace rocket
