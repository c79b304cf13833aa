// A vector request (TAIL4_ASYNC_SLOT_EACH): one operation many times, each time with other arguments. What the queue
// keeps of it is its copy, which steps on with each operation, so it may stop between any two and go on like a
// preempted one.
#pragma once

#include "async/request.hpp"
#include "vspace/vspace.hpp"

namespace async {

inline bool is_each(const AsyncRequest& request) { return (request.flags() & TAIL4_ASYNC_SLOT_EACH) != 0; }

// Carries out operations until all are done, one fails, or somebody waits: an interrupt, or another hart for the kernel
// lock (Preempted), as in any long call. It may end the queue. `walker` is of the turn: it is good for pages alone.
syscalls::InvokeResult invoke_each(AsyncQueue& queue, CSpace& cspace, vspace::RunWalker& walker,
                                   syscalls::Results& results);

// The status of one that has ended: its error or 0, its words, how many were carried out.
u32 end_each(AsyncQueue& queue, u32 error, const u64* words, unsigned count);

} // namespace async
