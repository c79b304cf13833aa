#include "rootserver/machine/memory.hpp"

#include <bit>
#include <iterator>

namespace machine {

namespace {

constexpr seL4_Word large_page = 1ul << 21;
// Far above the image and the boot info, and not where all page tables of the way there use their first line.
constexpr seL4_Word first_address = 0x4120'0000;

} // namespace

void Memory::init(const seL4_BootInfo& info) {
    info_ = &info;
    next_slot_ = info.empty.start;
    next_address_ = first_address;
}

seL4_CPtr Memory::slots(seL4_Word count) {
    if (info_->empty.end - next_slot_ < count) return 0;
    const seL4_CPtr first = next_slot_;
    next_slot_ += count;
    return first;
}

seL4_Error Memory::retype(seL4_CPtr untyped, seL4_Word type, seL4_Word size_bits, seL4_CPtr slot, seL4_Word count) {
    return seL4_Untyped_Retype(untyped, type, size_bits, seL4_CapInitThreadCNode, 0, 0, slot, count);
}

seL4_Error Memory::copy(seL4_CPtr from, seL4_CPtr to) {
    return seL4_CNode_Copy(seL4_CapInitThreadCNode, to, seL4_WordBits, seL4_CapInitThreadCNode, from, seL4_WordBits,
                           seL4_AllRights);
}

seL4_CPtr Memory::make(seL4_Word type, seL4_Word size_bits, seL4_Word count) {
    const seL4_CPtr slot = slots(count);
    if (slot == 0) return 0;
    // The smallest that has room: the first use of an untyped clears all of it.
    for (seL4_Word bits = seL4_MinUntypedBits; bits <= seL4_MaxUntypedBits; ++bits) {
        for (seL4_CPtr untyped = info_->untyped.start; untyped < info_->untyped.end; ++untyped) {
            const seL4_UntypedDesc& region = info_->untypedList[untyped - info_->untyped.start];
            if (region.isDevice != 0 || region.sizeBits != bits) continue;
            const seL4_Error error = retype(untyped, type, size_bits, slot, count);
            if (error != seL4_NotEnoughMemory) return error == seL4_NoError ? slot : 0;
        }
    }
    return 0;
}

seL4_Word Memory::addresses(seL4_Word size) {
    const seL4_Word vaddr = next_address_;
    next_address_ += (size + large_page - 1) & ~(large_page - 1);
    return vaddr;
}

seL4_Error Memory::make_tables(seL4_Word vaddr, seL4_Word size) {
    for (seL4_Word at = vaddr & ~(large_page - 1); at < vaddr + size; at += large_page) {
        while (true) {
            if (spare_table_ == 0) spare_table_ = make(seL4_RISCV_PageTableObject, 0);
            if (spare_table_ == 0) return seL4_NotEnoughMemory;
            const seL4_Error error =
                seL4_RISCV_PageTable_Map(spare_table_, seL4_CapInitThreadVSpace, at, seL4_RISCV_Default_VMAttributes);
            if (error == seL4_DeleteFirst) break; // all levels are there
            if (error != seL4_NoError) return error;
            spare_table_ = 0;
        }
    }
    return seL4_NoError;
}

seL4_Error Memory::map(seL4_CPtr frame, seL4_Word vaddr) {
    return seL4_RISCV_Page_Map(frame, seL4_CapInitThreadVSpace, vaddr, seL4_ReadWrite, seL4_RISCV_ExecuteNever);
}

seL4_Word& Memory::first_free(seL4_CPtr untyped, seL4_Word start) {
    std::size_t i = 0;
    while (i + 1 < std::size(device_uses_) && device_uses_[i].untyped != 0 && device_uses_[i].untyped != untyped) ++i;
    if (device_uses_[i].untyped != untyped) device_uses_[i] = {untyped, start};
    return device_uses_[i].first_free;
}

// An untyped hands out memory from its start: what lies before the page goes into untypeds that nobody uses, the
// largest that fit, so that few calls do.
seL4_CPtr Memory::device_frame(seL4_Word paddr) {
    for (seL4_CPtr untyped = info_->untyped.start; untyped < info_->untyped.end; ++untyped) {
        const seL4_UntypedDesc& region = info_->untypedList[untyped - info_->untyped.start];
        if (region.isDevice == 0 || paddr < region.paddr || paddr - region.paddr >= 1ul << region.sizeBits) continue;
        seL4_Word& at = first_free(untyped, region.paddr);
        if (at > paddr) return 0; // given out, or passed over
        while (at < paddr) {
            auto bits = static_cast<seL4_Word>(std::bit_width(paddr - at) - 1);
            const auto aligned = at == 0 ? bits : static_cast<seL4_Word>(std::countr_zero(at));
            bits = bits < aligned ? bits : aligned;
            if (bits < seL4_MinUntypedBits || retype(untyped, seL4_UntypedObject, bits, slots()) != seL4_NoError)
                return 0;
            at += 1ul << bits;
        }
        const seL4_CPtr slot = slots();
        if (retype(untyped, seL4_RISCV_4K_Page, 0, slot) != seL4_NoError) return 0;
        at += page_size;
        return slot;
    }
    return 0;
}

} // namespace machine
