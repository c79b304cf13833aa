/* The user headers are C11 as well; their static assertions are the test, and this program links and runs. */
#include <sel4/async_abi.h>
#include <sel4/sel4.h>

int c_probe(void);
int c_probe(void) {
    const seL4_CapRights_t rights = seL4_CapRights_new(1, 0, 1, 0);
    return (int)(rights.words[0] + tail4_async_slots(TAIL4_ASYNC_MIN_SIZE_BITS));
}
