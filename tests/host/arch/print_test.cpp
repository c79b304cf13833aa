// The kernel's printer, into a string.
#include "arch/riscv/print.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

std::string output;

template <class... Values>
std::string printed(std::string_view format, const Values&... values) {
    output.clear();
    arch::print(format, values...);
    return output;
}

TEST(Print, TextIsTakenAsItIs) {
    EXPECT_EQ(printed(""), "");
    EXPECT_EQ(printed("a {} b {"), "a {} b {");
}

TEST(Print, FillsHolesInOrder) {
    EXPECT_EQ(printed("{}", u64{7}), "7");
    EXPECT_EQ(printed("a {}, b {}\n", "text", u64{1}), "a text, b 1\n");
    EXPECT_EQ(printed("{}{}", u64{1}, u64{2}), "12");
}

TEST(Print, ABraceIsNotAHole) { EXPECT_EQ(printed("{ {} }", u64{1}), "{ 1 }"); }

TEST(Print, TextWithoutAHoleIsWholeAndTheValueFollows) {
    EXPECT_EQ(printed("end", u64{5}), "end5");
    EXPECT_EQ(printed("end{", u64{5}), "end{5");
    EXPECT_EQ(printed("", u64{5}), "5");
}

TEST(Print, Decimal) {
    EXPECT_EQ(printed("{}", u64{0}), "0");
    EXPECT_EQ(printed("{}", u64{1000}), "1000");
    EXPECT_EQ(printed("{}", ~u64{0}), "18446744073709551615");
}

TEST(Print, Hexadecimal) {
    EXPECT_EQ(printed("{}", arch::hex(0)), "0x0");
    EXPECT_EQ(printed("{}", arch::hex(0x10)), "0x10");
    EXPECT_EQ(printed("{}", arch::hex(0x8020'0000)), "0x80200000");
    EXPECT_EQ(printed("{}", arch::hex(~u64{0})), "0xffffffffffffffff");
}

} // namespace

namespace arch {

void put(char character) { output += character; }

} // namespace arch
