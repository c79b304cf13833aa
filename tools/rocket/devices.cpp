#include "tools/rocket/devices.hpp"

namespace rocket {

namespace {

constexpr std::uint8_t no_interrupt = 0xc1, sender_empty = 0xc2; // FIFOs are on
constexpr std::uint8_t can_send = 0x60;
constexpr std::uint8_t connected = 0xb0;

constexpr std::uint32_t low(std::uint64_t value) { return static_cast<std::uint32_t>(value); }
constexpr std::uint32_t high(std::uint64_t value) { return static_cast<std::uint32_t>(value >> 32); }

} // namespace

std::uint8_t Uart::read(unsigned number) {
    switch (number) {
    case Data: return divisor() ? divisor_[0] : std::uint8_t{0};
    case InterruptEnable: return divisor() ? divisor_[1] : enabled_;
    case InterruptIdentity:
        if (!line()) return no_interrupt;
        empty_ = false; // read is acknowledged
        return sender_empty;
    case LineControl: return control_;
    case ModemControl: return modem_;
    case LineStatus: return can_send;
    case ModemStatus: return connected;
    default: return scratch_;
    }
}

int Uart::write(unsigned number, std::uint8_t value) {
    switch (number) {
    case Data:
        if (divisor()) {
            divisor_[0] = value;
            return -1;
        }
        empty_ = true;
        return value;
    case InterruptEnable:
        if (divisor()) {
            divisor_[1] = value;
            return -1;
        }
        if ((value & ~enabled_ & 2) != 0) empty_ = true;
        enabled_ = value & 15;
        return -1;
    case LineControl: control_ = value; return -1;
    case ModemControl: modem_ = value; return -1;
    case Scratch: scratch_ = value; return -1;
    default: return -1;
    }
}

std::uint32_t Clock::read(unsigned offset, std::uint64_t now) {
    switch (offset) {
    case TimeLow: high_ = high(now); return low(now);
    case TimeHigh: return high_;
    case AlarmLow: return low(alarm_);
    case AlarmHigh: return high(alarm_);
    case Enable: return enabled_ ? 1 : 0;
    case Armed: return armed_ ? 1 : 0;
    default: return 0;
    }
}

void Clock::write(unsigned offset, std::uint32_t value, std::uint64_t now) {
    switch (offset) {
    case AlarmLow: // the high half was written before
        alarm_ = alarm_ >> 32 << 32 | value;
        armed_ = true;
        advance(now);
        break;
    case AlarmHigh: alarm_ = std::uint64_t{value} << 32 | low(alarm_); break;
    case Enable: enabled_ = (value & 1) != 0; break;
    case ClearAlarm: armed_ = false; break;
    case ClearInterrupt: pending_ = false; break;
    default: break;
    }
}

} // namespace rocket
