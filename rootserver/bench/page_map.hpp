// The PageMap/PageUnmap suite of the seed thesis: a synchronous and an asynchronous series, concurrency 1 to `most`.
// Source: async-design.md 5.2, 7.
#pragma once

#include "rootserver/testing/suite.hpp"

namespace bench {

struct Options {
    std::uint64_t rounds = 10;
    std::uint64_t most = 256;
    bool icount = false; // the figures are instructions
};

// Prints the table and the BENCHMARK lines. What is wrong, or nullptr: also a promise of the asynchronous path about
// instructions that does not hold.
const char* page_map(testing::Fixture& fixture, const Options& options);

} // namespace bench
