/* Reading the boot info frame. Its address reaches the initial thread in a0 and is the program's to keep; libsel4 has a
 * place for it, as upstream's, for programs that want one. */
#pragma once

#include <sel4/bootinfo_types.h>

/* The extra block with this id, or null. Blocks begin in the page behind the frame. */
static inline const seL4_BootInfoHeader* sel4_find_bootinfo(const seL4_BootInfo* info, seL4_Word id) {
    const char* block = (const char*)info + seL4_BootInfoFrameSize;
    seL4_Word left = info->extraLen;
    while (left >= sizeof(seL4_BootInfoHeader)) {
        const seL4_BootInfoHeader* header = (const seL4_BootInfoHeader*)(const void*)block;
        if (header->len < sizeof(*header) || header->len > left) {
            return NULL;
        }
        if (header->id == id) {
            return header;
        }
        block += header->len;
        left -= header->len;
    }
    return NULL;
}

#ifdef __cplusplus
extern "C" {
#endif
SEL4_DEPRECATED("keep the pointer") void seL4_InitBootInfo(seL4_BootInfo* info);
SEL4_DEPRECATED("keep the pointer") seL4_BootInfo* seL4_GetBootInfo(void);
#ifdef __cplusplus
}
#endif
