/* Memory shared by kernel and user for asynchronous system calls: one async queue. Plain C, used by the kernel, by
 * libsel4async and by the tests. The invocations and their numbers are in kernel/api/sel4.toml.
 *
 * Object of 2^size_bits bytes (15..20). The first half is the kernel's own and never mapped. The second half is the
 * shared area, mapped by AsyncQueueMap at a multiple of its size:
 *
 *     0x0000  control page: tail4_AsyncControl
 *     0x1000  submission ring, then completion ring: uint32_t slot indices, `slots` entries each
 *     behind  from the next page on, slots: tail4_AsyncSlot[2^(size_bits - 9)], that is 64..2048
 *
 * What is used all the time lies in four pages in a row up to 512 slots, mapped at a multiple of their size: cores
 * whose TLB keeps neighbours together (Rocket) need one entry for it.
 *
 * Rules (async-design.md 6, 10):
 * - Indices of both rings run freely modulo 2^32; entry = index & (slots - 1). A slot is in flight from the moment the
 *   kernel fetches it until its `done` is written; so never more than `slots` are, and no ring can overflow.
 * - The kernel copies a slot once, at fetch, and acts on the copy. What the kernel keeps (heads, flight bitmap,
 *   generation) lives in its half; the shared copies of it are hints for the user.
 * - Completion: the kernel writes the results, then `status`, then with release order `done` = the generation fetched.
 *   While the user's executor is POLLING and vec is n, 0 < n < vectors, it then sends TAIC vector n, and nothing
 *   else, if the request was alone. Otherwise, so also for a request that is refused for its vec, it appends the slot
 *   index to the completion ring, whose tail it may show at any time: a running executor will look there by itself, a
 *   POLLING one is sent vector 0, a BLOCKED one is woken through its notification; both at most once, by changing
 *   ustate to NOTIFIED.
 * - A corrupt index (tail more than `slots` ahead, slot out of range) makes the queue DEAD, as do AsyncQueueUnbind and
 *   its deletion: kstate says so, and a BLOCKED user is signalled. The area goes with the object, not with Unbind,
 *   and until then the TAIC page reads as an empty queue.
 *
 * Source: async-design.md 6.2, 6.4, 9, 10, 11. */
#pragma once

#include <sel4/macros.h>
#include <stddef.h>
#include <stdint.h>

enum {
    TAIL4_ASYNC_VERSION = 4,
    TAIL4_ASYNC_MIN_SIZE_BITS = 15,
    TAIL4_ASYNC_MAX_SIZE_BITS = 20,
    TAIL4_ASYNC_CONTROL_SIZE = 4096,
    TAIL4_ASYNC_CONTROL_OFFSET = 0x900, /* of the control page's first line */
    TAIL4_ASYNC_SLOT_SIZE = 128,
    TAIL4_ASYNC_LINE = 64,
    TAIL4_ASYNC_SLOT_WORDS = 8,
    TAIL4_ASYNC_SLOT_CAPS = 3,
    /* A wide request owns this many slots in a row, from an index that is a multiple of it. */
    TAIL4_ASYNC_WIDE_SLOTS = 4,
    TAIL4_ASYNC_WIDE_WORDS = 56, /* words of a wide request: 8, and 16 in each of the three slots behind it */
    TAIL4_ASYNC_DISPATCHER = 0   /* tail4_AsyncSlot.vec: always the completion ring */
};

/* tail4_AsyncControl.magic: "TaiL4 AQ" in memory. */
#define TAIL4_ASYNC_MAGIC UINT64_C(0x514120344c696154)

/* kstate (the kernel sleeps?) and ustate (the user's dispatcher sleeps?); any other value counts as BLOCKED. The
 * consumer goes RUNNING -> BLOCKED, full fence, looks at the tail once more. The producer publishes the tail, full
 * fence, and rings the doorbell only if it can change BLOCKED -> NOTIFIED. */
