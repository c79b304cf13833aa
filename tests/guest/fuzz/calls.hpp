// Random system calls and random use of an asynchronous queue's shared memory. Half of the calls are noise; the others
// have the shape of a real invocation with arguments that may fit, so that they get past the first check.
#pragma once

#include <sel4/async_abi.h>

#include "rootserver/testing/random.hpp"
#include "tests/guest/harness/context.hpp"

namespace guest::fuzz {

using testing::Random;

constexpr Word radix = 6; // of a caller's CSpace, whose own capability is in slot 1
constexpr Word slot_count = 1ul << radix;
constexpr Word own_slot = 1;
// Of its objects (caller.cpp): two threads that nobody has configured, and the largest untyped.
constexpr Word thread_slots = own_slot + 3;
constexpr Word large_untyped = own_slot + 15;

// Behind the slot of a request of many operations: few of them, in small steps.
void random_steps(tail4_AsyncSlot& slot, Random& random);

// The thread makes one call.
void random_call(Thread& thread, Random& random);
// The thread does something to the shared area at `area`: mostly a request, sometimes anything.
void random_sharing(Word area, Random& random);
// Several requests about the same thread into the queue that shares `area`, and mostly one Drive of them all. in[3] of
// the calling thread: the slot of its queue; in[4], in[5]: the first slot of the callers, and how many they are.
void random_batch(Thread& thread, Word area, Random& random);

} // namespace guest::fuzz
