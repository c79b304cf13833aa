// PageMap and PageUnmap, decode and commit, inlined into whoever carries out one of them or many (async/each.hpp).
// `Find` looks entries up: vspace::Walker, or vspace::RunWalker, which remembers the last table.
#pragma once

#include "caps/derive.hpp"
#include "objects/upcalls.hpp"
#include "syscalls/decode_vspace.hpp"
#include "vspace/vspace.hpp"

namespace syscalls {

struct Space {
    const objects::AsidEntry* entry;
    u64* root;
    base::Asid asid;
};

// The VSpace capability of a map call: it must be the root its ASID stands for.
[[gnu::always_inline]] inline Result<Space> checked_space(const caps::Cap& cap) {
    if (!cap.is(caps::CapType::PageTable) || !cap.is_mapped()) [[unlikely]]
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
[[gnu::cold]] SyscallError no_place_for_frame(u64* root, base::Vaddr vaddr);

inline constexpr u64 attribute_execute_never = 1;

inline arch::Pte frame_entry(const caps::Cap& cap, u64 rights_word, u64 attributes) {
    const caps::VmRights rights = caps::mask_vm_rights(cap.vm_rights(), caps::Rights{rights_word});
    const bool readable = rights != caps::VmRights::KernelOnly;
    const bool writable = rights == caps::VmRights::ReadWrite;
    const bool executable = (attributes & attribute_execute_never) == 0;
    // Without any right the word would mean a table: no entry at all.
    if (!readable && !executable) return arch::Pte{};
    return arch::Pte::make_user_leaf(cap.paddr(), readable, writable, executable);
}

struct PageMapArguments {
    base::Vaddr vaddr;
    u64 rights;
    u64 attributes;
};

template <class Find>
[[gnu::always_inline]] inline Result<PageMap> decode_page_map(caps::Slot& slot, const caps::Cap& vspace_cap,
                                                              const PageMapArguments& arguments, Find& find) {
    const Space space = TRY(checked_space(vspace_cap));
    const caps::Cap& cap = slot.cap;
    const base::Vaddr vaddr = arguments.vaddr;
    const unsigned bits = frame_bits(cap.frame_size());
    const base::Vaddr last = vaddr + base::mask(bits);
    if (last < vaddr || last >= arch::user_top) [[unlikely]]
        return fail(SyscallError::invalid_argument(0));
    if (!base::is_aligned(vaddr, bits)) [[unlikely]]
        return fail(SyscallError::alignment());
    const vspace::Walk found = find(space.root, vaddr, bits);
    if (found.bits_left != bits || found.entry->is_table()) [[unlikely]]
        return fail(no_place_for_frame(space.root, vaddr));
    if (cap.is_mapped()) {
        if (cap.mapped_asid() != space.asid) return fail(SyscallError::invalid_capability(1));
        if (cap.mapped_vaddr() != vaddr) return fail(SyscallError::invalid_argument(0));
    } else if (found.entry->valid()) {
        return fail(SyscallError::delete_first());
    }
    return PageMap{&slot,       found.entry, frame_entry(cap, arguments.rights, arguments.attributes),
                   space.entry, space.asid,  vaddr};
}

[[gnu::always_inline]] inline Outcome commit_page_map(const PageMap& op) {
    op.slot->cap = op.slot->cap.with_mapping(op.asid, op.vaddr);
    const bool was_valid = op.entry->valid();
    vspace::write_entry(op.entry, op.value);
    if (was_valid)
        vspace::flush_page(*op.space, op.asid, op.vaddr, op.value.executable());
    else
        vspace::flush_new_page(*op.space, op.asid, op.vaddr, op.value.executable());
    return Outcome::Done;
}

template <class Find>
[[gnu::always_inline]] inline Outcome commit_page_unmap(const PageUnmap& op, Find& find) {
    const caps::Cap cap = op.slot->cap;
    if (cap.is_mapped()) {
        static_cast<void>(vspace::replace_leaf(cap.mapped_asid(), cap.mapped_vaddr(), frame_bits(cap.frame_size()),
                                               cap.paddr(), arch::Pte{}, find));
        op.slot->cap = cap.without_mapping();
    }
    return Outcome::Done;
}

} // namespace syscalls
