/* C face of the UINTC model: the device (receiver entries, lines) and the rules of the `uipi` instructions.
 * Invariants: all state lies in the caller's storage block; no heap, no exceptions, no library calls but memory moves
 * the compiler makes itself. Not thread safe: the simulator serialises the calls (QEMU: BQL).
 * line(h) = OR over all entries of (active and pending and hart == h), at every moment between two calls.
 * Source: shared specification of user interrupts, sections 2.2, 3.2, 4, 5 and 8 (profile P). */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* The registers of an entry, in bytes: the same numbers as uintr/regs.hpp, for users in C. */
enum { UINTC_SEND = 0x00, UINTC_LOW = 0x08, UINTC_HIGH = 0x10, UINTC_ACTIVE = 0x18, UINTC_ENTRY_SIZE = 0x20 };

typedef struct UintcModel UintcModel;

typedef struct {
    uint32_t entries, harts;
} UintcConfig;

/* set_line is called on changes only. Either callback may be null; none may call back into the model. */
typedef struct {
    void* opaque;
    void (*set_line)(void* opaque, unsigned hart, bool level);
    void (*guest_error)(void* opaque, const char* message, uint64_t a, uint64_t b);
} UintcHost;

/* Bytes of storage, 0 if the configuration is out of range (1..65536 entries, 1..65536 harts). */
size_t uintc_model_size(const UintcConfig* config);
/* Storage must be aligned to 16 bytes and may be dirty; null if the configuration is out of range. */
UintcModel* uintc_model_init(void* storage, const UintcConfig* config, const UintcHost* host);
/* Power-on state; raised lines are lowered. */
void uintc_model_reset(UintcModel* model);
/* offset counts from the base; false is a bus error (size not 8, misaligned, past the last entry): nothing changed. */
bool uintc_model_read(UintcModel* model, uint64_t offset, unsigned size, uint64_t* value);
bool uintc_model_write(UintcModel* model, uint64_t offset, uint64_t value, unsigned size);

/* Snapshots: plain data without pointers; its size depends on the configuration alone. After storing into it call
 * uintc_model_state_loaded: it counts and drives the lines anew. Every value of the data is a legal state. */
void* uintc_model_state(UintcModel* model, size_t* size);
void uintc_model_state_loaded(UintcModel* model);

/* Views for tests and monitors, without side effects. */
uint64_t uintc_model_pending(const UintcModel* model, uint32_t receiver);
bool uintc_model_line(const UintcModel* model, uint32_t hart);

/* What a hart does for `uipi`. Each function answers what to access, the hart makes the access, and a bus error is
 * no effect. False: the instruction has no effect (read: rd = 0). */
uint64_t uintr_legal_suist(uint64_t written);
uint64_t uintr_legal_suirs(uint64_t written);
/* send, step 1: the physical address of the 8-byte sender entry. */
bool uintr_sender_entry_address(uint64_t suist, uint64_t index, uint64_t* address);
/* send, step 2: the offset of the SEND register in the device's window and the value to store. */
bool uintr_send_target(uint64_t entry, uint32_t entries, uint64_t* offset, uint64_t* vector);
/* read, write, activate, deactivate: the offset of the receiver entry in the device's window. */
bool uintr_receiver_offset(uint64_t suirs, uint32_t entries, uint64_t* offset);

#ifdef __cplusplus
}
#endif
