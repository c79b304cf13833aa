// User interrupts: registrations, sender tables and receiver entries against the threads they are for, and against what
// the harts have loaded (uintr.md 8.5, case 97): every entry names a live receiver; an active receiver entry belongs to
// the thread that its hart has loaded; so a hart's line is never up for anybody else.
#pragma once

#include "checks/report.hpp"

namespace checks {

// After the threads, which it believes.
void check_user_interrupts(Report& report);

} // namespace checks
