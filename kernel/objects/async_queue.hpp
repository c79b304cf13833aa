// The asynchronous queue: the kernel object behind a process' request ring. Retyped from Untyped; the first half of its
// memory is private to the kernel (this struct: capability slots, ring positions, the request being worked on, the
// worker coroutine's frame), the second half is the shared area of sel4/async_abi.h. No other memory is ever used.
//
// Nothing in the shared half is trusted: positions are kept here, shared copies are hints for the user. Kernel lock
// held for all fields but the shared words, which are atomics on both sides. Source: async-design.md 6, 9.22, 9.23, 10.
#pragma once

#include "caps/errors.hpp"
#include "caps/slot.hpp"
#include "objects/tcb.hpp"

#include <sel4/async_abi.h>

namespace objects {

enum class QueueState : u8 { Unbound = 0, Bound, Dead };
// Where the worker coroutine is: waiting for a doorbell, in the ready list, running, or watched by polling harts.
enum class WorkerState : u8 { None = 0, Asleep, Ready, Running, Polling };
// How the user is woken (async/doorbell.hpp).
enum class DoorbellKind : u8 { None = 0, Notification, Taic, Uintc };

enum class QueueSlot : u8 { CSpace = 0, VSpace = 1, Notification = 2 };

inline constexpr usize worker_frame_size = 512;
inline constexpr unsigned max_pending_completions = 32;

// A request as copied from a slot, once.
struct AsyncRequest {
    u64 what; // op, flags above
    u64 whom; // vec, generation above
    u64 cptr;
    u64 index; // its slot

    u32 op() const { return static_cast<u32>(what); }
    u32 flags() const { return static_cast<u32>(what >> 32); }
    u32 vec() const { return static_cast<u32>(whom); }
    u64 generation_high() const { return whom & ~base::mask(32); } // as it stands in the slot's last word
};

struct PendingCompletion {
    AsyncRequest request;
    u32 status;
};

struct AsyncQueue {
    // Not first what each request touches: at the start of a page lies too much else (kernel/docs/cache_sets.md).
    PendingCompletion pending[max_pending_completions];
    alignas(16) unsigned char frame[worker_frame_size];

    alignas(128) caps::Slot slots[4]; // QueueSlot; the last is unused

    QueueState state;
    WorkerState worker_state;
    DoorbellKind doorbell;
    bool in_ready_list;
    u8 ready_priority; // the line of the ready list it stands in
    bool bound;        // the executor knows it
    bool polled;       // an idle hart watches it, so it never sleeps
    u8 size_bits;
    u8 priority;       // how important its pending requests are
    u8 own_priority;   // of the thread that bound it
    u8 max_priority;   // its MCP
    u8 domain;         // its domain: the worker runs in no other's time, and new threads are of this one
    u8 hart;           // its hart: new threads and interrupts begin there
    bool preempted;    // `request` goes on before anything else
    bool chain_broken; // the next request was linked to one that failed
    u64 slot_mask;
    // Ring positions, never wrapped here; shared are their low 32 bits.
    u64 sq_head;
    u64 sq_tail; // the user's tail as last seen and checked
    u64 cq_tail;
    u32 vectors;      // vec values below this are good
    u32 taic_process; // 0: no TAIC queue

    // Where the shared area and the doorbell page are mapped; ASID 0: nowhere.
    base::Asid map_asid;
    base::Asid doorbell_asid;
    base::Vaddr map_vaddr;
    base::Vaddr doorbell_vaddr;

    tail4_AsyncControl* control;
    u32* sq;
    u32* cq;
    tail4_AsyncSlot* shared;

    u64 executed; // requests past the rings
    u64 rejected;
    u64 wakeups;
    void* worker; // coroutine handle
    AsyncQueue* next_ready;
    AsyncQueue* previous_ready;

    AsyncRequest request;              // the one being carried out
    u64 words[TAIL4_ASYNC_WIDE_WORDS]; // its message words
    u64 caps[TAIL4_ASYNC_SLOT_CAPS];
    u64 each_done; // of a request with TAIL4_ASYNC_SLOT_EACH: how many were carried out
    u32 pending_count;
    u32 announced; // cq_tail, as the user was last woken for it
    u64 delivered; // outcomes written to slots; counted in a debug kernel only, for its checker

    u64 requests() const { return sq_head + executed; }
    u64 completed() const { return requests() - (preempted ? 1 : 0); }
};

static_assert(sizeof(AsyncQueue) <= base::bit(TAIL4_ASYNC_MIN_SIZE_BITS - 1),
              "the kernel's half of the smallest queue");
static_assert(offsetof(AsyncQueue, slots) % base::bit(caps::async_queue_block_bits) == 0 &&
                  sizeof(AsyncQueue::slots) == base::bit(caps::async_queue_block_bits),
              "ZombieCap finds the slots at the start of their block");
static_assert(sizeof(AsyncQueue) <= 4096, "ZombieCap::object_bits");

void init_async_queue(AsyncQueue& queue, unsigned size_bits);

// --- Defined in async/. Checked by decode; see commit_async.
struct QueueBinding {
    AsyncQueue* queue;
    caps::Cap cspace, vspace, notification; // derived copies; notification may be null
    caps::Slot* cspace_source;
    caps::Slot* vspace_source;
    caps::Slot* notification_source;
    DoorbellKind doorbell;
    u8 priority;
    u8 max_priority;
    u8 domain;
    u8 hart;
};
bool room_for_polled(); // harts watch but a few
bool taic_available();  // a TAIC queue is free for another process
void bind(const QueueBinding& binding);
void unbind(AsyncQueue& queue, u32 reason);
// A doorbell by trap: the worker becomes ready, and the hart that runs the least important thing is told.
void wake(AsyncQueue& queue);
// Runs requests of this queue now, on this hart, at most `budget`; returns how many were completed.
u64 drive(AsyncQueue& queue, u64 budget);
// Runs the request in this slot now; TAIL4_ASYNC_NOT_BEGUN and so on.
u64 execute(AsyncQueue& queue, u64 slot);
base::Paddr doorbell_page(const AsyncQueue& queue);

} // namespace objects
