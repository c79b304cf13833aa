// Objects, capability slots and addresses from the boot info. Everything is allocated upwards and kept; what shall be
// given back is made from an untyped of its own and revoked. Errors are the kernel's.
#pragma once

#include <cstdint>
#include <sel4/sel4.h>

namespace machine {

class Memory {
public:
    static constexpr seL4_Word page_size = 4096;

    void init(const seL4_BootInfo& info);
    const seL4_BootInfo& info() const { return *info_; }

    // `count` slots in a row; 0: none left.
    seL4_CPtr slots(seL4_Word count = 1);
    // Objects in a row of slots, from the smallest untyped with room; 0: no slot or no memory.
    seL4_CPtr make(seL4_Word type, seL4_Word size_bits, seL4_Word count = 1);
    seL4_CPtr frame() { return make(seL4_RISCV_4K_Page, 0); }
    static seL4_Error retype(seL4_CPtr untyped, seL4_Word type, seL4_Word size_bits, seL4_CPtr slot,
                             seL4_Word count = 1);
    static seL4_Error copy(seL4_CPtr from, seL4_CPtr to);

    // Fresh addresses, a multiple of 2 MiB each time, with nothing mapped.
    seL4_Word addresses(seL4_Word size);
    // All tables above 4 KiB pages of the range.
    seL4_Error make_tables(seL4_Word vaddr, seL4_Word size);
    seL4_Error map(seL4_CPtr frame, seL4_Word vaddr);

    // A 4 KiB frame of device memory; 0: no untyped covers it, or it lies below one that was given out before.
    seL4_CPtr device_frame(seL4_Word paddr);

private:
    // How far a device untyped has been handed out; those of a few regions are remembered.
    struct DeviceUse {
        seL4_CPtr untyped = 0;
        seL4_Word first_free = 0;
    };
    seL4_Word& first_free(seL4_CPtr untyped, seL4_Word start);

    DeviceUse device_uses_[4] = {};
    const seL4_BootInfo* info_ = nullptr;
    seL4_CPtr next_slot_ = 0;
    seL4_Word next_address_ = 0;
    seL4_CPtr spare_table_ = 0;
};

} // namespace machine
