// Untypeds between resets, and which harts are fenced when a mapping comes or goes.
#include "box.hpp"

#include "vspace/vspace.hpp"

namespace kernel::test {

class Memory : public BoxTest {};

TEST_F(Memory, APreemptedResetGoesOnWhereItStopped) {
    constexpr u64 all = u64{1} << 24;
    const Words words{static_cast<u64>(ObjectType::Page), 0, 0, 0, 3000, 1};
    Reply reply;
    u64 left = all;
    for (int tries = 0; tries < 3; ++tries) {
        fake::preempt_after(1000);
        EXPECT_FALSE(machine.call_once(UT24, Label::UntypedRetype, words, {CN}, reply));
        const u64 used = machine.cap(UT24).untyped_free_index() << 4;
        EXPECT_LT(used, left);
        EXPECT_TRUE(machine.slot(3000).empty());
        left = used;
    }
    fake::preempt_after(0);
    EXPECT_EQ(machine.call(UT24, Label::UntypedRetype, words, {CN}), ok());
    EXPECT_EQ(machine.cap(UT24).untyped_free_index(), u64{4096} >> 4);
}

TEST_F(Memory, AGrandchildKeepsTheMemory) {
    const u64 child = fresh(ObjectType::Untyped, box_bits);
    const u64 ep = machine.free_slot();
    const Words words{static_cast<u64>(ObjectType::Endpoint), 0, 0, 0, ep, 1};
    EXPECT_EQ(machine.call(child, Label::UntypedRetype, words, {CN}), ok());
    delete_slot(child);
    const Words more{static_cast<u64>(ObjectType::Endpoint), 0, 0, 0, ep + 1, 1};
    EXPECT_EQ(machine.call(box, Label::UntypedRetype, more, {CN}), error(ErrorCode::NotEnoughMemory, {0}));
    delete_slot(ep);
    EXPECT_EQ(machine.call(box, Label::UntypedRetype, more, {CN}), ok());
}

class Fences : public BoxTest {
protected:
    Fences() : BoxTest(4) {}
    // Hart 2 runs the initial thread's address space.
    void load_elsewhere() {
        EXPECT_TRUE(vspace::asid_entry(1)->add_hart(2));
        EXPECT_FALSE(vspace::asid_entry(1)->add_hart(2));
        smp::harts[2].vspace_words_[0] = machine.slot(own_vspace).cap.word0();
        smp::harts[2].vspace_words_[1] = machine.slot(own_vspace).cap.word1();
    }
    // Where the initial thread, whose space is loaded here and on hart 2, had none before.
    u64 mapped_frame(base::Vaddr vaddr, u64 attributes) {
        const u64 table = fresh(ObjectType::PageTable);
        const u64 frame = fresh(ObjectType::Page);
        EXPECT_EQ(machine.call(table, Label::RISCVPageTableMap, {vaddr, 0}, {own_vspace}), ok());
        load_elsewhere();
        fake::cpu.fences.clear();
        EXPECT_EQ(machine.call(frame, Label::RISCVPageMap, {vaddr, 3, attributes}, {own_vspace}), ok());
        return frame;
    }
    bool stale(arch::Access access, u64 address) {
        return vspace::fence_stale_fault(machine.initial(), access, address);
    }
};

TEST_F(Fences, OnlyHartsThatRanTheSpaceAreTold) {
    constexpr base::Vaddr vaddr = 0x20'0000;
    const u64 table = fresh(ObjectType::PageTable);
    const u64 frame = fresh(ObjectType::Page);
    EXPECT_EQ(machine.call(table, Label::RISCVPageTableMap, {vaddr, 0}, {own_vspace}), ok());
    EXPECT_EQ(machine.call(frame, Label::RISCVPageMap, {vaddr, 3, 0}, {own_vspace}), ok());
    load_elsewhere();
    fake::cpu.fences.clear();
    EXPECT_EQ(machine.call(frame, Label::RISCVPageUnmap), ok());
    using fake::Fence;
    const std::vector<Fence> expected{{Fence::Kind::Page, 1, vaddr, 1}, {Fence::Kind::Page, 4, vaddr, 1}};
    EXPECT_EQ(fake::cpu.fences, expected);
}

// The hart that touches it finds out by itself.
TEST_F(Fences, NobodyElseIsToldOfANewPage) {
    constexpr base::Vaddr vaddr = 0x20'0000;
    constexpr u64 execute_never = 1;
    const u64 frame = mapped_frame(vaddr, execute_never);
    using fake::Fence;
    const std::vector<Fence> expected{{Fence::Kind::Page, 1, vaddr, 1}};
    EXPECT_EQ(fake::cpu.fences, expected);
    EXPECT_EQ(machine.call(frame, Label::RISCVPageUnmap), ok());
    EXPECT_EQ(fake::cpu.fences.back(), (Fence{Fence::Kind::Page, 4, vaddr, 1}));
}

TEST_F(Fences, AFaultOfWhatIsNotAllowedIsOne) {
    constexpr base::Vaddr vaddr = 0x20'0000;
    constexpr base::Vaddr read_only = vaddr + 0x1000;
    constexpr base::Vaddr code = vaddr + 0x2000;
    using arch::Access;
    mapped_frame(vaddr, 1);
    EXPECT_TRUE(stale(Access::Load, vaddr));
    EXPECT_FALSE(stale(Access::Fetch, vaddr));                 // execute never
    EXPECT_FALSE(stale(Access::Load, read_only));              // no page there
    EXPECT_FALSE(stale(Access::Load, vaddr | u64{1} << 39));   // the same index, but no address of users
    EXPECT_FALSE(stale(Access::Load, vaddr + (u64{1} << 30))); // no table either
    const auto map = [this](base::Vaddr at, u64 rights, u64 attributes) {
        return machine.call(fresh(ObjectType::Page), Label::RISCVPageMap, {at, rights, attributes}, {own_vspace});
    };
    EXPECT_EQ(map(read_only, 2, 1), ok());
    EXPECT_EQ(map(code, 2, 0), ok());
    EXPECT_TRUE(stale(Access::Load, read_only));
    EXPECT_FALSE(stale(Access::Store, read_only));
    EXPECT_TRUE(stale(Access::Fetch, code));
    fake::cpu.fences.clear();
    EXPECT_FALSE(stale(Access::Store, code));
    EXPECT_TRUE(fake::cpu.fences.empty());
}

TEST_F(Fences, AHartThatRunsSomethingElseFencesWhenItComesBack) {
    constexpr base::Vaddr vaddr = 0x20'0000;
    const u64 table = fresh(ObjectType::PageTable);
    const u64 frame = fresh(ObjectType::Page);
    EXPECT_EQ(machine.call(table, Label::RISCVPageTableMap, {vaddr, 0}, {own_vspace}), ok());
    load_elsewhere();
    smp::Hart& hart = smp::harts[2];
    hart.known_spaces_[1] = {{hart.vspace_words_[0], hart.vspace_words_[1]}, {1, 0}};
    hart.vspace_words_[0] = hart.vspace_words_[1] = 0; // idle
    fake::cpu.fences.clear();
    for (int i = 0; i < 2; ++i) EXPECT_EQ(machine.call(frame, Label::RISCVPageMap, {vaddr, 3, 1}, {own_vspace}), ok());
    using fake::Fence;
    const std::vector<Fence> expected{{Fence::Kind::Page, 1, vaddr, 1}, {Fence::Kind::Page, 1, vaddr, 1}};
    EXPECT_EQ(fake::cpu.fences, expected);
    EXPECT_EQ(hart.known_spaces_[1].space.satp, 0U); // it has to ask, and is counted again
    fake::cpu.fences.clear();
    fake::cpu.hart = 2;
    objects::activate_vspace(&machine.initial());
    fake::cpu.hart = 0;
    const std::vector<Fence> back{{Fence::Kind::Asid, 4, 0, 1}, {Fence::Kind::Code, 4, 0, 0}};
    EXPECT_EQ(fake::cpu.fences, back);
}

TEST_F(Fences, CodeIsFencedWhereItMayRun) {
    constexpr base::Vaddr vaddr = 0x20'0000;
    constexpr u64 execute_never = 1;
    const u64 table = fresh(ObjectType::PageTable);
    const u64 frame = fresh(ObjectType::Page);
    EXPECT_EQ(machine.call(table, Label::RISCVPageTableMap, {vaddr, 0}, {own_vspace}), ok());
    load_elsewhere();
    using fake::Fence;
    std::vector<Fence> expected{{Fence::Kind::Page, 1, vaddr, 1}, {Fence::Kind::Page, 4, vaddr, 1}};
    fake::cpu.fences.clear();
    for (int i = 0; i < 2; ++i) {
        fake::cpu.fences.clear();
        EXPECT_EQ(machine.call(frame, Label::RISCVPageMap, {vaddr, 3, execute_never}, {own_vspace}), ok());
    }
    EXPECT_EQ(fake::cpu.fences, expected);
    fake::cpu.fences.clear();
    EXPECT_EQ(machine.call(frame, Label::RISCVPageMap, {vaddr, 3, 0}, {own_vspace}), ok());
    expected.push_back({Fence::Kind::Code, 4, 0, 0});
    EXPECT_EQ(fake::cpu.fences, expected);
    // In a batch once, at its end.
    fake::cpu.fences.clear();
    {
        const vspace::FlushBatch batch;
        for (int i = 0; i < 2; ++i)
            EXPECT_EQ(machine.call(frame, Label::RISCVPageMap, {vaddr, 3, 0}, {own_vspace}), ok());
    }
    expected = {{Fence::Kind::Page, 1, vaddr, 1},
                {Fence::Kind::Page, 1, vaddr, 1},
                {Fence::Kind::Asid, 4, 0, 1},
                {Fence::Kind::Code, 4, 0, 0}};
    EXPECT_EQ(fake::cpu.fences, expected);
}

// A fence of the space that is owed already serves every page of it, on the harts it is for; code it does not.
TEST_F(Fences, WhatABatchOwesAlreadyCoversMorePages) {
    using fake::Fence;
    constexpr base::Vaddr vaddr = 0x20'0000;
    load_elsewhere();
    const objects::AsidEntry& space = *vspace::asid_entry(1);
    const vspace::Owed& owed = vspace::owed_fences;
    fake::cpu.fences.clear();
    EXPECT_FALSE(owed.covers(base::bit(2), 1));
    {
        const vspace::FlushBatch batch;
        vspace::flush_page(space, 1, vaddr);
        EXPECT_FALSE(owed.covers(base::bit(2), 1)); // that page alone
        vspace::flush_page(space, 1, vaddr + 0x1000);
        EXPECT_TRUE(owed.covers(base::bit(2), 1));
        EXPECT_FALSE(owed.covers(base::bit(2), 2));
        EXPECT_FALSE(owed.covers(base::bit(2) | base::bit(3), 1));
        vspace::flush_page(space, 1, vaddr + 0x2000);
        vspace::flush_page(space, 1, vaddr + 0x3000, true);
        vspace::fence_owed();
        EXPECT_FALSE(owed.covers(base::bit(2), 1));
    }
    const std::vector<Fence> expected{{Fence::Kind::Page, 1, vaddr, 1},
                                      {Fence::Kind::Page, 1, vaddr + 0x1000, 1},
                                      {Fence::Kind::Page, 1, vaddr + 0x2000, 1},
                                      {Fence::Kind::Page, 1, vaddr + 0x3000, 1},
                                      {Fence::Kind::Asid, 4, 0, 1},
                                      {Fence::Kind::Code, 4, 0, 0}};
    EXPECT_EQ(fake::cpu.fences, expected);
}

// Hart 3 runs another space: both harts forget everything, whatever comes after.
TEST_F(Fences, ABatchOfTwoSpacesFencesEverything) {
    using fake::Fence;
    constexpr base::Asid other = 9, asid_of_nobody = 10;
    constexpr base::Vaddr vaddr = 0x20'0000;
    load_elsewhere();
    const caps::Cap loaded = machine.slot(own_vspace).cap.with_mapping(other, vaddr);
    smp::harts[3].vspace_words_[0] = loaded.word0();
    smp::harts[3].vspace_words_[1] = loaded.word1();
    objects::AsidEntry& entry = *vspace::asid_entry(other);
    entry = objects::AsidEntry::make(base::Paddr{0x8000'1000});
    EXPECT_TRUE(entry.add_hart(3));
    fake::cpu.fences.clear();
    {
        const vspace::FlushBatch batch;
        for (const base::Asid asid : {base::Asid{1}, other, base::Asid{1}})
            vspace::flush_page_remotely(base::bit(asid == 1 ? 2 : 3), asid, vaddr, false);
        EXPECT_TRUE(vspace::owed_fences.covers(base::bit(2) | base::bit(3), asid_of_nobody));
        EXPECT_TRUE(fake::cpu.fences.empty());
    }
    EXPECT_EQ(fake::cpu.fences, (std::vector<Fence>{{Fence::Kind::All, 4, 0, 0}, {Fence::Kind::All, 8, 0, 0}}));
    entry = {};
    smp::harts[3].vspace_words_[0] = smp::harts[3].vspace_words_[1] = 0;
}

} // namespace kernel::test
