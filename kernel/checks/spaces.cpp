#include "checks/spaces.hpp"

#include "objects/async_queue.hpp"
#include "vspace/vspace.hpp"

namespace checks {

using arch::Pte;
using caps::Cap;
using caps::CapType;
using objects::AsidEntry;
using objects::AsyncQueue;

namespace {

constexpr u64 claimed_entry = u64{1} << 8; // first of the two bits of an Sv39 entry that are software's
constexpr u64 claimed_asid = u64{1} << base::max_harts;
constexpr u64 read_bit = 2, write_bit = 4, user_bit = 16;
constexpr unsigned entries_per_table = 512;
constexpr unsigned page_bits = 12, level_bits = 9, top_level_bits = 30;
constexpr unsigned first_kernel_entry = 256; // of a root table

// Another hart's table walker sees the old or the new word, which mean the same to it.
void set_entry(Pte* entry, u64 word) { base::store_relaxed(*reinterpret_cast<u64*>(entry), word); }

bool rights_cover(caps::VmRights rights, u64 entry) {
    if ((entry & write_bit) != 0) return rights == caps::VmRights::ReadWrite;
    return (entry & read_bit) == 0 || rights != caps::VmRights::KernelOnly;
}

void claim_leaf(base::Asid asid, base::Vaddr vaddr, unsigned bits, base::Paddr paddr, caps::VmRights rights) {
    u64* root = vspace::root_of(asid);
    if (root == nullptr) return;
    const vspace::Walk found = vspace::walk(root, vaddr, bits);
    const u64 word = found.entry->raw();
    if (found.bits_left == bits && found.entry->is_leaf() && found.entry->paddr() == paddr &&
        rights_cover(rights, word))
        set_entry(found.entry, word | claimed_entry);
}

void claim_frame(const Slot& slot, Report& report) {
    const Cap& cap = slot.cap;
    if (!cap.is_mapped()) return;
    const unsigned bits = frame_bits(cap.frame_size());
    const base::Vaddr vaddr = cap.mapped_vaddr();
    report.expect(base::is_aligned(vaddr, bits) && vaddr < arch::user_top, "frame.address", &slot, vaddr);
    claim_leaf(cap.mapped_asid(), vaddr, bits, cap.paddr(), cap.vm_rights());
}

void claim_table(const Slot& slot, Report& report) {
    const Cap& cap = slot.cap;
    const Slot* prev = prev_of(slot);
    if (!first_of_object(slot)) report.expect(cap.word1() == prev->cap.word1(), "table.copies-differ", &slot);
    AsidEntry* space = cap.is_mapped() ? vspace::asid_entry(cap.mapped_asid()) : nullptr;
    if (space == nullptr || !space->used()) return;
    const u64 table = caps::object_paddr(cap.page_table());
    const base::Vaddr vaddr = cap.mapped_vaddr();
    if (base::raw(space->root()) == table) {
        report.expect(vaddr == 0, "table.root-address", &slot, vaddr);
        space->word |= claimed_asid;
        return;
    }
    auto* level = arch::to_pointer<Pte>(space->root());
    for (unsigned left = top_level_bits; left > page_bits; left -= level_bits) {
        Pte* entry = level + ((vaddr >> left) & base::mask(level_bits));
        if (!entry->is_table()) return;
        if (base::raw(entry->paddr()) == table) {
            report.expect(base::is_aligned(vaddr, left), "table.address", &slot, vaddr);
            set_entry(entry, entry->raw() | claimed_entry);
            return;
        }
        level = arch::to_pointer<Pte>(entry->paddr());
    }
}

void claim_range(base::Asid asid, base::Vaddr vaddr, base::Paddr paddr, u64 size) {
    for (u64 offset = 0; offset < size; offset += base::bit(page_bits))
        claim_leaf(asid, vaddr + offset, page_bits, paddr + offset, caps::VmRights::ReadWrite);
}

void claim_queue(const AsyncQueue& queue) {
    if (queue.map_asid != 0)
        claim_range(queue.map_asid, queue.map_vaddr, arch::to_paddr(queue.control),
                    tail4_async_shared_size(queue.size_bits));
    if (queue.doorbell_asid != 0)
        claim_range(queue.doorbell_asid, queue.doorbell_vaddr, objects::doorbell_page(queue), base::bit(page_bits));
}

// A table below the root, whose entries span 2^`bits` bytes.
void check_table(Pte* table, unsigned first, unsigned end, unsigned bits, Report& report) {
    report.cost.entries += end - first;
    for (unsigned i = first; i < end && report.ok(); ++i) {
        Pte* entry = table + i;
        const u64 word = entry->raw();
        if (word == 0) continue;
        if (!report.expect(entry->valid(), "entry.invalid", entry, word) ||
            !report.expect((word & claimed_entry) != 0, "entry.without-capability", entry, word))
            return;
        set_entry(entry, word & ~claimed_entry);
        if (entry->is_leaf()) {
            report.expect((word & user_bit) != 0, "entry.kernel-leaf", entry, word);
            report.expect(base::is_aligned(base::raw(entry->paddr()), bits), "entry.alignment", entry, word);
        } else if (report.expect(bits > page_bits, "entry.depth", entry, word)) {
            check_table(arch::to_pointer<Pte>(entry->paddr()), 0, entries_per_table, bits - level_bits, report);
        }
    }
}

void check_root(AsidEntry& space, Report& report) {
    if (!report.expect((space.word & claimed_asid) != 0, "asid.without-table", &space, space.word)) return;
    space.word &= ~claimed_asid;
    auto* root = arch::to_pointer<Pte>(space.root());
    check_table(root, 0, first_kernel_entry, top_level_bits, report);
    for (unsigned i = first_kernel_entry; i < entries_per_table; ++i)
        report.expect((root[i].raw() & user_bit) == 0, "entry.user-in-kernel-half", root + i, root[i].raw());
}

bool is_living(const u64* cap_words) {
    const u64 loaded = caps::object_paddr(base::PointerField::get<const void>(cap_words[0]));
    const Cap mapping = Cap{CapType::PageTable, 0, cap_words[1]};
    const u64* root = vspace::root_of(mapping.mapped_asid());
    return root != nullptr && caps::object_paddr(root) == loaded;
}

// The hart is in the set of those whose TLB may know the space.
bool is_counted(u32 hart, const u64* cap_words) {
    const AsidEntry* space = vspace::asid_entry(Cap{CapType::PageTable, 0, cap_words[1]}.mapped_asid());
    return space != nullptr && (space->harts() & base::bit(hart)) != 0;
}

// What the harts have loaded, or would load without asking, is a living address space.
void check_loaded(Report& report) {
    for (u32 i = 0; i < smp::hart_count; ++i) {
        const smp::Hart& hart = smp::harts[i];
        if (hart.vspace_words_[0] != 0) {
            report.expect(is_living(hart.vspace_words_), "hart.vspace", &hart, hart.vspace_words_[0]);
            report.expect(is_counted(i, hart.vspace_words_), "hart.vspace.set", &hart, hart.vspace_words_[1]);
        }
        for (const smp::KnownSpace& known : hart.known_spaces_) {
            if (known.space.satp == 0) continue;
            report.expect(is_living(known.cap_words), "hart.known-space", &known, known.space.satp);
            report.expect(is_counted(i, known.cap_words), "hart.known-space.set", &known, known.space.satp);
        }
    }
}

} // namespace

void claim_entries(const Slot& slot, Report& report) {
    if (slot.cap.is(CapType::Frame)) claim_frame(slot, report);
    if (slot.cap.is(CapType::PageTable)) claim_table(slot, report);
    if (slot.cap.is(CapType::AsyncQueue) && first_of_object(slot)) claim_queue(*slot.cap.as_async_queue());
}

void check_spaces(u64 pools, Report& report) {
    u64 known = 0;
    for (u64 i = 0; i < objects::asid_pool_count; ++i) {
        objects::AsidPool* pool = vspace::asid_pools[i];
        if (pool == nullptr) continue;
        ++known;
        for (AsidEntry& space : pool->entries) {
            if (space.used() && report.ok()) check_root(space, report);
        }
    }
    report.expect(known == pools, "asid.pools", nullptr, known);
    check_loaded(report);
}

} // namespace checks
