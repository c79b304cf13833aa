/* Memory shared by one client and one server process: one channel. Ordinary frames, mapped in both; its place and the
 * number of slots are told to both by whoever built it, and are never read from the memory itself.
 *
 *     0x0000              control page: one tail4_ChannelDirection for requests, one for replies
 *     0x1000              tail4_ChannelMessage[slots] of requests, then as many of replies
 *
 * Rules (async-design.md 4.2, 6, 10.14); neither side trusts the other:
 * - Indices run freely modulo 2^32; entry = index & (slots - 1). The producer owns `tail`, the consumer owns `head`;
 * each keeps its own index in private memory and only writes it here. The other's is range-checked at each look: a bad
 * one makes the channel dead for who saw it, and nothing else.
 * - A message is copied once, and judged as a copy. A reply names a ticket and the generation that the client gave it;
 *   one that names nobody is dropped.
 * - The server takes a call only when there is room for its reply, so replying never waits.
 * - The consumer's state is as in the queue protocol: before it stops looking, it writes BLOCKED (or POLLING), full
 * fence, looks once more. The producer writes its tail, full fence, and rings if it can change that state to NOTIFIED.
 *   Unknown values count as BLOCKED. DEAD: the consumer has left; whoever built the channel may write it, too.
 */
#pragma once

#include <sel4/async_abi.h>

enum {
    TAIL4_CHANNEL_CONTROL_SIZE = 4096,
    TAIL4_CHANNEL_MESSAGE_SIZE = 64,
    TAIL4_CHANNEL_WORDS = 6,
    TAIL4_CHANNEL_MIN_SLOTS = 2,
    TAIL4_CHANNEL_MAX_SLOTS = 1024
};

/* tail4_ChannelMessage.kind */
enum {
    TAIL4_CHANNEL_SEND = 0, /* nobody waits for a reply */
    TAIL4_CHANNEL_CALL = 1,
    TAIL4_CHANNEL_REPLY = 2,
    TAIL4_CHANNEL_REFUSAL = 3 /* in place of a reply: there will be none */
};

typedef struct tail4_ChannelMessage {
    uint32_t ticket;     /* of the client; the server gives it back */
    uint32_t generation; /* the same */
    uint32_t kind;
    uint32_t length; /* of `words`; more counts as all */
    uint64_t words[TAIL4_CHANNEL_WORDS];
} __attribute__((aligned(64))) tail4_ChannelMessage;

/* One ring; states are TAIL4_ASYNC_RUNNING and so on. */
typedef struct tail4_ChannelDirection {
    uint32_t tail __attribute__((aligned(64)));  /* producer writes */
    uint32_t head __attribute__((aligned(64)));  /* consumer writes */
    uint32_t state __attribute__((aligned(64))); /* of the consumer; both, by atomic exchange */
} tail4_ChannelDirection;

typedef struct tail4_ChannelControl {
    tail4_ChannelDirection requests;
    tail4_ChannelDirection replies;
} tail4_ChannelControl;

SEL4_STATIC_ASSERT(sizeof(tail4_ChannelMessage) == TAIL4_CHANNEL_MESSAGE_SIZE, "message");
SEL4_STATIC_ASSERT(offsetof(tail4_ChannelMessage, kind) == 8, "message");
SEL4_STATIC_ASSERT(offsetof(tail4_ChannelMessage, words) == 16, "message");
SEL4_STATIC_ASSERT(sizeof(tail4_ChannelDirection) == 192, "direction");
SEL4_STATIC_ASSERT(offsetof(tail4_ChannelDirection, head) == 64, "direction");
SEL4_STATIC_ASSERT(offsetof(tail4_ChannelDirection, state) == 128, "direction");
SEL4_STATIC_ASSERT(offsetof(tail4_ChannelControl, replies) == 192, "control");
SEL4_STATIC_ASSERT(sizeof(tail4_ChannelControl) <= TAIL4_CHANNEL_CONTROL_SIZE, "control");

SEL4_CONSTEXPR inline uint64_t tail4_channel_size(uint32_t slots) {
    return TAIL4_CHANNEL_CONTROL_SIZE + UINT64_C(2) * TAIL4_CHANNEL_MESSAGE_SIZE * slots;
}
