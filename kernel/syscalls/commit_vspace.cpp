#include "syscalls/commit_vspace.hpp"

#include "arch/arch.hpp"
#include "caps/mdb.hpp"
#include "objects/upcalls.hpp"
#include "vspace/vspace.hpp"

namespace syscalls {

Outcome commit_table_map(const TableMap& op) {
    op.slot->cap = op.slot->cap.with_mapping(op.asid, op.vaddr);
    vspace::write_entry(op.entry, op.value);
    // Some cores remember that an entry was invalid (axu15eg.md 3.7).
    vspace::flush_page(*op.space, op.asid, op.vaddr);
    return Outcome::Done;
}

Outcome commit_table_unmap(const TableUnmap& op) {
    const caps::Cap cap = op.slot->cap;
    if (cap.is_mapped()) {
        objects::unmap_page_table(cap.mapped_asid(), cap.mapped_vaddr(), cap.page_table());
        arch::clear(cap.page_table(), base::bit(api::page_table_bits));
        op.slot->cap = cap.without_mapping();
    }
    return Outcome::Done;
}

Outcome commit_make_pool(const MakePool& op) {
    const caps::Cap untyped = op.untyped->cap;
    auto* pool = arch::to_pointer<objects::AsidPool>(untyped.paddr());
    arch::clear(pool, sizeof(*pool));
    op.untyped->cap = untyped.with_free_index(untyped.untyped_max_index());
    caps::insert_original(caps::Cap::asid_pool(pool, op.asid_base), *op.untyped, *op.dest);
    vspace::set_asid_pool(op.asid_base, pool);
    return Outcome::Done;
}

Outcome commit_assign_asid(const AssignAsid& op) {
    u64* table = op.table->cap.page_table();
    vspace::make_root(table);
    op.pool->entry(op.asid) = objects::AsidEntry::make(arch::to_paddr(table));
    op.table->cap = op.table->cap.with_mapping(op.asid, 0);
    return Outcome::Done;
}

} // namespace syscalls
