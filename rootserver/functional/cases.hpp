// The functional suite: chapter 5 of the seed thesis, and what its design must survive. One list per file.
// Source: async-design.md 5.1, 10.
#pragma once

#include "rootserver/testing/suite.hpp"

namespace functional {

std::span<const testing::Case> seed_cases();
std::span<const testing::Case> taic_cases();
std::span<const testing::Case> uintc_cases(); // only where there are user interrupts that nobody uses
std::span<const testing::Case> call_cases();
std::span<const testing::Case> mapping_cases();
std::span<const testing::Case> error_cases();
std::span<const testing::Case> limit_cases();
std::span<const testing::Case> every_cases();
std::span<const testing::Case> runtime_cases();
std::span<const testing::Case> hostile_cases();
std::span<const testing::Case> channel_cases();
std::span<const testing::Case> flight_cases();
std::span<const testing::Case> reuse_cases();
std::span<const testing::Case> wake_up_cases();

} // namespace functional