enum {
    TAIL4_ASYNC_RUNNING = 0,
    TAIL4_ASYNC_BLOCKED = 1,
    TAIL4_ASYNC_NOTIFIED = 2,
    TAIL4_ASYNC_DEAD = 3,
    /* ustate only: the user's executor has nothing to run and watches its TAIC queue, not the completion ring */
    TAIL4_ASYNC_POLLING = 4
};

/* tail4_AsyncControl.dead_reason */
enum {
    TAIL4_ASYNC_ALIVE = 0,
    TAIL4_ASYNC_BAD_TAIL = 1,  /* sq_tail more than `slots` ahead of the kernel */
    TAIL4_ASYNC_BAD_INDEX = 2, /* a submission ring entry is no slot */
    TAIL4_ASYNC_UNBOUND = 4,   /* AsyncQueueUnbind; a CSpace that went away fails each request instead */
    TAIL4_ASYNC_DELETED = 5    /* the object is being deleted */
};

/* Flags of the AsyncQueueBind invocation. */
enum {
    TAIL4_ASYNC_BIND_NOTIFICATION = 1, /* completions for a blocked dispatcher signal the third capability */
    TAIL4_ASYNC_BIND_TAIC = 2,         /* doorbells in both directions through TAIC */
    /* With BIND_NOTIFICATION: completions for a dispatcher that is not RUNNING raise a user interrupt in the thread
     * that the notification is bound to, with its badge (below 64) as the vector. */
    TAIL4_ASYNC_BIND_UINTC = 4,
    TAIL4_ASYNC_BIND_POLL = 8 /* no doorbells: idle harts watch the ring, the user watches the completions */
};

/* tail4_AsyncSlot.flags; any other bit is InvalidArgument. */
enum {
    TAIL4_ASYNC_SLOT_WIDE = 1, /* words 8..55 are in the next three slots, 16 in each from its first byte */
    /* The next request of the submission ring is carried out only if this one succeeds; else it, and all that are
     * linked behind it, are completed as CANCELLED. */
    TAIL4_ASYNC_SLOT_LINK = 2,
    TAIL4_ASYNC_SLOT_URGENT = 4, /* publish its completion at once, not at the end of the kernel's turn */
    /* Set by the user at any time, with an atomic OR: a request that is not fetched yet is completed as CANCELLED, a
     * preempted one when it would go on, as far as it came. It may come too late; every request completes once. */
    TAIL4_ASYNC_SLOT_CANCEL = 8,
    /* With WIDE: the operation many times, from the arguments in the slot on, each time with the steps of
     * TAIL4_ASYNC_EACH_* added. For invocations without results that take at most 7 words; else InvalidArgument. */
    TAIL4_ASYNC_SLOT_EACH = 16
};

/* Words of a request with SLOT_EACH, of which words 8 and up are in the slot behind it. The operations are carried out
 * one by one, each with the checks of a single one, and the kernel may do other things in between. It ends with the
 * first error, and with a cancellation. The outcome is that of the last one, with all 8 words: the error's, zeros, and
 * in the last one how many were carried out. Words and capabilities that the operation does not take need no step. */
enum {
    TAIL4_ASYNC_EACH_DONE = 7,   /* out: carried out, all but the one with the error */
    TAIL4_ASYNC_EACH_COUNT = 8,  /* how many */
    TAIL4_ASYNC_EACH_CPTR = 9,   /* the step of the invoked capability's address */
    TAIL4_ASYNC_EACH_WORDS = 10, /* the steps of words 0 to 7 */
    TAIL4_ASYNC_EACH_CAPS = 18,  /* the steps of the further capabilities */
    TAIL4_ASYNC_EACH_END = 21
};

/* What AsyncQueueExecute answers. It takes a slot that is in no ring and has no flags but WIDE and EACH, and only while
 * nothing submitted waits; its outcome is in the slot, as always. */
