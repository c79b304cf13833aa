// Address-space identifiers: 128 pools of 512, each entry the root table of a VSpace and the set of harts that are to
// be told of its changes: a hart enters the set with a fence when it loads the space, and leaves it at the first change
// after it has gone over to another. ASID 0 is never used; ASID 1 is the initial thread's. Source: sel4-abi-riscv64.md
// 4.11, 4.12, 7.3. Kernel lock held.
#pragma once

#include "base/field.hpp"
#include "base/types.hpp"

namespace objects {

// A root table (physical address) in bits 63:12, the hart set in bits 7:0. Zero: free.
struct AsidEntry {
    u64 word = 0;

    static AsidEntry make(base::Paddr root) { return {base::raw(root)}; }
    bool used() const { return word != 0; }
    base::Paddr root() const { return base::Paddr{base::align_down(word, 12)}; }
    u64 harts() const { return word & base::mask(base::max_harts); }
    // True: it was not in the set.
    bool add_hart(base::HartIndex hart) {
        const u64 before = word;
        if ((before | base::bit(hart)) == before) [[likely]]
            return false;
        word = before | base::bit(hart);
        return true;
    }
    void remove_harts(u64 harts) { word &= ~harts; }
};

inline constexpr unsigned asid_pool_index_bits = 9;
inline constexpr u64 asid_pool_entries = u64{1} << asid_pool_index_bits;
inline constexpr u64 asid_pool_count = 128;

// The first numbers are those in use, and their entries do not lie at the start of the page, where too much else does
// (kernel/docs/cache_sets.md).
struct AsidPool {
    AsidEntry entries[asid_pool_entries]; // in no order: entry() finds one

    AsidEntry& entry(u64 asid) { return entries[(asid ^ first_entry) & (asid_pool_entries - 1)]; }

private:
    static constexpr u64 first_entry = 0x68;
};
static_assert(sizeof(AsidPool) == 4096);

} // namespace objects

namespace vspace {

extern objects::AsidPool* asid_pools[objects::asid_pool_count];

// The entry of an ASID, or null if its pool does not exist. The entry may be unused.
inline objects::AsidEntry* asid_entry(base::Asid asid) {
    objects::AsidPool* pool = asid_pools[asid >> objects::asid_pool_index_bits];
    return pool == nullptr ? nullptr : &pool->entry(asid);
}
objects::AsidPool* asid_pool(u64 base);
void set_asid_pool(u64 base, objects::AsidPool* pool);
// The base of the first pool number without a pool; false if all are there.
bool find_free_pool(u64& base);

} // namespace vspace
