// To which instruction a cycle, a walk or a miss goes, and which cycles count.
#include "tools/rocket/mark.hpp"
#include "tools/rocket/profile.hpp"

#include <gtest/gtest.h>

#include <map>
#include <sstream>

namespace rocket {
namespace {

constexpr u32 add = 0x13;

struct Row {
    u64 retired = 0, stalled = 0, asleep = 0, traps = 0;
    u64 data_misses = 0, fetch_misses = 0, walk_misses = 0, data_walks = 0, fetch_walks = 0, devices = 0;
    u64 crossings = 0;
    bool operator==(const Row&) const = default;
};

class ProfileTest : public testing::Test {
protected:
    void start(const Window& window = {}, unsigned harts = 1) {
        profile = std::make_unique<Profile>(harts, window);
        profile->end_cycle();
    }
    void cycle(const HartView& view) {
        profile->look(0, view);
        profile->end_cycle();
    }
    static HartView retires(u64 counter, u32 instruction = add) {
        HartView view;
        view.counter = counter, view.instruction = instruction, view.privilege = Privilege::Supervisor;
        view.valid = view.retires = true;
        return view;
    }
    static HartView waits() {
        HartView view;
        view.privilege = Privilege::Supervisor;
        return view;
    }
    // By program counter.
    std::map<u64, Row> rows() {
        profile->finish();
        std::FILE* const file = std::tmpfile();
        profile->write(file);
        std::rewind(file);
        std::map<u64, Row> found;
        char line[256];
        while (std::fgets(line, sizeof line, file) != nullptr) {
            std::istringstream words(line);
            std::string kind, place, counter;
            Row row{};
            words >> kind >> place >> counter;
            if (kind != "row") continue;
            words >> row.retired >> row.stalled >> row.asleep >> row.traps >> row.data_misses >> row.fetch_misses >>
                row.walk_misses >> row.data_walks >> row.fetch_walks >> row.devices >> row.crossings;
            EXPECT_TRUE(words);
            found[std::stoull(counter, nullptr, 16)] = row;
        }
        std::fclose(file);
        return found;
    }
    u64 total() {
        u64 sum = 0;
        for (const auto& [counter, row] : rows()) sum += row.retired + row.stalled + row.asleep;
        return sum;
    }

