#include "rootserver/examples/sel4/support.h"

static const seL4_BootInfo* boot_info;
static seL4_CPtr next_slot;
static seL4_CPtr tables;

void print(const char* text) { seL4_DebugPutString(text); }

static void print_digits(seL4_Word number, seL4_Word base) {
    if (number >= base) {
        print_digits(number / base, base);
    }
    seL4_DebugPutChar("0123456789abcdef"[number % base]);
}

void print_number(seL4_Word number) { print_digits(number, 10); }

void print_hex(seL4_Word number) {
    print("0x");
    print_digits(number, 16);
}

void check(seL4_Error error, const char* what) {
    if (error == seL4_NoError) {
        return;
    }
    print("failed: ");
    print(what);
    print(", error ");
    print_number(error);
    print("\n");
    while (1) {
        seL4_DebugHalt();
    }
}

void support_init(const seL4_BootInfo* info) {
    boot_info = info;
    next_slot = info->empty.start;
    tables = new_object(seL4_UntypedObject, 16);
}

seL4_CPtr table_memory(void) { return tables; }

seL4_CPtr new_slots(seL4_Word count) {
    const seL4_CPtr first = next_slot;
    check(boot_info->empty.end - first < count ? seL4_NotEnoughMemory : seL4_NoError, "capability slots");
    next_slot += count;
    return first;
}

/* Retype names the destination by a CNode and an offset in it: here always our own root CNode. */
static seL4_Error retype(seL4_CPtr untyped, seL4_Word type, seL4_Word size_bits, seL4_CPtr slot, seL4_Word count) {
    return seL4_Untyped_Retype(untyped, type, size_bits, seL4_CapInitThreadCNode, 0, 0, slot, count);
}

seL4_CPtr new_object_from(seL4_CPtr untyped, seL4_Word type, seL4_Word size_bits) {
    const seL4_CPtr slot = new_slots(1);
    check(retype(untyped, type, size_bits, slot, 1), "an object");
    return slot;
}

seL4_CPtr new_object(seL4_Word type, seL4_Word size_bits) {
    const seL4_CPtr slot = new_slots(1);
    seL4_Error error = seL4_NotEnoughMemory;
    for (seL4_CPtr untyped = boot_info->untyped.start; untyped < boot_info->untyped.end; ++untyped) {
        if (boot_info->untypedList[untyped - boot_info->untyped.start].isDevice) {
            continue;
        }
        error = retype(untyped, type, size_bits, slot, 1);
        if (error != seL4_NotEnoughMemory) {
            break;
        }
    }
    check(error, "an object");
    return slot;
}

/* Memory of devices comes as untypeds, too. We cut the one that has the page in halves until the page is left. */
seL4_CPtr device_frame(seL4_Word paddr) {
    for (seL4_CPtr slot = boot_info->untyped.start; slot < boot_info->untyped.end; ++slot) {
        const seL4_UntypedDesc* region = &boot_info->untypedList[slot - boot_info->untyped.start];
        if (!region->isDevice || paddr < region->paddr || paddr - region->paddr >= 1ul << region->sizeBits) {
            continue;
        }
        seL4_CPtr untyped = slot;
        for (seL4_Word bits = region->sizeBits; bits > seL4_PageBits; --bits) {
            const seL4_CPtr halves = new_slots(2);
            check(retype(untyped, seL4_UntypedObject, bits - 1, halves, 2), "half a device");
            untyped = halves + (paddr >> (bits - 1) & 1);
        }
        return new_object_from(untyped, seL4_RISCV_4K_Page, 0);
    }
    check(seL4_NotEnoughMemory, "the device");
    return 0;
}

void map_page(seL4_CPtr untyped, seL4_CPtr vspace, seL4_CPtr frame, seL4_Word vaddr, seL4_CapRights_t rights) {
    seL4_Error error = seL4_RISCV_Page_Map(frame, vspace, vaddr, rights, seL4_RISCV_Default_VMAttributes);
    while (error == seL4_FailedLookup) {
        const seL4_CPtr table = new_object_from(untyped, seL4_RISCV_PageTableObject, 0);
        check(seL4_RISCV_PageTable_Map(table, vspace, vaddr, seL4_RISCV_Default_VMAttributes), "map a table");
        error = seL4_RISCV_Page_Map(frame, vspace, vaddr, rights, seL4_RISCV_Default_VMAttributes);
    }
    check(error, "map a page");
}
