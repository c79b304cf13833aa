/* The IPC buffer of the running thread, and its fields. Upstream's way is a thread-local pointer found through tp;
 * SEL4_GLOBAL_IPC_BUFFER makes it a plain global, for programs with one thread and no TLS. The program defines
 * __sel4_ipc_buffer, or links libsel4. Source: sel4-abi-riscv64.md 1.6. */
#pragma once

#include <sel4/types.h>

extern LIBSEL4_THREAD_LOCAL seL4_IPCBuffer* __sel4_ipc_buffer;

static inline void seL4_SetIPCBuffer(seL4_IPCBuffer* buffer) { __sel4_ipc_buffer = buffer; }
static inline seL4_IPCBuffer* seL4_GetIPCBuffer(void) { return __sel4_ipc_buffer; }

static inline seL4_Word seL4_GetMR(int i) { return seL4_GetIPCBuffer()->msg[i]; }
static inline void seL4_SetMR(int i, seL4_Word word) { seL4_GetIPCBuffer()->msg[i] = word; }
static inline seL4_Word seL4_GetUserData(void) { return seL4_GetIPCBuffer()->userData; }
static inline void seL4_SetUserData(seL4_Word data) { seL4_GetIPCBuffer()->userData = data; }
static inline seL4_Word seL4_GetBadge(int i) { return seL4_GetIPCBuffer()->caps_or_badges[i]; }
static inline seL4_CPtr seL4_GetCap(int i) { return seL4_GetIPCBuffer()->caps_or_badges[i]; }
static inline void seL4_SetCap(int i, seL4_CPtr cptr) { seL4_GetIPCBuffer()->caps_or_badges[i] = cptr; }

static inline void seL4_GetCapReceivePath(seL4_CPtr* receiveCNode, seL4_CPtr* receiveIndex, seL4_Word* receiveDepth) {
    const seL4_IPCBuffer* buffer = seL4_GetIPCBuffer();
    if (receiveCNode) {
        *receiveCNode = buffer->receiveCNode;
    }
    if (receiveIndex) {
        *receiveIndex = buffer->receiveIndex;
    }
    if (receiveDepth) {
        *receiveDepth = buffer->receiveDepth;
    }
}
static inline void seL4_SetCapReceivePath(seL4_CPtr receiveCNode, seL4_CPtr receiveIndex, seL4_Word receiveDepth) {
    seL4_IPCBuffer* buffer = seL4_GetIPCBuffer();
    buffer->receiveCNode = receiveCNode;
    buffer->receiveIndex = receiveIndex;
    buffer->receiveDepth = receiveDepth;
}
