// Broken capabilities, derivation lists, zombies, untypeds and interrupts.
#include "checks_box.hpp"

#include "caps/mdb.hpp"
#include "objects/irq.hpp"

namespace kernel::test {

namespace {

const Break breaks[] = {
    {"mdb.prev",
     [](Checks& t) {
         // The scan begins with slot 0, so the list is entered here.
         caps::insert_derived(t.machine.cap(own_pool), t.slot(own_pool), t.slot(0));
         t.slot(0).set_mdb_prev(&t.slot(memory));
     }},
    {"mdb.circle",
     [](Checks& t) {
         Slot& head = t.slot(DEVUT);
         head.set_mdb(&head, &head, true, true);
     }},
    {"mdb.next", [](Checks& t) { t.slot(DEVUT).set_mdb_next(&t.slot(UT24)); }},
    {"mdb.empty", [](Checks& t) { t.boxed(ObjectType::Endpoint).cap = Cap{}; }},
    {"slot.empty-in-list", [](Checks& t) { t.empty().set_mdb_next(&t.slot(memory)); }},
    {"slot.two-homes",
     [](Checks& t) {
         const u64 node = t.fresh(ObjectType::CapTable, 3);
         EXPECT_EQ(t.machine.call(node, Label::CNodeCopy, {1, 3, own_tcb, 64, 15}, {CN}), ok());
         caps::insert_root(t.machine.cap(node), t.empty());
     }},
    {"slot.homeless",
     [](Checks& t) {
         alignas(Slot) static unsigned char memory_of_nobody[2 * sizeof(Slot)];
         const u64 aligned = base::align_up(reinterpret_cast<u64>(memory_of_nobody), caps::slot_bits);
         Slot& source = t.boxed(ObjectType::Endpoint);
         caps::insert_derived(source.cap, source, *reinterpret_cast<Slot*>(aligned));
     }},
    {"slot.container",
     [](Checks& t) {
         Slot& node = t.boxed(ObjectType::CapTable, 3);
         node.cap = Cap::cnode(reinterpret_cast<Slot*>(reinterpret_cast<u64>(node.cap.cnode_slots()) + 8), 3, 0, 0);
     }},
    {"mdb.family",
     [](Checks& t) { caps::insert_derived(t.machine.cap(domain_cap), t.boxed(ObjectType::Endpoint), t.empty()); }},
    {"mdb.first-badged",
     [](Checks& t) {
         Slot& badged = t.slot(t.machine.mint(t.fresh(ObjectType::Endpoint), 5));
         badged.set_mdb(badged.mdb_prev(), badged.mdb_next(), true, false);
     }},
    {"object.alignment",
     [](Checks& t) {
         Slot& page = t.boxed(ObjectType::Page);
         page.cap = Cap::frame(page.cap.paddr() + 0x800, caps::FrameSize::Page, caps::VmRights::ReadWrite, false);
     }},
    {"mdb.overlap",
     [](Checks& t) {
         const Slot& older = t.boxed(ObjectType::Page);
         Slot& newer = t.boxed(ObjectType::Page);
         newer.cap = Cap::endpoint(reinterpret_cast<objects::Endpoint*>(base::raw(older.cap.paddr())), 0, 15);
     }},
    {"untyped.watermark",
     [](Checks& t) {
         t.fresh(ObjectType::Endpoint);
         t.slot(t.box_slot()).cap = t.machine.cap(t.box_slot()).with_free_index(0);
     }},
    {"untyped.device",
     [](Checks& t) {
         Slot& page = t.boxed(ObjectType::Page);
         page.cap = Cap::frame(page.cap.paddr(), caps::FrameSize::Page, caps::VmRights::ReadWrite, true);
     }},
    {"untyped.copied-not-full",
     [](Checks& t) {
         t.machine.copy(t.box_slot());
         t.slot(t.box_slot()).cap = t.machine.cap(t.box_slot()).with_free_index(0);
     }},
    {"untyped.free-index",
     [](Checks& t) {
         t.slot(UT13).cap = t.machine.cap(UT13).with_free_index(t.machine.cap(UT13).untyped_max_index() + 1);
     }},
    {"untyped.not-revocable", [](Checks& t) { t.slot(UT13).set_mdb(nullptr, nullptr, false, true); }},
    {"zombie.count", [](Checks& t) { ZombieCap::set_count(t.zombie().cap, 9); }},
    {"zombie.left-behind",
     [](Checks& t) {
         Slot& anchor = t.zombie();
         caps::insert_derived(t.machine.cap(own_tcb), t.slot(own_tcb), ZombieCap::slots(anchor.cap)[7]);
     }},
    {"zombie.next", [](Checks& t) { ZombieCap::set_next(t.zombie().cap, &t.slot(own_tcb)); }},
    {"zombie.prev",
     [](Checks& t) {
         Slot& anchor = t.zombie(6);
         ASSERT_NE(ZombieCap::next(anchor.cap), nullptr);
         ZombieCap::set_next(anchor.cap, nullptr);
     }},
    {"irq.handler", [](Checks& t) { caps::insert_derived(Cap::irq_handler(3), t.slot(irq_control), t.empty()); }},
    {"irq.slot",
     [](Checks& t) {
         Slot& ntfn = t.boxed(ObjectType::Notification);
         caps::insert_derived(ntfn.cap, ntfn, objects::irq_slot(5));
     }},
    {"irq.copy",
     [](Checks& t) {
         const u64 handler = t.machine.free_slot();
         EXPECT_EQ(t.machine.call(irq_control, Label::IRQIssueIRQHandler, {6, handler, 64}, {CN}), ok());
         EXPECT_EQ(t.machine.call(handler, Label::IRQSetIRQHandler, {}, {t.fresh(ObjectType::Notification)}), ok());
         Slot& slot = objects::irq_slot(6);
         slot.cap = slot.cap.with_made_sender(true);
     }},
    {"irq.active", [](Checks&) { objects::activate_irq(7, 0); }},
    {"irq.claim", [](Checks&) { objects::irq_claim(9) = objects::IrqClaim::Signalled; }},
};

} // namespace

TEST_P(CheckerBreaks, NamesWhatIsBroken) {
    Checks t(GetParam().harts);
    ASSERT_EQ(broken_invariant(t.machine), "");
    GetParam().run(t);
    EXPECT_EQ(broken_invariant(t.machine), GetParam().name);
}

INSTANTIATE_TEST_SUITE_P(Caps, CheckerBreaks, testing::ValuesIn(breaks));

} // namespace kernel::test
