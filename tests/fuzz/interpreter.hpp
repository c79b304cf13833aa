// Runs a program on the machine it asks for, one operation after the other, with the invariant checker after each.
#pragma once

#include "program.hpp"

namespace fuzz {

void run_program(const Program& program);
// The operations so far, with what a reader needs to see what happened.
void print_run();

} // namespace fuzz