    std::unique_ptr<Profile> profile;
};

TEST_F(ProfileTest, AWaitBelongsToTheInstructionThatEndsIt) {
    start();
    cycle(retires(0x100));
    cycle(waits());
    cycle(waits());
    cycle(retires(0x104));
    cycle(retires(0x100));
    EXPECT_EQ(rows(), (std::map<u64, Row>{{0x100, {.retired = 2}}, {0x104, {.retired = 1, .stalled = 2}}}));
    EXPECT_EQ(profile->cycles(), 5U);
}

TEST_F(ProfileTest, AnInstructionThatIsRepeatedHasNotRetired) {
    start();
    HartView again = retires(0x100);
    again.retires = false;
    cycle(again);
    cycle(retires(0x100));
    EXPECT_EQ(rows(), (std::map<u64, Row>{{0x100, {.retired = 1, .stalled = 1}}}));
}

TEST_F(ProfileTest, ATrapTakesTheWaitBeforeIt) {
    start();
    cycle(waits());
    HartView trap = retires(0x100);
    trap.retires = trap.valid = false, trap.traps = true;
    cycle(trap);
    cycle(retires(0x900));
    EXPECT_EQ(rows(), (std::map<u64, Row>{{0x100, {.stalled = 2, .traps = 1}}, {0x900, {.retired = 1}}}));
}

TEST_F(ProfileTest, SleepBelongsToTheWfi) {
    start();
    cycle(retires(0x100));
    HartView sleeping = waits();
    sleeping.sleeps = true;
    for (int i = 0; i < 7; ++i) cycle(sleeping);
    cycle(waits());
    cycle(retires(0x104));
    EXPECT_EQ(rows(),
              (std::map<u64, Row>{{0x100, {.retired = 1, .asleep = 7}}, {0x104, {.retired = 1, .stalled = 1}}}));
}

TEST_F(ProfileTest, AHartThatSleepsAllTheTimeHasItsCycles) {
    start();
    HartView sleeping = waits();
    sleeping.sleeps = true, sleeping.counter = 0x100;
    cycle(sleeping);
    EXPECT_EQ(rows(), (std::map<u64, Row>{{0x100, {.asleep = 1}}}));
}

TEST_F(ProfileTest, ADataMissAndADeviceAreOfTheInstructionOfTheCycleBefore) {
    start();
    cycle(retires(0x100));
    HartView awaited = retires(0x104);
    awaited.data_miss = true;
    cycle(awaited);
    cycle(awaited);
    HartView device = retires(0x108);
    device.device = true;
    cycle(device);
    const auto found = rows();
    EXPECT_EQ(found.at(0x100), (Row{.retired = 1, .data_misses = 1}));
    EXPECT_EQ(found.at(0x104), (Row{.retired = 2, .devices = 1}));
    EXPECT_EQ(found.at(0x108), (Row{.retired = 1}));
}

// Hart 1 has the line that hart 0 waits for; it answers for some cycles.
TEST_F(ProfileTest, ALineThatIsGivenUpCrossesToWhoMissesIt) {
    start({}, 2);
    const auto both = [this](const HartView& first, const HartView& second) {
        profile->look(0, first);
        profile->look(1, second);
        profile->end_cycle();
    };
    HartView misses = waits(), gives = retires(0x204);
    misses.data_miss = gives.gives_line = true;
    both(retires(0x100), retires(0x200));
    both(misses, retires(0x200));
    both(misses, gives);
    both(misses, gives);
    both(retires(0x104), retires(0x208));
    misses.data_miss = false; // fetched, perhaps: of what comes next
    both(misses, gives);
    both(retires(0x108), retires(0x208));
    const auto found = rows();
    EXPECT_EQ(found.at(0x100), (Row{.retired = 1, .data_misses = 1, .crossings = 1}));
    EXPECT_EQ(found.at(0x104), (Row{.retired = 1, .stalled = 3}));
    EXPECT_EQ(found.at(0x108), (Row{.retired = 1, .stalled = 1, .crossings = 1}));
    EXPECT_EQ(found.at(0x204), (Row{.retired = 3}));
}

TEST_F(ProfileTest, WalksAndFetchMissesAreOfTheInstructionThatComesBehindThem) {
    start();
    cycle(retires(0x100));
    HartView walk = waits();
    walk.walks = true;
    cycle(walk);
    walk.data_miss = true;
    cycle(walk);
    cycle(waits());
    walk.data_miss = false, walk.walks_for_fetch = true;
    cycle(walk);
    HartView refill = retires(0x104);
    refill.fetch_miss = true;
    cycle(refill); // the walk ends here; the line is still awaited
    refill.retires = refill.valid = false;
    cycle(refill);
    cycle(retires(0x108));
    const auto found = rows();
    EXPECT_EQ(found.at(0x100), (Row{.retired = 1}));
    EXPECT_EQ(found.at(0x104), (Row{.retired = 1, .stalled = 4, .walk_misses = 1, .data_walks = 1, .fetch_walks = 1}));
    EXPECT_EQ(found.at(0x108), (Row{.retired = 1, .stalled = 1, .fetch_misses = 1}));
}

TEST_F(ProfileTest, OnlyWhatIsBetweenTheLinesCounts) {
    start({.from = "BEGIN", .to = "END"});
    cycle(retires(0x100));
    profile->line("x BEGIN 3");
    profile->end_cycle();
    cycle(retires(0x104));
    cycle(waits());
    profile->line("END");
    profile->end_cycle();
    cycle(retires(0x108));
    EXPECT_EQ(rows(), (std::map<u64, Row>{{0x104, {.retired = 1, .stalled = 1}}}));
    EXPECT_EQ(profile->cycles(), 3U); // without a view of a hart in the cycle of END
    EXPECT_EQ(profile->intervals(), 1U);
}

TEST_F(ProfileTest, MarksCountTimeAndAgain) {
    start({.from_mark = 1, .to_mark = 2});
    for (int i = 0; i < 3; ++i) {
        cycle(retires(0x100));
        cycle(retires(0x104, mark_instruction(1)));
        cycle(retires(0x108));
        cycle(waits());
        cycle(retires(0x10c, mark_instruction(2)));
    }
    const std::map<u64, Row> expected{{0x108, {.retired = 3}}, {0x10c, {.retired = 3, .stalled = 3}}};
    EXPECT_EQ(rows(), expected);
    EXPECT_EQ(profile->intervals(), 3U);
    EXPECT_EQ(profile->cycles(), 9U);
}

TEST_F(ProfileTest, OneMarkBeginsAndEnds) {
    start({.from_mark = 5, .to_mark = 5});
    cycle(retires(0x100, mark_instruction(5)));
    cycle(retires(0x104));
    cycle(retires(0x108, mark_instruction(5)));
    cycle(retires(0x10c));
    EXPECT_EQ(rows(), (std::map<u64, Row>{{0x104, {.retired = 1}}, {0x108, {.retired = 1}}}));
}

TEST_F(ProfileTest, LinesAndMarksMustBothSaySo) {
    start({.from = "BEGIN", .to = "END", .from_mark = 1, .to_mark = 2});
    cycle(retires(0x100, mark_instruction(1)));
    cycle(retires(0x104));
    profile->line("BEGIN");
    cycle(retires(0x108));
    cycle(retires(0x10c));
    EXPECT_EQ(rows(), (std::map<u64, Row>{{0x10c, {.retired = 1}}}));
}

TEST_F(ProfileTest, WhatIsWaitedForAtTheEndIsNotLost) {
    start();
    cycle(retires(0x100));
    for (int i = 0; i < 5; ++i) cycle(waits());
    EXPECT_EQ(total(), profile->cycles());
}

TEST(Mark, IsTheHintAndNothingElse) {
    EXPECT_EQ(mark_instruction(1), 0x0010'2013U); // slti x0, x0, 1
    EXPECT_EQ(mark_number(0x7ff0'2013), 2047);
    EXPECT_EQ(mark_number(0xfff0'2013), -1); // a negative immediate
    EXPECT_EQ(mark_number(0x0010'2093), -1); // slti ra, x0, 1
    EXPECT_EQ(mark_number(0x0010'a013), -1); // slti x0, ra, 1
    EXPECT_EQ(mark_number(0x0010'3013), -1); // sltiu
}

} // namespace
} // namespace rocket
