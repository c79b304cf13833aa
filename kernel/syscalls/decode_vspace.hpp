// Page tables, frames, ASID control and ASID pools, checked (sel4-abi-riscv64.md 4.9 to 4.12).
#pragma once

#include "arch/arch.hpp"
#include "syscalls/invocation.hpp"
#include "vspace/asid.hpp"

namespace syscalls {

struct TableMap {
    caps::Slot* slot;
    arch::Pte* entry;
    arch::Pte value;
    const objects::AsidEntry* space;
    base::Asid asid;
    base::Vaddr vaddr;
};
struct TableUnmap {
    caps::Slot* slot;
};
struct PageMap {
    caps::Slot* slot;
    arch::Pte* entry;
    arch::Pte value;
    const objects::AsidEntry* space;
    base::Asid asid;
    base::Vaddr vaddr;
};
struct PageUnmap {
    caps::Slot* slot;
};
struct PageAddress {
    u64 paddr;
};
struct MakePool {
    caps::Slot* untyped;
    caps::Slot* dest;
    u64 asid_base;
};
struct AssignAsid {
    caps::Slot* table;
    objects::AsidPool* pool;
    base::Asid asid;
};

Result<TableMap> decode_table_map(const Invocation& call);
Result<TableUnmap> decode_table_unmap(const Invocation& call);
Result<PageMap> decode_page_map(const Invocation& call);
Result<PageUnmap> decode_page_unmap(const Invocation& call);
Result<PageAddress> decode_page_address(const Invocation& call);
Result<MakePool> decode_make_pool(const Invocation& call);
Result<AssignAsid> decode_assign_asid(const Invocation& call);

} // namespace syscalls
