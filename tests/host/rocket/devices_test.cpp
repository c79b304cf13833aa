#include "tools/rocket/devices.hpp"

#include <gtest/gtest.h>

namespace rocket {
namespace {

TEST(Uart, SendsWhatIsWritten) {
    Uart uart;
    EXPECT_EQ(uart.write(Data, 'a'), 'a');
    EXPECT_EQ(uart.read(5) & 0x60, 0x60);
    EXPECT_EQ(uart.read(5) & 1, 0); // nothing comes in
}

TEST(Uart, TheDivisorIsNotSent) {
    Uart uart;
    uart.write(LineControl, 0x83);
    EXPECT_EQ(uart.write(Data, 54), -1);
    EXPECT_EQ(uart.write(InterruptEnable, 1), -1);
    EXPECT_EQ(uart.read(Data), 54);
    EXPECT_EQ(uart.read(InterruptEnable), 1);
    uart.write(LineControl, 3);
    EXPECT_EQ(uart.read(InterruptEnable), 0);
}

TEST(Uart, InterruptsWhenItHasSentUntilThatIsRead) {
    Uart uart;
    uart.write(Data, 'a');
    EXPECT_FALSE(uart.line());
    uart.write(InterruptEnable, 2);
    EXPECT_TRUE(uart.line());
    EXPECT_EQ(uart.read(InterruptIdentity), 0xc2);
    EXPECT_FALSE(uart.line());
    EXPECT_EQ(uart.read(InterruptIdentity), 0xc1);
}

TEST(Clock, TheHighHalfIsOfTheLowOnesTime) {
    Clock clock;
    EXPECT_EQ(clock.read(TimeLow, 0x1'ffff'ffff), 0xffff'ffffU);
    EXPECT_EQ(clock.read(TimeHigh, 0x2'0000'0000), 1U);
}

TEST(Clock, ItsInterruptIsALevel) {
    Clock clock;
    clock.write(Enable, 1, 0);
    clock.write(AlarmHigh, 0, 0);
    clock.write(AlarmLow, 50, 0);
    EXPECT_EQ(clock.read(Armed, 0), 1U);
    clock.advance(49);
    EXPECT_FALSE(clock.line());
    clock.advance(50);
    EXPECT_TRUE(clock.line());
    clock.advance(1000);
    EXPECT_TRUE(clock.line());
    EXPECT_EQ(clock.read(Armed, 1000), 0U);
    clock.write(ClearInterrupt, 1, 1000);
    EXPECT_FALSE(clock.line());
}

TEST(Clock, AnAlarmOfThePastRingsAtOnceAndAClearedOneNever) {
    Clock clock;
    clock.write(AlarmLow, 5, 10);
    EXPECT_FALSE(clock.line()); // not enabled
    clock.write(Enable, 1, 10);
    EXPECT_TRUE(clock.line());
    clock.write(ClearInterrupt, 1, 10);
    clock.write(AlarmLow, 20, 10);
    clock.write(ClearAlarm, 1, 10);
    clock.advance(30);
    EXPECT_FALSE(clock.line());
}

} // namespace
} // namespace rocket
