/* What both example programs need of a small library: output, capability slots, objects, pages.
 *
 * The kernel gives the initial thread all memory as untyped capabilities and never allocates anything itself. Every
 * object below is therefore cut from an untyped by us, and its capability put into a slot of our own CNode. */
#pragma once

#include <sel4/sel4.h>

#ifdef __cplusplus
extern "C" {
#endif

enum { page_size = 4096 };

/* Where start.S goes. The argument is the boot info for the initial thread, the IPC buffer for a child. */
void program(void* argument);

void print(const char* text);
void print_number(seL4_Word number);
void print_hex(seL4_Word number);
/* Ends the program unless there was no error: an example has nothing better to do. */
void check(seL4_Error error, const char* what);

void support_init(const seL4_BootInfo* info);
/* The first of `count` empty slots in a row. */
seL4_CPtr new_slots(seL4_Word count);
/* An object cut from the first untyped with room for it; or from the one given. size_bits counts for untypeds and
 * CNodes only. */
seL4_CPtr new_object(seL4_Word type, seL4_Word size_bits);
seL4_CPtr new_object_from(seL4_CPtr untyped, seL4_Word type, seL4_Word size_bits);
/* The frame of a device's page. */
seL4_CPtr device_frame(seL4_Word paddr);

/* Maps a page. Tables that are missing on the way are made from `untyped`. */
void map_page(seL4_CPtr untyped, seL4_CPtr vspace, seL4_CPtr frame, seL4_Word vaddr, seL4_CapRights_t rights);
/* The untyped that such tables of our own come from. */
seL4_CPtr table_memory(void);

#ifdef __cplusplus
}
#endif
