#include "syscalls/decode_vspace.hpp"

#include "caps/lookup.hpp"
#include "caps/mdb.hpp"
#include "syscalls/page_map.hpp"

namespace syscalls {

using api::Label;
using arch::Pte;
using caps::Cap;
using caps::CapType;

namespace {

constexpr unsigned pool_untyped_bits = 12;

} // namespace

// The level where the walk really ends: below the frame's own when a table stands in its place.
SyscallError no_place_for_frame(u64* root, base::Vaddr vaddr) {
    return SyscallError::failed_lookup(false, caps::LookupFailure::missing(vspace::walk(root, vaddr, 12).bits_left));
}

Result<TableMap> decode_table_map(const Invocation& call) {
    if (call.label != Label::RISCVPageTableMap) return fail(SyscallError::illegal_operation());
    if (call.length < 2 || call.extra_count < 1) return fail(SyscallError::truncated());
    const Cap& cap = call.cap();
    if (cap.is_mapped()) return fail(SyscallError::invalid_capability(0));
    const Cap& vspace_cap = call.extra[0]->cap;
    if (!vspace_cap.is(CapType::PageTable) || !vspace_cap.is_mapped()) return fail(SyscallError::invalid_capability(1));
    const base::Vaddr vaddr = call.word(0);
    if (vaddr >= arch::user_top) return fail(SyscallError::invalid_argument(0));
    const Space space = TRY(checked_space(vspace_cap));
    const vspace::Walk found = vspace::walk(space.root, vaddr, 12);
    if (found.bits_left == 12 || found.entry->valid()) return fail(SyscallError::delete_first());
    return TableMap{call.slot,   found.entry, Pte::make_table(arch::to_paddr(cap.page_table())),
                    space.entry, space.asid,  base::align_down(vaddr, found.bits_left)};
}

Result<TableUnmap> decode_table_unmap(const Invocation& call) {
    if (!caps::is_final(*call.slot)) return fail(SyscallError::revoke_first());
    const Cap& cap = call.cap();
    if (cap.is_mapped() && vspace::root_of(cap.mapped_asid()) == cap.page_table())
        return fail(SyscallError::revoke_first());
    return TableUnmap{call.slot};
}

Result<PageMap> decode_page_map(const Invocation& call) {
    if (call.length < 3 || call.extra_count < 1) [[unlikely]]
        return fail(SyscallError::truncated());
    vspace::Walker walker;
    return decode_page_map(*call.slot, call.extra[0]->cap, {call.word(0), call.word(1), call.word(2)}, walker);
}

Result<PageUnmap> decode_page_unmap(const Invocation& call) { return PageUnmap{call.slot}; }

Result<PageAddress> decode_page_address(const Invocation& call) { return PageAddress{base::raw(call.cap().paddr())}; }

Result<MakePool> decode_make_pool(const Invocation& call) {
    if (call.label != Label::RISCVASIDControlMakePool) return fail(SyscallError::illegal_operation());
    if (call.length < 2 || call.extra_count < 2) return fail(SyscallError::truncated());
    u64 base = 0;
    if (!vspace::find_free_pool(base)) return fail(SyscallError::delete_first());
    caps::Slot* untyped = call.extra[0];
    if (!untyped->cap.is(CapType::Untyped) || untyped->cap.untyped_bits() != pool_untyped_bits ||
        untyped->cap.is_device())
        return fail(SyscallError::invalid_capability(1));
    if (caps::has_children(*untyped)) return fail(SyscallError::revoke_first());
    caps::Slot* dest = TRY(caps::lookup_target(call.extra[1]->cap, call.word(0), call.word(1), false));
    if (!dest->empty()) return fail(SyscallError::delete_first());
    return MakePool{untyped, dest, base};
}

Result<AssignAsid> decode_assign_asid(const Invocation& call) {
    if (call.label != Label::RISCVASIDPoolAssign) return fail(SyscallError::illegal_operation());
    if (call.extra_count < 1) return fail(SyscallError::truncated());
    caps::Slot* table = call.extra[0];
    if (!table->cap.is(CapType::PageTable) || table->cap.is_mapped()) return fail(SyscallError::invalid_capability(1));
    objects::AsidPool* pool = vspace::asid_pool(call.cap().asid_base());
    if (pool == nullptr) return fail(SyscallError::failed_lookup(false, caps::LookupFailure::invalid_root()));
    if (pool != call.cap().as_asid_pool()) return fail(SyscallError::invalid_capability(0));
    for (u64 i = 0; i < objects::asid_pool_entries; ++i) {
        const u64 asid = call.cap().asid_base() + i;
        if (asid != 0 && !pool->entry(asid).used()) return AssignAsid{table, pool, static_cast<base::Asid>(asid)};
    }
    return fail(SyscallError::delete_first());
}

} // namespace syscalls
