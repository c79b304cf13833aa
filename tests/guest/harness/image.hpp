// What an image is made of: main.cpp sets up and calls the one function that each image defines.
#pragma once

#include "rootserver/machine/memory.hpp"
#include "tests/guest/harness/suite.hpp"

namespace guest {

// True: everything passed.
bool suite(std::string_view arguments);
// Objects, addresses and device frames that outlive a case.
machine::Memory& whole_run_memory();

} // namespace guest
