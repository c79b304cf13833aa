// The devices behind the MMIO port that no model of the project has: a 16550 and a Goldfish real-time clock. Plain
// data, so that a snapshot can hold them. Sources: the 16550's data sheet; QEMU's description of goldfish_rtc.
#pragma once

#include <array>
#include <cstdint>

namespace rocket {

enum UartRegister : unsigned {
    Data,
    InterruptEnable,
    InterruptIdentity,
    LineControl,
    ModemControl,
    LineStatus,
    ModemStatus,
    Scratch
};

// Registers are bytes, four bytes apart. It sends at once, and receives nothing.
class Uart {
public:
    std::uint8_t read(unsigned number);
    // What was sent, else -1.
    int write(unsigned number, std::uint8_t value);
    bool line() const { return (enabled_ & 2) != 0 && empty_; }

private:
    bool divisor() const { return (control_ & 0x80) != 0; }
    std::uint8_t enabled_ = 0, control_ = 0, modem_ = 0, scratch_ = 0;
    std::array<std::uint8_t, 2> divisor_{};
    bool empty_ = false; // the interrupt of an empty sender stands
};

enum ClockRegister : unsigned {
    TimeLow = 0,
    TimeHigh = 4,
    AlarmLow = 8,
    AlarmHigh = 12,
    Enable = 16,
    ClearAlarm = 20,
    Armed = 24,
    ClearInterrupt = 28
};

// Registers are 32 bits wide, times nanoseconds. The interrupt is a level, until it is cleared.
class Clock {
public:
    std::uint32_t read(unsigned offset, std::uint64_t now);
    void write(unsigned offset, std::uint32_t value, std::uint64_t now);
    void advance(std::uint64_t now) {
        if (armed_ && alarm_ <= now) armed_ = false, pending_ = true;
    }
    bool line() const { return pending_ && enabled_; }

private:
    std::uint64_t alarm_ = 0;
    std::uint32_t high_ = 0; // latched when the low half is read
    bool enabled_ = false, armed_ = false, pending_ = false;
};

} // namespace rocket
