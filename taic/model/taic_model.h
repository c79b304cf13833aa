/* C face of the TAIC transaction-level model: the only header a simulator needs.
 * Invariants: all state lies in the caller's storage block; no heap, no exceptions, no library calls but
 * memory moves the compiler makes itself. Not thread safe: the simulator serialises the calls (QEMU: BQL).
 * Every access completes; what the hardware would block on is reported to guest_error and recovered.
 * Source: shared TAIC specification, sections 2, 3, 7.2 and 8. */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct TaicModel TaicModel;

/* slots: send slots, and as many receive slots, per global queue. depth: words per global queue. */
typedef struct {
    uint32_t global_queues, local_queues, slots, depth, external_lines, harts;
    bool rtl_quirks;
} TaicConfig;

/* gq and lq name the queue acted on; a and b are given behind each event. lq is 0 where it has no meaning. */
typedef enum {
    TAIC_EVENT_ALLOC,             /* os, process; gq = lq = UINT32_MAX if it failed */
    TAIC_EVENT_FREE,              /* 1 if it was the last of its global queue, 0 */
    TAIC_EVENT_ENQUEUE,           /* word, words now stored in the global queue */
    TAIC_EVENT_DEQUEUE,           /* word, local queue it came from */
    TAIC_EVENT_REGISTER_SENDER,   /* os, process << 32 | irq, of the receiver */
    TAIC_EVENT_CANCEL_SENDER,     /* same */
    TAIC_EVENT_REGISTER_RECEIVER, /* process << 32 | irq of the sender, handler */
    TAIC_EVENT_SEND,              /* os, process << 32 | irq, of the receiver */
    TAIC_EVENT_WAKE,              /* handler word put into local queue 0, words now stored */
    TAIC_EVENT_WHART,             /* hart, 0 */
    TAIC_EVENT_EXTINT,            /* line, handler word of this global queue (0 = discarded) */
    TAIC_EVENT_ERROR_READ,        /* error bits, 0 */
    TAIC_EVENT_REGISTER_EXTINT,   /* line, handler */
    TAIC_EVENT_DROP               /* error bits the drop set (0 = none), word or receiver dropped */
} TaicEvent;

/* line: 0 SSIP, 1 USIP. set_line is called on changes only. Any callback may be null. None may call back
 * into the model. */
typedef struct {
    void* opaque;
    void (*set_line)(void* opaque, unsigned hart, unsigned line, bool level);
    void (*guest_error)(void* opaque, const char* message, uint64_t a, uint64_t b);
    void (*trace)(void* opaque, TaicEvent event, unsigned gq, unsigned lq, uint64_t a, uint64_t b);
} TaicHost;

/* Presets. thesis: 4 x 8 queues, 32 slots, 1024 words, 32 lines, quirks off. rtl: the published Chisel:
 * 4 x 8 queues, 6 slots, 64 words, 6 lines, quirks on. False (and *config untouched) if harts is out of range. */
bool taic_config_thesis(TaicConfig* config, uint32_t harts);
bool taic_config_rtl(TaicConfig* config, uint32_t harts);
bool taic_config_valid(const TaicConfig* config);

/* Bytes of storage for this geometry, 0 if it is not valid. */
size_t taic_model_size(const TaicConfig* config);
/* Storage must be aligned to 16 bytes and zero or dirty alike; null if the geometry is not valid. */
TaicModel* taic_model_init(void* storage, const TaicConfig* config, const TaicHost* host);
/* Power-on state; raised lines are lowered. */
void taic_model_reset(TaicModel* model);
/* offset counts from the base of the 16 MiB window; size is 1, 2, 4 or 8. */
uint64_t taic_model_read(TaicModel* model, uint64_t offset, unsigned size);
void taic_model_write(TaicModel* model, uint64_t offset, uint64_t value, unsigned size);
void taic_model_set_external(TaicModel* model, unsigned line, bool level);

/* Snapshots: the mutable state as plain data without pointers; its size depends on the geometry alone. After
 * storing into it call taic_model_state_loaded: it drives every line anew, or resets the model and returns
 * false when the data cannot be a state of this geometry. */
void* taic_model_state(TaicModel* model, size_t* size);
bool taic_model_state_loaded(TaicModel* model);
/* The check behind it; true at all times between two calls. */
bool taic_model_consistent(const TaicModel* model);

/* Views for monitors and tests; without side effects, zero where an index is out of range. */
typedef struct {
    uint64_t os, process, allocated_local_queues, hart, error;
    uint32_t stored;
    uint32_t open_sequence; /* 0 none, else offset of the register to be written next */
    uint32_t unit_sequence; /* what the capability unit waits for, the same unless the queue is out of step */
    bool reserved, ssip, usip;
} TaicGlobalQueueView;
typedef struct {
    uint64_t os, word, handler; /* handler is 0 for send slots */
} TaicSlotView;
TaicGlobalQueueView taic_model_view_queue(const TaicModel* model, unsigned gq);
TaicSlotView taic_model_view_send_slot(const TaicModel* model, unsigned gq, unsigned slot);
TaicSlotView taic_model_view_receive_slot(const TaicModel* model, unsigned gq, unsigned slot);

#ifdef __cplusplus
}
#endif
