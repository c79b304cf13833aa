// Carries out checked address-space operations.
#pragma once

#include "objects/upcalls.hpp"
#include "syscalls/decode_vspace.hpp"
#include "vspace/vspace.hpp"

namespace syscalls {

Outcome commit_table_map(const TableMap& op);
Outcome commit_table_unmap(const TableUnmap& op);
Outcome commit_make_pool(const MakePool& op);
Outcome commit_assign_asid(const AssignAsid& op);

// The hot ones, inlined into invoke() whatever the linker thinks of it.
[[gnu::always_inline]] inline Outcome commit_page_map(const PageMap& op) {
    op.slot->cap = op.slot->cap.with_mapping(op.asid, op.vaddr);
    vspace::write_entry(op.entry, op.value);
    vspace::flush_page(*op.space, op.asid, op.vaddr, op.value.executable());
    return Outcome::Done;
}

[[gnu::always_inline]] inline Outcome commit_page_unmap(const PageUnmap& op) {
    const caps::Cap cap = op.slot->cap;
    if (cap.is_mapped()) {
        objects::unmap_frame(cap.frame_size(), cap.mapped_asid(), cap.mapped_vaddr(), cap.paddr());
        op.slot->cap = cap.without_mapping();
    }
    return Outcome::Done;
}

} // namespace syscalls
