// Several requests in one kernel entry: one makes a thread the candidate of the hart, the next takes its right to run
// away. Nothing of the first may outlive the second.
#include "async_box.hpp"

#include "async/executor.hpp"
#include "objects/upcalls.hpp"

namespace kernel::test {

namespace {

enum class Wake { Resume, Priority, Completion };
enum class Loss { Suspend, Delete, Reuse, Hart, Priority, Domain };
enum class Entry { Drive, Worker, Tick };

constexpr u64 victim_priority = 200;
constexpr u64 own_priority = 100;

struct Case {
    Wake wake;
    Loss loss;
    Entry entry;
};
std::ostream& operator<<(std::ostream& out, const Case& each) {
    return out << "wake " << static_cast<int>(each.wake) << ", loss " << static_cast<int>(each.loss) << ", entry "
               << static_cast<int>(each.entry);
}

class Candidate : public Async, public testing::WithParamInterface<Case> {
protected:
    Candidate() : Async(TAIL4_ASYNC_BIND_NOTIFICATION, 2, 2) {
        EXPECT_EQ(machine.call(own_tcb, Label::TCBSetPriority, {own_priority}, {own_tcb}), ok());
        EXPECT_EQ(
            machine.call(pool, Label::UntypedRetype, {static_cast<u64>(ObjectType::Tcb), 0, 0, 0, victim, 1}, {CN}),
            ok());
        const u64 frame = fresh(ObjectType::Page);
        EXPECT_EQ(machine.call(victim, Label::TCBConfigure, {0, 0, 0, 0x1000}, {CN, own_vspace, frame}), ok());
        EXPECT_EQ(machine.call(victim, Label::TCBSetSchedParams, {255, victim_priority}, {own_tcb}), ok());
    }

    Tcb& thread() { return machine.tcb(victim); }

    // Requests that leave the victim as the candidate.
    void make_candidate(Wake wake) {
        switch (wake) {
        case Wake::Resume: submit(next++, TAIL4_OP_TCBResume, victim); return;
        case Wake::Priority:
            EXPECT_EQ(machine.call(victim, Label::TCBSetPriority, {own_priority - 1}, {own_tcb}), ok());
            EXPECT_EQ(machine.call(victim, Label::TCBResume), ok());
            submit(next++, TAIL4_OP_TCBSetPriority, victim, {victim_priority}, {own_tcb});
            return;
        case Wake::Completion:
            EXPECT_EQ(machine.call(victim, Label::TCBResume), ok()); // runs at once
            ASSERT_EQ(machine.current(), &thread());
            machine.syscall(thread(), api::Syscall::Recv, ntfn);
            ASSERT_EQ(machine.current(), &machine.initial());
            __atomic_store_n(&control().ustate, u32{TAIL4_ASYNC_BLOCKED}, __ATOMIC_RELAXED);
            submit(next++, TAIL4_OP_Nop).flags = TAIL4_ASYNC_SLOT_URGENT;
            return;
        }
    }
    void lose(Loss loss) {
        switch (loss) {
        case Loss::Suspend: submit(next++, TAIL4_OP_TCBSuspend, victim); return;
        case Loss::Delete: submit(next++, TAIL4_OP_CNodeDelete, CN, {victim, 64}); return;
        case Loss::Reuse:
            submit(next++, TAIL4_OP_CNodeDelete, CN, {victim, 64});
            submit(next++, TAIL4_OP_UntypedRetype, pool, {static_cast<u64>(ObjectType::CapTable), 6, 0, 0, victim, 1},
                   {CN});
            submit(next++, TAIL4_OP_CNodeCopy, victim, {0, 6, CN, 64, 15}, {CN});
            return;
        case Loss::Hart: submit(next++, TAIL4_OP_TCBSetAffinity, victim, {1}); return;
        case Loss::Priority: submit(next++, TAIL4_OP_TCBSetPriority, victim, {1}, {own_tcb}); return;
        case Loss::Domain: submit(next++, TAIL4_OP_DomainSetSet, domain_cap, {1}, {victim}); return;
        }
    }
    void enter(Entry entry) {
        arch::Context& context = machine.initial().context;
        switch (entry) {
        case Entry::Drive:
            machine.syscall(machine.initial(), api::Syscall::Call, index, wire_label(Label::AsyncQueueDrive), {1000});
            break;
        case Entry::Worker:
            context.next_ip_ = context.fault_ip_ = 0x20000;
            queue->own_priority = 255; // more important than the thread
            async::make_ready(*queue);
            async::run_ready();
            scheduler::schedule();
            break;
        case Entry::Tick:
            context.next_ip_ = context.fault_ip_ = 0x20000;
            async::make_ready(*queue);
            scheduler::timer_tick();
            async::tick();
            scheduler::schedule();
            break;
        }
    }

    u64 pool = fresh(ObjectType::Untyped, 11);
    u64 victim = machine.free_slot();
    u32 next = 0;
};

TEST_P(Candidate, LosesItsPlaceWithItsRightToRun) {
    make_candidate(GetParam().wake);
    lose(GetParam().loss);
    enter(GetParam().entry);
    for (u32 i = 0; i < next; ++i) EXPECT_EQ(outcome(queue->shared[i]).code, 0U) << "request " << i;
    EXPECT_EQ(machine.current(), &machine.initial());
    EXPECT_EQ(broken_invariant(machine), "");
    if (GetParam().loss == Loss::Hart) {
        EXPECT_TRUE(thread().queued);
        EXPECT_EQ(scheduler::state_of(1).action, scheduler::choose_new);
    }
}

std::vector<Case> all_cases() {
    std::vector<Case> cases;
    for (const Wake wake : {Wake::Resume, Wake::Priority, Wake::Completion}) {
        for (const Loss loss : {Loss::Suspend, Loss::Delete, Loss::Reuse, Loss::Hart, Loss::Priority, Loss::Domain}) {
            for (const Entry entry : {Entry::Drive, Entry::Worker, Entry::Tick}) cases.push_back({wake, loss, entry});
        }
    }
    return cases;
}
INSTANTIATE_TEST_SUITE_P(All, Candidate, testing::ValuesIn(all_cases()));

// And the right to run that nothing takes away is used.
TEST_F(Candidate, RunsIfItMay) {
    for (const Wake wake : {Wake::Resume, Wake::Priority, Wake::Completion}) {
        make_candidate(wake);
        enter(Entry::Drive);
        EXPECT_EQ(machine.current(), &thread());
        EXPECT_EQ(broken_invariant(machine), "");
        machine.run(machine.initial());
        EXPECT_EQ(machine.call(victim, Label::TCBSuspend), ok());
    }
}

} // namespace

} // namespace kernel::test