enum {
    TAIL4_ASYNC_NOT_BEGUN = 0, /* submit it through the ring */
    TAIL4_ASYNC_COMPLETE = 1,  /* `done` is set; it is not in the completion ring */
    TAIL4_ASYNC_BEGUN = 2      /* preempted: its completion comes through the ring, as if it had been submitted */
};

/* An outcome beside seL4's errors, in the lower half of `status`: not carried out, or not to its end. */
enum { TAIL4_ASYNC_CANCELLED = 0x100 };

/* One request and, afterwards, its outcome. What most operations need is in the first line: that one alone crosses to
 * the kernel and comes back. Message words stand as in the synchronous call: WriteRegisters with more than 6 registers,
 * ReadRegisters with more than 8 and long strings need a wide request, else the message counts as 8 words long
 * (TruncatedMessage) and results stop at word 8. `cap` and `more_caps` are looked up like extra capabilities, as many
 * as the operation takes. Strings of DebugPutString: words[0] = length, the bytes from words[1] on. */
typedef struct tail4_AsyncSlot {
    uint32_t op;                            /* TAIL4_OP_*: sel4/async_ops.h */
    uint32_t flags;                         /* TAIL4_ASYNC_SLOT_* */
    uint32_t vec;                           /* 0: the dispatcher, else a TAIC vector of this queue */
    uint32_t generation;                    /* chosen by the user, never 0, another at each reuse of the slot */
    uint32_t status;                        /* seL4_Error in bits 15:0, words written in bits 31:16; 0 when fetched */
    uint32_t done;                          /* the generation, written last */
    uint64_t cptr;                          /* the invoked capability */
    uint64_t cap;                           /* the first further one */
    uint64_t words[TAIL4_ASYNC_SLOT_WORDS]; /* in: arguments; out: results, or the detail words of the error */
    uint64_t more_caps[TAIL4_ASYNC_SLOT_CAPS - 1];
    uint64_t user_data; /* the kernel neither reads nor writes it */
} __attribute__((aligned(64))) tail4_AsyncSlot;

SEL4_STATIC_ASSERT(sizeof(tail4_AsyncSlot) == TAIL4_ASYNC_SLOT_SIZE, "slot");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncSlot, op) == 0, "slot");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncSlot, flags) == 4, "slot");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncSlot, vec) == 8, "slot");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncSlot, generation) == 12, "slot");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncSlot, status) == 16, "slot");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncSlot, done) == 20, "slot");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncSlot, cptr) == 24, "slot");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncSlot, cap) == 32, "slot");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncSlot, words) == 40, "slot");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncSlot, more_caps) == 104, "slot");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncSlot, user_data) == 120, "slot");

