// Broken address spaces: page tables, frames, ASIDs, and what the harts have loaded.
#include "checks_box.hpp"

#include "caps/mdb.hpp"
#include "vspace/vspace.hpp"

namespace kernel::test {

namespace {

using arch::Pte;

constexpr base::Vaddr megapage_at = 0x20'0000; // the first whole entry of the initial thread's table of the first GiB
constexpr base::Vaddr page_at = 0x40'0000;     // a page in a table of its own
constexpr base::Asid own_asid = 1;
constexpr u64 user_bit = 16;
constexpr u64 claimed = u64{1} << 8; // what the checker marks an entry with that some capability is for

u64* entry_at(base::Vaddr vaddr, unsigned bits) {
    const vspace::Walk found = vspace::walk(vspace::root_of(own_asid), vaddr, bits);
    EXPECT_EQ(found.bits_left, bits);
    return reinterpret_cast<u64*>(found.entry);
}

// A page, mapped through a table of its own.
Slot& mapped_page(Checks& t, u64* table_slot = nullptr) {
    const u64 table = t.fresh(ObjectType::PageTable);
    const u64 frame = t.fresh(ObjectType::Page);
    EXPECT_EQ(t.machine.call(table, Label::RISCVPageTableMap, {page_at, 0}, {own_vspace}), ok());
    EXPECT_EQ(t.machine.call(frame, Label::RISCVPageMap, {page_at, 3, 0}, {own_vspace}), ok());
    if (table_slot != nullptr) *table_slot = table;
    return t.slot(frame);
}
u64& page_entry(Checks& t) {
    mapped_page(t);
    return *entry_at(page_at, 12);
}
Slot& mapped_table(Checks& t) {
    u64 table = 0;
    mapped_page(t, &table);
    return t.slot(table);
}
// An address space that has an ASID; its slot.
Slot& assigned(Checks& t) {
    const u64 space = t.fresh(ObjectType::PageTable);
    EXPECT_EQ(t.machine.call(own_pool, Label::RISCVASIDPoolAssign, {}, {space}), ok());
    return t.slot(space);
}
smp::KnownSpace& known(const Cap& space) {
    smp::KnownSpace& place = smp::this_hart().known_spaces_[0];
    place = {{space.word0(), space.word1()},
             arch::make_address_space(base::Paddr{caps::object_paddr(space.page_table())}, 1)};
    return place;
}

const Break entries[] = {
    {"frame.address",
     [](Checks& t) {
         Slot& page = t.boxed(ObjectType::Page);
         page.cap = page.cap.with_mapping(own_asid, page_at + 8);
     }},
    {"frame.address",
     [](Checks& t) {
         Slot& page = t.boxed(ObjectType::Page);
         page.cap = page.cap.with_mapping(own_asid, arch::user_top);
     }},
    {"table.copies-differ",
     [](Checks& t) {
         Slot& table = mapped_table(t);
         caps::insert_derived(table.cap.without_mapping(), table, t.empty());
     }},
    {"table.root-address",
     [](Checks& t) {
         Slot& space = assigned(t);
         space.cap = space.cap.with_mapping(space.cap.mapped_asid(), 0x1000);
     }},
    {"table.address",
     [](Checks& t) {
         Slot& table = mapped_table(t);
         table.cap = table.cap.with_mapping(own_asid, page_at + 0x1000);
     }},
    {"entry.invalid", [](Checks&) { *entry_at(megapage_at, 21) = 2; }},
    {"entry.without-capability",
     [](Checks& t) {
         Slot& page = mapped_page(t);
         page.cap = page.cap.without_mapping();
     }},
    {"entry.without-capability",
     [](Checks& t) {
         Slot& page = mapped_page(t);
         page.cap = page.cap.with_vm_rights(caps::VmRights::ReadOnly);
     }},
    {"entry.without-capability", // the frame beside
     [](Checks& t) { page_entry(t) += u64{1} << 10; }},
    {"entry.without-capability",
     [](Checks& t) {
         Slot& table = mapped_table(t);
         table.cap = table.cap.without_mapping();
     }},
    {"entry.kernel-leaf", [](Checks& t) { page_entry(t) &= ~user_bit; }},
    {"entry.alignment",
     [](Checks&) {
         const Pte leaf = Pte::make_user_leaf(base::Paddr{arena_start + 0x1000}, true, true, false);
         *entry_at(megapage_at, 21) = leaf.raw() | claimed;
     }},
    {"entry.depth", [](Checks& t) { page_entry(t) = Pte::make_table(base::Paddr{arena_start}).raw() | claimed; }},
    {"entry.user-in-kernel-half", [](Checks&) { vspace::root_of(own_asid)[300] |= user_bit; }},
};

const Break spaces[] = {
    {"asid.pool",
     [](Checks& t) { t.slot(own_pool).cap = Cap::asid_pool(t.machine.cap(own_pool).as_asid_pool(), 512); }},
    {"asid.pool", [](Checks& t) { t.slot(own_pool).cap = Cap::asid_pool(t.machine.cap(own_pool).as_asid_pool(), 1); }},
    {"asid.pools",
     [](Checks&) {
         static objects::AsidPool nobodys;
         vspace::set_asid_pool(512, &nobodys);
     }},
    {"asid.without-table",
     [](Checks& t) { *vspace::asid_entry(7) = objects::AsidEntry::make(t.boxed(ObjectType::Page).cap.paddr()); }},
    {"asid.without-table",
     [](Checks& t) {
         Slot& space = assigned(t);
         space.cap = space.cap.without_mapping();
     }},
    {"hart.vspace",
     [](Checks& t) {
         const Cap& space = t.boxed(ObjectType::PageTable).cap;
         smp::this_hart().vspace_words_[0] = space.word0();
     }},
    {"hart.vspace", [](Checks&) { smp::this_hart().vspace_words_[1] = 0; }},
    {"hart.known-space", [](Checks& t) { known(t.boxed(ObjectType::PageTable).cap.with_mapping(own_asid, 0)); }},
    {"hart.known-space", [](Checks& t) { known(assigned(t).cap.without_mapping()); }},
    {"hart.vspace.set", [](Checks&) { vspace::asid_entry(own_asid)->word &= ~u64{1}; }},
    {"hart.known-space.set", [](Checks& t) { known(assigned(t).cap); }},
};

} // namespace

INSTANTIATE_TEST_SUITE_P(Entries, CheckerBreaks, testing::ValuesIn(entries));
INSTANTIATE_TEST_SUITE_P(Spaces, CheckerBreaks, testing::ValuesIn(spaces));

} // namespace kernel::test
