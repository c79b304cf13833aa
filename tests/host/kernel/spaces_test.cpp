// What harts remember of address spaces, and that nothing of it outlives the space or its pool.
#include "box.hpp"

#include "vspace/vspace.hpp"

#include <algorithm>

namespace kernel::test {

namespace {

using fake::Fence;

bool fenced(const Fence& wanted) {
    return std::find(fake::cpu.fences.begin(), fake::cpu.fences.end(), wanted) != fake::cpu.fences.end();
}

} // namespace

// A thread in an address space of its own, whose ASID comes from a pool of its own.
class Spaces : public BoxTest {
protected:
    Spaces() : BoxTest(2) {
        const u64 untyped = fresh(ObjectType::Untyped, 12);
        EXPECT_EQ(machine.call(asid_control, Label::RISCVASIDControlMakePool, {pool, 64}, {untyped, CN}), ok());
        assign();
    }
    void assign() {
        EXPECT_EQ(machine.call(pool, Label::RISCVASIDPoolAssign, {}, {space}), ok());
        EXPECT_EQ(machine.call(index, Label::TCBSetSpace, {0, 0, 0}, {CN, space}), ok());
        asid = machine.cap(space).mapped_asid();
        root = base::raw(arch::to_paddr(machine.cap(space).page_table()));
        fake::cpu.fences.clear();
    }
    // The thread has its turn on a hart, and then another one.
    void visit(u32 hart, bool leaves = true) {
        const u32 own = fake::cpu.hart;
        fake::cpu.hart = hart;
        objects::activate_vspace(&machine.tcb(index));
        EXPECT_EQ(fake::cpu.space[hart].root, root);
        if (leaves) objects::activate_vspace(&machine.initial());
        fake::cpu.hart = own;
    }
    void visit_and_fence() {
        for (const u32 hart : {0U, 1U}) {
            fake::cpu.fences.clear();
            visit(hart);
            EXPECT_TRUE(fenced({Fence::Kind::Asid, base::bit(hart), 0, asid}));
            EXPECT_TRUE(fenced({Fence::Kind::Code, base::bit(hart), 0, 0}));
        }
    }
    u64 loaded_for_thread() {
        objects::activate_vspace(&machine.tcb(index));
        const u64 loaded = fake::cpu.space[0].root;
        objects::activate_vspace(&machine.initial());
        return loaded;
    }
    // The address space alone: nobody has a capability of it but the slot.
    void delete_space() {
        delete_slot(index);
        fake::cpu.fences.clear();
        delete_slot(space);
    }

    u64 pool = machine.free_slot();
    u64 space = fresh(ObjectType::PageTable);
    u64 index = machine.make_thread(100);
    base::Asid asid = 0;
    u64 root = 0;
};

TEST_F(Spaces, TheFirstVisitFences) {
    visit_and_fence();
    fake::cpu.fences.clear();
    visit(0);
    EXPECT_TRUE(fake::cpu.fences.empty());
}

TEST_F(Spaces, AKnownSpaceIsFencedWhereItSharesItsAsid) {
    fake::cpu.few_asids = true;
    const Fence flush{Fence::Kind::Asid, 1, 0, 0};
    for (int visits = 0; visits < 3; ++visits) { // the first one makes it known
        visit(0);
        EXPECT_EQ(std::count(fake::cpu.fences.begin(), fake::cpu.fences.end(), flush), 1); // the other was known before
        fake::cpu.fences.clear();
    }
}

TEST_F(Spaces, ADeadPoolsSpacesAreNotLoaded) {
    visit(0);
    EXPECT_EQ(loaded_for_thread(), root); // known by now
    delete_slot(pool);
    EXPECT_EQ(loaded_for_thread(), 0U);
    EXPECT_EQ(broken_invariant(machine), "");
}

// The next spaces with these numbers must not find their translations.
TEST_F(Spaces, ADeadPoolsNumbersAreFencedWhenTheyComeBack) {
    visit(0);
    visit(1);
    objects::AsidPool* memory = vspace::asid_pools[asid >> objects::asid_pool_index_bits];
    delete_slot(pool);
    EXPECT_EQ(vspace::asid_entry(asid), nullptr);
    vspace::set_asid_pool(asid, memory); // as if the same memory had become the same pool
    *vspace::asid_entry(asid) = objects::AsidEntry::make(base::Paddr{root});
    visit_and_fence();
    *vspace::asid_entry(asid) = {};
    vspace::set_asid_pool(asid, nullptr);
}

TEST_F(Spaces, ADeadPoolsSpaceIsLeft) {
    visit(1, false);
    delete_slot(pool);
    EXPECT_EQ(fake::cpu.space[1].root, 0U);
    EXPECT_EQ(smp::harts[1].vspace_words_[0], 0U);
}

TEST_F(Spaces, ADeadSpaceIsNotKnown) {
    visit(0);
    visit(1);
    delete_space();
    for (const smp::Hart* hart : {&smp::harts[0], &smp::harts[1]}) {
        for (const smp::KnownSpace& known : hart->known_spaces_)
            EXPECT_NE(caps::Cap::mapped_asid_of(known.cap_words[1]), asid);
    }
    EXPECT_EQ(broken_invariant(machine), "");
}

TEST_F(Spaces, ADeadSpacesNumberIsFencedWhenItComesBack) {
    const base::Asid before = asid;
    visit(0);
    visit(1);
    delete_space();
    EXPECT_FALSE(vspace::asid_entry(asid)->used());
    space = fresh(ObjectType::PageTable);
    index = machine.make_thread(100);
    assign();
    EXPECT_EQ(asid, before);
    visit_and_fence();
}

TEST_F(Spaces, ADeadSpaceIsLeft) {
    visit(1, false);
    delete_space();
    EXPECT_EQ(fake::cpu.space[1].root, 0U);
    EXPECT_EQ(smp::harts[1].vspace_words_[0], 0U);
}

// A capability says which ASID it had; another space may have it by now.
TEST_F(Spaces, AnotherSpacesAsidIsNotLoaded) {
    vspace::asid_entry(asid)->remove_harts(~u64{0});
    *vspace::asid_entry(asid) = objects::AsidEntry::make(base::Paddr{root + 0x1000});
    EXPECT_EQ(loaded_for_thread(), 0U);
    *vspace::asid_entry(asid) = objects::AsidEntry::make(base::Paddr{root});
}

// On another hart that has it loaded; one that has left it fences when it comes back.
TEST_F(Spaces, AnUnmappedTableIsFencedWhereTheSpaceRuns) {
    constexpr base::Vaddr vaddr = 0x20'0000;
    const u64 middle = fresh(ObjectType::PageTable);
    const u64 table = fresh(ObjectType::PageTable);
    visit(0);
    fake::cpu.fences.clear();
    EXPECT_EQ(machine.call(middle, Label::RISCVPageTableMap, {vaddr, 0}, {space}), ok());
    EXPECT_EQ(machine.call(table, Label::RISCVPageTableMap, {vaddr, 0}, {space}), ok());
    EXPECT_TRUE(fenced({Fence::Kind::Page, 1, vaddr, asid})); // some cores keep that nothing was there
    visit(0);
    visit(1, false);
    fake::cpu.fences.clear();
    EXPECT_EQ(machine.call(table, Label::RISCVPageTableUnmap), ok());
    EXPECT_TRUE(fenced({Fence::Kind::Asid, 1, 0, asid}));
    EXPECT_TRUE(fenced({Fence::Kind::Asid, 2, 0, asid}));
}

} // namespace kernel::test
