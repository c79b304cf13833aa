#include "syscalls/decode_vspace.hpp"

#include "caps/derive.hpp"
#include "caps/lookup.hpp"
#include "caps/mdb.hpp"
#include "vspace/vspace.hpp"

namespace syscalls {

using api::Label;
using arch::Pte;
using caps::Cap;
using caps::CapType;

namespace {

constexpr u64 attribute_execute_never = 1;
constexpr unsigned pool_untyped_bits = 12;

struct Space {
    const objects::AsidEntry* entry;
    u64* root;
    base::Asid asid;
};

// The VSpace capability of a map call: it must be the root its ASID stands for.
[[gnu::always_inline]] inline Result<Space> checked_space(const Cap& cap) {
    if (!cap.is(CapType::PageTable) || !cap.is_mapped()) [[unlikely]]
        return fail(SyscallError::invalid_capability(1));
    const base::Asid asid = cap.mapped_asid();
    const objects::AsidEntry* entry = vspace::asid_entry(asid);
    if (entry == nullptr || !entry->used()) [[unlikely]]
        return fail(SyscallError::failed_lookup(false, caps::LookupFailure::invalid_root()));
    u64* root = cap.page_table();
    if (entry->root() != arch::to_paddr(root)) [[unlikely]]
        return fail(SyscallError::invalid_capability(1));
    return Space{entry, root, asid};
}

// The level where the walk really ends: below the frame's own when a table stands in its place.
[[gnu::cold]] SyscallError no_place_for_frame(u64* root, base::Vaddr vaddr) {
    return SyscallError::failed_lookup(false, caps::LookupFailure::missing(vspace::walk(root, vaddr, 12).bits_left));
}

Pte frame_entry(const Cap& cap, u64 rights_word, u64 attributes) {
    const caps::VmRights rights = caps::mask_vm_rights(cap.vm_rights(), caps::Rights{rights_word});
    const bool readable = rights != caps::VmRights::KernelOnly;
    const bool writable = rights == caps::VmRights::ReadWrite;
    const bool executable = (attributes & attribute_execute_never) == 0;
    // Without any right the word would mean a table: no entry at all.
    if (!readable && !executable) return Pte{};
    return Pte::make_user_leaf(cap.paddr(), readable, writable, executable);
}

} // namespace

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
    const Space space = TRY(checked_space(call.extra[0]->cap));
    const Cap& cap = call.cap();
    const base::Vaddr vaddr = call.word(0);
    const unsigned bits = frame_bits(cap.frame_size());
    const base::Vaddr last = vaddr + base::mask(bits);
    if (last < vaddr || last >= arch::user_top) [[unlikely]]
        return fail(SyscallError::invalid_argument(0));
    if (!base::is_aligned(vaddr, bits)) [[unlikely]]
        return fail(SyscallError::alignment());
    const vspace::Walk found = vspace::walk(space.root, vaddr, bits);
    if (found.bits_left != bits || found.entry->is_table()) [[unlikely]]
        return fail(no_place_for_frame(space.root, vaddr));
    if (cap.is_mapped()) {
        if (cap.mapped_asid() != space.asid) return fail(SyscallError::invalid_capability(1));
        if (cap.mapped_vaddr() != vaddr) return fail(SyscallError::invalid_argument(0));
    } else if (found.entry->valid()) {
        return fail(SyscallError::delete_first());
    }
    return PageMap{call.slot,   found.entry, frame_entry(cap, call.word(1), call.word(2)),
                   space.entry, space.asid,  vaddr};
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
        if (asid != 0 && !pool->entries[i].used()) return AssignAsid{table, pool, static_cast<base::Asid>(asid)};
    }
    return fail(SyscallError::delete_first());
}

} // namespace syscalls
