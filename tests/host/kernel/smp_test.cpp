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
    EXPECT_EQ(fake::cpu.fences, (std::vector<Fence>{{Fence::Kind::RemoteCode, 2, 0, 0}}));
    fake::cpu.fences.clear();
    EXPECT_EQ(machine.call(index, Label::TCBSetAffinity, {0}), ok());
    EXPECT_EQ(fake::cpu.fences, (std::vector<Fence>{{Fence::Kind::LocalCode, 1, 0, 0}}));
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
