/* A process that can do nothing but call its server: its CNode has that one capability, and one for its faults. */
#include "rootserver/examples/sel4/protocol.h"

#include <sel4/sel4.h>

void program(void* ipc_buffer);

static seL4_Word add(seL4_Word a, seL4_Word b) {
    seL4_SetMR(0, a);
    seL4_SetMR(1, b);
    (void)seL4_Call(slot_service, seL4_MessageInfo_new(operation_add, 0, 0, 2));
    return seL4_GetMR(0);
}

void program(void* ipc_buffer) {
    seL4_SetIPCBuffer(ipc_buffer);
    const seL4_Word sum = add(2, 3);

    /* A page fault, here: the kernel sends it to our pager as a message and we wait, without knowing, for its reply. */
    volatile seL4_Word* const heap = (volatile seL4_Word*)HEAP_ADDRESS;
    heap[0] = sum;
    heap[1] = add(heap[0], 37);

    seL4_SetMR(0, heap[1]);
    (void)seL4_Call(slot_service, seL4_MessageInfo_new(operation_exit, 0, 0, 1)); /* never answered */
}
