// The kernel's caches of the device's state agree with the device, whoever had a queue before, and whatever vectors
// requests ask for. Each test runs in both geometries.
#include "taic_box.hpp"

#include <gmock/gmock.h>
#include <random>

namespace kernel::test {

namespace {

using testing::ElementsAre;
using testing::IsEmpty;

INSTANTIATE_TEST_SUITE_P(Presets, Taic, testing::Bool(),
                         [](const auto& tested) { return tested.param ? "rtl" : "thesis"; });

TEST_P(Taic, AgreesAfterTheBoot) {
    expect_agreement(device);
    for (u32 process = 1; process < device.config.global_queues; ++process) expect_clean(device, process);
}

TEST_P(Taic, EmptyPageIsNobodys) {
    const u64 empty = base::raw(async::empty_page()) - TaicModelDevice::start;
    for (u32 process = 0; process < device.config.global_queues; ++process) {
        for (u32 local = 0; local < device.config.local_queues; ++local)
            EXPECT_NE(empty, device.page({process, local}));
    }
    EXPECT_LE(empty + 0x1000, taic::window_size);
}

// Nothing to lend, or no tag but the doorbell's.
TEST_P(Taic, ADeviceOfOneIsNotUsed) {
    const u32 lines = device.config.external_lines, locals = device.config.local_queues;
    const taic::Geometry whole{device.config.global_queues, locals, lines};
    EXPECT_FALSE(async::init_taic({base::Paddr{TaicModelDevice::start}, {1, locals, lines}, device.config.slots}));
    EXPECT_FALSE(async::init_taic({base::Paddr{TaicModelDevice::start}, whole, 1}));
    EXPECT_TRUE(async::init_taic({base::Paddr{TaicModelDevice::start}, whole, 2}));
}

// A queue that must be allocated anew is so while nobody can send (race R3): who runs on another hart is brought in.
TEST_P(Taic, RenewingHoldsOtherHarts) {
    const u64 slot = bind();
    auto page = user(slot).page();
    for (u32 i = 0; i < device.config.slots; ++i) {
        page.register_receiver({99 + i, 77, 1000 + i}, {0x7702});
        page.register_sender({99 + i, 77, 1000 + i});
    }
    Tcb& other = machine.tcb(machine.make_thread(10));
    scheduler::set_affinity(other, 1);
    machine.start(other);
    fake::cpu.hart = 1;
    machine.run(other);
    fake::cpu.hart = 0;
    unsigned held = 0; // while the foreign registrations still stand there
    const taic::Index index = async::process_index(1);
    fake::at_ipi = [&] { held += device.view(index).os != 0 ? 1U : 0U; };
    fake::cpu.ipis.clear();
    delete_slot(slot);
    fake::at_ipi = nullptr;
    EXPECT_THAT(fake::cpu.ipis, testing::Contains(base::bit(1)));
    EXPECT_NE(held, 0U);
    expect_clean(device, 1);
}

// The machine was started again, and the device was not reset.
void leave_a_kernel_behind(TaicModelDevice& device) {
    using taic::QueueRegister;
    taic::Driver driver{TaicModelDevice::PageBus{&device, 0},
                        {device.config.global_queues, device.config.local_queues, device.config.external_lines}};
    for (u32 process = 0; process < device.config.global_queues; ++process) {
        const auto index = driver.allocator().allocate(async::os_id, process);
        auto queue = driver.queue(*index);
        queue.bind_hart(2);
        for (u32 i = 0; i < device.config.slots; ++i) {
            queue.register_sender({async::os_id, i % 4, i});
            queue.register_receiver({async::os_id, i % 4, i}, {0x700 + i});
        }
        static_cast<void>(queue.register_external(0, {0x103}));
        static_cast<void>(queue.enqueue({0x500}));
    }
    EXPECT_TRUE(driver.allocator().simulate_external(0)); // raises all lines
}

class TaicRestarted : public BoxTest, public testing::WithParamInterface<bool> {
protected:
    TaicModelDevice device{GetParam(), leave_a_kernel_behind};
};

INSTANTIATE_TEST_SUITE_P(Presets, TaicRestarted, testing::Bool(),
                         [](const auto& tested) { return tested.param ? "rtl" : "thesis"; });

TEST_P(TaicRestarted, KernelFindsTheDeviceAsNew) {
    expect_agreement(device);
    EXPECT_FALSE(device.view(async::kernel_index()).ssip);
    EXPECT_EQ(device.view(async::kernel_index()).stored, 0U);
    for (u32 process = 1; process < device.config.global_queues; ++process) expect_clean(device, process);
}

// Every outcome, and every way to it, of a request for a vector that is not the process'.
TEST_P(Taic, RequestForAForeignVectorCompletesThroughTheRing) {
    const u64 slot = bind();
    TaicUser owner = user(slot);
    for (u32 vector = 0; vector < vectors(); ++vector) owner.listen(vector);
    for (const u32 vec : {vectors(), 63U, 64U, 69U, 64U + 1U, ~0U, 0x8000'0001U}) {
        SCOPED_TRACE(vec);
        const u64 rejected = owner.queue().rejected;
        tail4_AsyncSlot& refused = owner.submit(1, TAIL4_OP_Nop, vec);
        tail4_AsyncSlot& invocation = owner.submit(2, static_cast<u32>(Label::TCBSuspend), vec);
        tail4_AsyncSlot& cancelled = owner.submit(3, TAIL4_OP_Nop, vec, TAIL4_ASYNC_SLOT_CANCEL);
        owner.submit(4, TAIL4_OP_Nop, vec, TAIL4_ASYNC_SLOT_LINK); // refused: breaks the chain
        tail4_AsyncSlot& skipped = owner.submit(5, TAIL4_OP_Nop, vec);
        owner.submit(6, TAIL4_OP_Nop, vec, TAIL4_ASYNC_SLOT_URGENT);
        owner.submit(7, TAIL4_OP_Nop, vec, 1U << 31); // an unknown flag
        drive(slot);
        EXPECT_THAT(owner.completed(), ElementsAre(1, 2, 3, 4, 5, 6, 7));
        for (const u64 vector : owner.woken()) EXPECT_EQ(vector, u64{TAIL4_ASYNC_DISPATCHER});
        EXPECT_EQ(tail4_async_error(refused.status), static_cast<u32>(ErrorCode::InvalidArgument));
        EXPECT_EQ(tail4_async_error(invocation.status), static_cast<u32>(ErrorCode::InvalidArgument));
        EXPECT_EQ(tail4_async_error(cancelled.status), static_cast<u32>(TAIL4_ASYNC_CANCELLED));
        EXPECT_EQ(tail4_async_error(skipped.status), static_cast<u32>(TAIL4_ASYNC_CANCELLED));
        EXPECT_EQ(owner.queue().rejected - rejected, 5U);
        expect_agreement(device);
    }
    expect_wakes(owner, slot);
}

// A vector that the process may use is rung, also when its request fails.
TEST_P(Taic, FailedRequestRingsItsVector) {
    const u64 slot = bind();
    TaicUser owner = user(slot);
    owner.listen(3);
    owner.submit(1, TAIL4_OP_Nop, 3, 1U << 31);
    drive(slot);
    owner.submit(2, static_cast<u32>(Label::TCBSuspend), 3);
    drive(slot);
    EXPECT_THAT(owner.woken(), ElementsAre(3, 3));
    EXPECT_THAT(owner.completed(), IsEmpty());
}

TEST_P(Taic, NextOwnerHasItsWakeUps) {
    for (unsigned round = 0; round < 5; ++round) {
        const u64 slot = bind();
        TaicUser owner = user(slot);
        EXPECT_EQ(owner.process(), 1U);
        for (const u32 vec : {69U, 64U + vectors() - 1, 65U}) owner.submit(1, TAIL4_OP_Nop, vec);
        drive(slot);
        owner.woken();
        owner.completed();
        delete_slot(slot);
        const u64 next_slot = bind();
        TaicUser next = user(next_slot);
        EXPECT_EQ(next.process(), 1U);
        expect_wakes(next, next_slot);
        delete_slot(next_slot);
        expect_agreement(device);
        expect_clean(device, 1);
    }
}

// A doorbell that comes when its process' queue is gone, or somebody else's.
TEST_P(Taic, LateDoorbellWakesNobodyElse) {
    const u64 slot = bind();
    user(slot).page().send({async::os_id, 0, async::kernel_vector});
    delete_slot(slot);
    async::take_doorbells();
    EXPECT_FALSE(async::work_left());
    EXPECT_EQ(async::queue_of_process(1), nullptr);
    const u64 other = bind();
    EXPECT_EQ(async::queue_of_process(1), machine.cap(other).as_async_queue());
    user(other).page().send({async::os_id, 0, async::kernel_vector});
    async::take_doorbells();
    EXPECT_TRUE(async::work_left()); // it hears its own
}

// Owners come and go, lay what they like into their queues and ask for whatever vector.
class TaicStory : public Taic {
protected:
    void step() {
        switch (choose(6)) {
        case 0: come(); break;
        case 1: go(); break;
        case 2: dirty(); break;
        default: ask(); break;
        }
    }
    void come() {
        if (async::free_process() == 0) return;
        const u64 slot = bind();
        owners.push_back({slot, user(slot)});
    }
    void go() {
        if (owners.empty()) return;
        const u64 which = choose(owners.size());
        const u32 process = owners[which].user.process();
        delete_slot(owners[which].slot);
        owners.erase(owners.begin() + static_cast<long>(which));
        if (!async::process_aside(process)) expect_clean(device, process);
    }
    void dirty() {
        if (owners.empty()) return;
        auto page = owners[choose(owners.size())].user.page();
        const taic::Peer peer{async::os_id, static_cast<u32>(choose(5)), static_cast<u32>(choose(40))};
        switch (choose(8)) {
        case 0: page.register_sender(peer); break;
        case 1: page.register_receiver(peer, {random()}); break;
        case 2: page.bind_hart(choose(4)); break;
        case 3: static_cast<void>(page.register_external(static_cast<u32>(choose(6)), {random()})); break;
        case 4: static_cast<void>(page.enqueue({random() | 4})); break;
        case 5: page.send(peer); break;
        case 6: page.cancel_sender(peer); break;
        case 7: // half a sequence
            constexpr u64 starts[] = {0x18, 0x20, 0x28, 0x30};
            device.write(base::raw(async::process_page(owners[0].user.process())) - TaicModelDevice::start +
                             starts[choose(4)],
                         random());
            break;
        }
    }
    void ask() {
        if (owners.empty()) return;
        Owner& owner = owners[choose(owners.size())];
        constexpr u32 flags[] = {0,       0, 0, TAIL4_ASYNC_SLOT_CANCEL, TAIL4_ASYNC_SLOT_LINK, TAIL4_ASYNC_SLOT_URGENT,
                                 1U << 30};
        constexpr u32 ops[] = {TAIL4_OP_Nop, TAIL4_OP_Nop, static_cast<u32>(Label::TCBSuspend), 0xffff};
        for (u32 i = 1; i <= 1 + choose(4); ++i) {
            const u32 vec = static_cast<u32>(choose(8) == 0 ? random() : choose(80));
            owner.user.submit(i, ops[choose(std::size(ops))], vec, flags[choose(std::size(flags))]);
        }
        owner.user.control().ustate = choose(4) == 0 ? TAIL4_ASYNC_BLOCKED : TAIL4_ASYNC_POLLING;
        drive(owner.slot);
    }
    u64 choose(u64 count) { return random() % count; }

    struct Owner {
        u64 slot;
        TaicUser user;
    };
    std::vector<Owner> owners;
    std::mt19937_64 random{7};
};

INSTANTIATE_TEST_SUITE_P(Presets, TaicStory, testing::Bool(),
                         [](const auto& tested) { return tested.param ? "rtl" : "thesis"; });

TEST_P(TaicStory, CachesAgreeAfterEveryStep) {
    for (unsigned i = 0; i < 3000; ++i) {
        step();
        expect_agreement(device);
        EXPECT_EQ(broken_invariant(machine), "");
        if (HasFailure()) FAIL() << "step " << i;
    }
    while (!owners.empty()) go();
    // Everything that is not lent is clean, or waits for the next to come back.
    const u64 slot = bind();
    TaicUser owner = user(slot);
    expect_wakes(owner, slot);
}

} // namespace

} // namespace kernel::test
