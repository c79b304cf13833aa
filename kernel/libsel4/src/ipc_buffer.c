/* Each thread's IPC buffer pointer. The runtime sets it before the first call that needs the buffer. */
#include <sel4/functions.h>

LIBSEL4_THREAD_LOCAL seL4_IPCBuffer* __sel4_ipc_buffer;
