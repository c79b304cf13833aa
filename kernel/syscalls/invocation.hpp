// One invocation of a kernel object, whoever makes it: a trapping thread or the worker of an asynchronous queue. Decode
// turns it into a checked operation or the exact seL4 error and changes nothing; commit carries the operation out and
// cannot fail (it may stop early at a preemption point). Message words may live in user memory: decode reads each one
// once, through word(), and keeps the copy.
#pragma once

#include "api/labels.hpp"
#include "caps/errors.hpp"
#include "caps/slot.hpp"
#include "objects/async_queue.hpp"
#include "objects/tcb.hpp"

namespace syscalls {

inline constexpr unsigned max_results = 32;

struct Invocation {
    caps::Slot* slot; // of the invoked capability
    api::Label label;
    unsigned length; // of the message, in words
    unsigned extra_count;
    caps::Slot* const* extra;
    const u64* registers;             // words 0..3
    const volatile u64* buffer_words; // words 4.. at their own index; null: there are none
    // Who makes it: a thread, or a queue (then `caller` is null).
    const objects::Tcb* caller;
    const objects::AsyncQueue* queue;

    const caps::Cap& cap() const { return slot->cap; }
    u64 word(unsigned index) const { return index < 4 ? registers[index] : buffer_words[index]; }
};

// Where new threads and interrupts belong: to the domain and hart of the calling thread, or of the asynchronous queue,
// wherever its worker happens to run.
struct Origin {
    u8 domain;
    u8 hart;
};
inline Origin origin_of(const Invocation& call) {
    if (call.queue != nullptr) return {call.queue->domain, call.queue->hart};
    return {static_cast<u8>(call.caller->domain), static_cast<u8>(call.caller->affinity)};
}

struct Results {
    unsigned count = 0;
    u64 words[max_results]; // the first `count` are set
};

enum class Outcome : u8 { Done, Preempted };

template <class T>
using Result = caps::Result<T>;
using caps::fail;
using caps::SyscallError;
using InvokeResult = base::Result<Outcome, SyscallError>;

// Decodes and commits. The capability must not be an endpoint or reply: those are IPC, as is a signal.
InvokeResult invoke(const Invocation& call, Results& results);

} // namespace syscalls
