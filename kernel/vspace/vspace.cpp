#include "vspace/vspace.hpp"

#include "arch/arch.hpp"
#include "base/bits.hpp"
#include "objects/upcalls.hpp"

namespace vspace {

using arch::Pte;
using objects::AsidEntry;
using objects::AsidPool;
using smp::bit_of;

namespace {

bool batching = false;

u64 own_bit() { return base::bit(smp::this_hart().index_); }

constexpr unsigned top_level_bits = 30;
constexpr unsigned level_bits = 9;
constexpr unsigned page_bits = 12;
constexpr unsigned user_address_bits = 38; // above it only the kernel's half has canonical addresses

// What covers both: a second page makes it the address space, a second space everything.
smp::Shootdown both(const smp::Shootdown& old, const smp::Shootdown& more) {
    const u32 code = (old.requests | more.requests) & bit_of(smp::Request::FenceCode);
    const bool same = old.asid == more.asid && ((old.requests | more.requests) & bit_of(smp::Request::FenceAll)) == 0;
    return {code | bit_of(same ? smp::Request::FenceSpace : smp::Request::FenceAll), old.asid, 0};
}

void flush_remotely(u64 harts, const smp::Shootdown& fences) {
    if (harts == 0) return;
    if (!batching)
        smp::shoot_down(harts, fences);
    else
        owed_fences = {owed_fences.harts | harts, owed_fences.harts == 0 ? fences : both(owed_fences.fences, fences)};
}

bool has_loaded(const smp::Hart& hart, base::Asid asid) {
    return hart.vspace_words_[0] != 0 && caps::Cap::mapped_asid_of(hart.vspace_words_[1]) == asid;
}

// Harts of the set that run something else now forget that they know the space. So they fence when they load it again,
// in activate_vspace, and need not be told of this change, nor of the next. The others are returned.
u64 forget_elsewhere(u64 harts, base::Asid asid) {
    u64 elsewhere = 0;
    for (u64 left = harts; left != 0; left &= left - 1) {
        const auto hart = base::lowest_bit(left);
        if (has_loaded(smp::harts[hart], asid)) continue;
        elsewhere |= base::bit(hart);
        smp::KnownSpace& known = smp::harts[hart].known_spaces_[asid % smp::known_spaces];
        if (caps::Cap::mapped_asid_of(known.cap_words[1]) == asid) known = {};
    }
    if (AsidEntry* entry = asid_entry(asid); entry != nullptr) entry->remove_harts(elsewhere);
    return harts & ~elsewhere;
}

} // namespace

AsidPool* asid_pools[objects::asid_pool_count];
Owed owed_fences = {};

AsidPool* asid_pool(u64 base) { return asid_pools[base >> objects::asid_pool_index_bits]; }
void set_asid_pool(u64 base, AsidPool* pool) { asid_pools[base >> objects::asid_pool_index_bits] = pool; }

bool find_free_pool(u64& base) {
    for (u64 i = 0; i < objects::asid_pool_count; ++i) {
        if (asid_pools[i] == nullptr) {
            base = i << objects::asid_pool_index_bits;
            return true;
        }
    }
    return false;
}

void flush_page_remotely(u64 harts, base::Asid asid, base::Vaddr vaddr, bool executable) {
    const u32 code = executable ? bit_of(smp::Request::FenceCode) : 0;
    flush_remotely(forget_elsewhere(harts, asid), {bit_of(smp::Request::FencePage) | code, asid, vaddr});
}

bool fence_stale_fault(const objects::Tcb& thread, arch::Access access, base::Vaddr vaddr) {
    const caps::Cap& cap = thread.slot(objects::TcbSlot::VSpace).cap;
    if (!is_active(thread) || !cap.is_mapped() || vaddr >> user_address_bits != 0) return false;
    const AsidEntry* space = asid_entry(cap.mapped_asid());
    if (space == nullptr || !space->used()) return false;
    const Walk found = walk(arch::to_pointer<u64>(space->root()), vaddr, page_bits);
    if (!found.entry->allows(access)) return false;
    arch::local_flush_page(vaddr, cap.mapped_asid());
    return true;
}

void flush_asid(base::Asid asid) {
    const AsidEntry* entry = asid_entry(asid);
    const u64 harts = entry == nullptr ? 0 : entry->harts();
    if ((harts & own_bit()) != 0) arch::local_flush_asid(asid);
    flush_remotely(forget_elsewhere(harts & ~own_bit(), asid), {bit_of(smp::Request::FenceSpace), asid, 0});
}

FlushBatch::FlushBatch() {
    batching = true;
    owed_fences.harts = 0;
}

void fence_owed() {
    if (owed_fences.harts == 0) return;
    smp::shoot_down(owed_fences.harts, owed_fences.fences);
    owed_fences.harts = 0;
}

FlushBatch::~FlushBatch() {
    if (owed_fences.harts != 0) [[unlikely]]
        fence_owed();
    batching = false;
}

void make_root(u64* table) { arch::copy_kernel_mappings(table); }

} // namespace vspace

