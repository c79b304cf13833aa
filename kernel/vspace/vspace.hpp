// Virtual address spaces: walking and changing Sv39 tables, and keeping every hart's TLB honest.
// A frame or table capability says where it is mapped; the entry found there must still be the object's own before it
// is touched, since tables can vanish below a mapping. Source: sel4-abi-riscv64.md 4.9, 4.10. Kernel lock held.
#pragma once

#include "arch/arch.hpp"
#include "base/atomic.hpp"
#include "caps/errors.hpp"
#include "objects/upcalls.hpp"
#include "smp/kernel_lock.hpp"
#include "vspace/asid.hpp"

namespace vspace {

struct Walk {
    arch::Pte* entry;
    unsigned bits_left; // 30, 21 or 12: what one entry here spans
};
// Follows tables towards `vaddr` down to the entry whose span is 2^`bits` bytes, or to the first entry that is no
// table.
inline Walk walk(u64* root, base::Vaddr vaddr, unsigned bits) {
    constexpr unsigned top_level_bits = 30;
    constexpr unsigned level_bits = 9;
    unsigned left = top_level_bits;
    auto* table = reinterpret_cast<arch::Pte*>(root);
    while (true) {
        arch::Pte* entry = table + ((vaddr >> left) & base::mask(level_bits));
        if (left == bits || !entry->is_table()) return {entry, left};
        table = arch::to_pointer<arch::Pte>(entry->paddr());
        left -= level_bits;
    }
}

// walk() as a thing to be handed in.
struct Walker {
    Walk operator()(u64* root, base::Vaddr vaddr, unsigned bits) { return walk(root, vaddr, bits); }
};
// The same for pages in a row: the last table of 4 KiB pages is found again without a walk. To be forgotten as soon as
// anything but leaves may have changed.
class RunWalker {
public:
    Walk operator()(u64* root, base::Vaddr vaddr, unsigned bits) {
        if (root == root_ && vaddr >> table_bits == range_ && bits == page_bits) [[likely]]
            return {table_ + (vaddr >> page_bits & base::mask(table_bits - page_bits)), page_bits};
        const Walk found = walk(root, vaddr, bits);
        if (bits == page_bits && found.bits_left == page_bits) {
            root_ = root;
            range_ = vaddr >> table_bits;
            table_ = found.entry - (vaddr >> page_bits & base::mask(table_bits - page_bits));
        }
        return found;
    }

private:
    static constexpr unsigned page_bits = 12;
    static constexpr unsigned table_bits = 21;
    u64* root_ = nullptr; // null: nothing is known
    base::Vaddr range_ = 0;
    arch::Pte* table_ = nullptr;
};

// The root table of an ASID, or null.
inline u64* root_of(base::Asid asid) {
    const objects::AsidEntry* entry = asid_entry(asid);
    return entry == nullptr || !entry->used() ? nullptr : arch::to_pointer<u64>(entry->root());
}

// One store: a table walker of another hart sees the old or the new entry.
inline void write_entry(arch::Pte* entry, arch::Pte value) {
    base::store_relaxed(*reinterpret_cast<u64*>(entry), value.raw());
}

// What the present FlushBatch owes to other harts.
struct Owed {
    u64 harts; // 0: nothing
    smp::Shootdown fences;
    // A fence of the address space on all of `targets` is among it.
    bool covers(u64 targets, base::Asid asid) const {
        const u32 space = fences.asid == asid ? smp::bit_of(smp::Request::FenceSpace) : 0;
        return (targets & ~harts) == 0 && (fences.requests & (space | smp::bit_of(smp::Request::FenceAll))) != 0;
    }
};
extern Owed owed_fences;

// A mapping at `vaddr` changed or appeared: no hart keeps an old translation after this. Inside a FlushBatch other
// harts are told once, at its end.
[[gnu::noinline]] void flush_page_remotely(u64 harts, base::Asid asid, base::Vaddr vaddr, bool executable);
// `executable`: the new mapping may be fetched from. A pager's client on another hart cannot fence.i for itself.
inline void flush_page(const objects::AsidEntry& space, base::Asid asid, base::Vaddr vaddr, bool executable = false) {
    const u64 harts = space.harts();
    const u64 own = base::bit(smp::this_hart().index_);
    if ((harts & own) != 0) arch::local_flush_page(vaddr, asid);
    if ((harts & ~own) != 0 && (executable || !owed_fences.covers(harts & ~own, asid))) [[unlikely]]
        flush_page_remotely(harts & ~own, asid, vaddr, executable);
}
// A page appeared where none was. Other harts are not told, but for code: one that remembers that there was none
// faults, and finds out by fence_stale_fault(). A look into the table is much cheaper than a fence by firmware.
inline void flush_new_page(const objects::AsidEntry& space, base::Asid asid, base::Vaddr vaddr, bool executable) {
    const u64 own = base::bit(smp::this_hart().index_);
    if (executable && (space.harts() & ~own) != 0) [[unlikely]]
        flush_page(space, asid, vaddr, true);
    else if ((space.harts() & own) != 0)
        arch::local_flush_page(vaddr, asid);
}
// A page fault of the running thread. True: its address space allows the access by now; what the hart remembered is
// gone, and the instruction is to be executed again. By the architecture that cannot fault for ever.
[[nodiscard]] bool fence_stale_fault(const objects::Tcb& thread, arch::Access access, base::Vaddr vaddr);
void flush_asid(base::Asid asid);

// Collects the remote part of the flushes in its lifetime into one fence. While it lives, only page mappings may
// change: memory must not be given away before the fence.
class FlushBatch {
public:
    FlushBatch();
    ~FlushBatch();
    FlushBatch(const FlushBatch&) = delete;
    FlushBatch& operator=(const FlushBatch&) = delete;
    bool owed() const { return owed_fences.harts != 0; }
};
// What is owed so far, now: before anything but a page mapping changes.
void fence_owed();

// The leaf of 2^`bits` bytes that maps `paddr` at `vaddr` becomes `value`. False: that is not what is mapped there.
template <class Find = Walker>
[[gnu::always_inline]] inline bool replace_leaf(base::Asid asid, base::Vaddr vaddr, unsigned bits, base::Paddr paddr,
                                                arch::Pte value, Find&& find = Walker()) {
    const objects::AsidEntry* space = asid_entry(asid);
    if (space == nullptr || !space->used()) return false;
    const Walk found = find(arch::to_pointer<u64>(space->root()), vaddr, bits);
    if (found.bits_left != bits || !found.entry->is_leaf() || found.entry->paddr() != paddr) return false;
    write_entry(found.entry, value);
    flush_page(*space, asid, vaddr);
    return true;
}

// True when the address space of `thread` is loaded on this hart.
inline bool is_active(const objects::Tcb& thread) {
    const caps::Cap& cap = thread.slot(objects::TcbSlot::VSpace).cap;
    const smp::Hart& hart = smp::this_hart();
    return cap.word0() == hart.vspace_words_[0] && cap.word1() == hart.vspace_words_[1];
}

// Loads the address space of `thread` if this hart knows it; false: objects::activate_vspace has to look.
[[gnu::always_inline]] inline bool load_known(const objects::Tcb& thread) {
    const caps::Cap& cap = thread.slot(objects::TcbSlot::VSpace).cap;
    smp::Hart& hart = smp::this_hart();
    const smp::KnownSpace& known = hart.known_spaces_[cap.mapped_asid() % smp::known_spaces];
    if (cap.word0() != known.cap_words[0] || cap.word1() != known.cap_words[1] || known.space.satp == 0) return false;
    hart.vspace_words_[0] = cap.word0();
    hart.vspace_words_[1] = cap.word1();
    arch::load_address_space(known.space);
    return true;
}

// Copies the kernel's half of the address space into a fresh root table.
void make_root(u64* table);

} // namespace vspace
