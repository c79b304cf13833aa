// The fences around accesses to TAIC and UINTC, which no simulated machine misses: their places in the order of
// accesses, on the way through the kernel's own lock, drivers and queues.
#include "taic_box.hpp"
#include "user_interrupts_box.hpp"

#include "scheduler/scheduler.hpp"
#include "smp/kernel_lock.hpp"

namespace kernel::test {

namespace {

class DeviceFences : public BoxTest {
protected:
    DeviceFences() : BoxTest(2) { fake::cpu.keeps_order = true; }
    ~DeviceFences() override { fake::cpu.keeps_order = false; }

    static std::string take() { return fake::cpu.take_order(); }
    u64 bind() {
        const u64 slot = fresh(ObjectType::AsyncQueue, 15);
        const u64 flags = TAIL4_ASYNC_BIND_TAIC | TAIL4_ASYNC_BIND_NOTIFICATION;
        const u64 ntfn = fresh(ObjectType::Notification);
        EXPECT_EQ(machine.call(slot, Label::AsyncQueueBind, {flags}, {CN, own_vspace, ntfn}), ok());
        return slot;
    }

    TaicModelDevice taic{false};
};

// What a send names is in memory before the device knows (P); the first one is registered before.
TEST_F(DeviceFences, SendPublishesFirst) {
    take();
    async::send(1, 3);
    EXPECT_EQ(take(), "wwPww");
    async::send(1, 3);
    EXPECT_EQ(take(), "Pww");
}

// A doorbell's word is read before what it names (A); no word names anything.
TEST_F(DeviceFences, DequeueAcquires) {
    const u64 slot = bind();
    TaicUser(taic, *machine.cap(slot).as_async_queue()).page().send({async::os_id, 0, async::kernel_vector});
    take();
    async::take_doorbells();
    EXPECT_EQ(take(), "rAr");
}

// A send takes two stores: the next holder of the lock begins behind them.
TEST_F(DeviceFences, LockEnclosesAccesses) {
    async::send(1, 3);
    take();
    smp::lock_kernel();
    async::send(1, 3);
    smp::unlock_kernel();
    EXPECT_EQ(take(), "[Pww]");
}

// The holder lets another hart do something for it: its own turn ends before and begins anew, and so does that hart's.
TEST_F(DeviceFences, RemoteCallPassesTheTurn) {
    smp::remote_call(base::bit(1), smp::Request::Enter);
    EXPECT_EQ(take(), "]F[[]][");
    // Hart 1 takes the lock and has nothing to serve.
    fake::cpu.hart = 1;
    smp::lock_slowly();
    smp::unlock_slowly();
    fake::cpu.hart = 0;
    EXPECT_EQ(take(), "[]");
}

// The same for a shoot-down: the mailbox is written before the line is raised; the line is down before the turn begins
// anew. Here hart 1 comes by the firmware, which is asked later.
TEST_F(DeviceFences, ShootDownPassesTheTurn) {
    smp::shoot_down(base::bit(1), {static_cast<u32>(smp::Request::FenceAll), 0, 0});
    EXPECT_EQ(take(), "]FwPww[]rArw[");
}

// The completions and their words are visible before the kernel looks whether the user sleeps (F).
TEST_F(DeviceFences, PublishFencesBeforeItLooks) {
    const u64 slot = bind();
    TaicUser owner(taic, *machine.cap(slot).as_async_queue());
    owner.listen(1);
    owner.submit(1, TAIL4_OP_Nop, 1);
    async::make_ready(owner.queue());
    take();
    smp::lock_kernel();
    machine.run(machine.spawn(200));
    owner.queue().priority = 201;
    EXPECT_EQ(machine.call(slot, Label::AsyncQueueDrive, {1}).code, 0U);
    smp::unlock_kernel();
    EXPECT_EQ(take(), "[wwPwwF]"); // registered, sent, published
}

// UINTC: the same for a bit of a receiver, and for its waiting bits.
class UintcFences : public UserInterrupts {
protected:
    UintcFences() { fake::cpu.keeps_order = true; }
    ~UintcFences() override { fake::cpu.keeps_order = false; }
};

TEST_F(UintcFences, SendPublishesFirst) {
    async::send_to_entry(3, 5);
    EXPECT_EQ(fake::cpu.take_order(), "Pw");
}

TEST_F(UintcFences, PendingBitsAreAcquiredAndPutBack) {
    device[3].high = 0;
    EXPECT_FALSE(async::entry_pending(3));
    EXPECT_EQ(fake::cpu.take_order(), "r");
    device[3].high = 2;
    EXPECT_TRUE(async::entry_pending(3));
    EXPECT_EQ(fake::cpu.take_order(), "rAw");
}

} // namespace

} // namespace kernel::test