/* The control page; every party writes only its own lines, and each index has a line for itself. */
typedef struct tail4_AsyncControl {
    /* Zero. Caches have sets by the offset in a page, and at the start of pages lies too much else. */
    uint8_t reserved[TAIL4_ASYNC_CONTROL_OFFSET];

    uint32_t sq_tail __attribute__((aligned(64))); /* user writes */
    /* User writes, before sq_tail: how important the pending requests are. 0: as the thread that bound the queue;
     * above that thread's MCP counts as the MCP. The kernel serves more important queues first. */
    uint32_t sq_priority;
    uint32_t sq_head __attribute__((aligned(64))); /* kernel writes, a hint */
    uint32_t kstate __attribute__((aligned(64)));  /* both, by compare-exchange */
    uint32_t cq_tail __attribute__((aligned(64))); /* kernel writes */
    uint32_t cq_head __attribute__((aligned(64))); /* user writes; the kernel does not read it */
    uint32_t ustate __attribute__((aligned(64)));  /* both, by compare-exchange */

    /* Written once by the kernel, when the object is made. Offsets are bytes from the control page. */
    uint64_t magic __attribute__((aligned(64)));
    uint32_t version;
    uint32_t size_bits;
    uint32_t slots;
    uint32_t sq_offset;
    uint32_t cq_offset;
    uint32_t slots_offset;

    /* Written by the kernel at AsyncQueueBind; zero without TAIC. Identities are TAIC's, vectors this queue's. */
    uint64_t os_id __attribute__((aligned(64)));
    uint64_t process_id;
    uint64_t kernel_os_id;
    uint64_t kernel_process_id;
    uint32_t kernel_vector; /* send (kernel_os_id, kernel_process_id, kernel_vector) to wake the kernel */
    uint32_t vectors;       /* vec values 0..vectors-1 are good; 1: only the dispatcher */

    /* Counted by the kernel: requests = completions + those in flight. */
    uint64_t requests __attribute__((aligned(64))); /* slots fetched */
    uint64_t completions;                           /* with whatever status */
    uint64_t rejected; /* among the completions: unknown op, flag or vec, so never decoded; InvalidArgument */
    uint64_t wakeups;  /* doorbells rung to the user */
    uint32_t dead_reason;

    uint8_t reserved_behind[TAIL4_ASYNC_CONTROL_SIZE - TAIL4_ASYNC_CONTROL_OFFSET - 0x240] __attribute__((aligned(64)));
} tail4_AsyncControl;

SEL4_STATIC_ASSERT(sizeof(tail4_AsyncControl) == TAIL4_ASYNC_CONTROL_SIZE, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, sq_tail) == 0x900, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, sq_priority) == 0x904, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, sq_head) == 0x940, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, kstate) == 0x980, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, cq_tail) == 0x9c0, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, cq_head) == 0xa00, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, ustate) == 0xa40, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, magic) == 0xa80, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, version) == 0xa88, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, size_bits) == 0xa8c, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, slots) == 0xa90, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, sq_offset) == 0xa94, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, cq_offset) == 0xa98, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, slots_offset) == 0xa9c, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, os_id) == 0xac0, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, process_id) == 0xac8, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, kernel_os_id) == 0xad0, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, kernel_process_id) == 0xad8, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, kernel_vector) == 0xae0, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, vectors) == 0xae4, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, requests) == 0xb00, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, completions) == 0xb08, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, rejected) == 0xb10, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, wakeups) == 0xb18, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, dead_reason) == 0xb20, "control");
SEL4_STATIC_ASSERT(offsetof(tail4_AsyncControl, reserved_behind) == 0xb40, "control");

/* The layout as a function of the object's size, for both sides. */
SEL4_CONSTEXPR inline uint64_t tail4_async_shared_size(uint32_t size_bits) { return UINT64_C(1) << (size_bits - 1); }
SEL4_CONSTEXPR inline uint32_t tail4_async_slots(uint32_t size_bits) { return UINT32_C(1) << (size_bits - 9); }
SEL4_CONSTEXPR inline uint32_t tail4_async_sq_offset(void) { return TAIL4_ASYNC_CONTROL_SIZE; }
SEL4_CONSTEXPR inline uint64_t tail4_async_cq_offset(uint32_t size_bits) {
    return TAIL4_ASYNC_CONTROL_SIZE + UINT64_C(4) * tail4_async_slots(size_bits);
}
SEL4_CONSTEXPR inline uint64_t tail4_async_slots_offset(uint32_t size_bits) {
    return TAIL4_ASYNC_CONTROL_SIZE + ((UINT64_C(8) * tail4_async_slots(size_bits) + 4095) & ~UINT64_C(4095));
}
SEL4_CONSTEXPR inline uint32_t tail4_async_status(uint32_t error, uint32_t words) { return error | words << 16; }
SEL4_CONSTEXPR inline uint32_t tail4_async_error(uint32_t status) { return status & 0xffff; }
SEL4_CONSTEXPR inline uint32_t tail4_async_result_words(uint32_t status) { return status >> 16; }
