// One fuzzing thread: an own CNode of 64 slots as its CSpace, filled with objects of every kind from an own untyped,
// with capabilities it shares with the other callers, and with an asynchronous queue whose shared memory it writes to.
// It can end up blocked, suspended, without an address space or in a loop of faults: revive() sets it going again.
#pragma once

#include "rootserver/testing/random.hpp"
#include "tests/guest/harness/context.hpp"

namespace guest::fuzz {

using testing::Random;

struct Options {
    Word seed = 1;
    Word calls = 200'000;
    unsigned threads = 4;
    bool domains = false; // the kernel has more than one: callers are moved between them, and have no domain capability
};

struct Caller {
    Word seed = 0;
    Word calls = 0; // to make in all
    Thread* thread = nullptr;
    Word cspace = 0; // in the initial CNode; with a guard, as the caller sees it
    Word plain = 0;  // the same without
    Word round = 0;  // of life
    Word seen = 0;   // its progress when it was last looked at

    bool finished() const { return thread->progress.load() >= calls; }
};

// What all callers of a batch have: two endpoints, a notification.
struct Shared {
    Word endpoints[2];
    Word notification;
};

[[nodiscard]] bool make_shared(Context& t, Shared& shared);
[[nodiscard]] bool prepare(Context& t, Caller& caller, const Shared& shared, const Options& options);
// After all are prepared: each gets capabilities to the others.
void introduce(Context& t, Caller& caller, const Caller* all, const Options& options);
// Starts it, or starts it again, wherever it is stuck, on some hart and in some domain.
void revive(Context& t, Caller& caller, const Options& options, Random& random);

} // namespace guest::fuzz
