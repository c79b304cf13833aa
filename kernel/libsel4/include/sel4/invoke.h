/* What every generated stub does: one seL4_Call with MR0-MR3 in registers. After an error the registers, which hold the
 * detail words, are copied to the IPC buffer, so that seL4_GetMR() finds them as with upstream. */
#pragma once

#include <sel4/syscalls.h>

static inline seL4_Error sel4_invoke(seL4_CPtr service, seL4_Word label, seL4_Word caps, seL4_Word length,
                                     seL4_Word mr[4]) {
    const seL4_MessageInfo_t info =
        seL4_CallWithMRs(service, seL4_MessageInfo_new(label, 0, caps, length), &mr[0], &mr[1], &mr[2], &mr[3]);
    const seL4_Error error = (seL4_Error)seL4_MessageInfo_get_label(info);
    if (error != seL4_NoError) {
        for (int i = 0; i < 4; ++i) {
            seL4_SetMR(i, mr[i]);
        }
    }
    return error;
}
