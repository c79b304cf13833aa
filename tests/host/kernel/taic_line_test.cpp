// What the kernel tells harts and users by TAIC, and which hart doorbells go to. Instances of the suite: taic_test.cpp.
#include "taic_box.hpp"

#include "smp/kernel_lock.hpp"

#include <set>

namespace kernel::test {

using testing::ElementsAre;

// The kernel interrupts a hart by its own queue, which is the service hart's again afterwards.
TEST_P(Taic, ALineIsRaisedForAMoment) {
    async::set_service_hart(0);
    ASSERT_TRUE(smp::raise_line(1));
    EXPECT_EQ(device.view(async::kernel_index()).hart, smp::harts[1].hart_id_);
    EXPECT_TRUE(device.view(async::kernel_index()).ssip);
    fake::cpu.pending = 0;
    smp::lower_line();
    EXPECT_FALSE(device.view(async::kernel_index()).ssip);
    EXPECT_EQ(device.view(async::kernel_index()).stored, 0U);
    EXPECT_EQ(fake::cpu.pending, 0U);
    expect_agreement(device);
    async::set_service_hart(async::no_service_hart);
    ASSERT_TRUE(smp::raise_line(1));
    smp::lower_line();
    expect_agreement(device);
}

// Their line goes down with the kernel's own word: the hart that lowers it looks for them.
TEST_P(Taic, DoorbellsAroundARaisedLineAreKept) {
    const taic::Peer kernel{async::os_id, 0, async::kernel_vector};
    device.page_of(1).send(kernel);
    ASSERT_TRUE(smp::raise_line(1));
    device.page_of(2).send(kernel);
    fake::cpu.pending = 0;
    smp::lower_line();
    EXPECT_EQ(fake::cpu.pending, arch::software_interrupt);
    std::set<u64> processes{async::dequeue().id(), async::dequeue().id()};
    EXPECT_EQ(processes, (std::set<u64>{1, 2}));
    EXPECT_TRUE(async::dequeue().empty());
}

// More than can be taken at once stay in the queue, and are looked for all the same.
TEST_P(Taic, ManyDoorbellsAroundARaisedLineAreLookedFor) {
    const taic::Peer kernel{async::os_id, 0, async::kernel_vector};
    for (u32 i = 0; i < 12; ++i) device.page_of(1).send(kernel);
    ASSERT_TRUE(smp::raise_line(1));
    fake::cpu.pending = 0;
    smp::lower_line();
    EXPECT_EQ(fake::cpu.pending, arch::software_interrupt);
    for (u32 i = 0; i < 12; ++i) EXPECT_EQ(async::dequeue().id(), 1U);
    EXPECT_TRUE(async::dequeue().empty());
}

TEST_P(Taic, SeveralHartsAreInterruptedByFirmware) {
    smp::hart_count = 4;
    for (const u32 hart : {2U, 3U}) smp::harts[hart].index_ = hart;
    fake::cpu.ipis.clear();
    fake::at_ipi = [this] { EXPECT_FALSE(device.view(async::kernel_index()).ssip); };
    smp::shoot_down(0b1100, {static_cast<u32>(smp::Request::FenceSpace), 5, 0});
    fake::at_ipi = nullptr;
    EXPECT_EQ(fake::cpu.ipis, std::vector<u64>{0b1100});
    smp::hart_count = 2;
}

// The device has lost the word (taic.md 3.6): the firmware is asked.
TEST_P(Taic, ALostLineIsNoLostFence) {
    const u64 cancel = device.page(async::kernel_index()) + taic::offset_of(taic::QueueRegister::CancelSender);
    device.write(cancel, async::os_id);
    device.write(cancel, taic::Peer{0, 0, async::kernel_vector}.word());
    fake::cpu.ipis.clear();
    fake::cpu.fences.clear();
    smp::shoot_down(2, {static_cast<u32>(smp::Request::FenceSpace), 5, 0});
    EXPECT_EQ(fake::cpu.fences, (std::vector<fake::Fence>{{fake::Fence::Kind::Asid, 2, 0, 5}}));
    EXPECT_EQ(fake::cpu.ipis, std::vector<u64>{2});
}

// A ring entry each and one word for all are cheaper than a word each.
TEST_P(Taic, SeveralRequestsGoThroughTheRing) {
    const u64 slot = bind();
    TaicUser owner = user(slot);
    owner.listen(0);
    owner.listen(3);
    for (u32 i = 1; i <= 3; ++i) owner.submit(i, TAIL4_OP_Nop, 3); // all are shown before the turn's end
    drive(slot);
    EXPECT_THAT(owner.woken(), ElementsAre(0));
    EXPECT_THAT(owner.completed(), ElementsAre(1, 2, 3));
}

// The hart that runs the least important thread has the doorbells. It is chosen anew when a hart's priority changes,
// and nobody looks at the other harts, or at the device, for anything less.
TEST_P(Taic, TheServiceHartFollowsPriorities) {
    bind();
    EXPECT_EQ(async::service_hart(), 1U); // it is idle
    Tcb& other = machine.tcb(machine.make_thread(10));
    scheduler::set_affinity(other, 1);
    machine.start(other);
    fake::cpu.hart = 1;
    machine.run(other);
    async::update_service_hart();
    EXPECT_EQ(async::service_hart(), 1U); // less important than the initial thread
    other.priority = 255;
    machine.initial().priority = 200;
    async::update_service_hart();
    EXPECT_EQ(async::service_hart(), 0U);
    machine.initial().priority = 255;
    other.priority = 200;
    fake::cpu.hart = 0;
    async::update_service_hart(); // hart 0's is new, too
    EXPECT_EQ(async::service_hart(), 1U);
    other.priority = 255;
    machine.initial().priority = 255;
    async::update_service_hart();
    EXPECT_EQ(async::service_hart(), 1U); // the other hart is to say so
    fake::cpu.hart = 0;
}

} // namespace kernel::test