namespace objects {

using arch::Pte;

namespace {

// Physical address of the root table that the first word of a VSpace capability names; 0: none.
u64 root_of_word(u64 word) { return word == 0 ? 0 : caps::object_paddr(base::PointerField::get<const void>(word)); }

void forget_root(smp::Hart& hart, base::Paddr root) {
    for (smp::KnownSpace& known : hart.known_spaces_) {
        if (root_of_word(known.cap_words[0]) == base::raw(root)) known = {};
    }
}

void leave_space(u32 hart) {
    if (hart == smp::this_hart().index_)
        activate_vspace(nullptr);
    else
        smp::remote_call(base::bit(hart), smp::Request::LeaveVSpace);
}

// Every hart that translates through `root` stops doing so; a thread that used it faults at its next access.
void evict_root(base::Paddr root) {
    for (u32 hart = 0; hart < smp::hart_count; ++hart) {
        forget_root(smp::harts[hart], root);
        if (root_of_word(smp::harts[hart].vspace_words_[0]) == base::raw(root)) leave_space(hart);
    }
}

// Whoever loads the number again, for another space, fences then.
void free_asid(AsidEntry& entry) {
    evict_root(entry.root());
    entry = {};
}

} // namespace

[[gnu::hot]] void activate_vspace(const Tcb* thread) {
    smp::Hart& hart = smp::this_hart();
    if (thread != nullptr) [[likely]] {
        if (vspace::is_active(*thread) || vspace::load_known(*thread)) return;
        const caps::Cap& cap = thread->slot(TcbSlot::VSpace).cap;
        if (cap.is(caps::CapType::PageTable) && cap.is_mapped()) [[likely]] {
            AsidEntry* entry = vspace::asid_entry(cap.mapped_asid());
            const u64 root = caps::object_paddr(cap.page_table());
            if (entry != nullptr && base::raw(entry->root()) == root) [[likely]] {
                // It has not been told of what changed while it did not have the space: neither of mappings nor of
                // code.
                if (entry->add_hart(hart.index_)) {
                    arch::local_flush_asid(cap.mapped_asid());
                    arch::local_fence_i();
                }
                hart.vspace_words_[0] = cap.word0();
                hart.vspace_words_[1] = cap.word1();
                const arch::AddressSpace space = arch::make_address_space(base::Paddr{root}, cap.mapped_asid());
                arch::load_address_space(space);
                hart.known_spaces_[cap.mapped_asid() % smp::known_spaces] = {{cap.word0(), cap.word1()}, space};
                return;
            }
        }
    }
    if (hart.vspace_words_[0] != 0) {
        hart.vspace_words_[0] = 0;
        hart.vspace_words_[1] = 0;
        arch::set_kernel_address_space();
    }
}

[[gnu::hot]] void unmap_frame(caps::FrameSize size, base::Asid asid, base::Vaddr vaddr, base::Paddr paddr) {
    static_cast<void>(vspace::replace_leaf(asid, vaddr, frame_bits(size), paddr, Pte{}));
}

void unmap_page_table(base::Asid asid, base::Vaddr vaddr, u64* table) {
    AsidEntry* entry = vspace::asid_entry(asid);
    if (entry == nullptr || !entry->used()) return;
    u64* root = arch::to_pointer<u64>(entry->root());
    if (root == table) {
        free_asid(*entry);
        return;
    }
    const base::Paddr target = arch::to_paddr(table);
    // Down from the root to the entry that points to this table.
    auto* level = reinterpret_cast<Pte*>(root);
    for (unsigned left = vspace::top_level_bits; left > vspace::page_bits; left -= vspace::level_bits) {
        Pte* slot = level + ((vaddr >> left) & base::mask(vspace::level_bits));
        if (!slot->is_table()) return;
        if (slot->paddr() == target) {
            vspace::write_entry(slot, Pte{});
            vspace::flush_asid(asid);
            return;
        }
        level = arch::to_pointer<Pte>(slot->paddr());
    }
}

void delete_asid_pool(u64 asid_base, AsidPool* pool) {
    if (vspace::asid_pool(asid_base) != pool) return;
    for (u32 hart = 0; hart < smp::hart_count; ++hart) {
        smp::Hart& each = smp::harts[hart];
        for (smp::KnownSpace& known : each.known_spaces_) known = {};
        const u64 asid = caps::Cap::mapped_asid_of(each.vspace_words_[1]);
        if (each.vspace_words_[0] != 0 && asid >= asid_base && asid - asid_base < asid_pool_entries) leave_space(hart);
    }
    for (AsidEntry& entry : pool->entries) entry = {};
    vspace::set_asid_pool(asid_base, nullptr);
}

} // namespace objects
