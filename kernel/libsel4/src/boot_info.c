/* Where the boot info is, once the runtime has told. */
#include <sel4/bootinfo.h>

static seL4_BootInfo* boot_info;

void seL4_InitBootInfo(seL4_BootInfo* info) { boot_info = info; }
seL4_BootInfo* seL4_GetBootInfo(void) { return boot_info; }
