// The kernel lock and requests between harts: what is ordered, and that nothing is lost or done twice. QEMU's harts see
// each other's stores in order, so the fences are counted here.
#include "box.hpp"

#include "objects/upcalls.hpp"
#include "smp/kernel_lock.hpp"

namespace kernel::test {

class Harts : public testing::Test {
protected:
    explicit Harts(u32 harts = 2) : machine(harts, 1, true) { fake::cpu.ipis.clear(); }
    ~Harts() override {
        fake::at_ipi = nullptr;
        fake::at_full_fence = nullptr;
    }

    // A thread that runs on hart 1.
    Tcb& thread_elsewhere() {
        const u64 index = machine.make_thread(10);
        EXPECT_EQ(machine.call(index, Label::TCBSetAffinity, {1}), ok());
        Tcb& thread = machine.tcb(index);
        machine.start(thread);
        fake::cpu.hart = 1;
        machine.run(thread);
        scheduler::own_state().action = nullptr;
        fake::cpu.hart = 0;
        return thread;
    }

    Machine machine;
};

// One hart after the other talks to the devices.
TEST_F(Harts, TheLockOrdersDeviceAccesses) {
    fake::Processor& cpu = fake::cpu;
    cpu.begun_device_turns = cpu.ended_device_turns = 0;
    smp::lock_kernel();
    EXPECT_EQ(cpu.begun_device_turns, 1U);
    EXPECT_EQ(cpu.ended_device_turns, 0U);
    smp::unlock_kernel();
    EXPECT_EQ(cpu.begun_device_turns, 1U);
    EXPECT_EQ(cpu.ended_device_turns, 1U);
}

TEST_F(Harts, AKickComesOnceWhenTheLockIsFree) {
    smp::lock_kernel();
    smp::kick_at_unlock(2);
    EXPECT_TRUE(fake::cpu.ipis.empty());
    smp::unlock_kernel();
    EXPECT_EQ(fake::cpu.ipis, std::vector<u64>{2});
    smp::lock_kernel();
    smp::unlock_kernel();
    EXPECT_EQ(fake::cpu.ipis.size(), 1U);
}

TEST_F(Harts, ARequestIsVisibleBeforeItsInterrupt) {
    fake::Processor& cpu = fake::cpu;
    unsigned looks = 0;
    fake::at_ipi = [&] {
        ++looks;
        EXPECT_EQ(cpu.full_fences, 1U);
        EXPECT_EQ(cpu.ended_device_turns, 1U); // the devices are the other hart's meanwhile
        EXPECT_EQ(cpu.begun_device_turns, 0U);
    };
    cpu.full_fences = cpu.begun_device_turns = cpu.ended_device_turns = 0;
    smp::remote_call(2, smp::Request::Enter);
    EXPECT_EQ(looks, 1U);
    // The other hart for its entry and for the request, and then this one again.
    EXPECT_EQ(cpu.begun_device_turns, 3U);
    EXPECT_EQ(cpu.ended_device_turns, 3U);
    smp::remote_call(0, smp::Request::Enter);
    EXPECT_EQ(looks, 1U);
}

// What is asked of hart 1 while it is in user mode: true, it has served it and goes on without the lock.
class ShootDown : public Harts {
protected:
    bool asked(const smp::Shootdown& fences, u64 pending) {
        bool alone = false;
        fake::cpu.fences.clear();
        fake::at_ipi = [&] {
            fake::cpu.hart = 1;
            fake::cpu.pending = pending;
            alone = smp::serve_shoot_down();
            fake::cpu.hart = 0;
        };
        smp::shoot_down(2, fences);
        fake::at_ipi = nullptr;
        return alone;
    }
    static constexpr u32 page = static_cast<u32>(smp::Request::FencePage);
    static constexpr u32 space = static_cast<u32>(smp::Request::FenceSpace);
    static constexpr u32 all = static_cast<u32>(smp::Request::FenceAll);
    static constexpr u32 code = static_cast<u32>(smp::Request::FenceCode);
};

TEST_F(ShootDown, IsServedWithoutTheLock) {
    using fake::Fence;
    fake::cpu.begun_device_turns = fake::cpu.ended_device_turns = 0;
    EXPECT_TRUE(asked({page | code, 7, 0x1000}, arch::software_interrupt));
    EXPECT_EQ(fake::cpu.fences, (std::vector<Fence>{{Fence::Kind::Page, 2, 0x1000, 7}, {Fence::Kind::Code, 2, 0, 0}}));
    EXPECT_EQ(fake::cpu.pending, 0U);
    // What its thread did with a device is over before the holder goes on.
    EXPECT_EQ(fake::cpu.begun_device_turns, fake::cpu.ended_device_turns);
    EXPECT_TRUE(asked({space, 7, 0}, arch::software_interrupt));
    EXPECT_EQ(fake::cpu.fences, (std::vector<Fence>{{Fence::Kind::Asid, 2, 0, 7}}));
    EXPECT_TRUE(asked({all, 0, 0}, arch::software_interrupt));
    EXPECT_EQ(fake::cpu.fences, (std::vector<Fence>{{Fence::Kind::All, 2, 0, 0}}));
    fake::cpu.hart = 1;
    EXPECT_FALSE(smp::serve_shoot_down()); // nothing is asked
    fake::cpu.hart = 0;
}

TEST_F(ShootDown, OtherInterruptsTakeTheLock) {
    EXPECT_FALSE(asked({space, 7, 0}, arch::software_interrupt | arch::timer_interrupt));
    EXPECT_EQ(fake::cpu.fences.size(), 1U); // on its way to the lock
    EXPECT_FALSE(asked({space, 7, 0}, arch::timer_interrupt));
}

// The interrupt that is pending may be the kick's, so it is not taken for the fence's.
TEST_F(ShootDown, AKickTakesTheLock) {
    fake::cpu.serves_ipis = false;
    smp::lock_kernel();
    smp::kick_at_unlock(2);
    smp::unlock_kernel();
    fake::cpu.serves_ipis = true;
    EXPECT_FALSE(asked({space, 7, 0}, arch::software_interrupt));
    EXPECT_EQ(fake::cpu.pending, arch::software_interrupt);
    EXPECT_FALSE(asked({space, 7, 0}, arch::software_interrupt)); // it has not looked yet
    fake::cpu.hart = 1;
    smp::begin_look();
    fake::cpu.hart = 0;
    EXPECT_TRUE(asked({space, 7, 0}, arch::software_interrupt));
}

TEST_F(ShootDown, SoDoesTheHartsOwn) {
    fake::cpu.hart = 1;
    smp::kick_self();
    fake::cpu.hart = 0;
    EXPECT_EQ(fake::cpu.pending, arch::software_interrupt);
    EXPECT_FALSE(asked({space, 7, 0}, arch::software_interrupt));
}

// A kick is visible before its interrupt.
TEST_F(ShootDown, AKickIsFencedBeforeItsInterrupt) {
    fake::cpu.serves_ipis = false;
    fake::at_ipi = [] { EXPECT_EQ(fake::cpu.full_fences, 1U); };
    smp::lock_kernel();
    smp::kick_at_unlock(2);
    fake::cpu.full_fences = 0;
    smp::unlock_kernel();
    EXPECT_EQ(fake::cpu.full_fences, 1U);
}

class FourHarts : public Harts {
protected:
    FourHarts() : Harts(4) {}
};

// Several are interrupted by the firmware, at once; each fences.
TEST_F(FourHarts, AreShotDownTogether) {
    constexpr u32 space = static_cast<u32>(smp::Request::FenceSpace);
    fake::cpu.fences.clear();
    smp::shoot_down(0b1100, {space, 7, 0});
    EXPECT_EQ(fake::cpu.ipis, std::vector<u64>{0b1100});
    using fake::Fence;
    EXPECT_EQ(fake::cpu.fences, (std::vector<Fence>{{Fence::Kind::Asid, 4, 0, 7}, {Fence::Kind::Asid, 8, 0, 7}}));
    smp::shoot_down(0, {space, 7, 0});
    EXPECT_EQ(fake::cpu.ipis.size(), 1U);
}

TEST_F(Harts, TheFpuIsStoredWhereItsOwnerRan) {
    Tcb& thread = thread_elsewhere();
    fake::cpu.hart = 1;
    EXPECT_TRUE(scheduler::fpu_trap());
    fake::cpu.hart = 0;
    EXPECT_EQ(scheduler::state_of(1).fpu_owner, &thread);
    const unsigned saves = fake::cpu.fpu_saves;
    objects::release_fpu(thread);
    EXPECT_EQ(fake::cpu.fpu_saves, saves + 1);
    EXPECT_EQ(scheduler::state_of(1).fpu_owner, nullptr);
    EXPECT_EQ(thread.context.sstatus_ & arch::sstatus_fs_mask, 0U);
}

// The trap that brings its hart in may be any: the instruction is executed again.
TEST_F(Harts, AStoppedThreadGoesOnAtItsInstruction) {
    Tcb& thread = thread_elsewhere();
    thread.context.fault_ip_ = 0x10000;
    thread.context.next_ip_ = 0x10004;
    objects::stall_remote(thread);
    EXPECT_EQ(thread.context.next_ip_, 0x10000U);
    EXPECT_TRUE(thread.queued);
    EXPECT_EQ(scheduler::state_of(1).current, nullptr);
    EXPECT_EQ(scheduler::state_of(1).action, scheduler::choose_new);
    EXPECT_FALSE(fake::cpu.ipis.empty());
    fake::cpu.ipis.clear();
    objects::stall_remote(thread); // it runs nowhere
    EXPECT_TRUE(fake::cpu.ipis.empty());
}

// Its fetches have seen the stores of the hart it was on, not of the new one.
TEST_F(Harts, AMovedThreadFetchesAnew) {
    using fake::Fence;
    const u64 index = machine.make_thread(10);
    fake::cpu.fences.clear();
    EXPECT_EQ(machine.call(index, Label::TCBSetAffinity, {1}), ok());
    EXPECT_EQ(fake::cpu.fences, (std::vector<Fence>{{Fence::Kind::Code, 2, 0, 0}}));
    fake::cpu.fences.clear();
    EXPECT_EQ(machine.call(index, Label::TCBSetAffinity, {0}), ok());
    EXPECT_EQ(fake::cpu.fences, (std::vector<Fence>{{Fence::Kind::Code, 1, 0, 0}}));
    fake::cpu.fences.clear();
    EXPECT_EQ(machine.call(index, Label::TCBSetAffinity, {0}), ok());
    EXPECT_TRUE(fake::cpu.fences.empty());
}

// Another hart's request that comes while this one is on its way in.
class WaitingHart : public Harts {};

TEST_F(WaitingHart, ServesBeforeItsTurn) {
    Tcb& thread = thread_elsewhere();
    fake::cpu.hart = 1;
    EXPECT_NE(fake::cpu.space[1].root, 0U);
    fake::cpu.hart = 0;
    smp::remote_call(2, smp::Request::LeaveVSpace);
    EXPECT_EQ(fake::cpu.space[1].root, 0U);
    EXPECT_EQ(scheduler::state_of(1).current, &thread);
}

} // namespace kernel::test
