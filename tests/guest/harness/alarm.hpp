// The one device whose interrupt a test can raise and silence at will: the machine's real-time clock (goldfish), with
// an alarm. Its registers are 32 bits wide; times are nanoseconds. It lives in the page behind the test device's, so
// its frame is what that untyped gives next.
#pragma once

#include "tests/guest/harness/context.hpp"

namespace guest {

constexpr Word alarm_irq = 11;

// Makes and maps the device's frame, once. False: it cannot be had.
bool map_alarm();
// An interrupt `after` nanoseconds from now; 0: at once.
void set_alarm(Word after);
// Takes the interrupt line back, and the alarm.
void silence_alarm();
bool alarm_is_silent();

} // namespace guest
