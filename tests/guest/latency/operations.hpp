// The measured operations by kind; each case prepares, calls begin(), does one thing and calls judge().
#pragma once

#include "tests/guest/harness/suite.hpp"

namespace guest::latency {

// The longest stretch allowed, in instructions: what is done step by step, and what is done at once.
constexpr Word step_bound = 5'000;
constexpr Word call_bound = 25'000;
constexpr Word thread_fan_out_bound = 100'000; // naming threads is the debug kernel's

void begin();
void judge(Context& t, const char* what, Word bound);

// A thread without stack or buffer that makes one system call; it runs at once and waits. When it is restarted later it
// does not run, but goes with the case.
void make_waiter(Context& t, Word tcb, Word number, Word cptr);

List memory_cases();         // retype, reset, mapping
List ending_cases();         // revoke and delete
List waiting_cases();        // queues of threads, messages, lookups
List driving_cases();        // requests of an asynchronous queue
List user_interrupt_cases(); // many entries, many receivers
List locking_cases();        // the wait for the kernel lock; with the SMP interface only

} // namespace guest::latency
