// Whatever a request in flight depends on goes away, at every step of the request, by a request of the same queue or by
// a thread, at once or in pieces: the kernel stays sound, each request has its exact answer or the queue is dead and
// says so, the counters agree, and all memory can be had again.
#include "box.hpp"

#include "async/executor.hpp"
#include "objects/async_queue.hpp"
#include "objects/upcalls.hpp"
#include "vspace/vspace.hpp"

#include <sel4/async_ops.h>
#include <sel4/async_request.hpp>

namespace kernel::test {

namespace {

enum class Victim { Queue, Memory, Thread, Notification, CSpace, VSpace, Frame, Table };
enum class How { Delete, Revoke, Both };
enum class Who { Thread, OwnRequest };
enum class Step {
    Asleep,   // submitted, not fetched; the worker sleeps
    Ringing,  // the doorbell has rung, the worker is ready
    Polling,  // an idle hart watches the ring
    Retyping, // a request before is preempted
    Revoking,
    Deleting,
    Unpublished, // completed in the turn that goes on
    Published,   // not drained
};
constexpr Victim victims[] = {Victim::Queue,  Victim::Memory, Victim::Thread, Victim::Notification,
                              Victim::CSpace, Victim::VSpace, Victim::Frame,  Victim::Table};
constexpr Step steps[] = {Step::Asleep,   Step::Ringing,  Step::Polling,     Step::Retyping,
                          Step::Revoking, Step::Deleting, Step::Unpublished, Step::Published};
constexpr u32 preemptions[] = {0, 1, 2, 3, 7};

struct Flight {
    Victim victim;
    How how;
    Who who;
    Step step;
    u32 preempted; // each kernel entry at this preemption point; 0: never

    // Deleting is enough for what has one capability, the others live on in their copies or children.
    bool kills() const {
        const bool single = victim == Victim::Queue || victim == Victim::Thread || victim == Victim::Table;
        return how == How::Both || (how == How::Delete) == single;
    }
    bool kills_queue() const { return kills() && (victim == Victim::Queue || victim == Victim::Memory); }
    friend std::ostream& operator<<(std::ostream& out, const Flight& flight) {
        return out << "victim " << static_cast<int>(flight.victim) << ", how " << static_cast<int>(flight.how)
                   << ", who " << static_cast<int>(flight.who) << ", step " << static_cast<int>(flight.step)
                   << ", preempted at " << flight.preempted;
    }
};

// Capabilities in the queue's CSpace.
enum : u64 { in_cn = 1, in_frame, in_vspace, in_dirty };
constexpr base::Vaddr frame_at = 0x40'0000;
constexpr base::Vaddr queue_at = 0x48'0000;
constexpr unsigned space_radix = 6;
constexpr u64 sleeping_priority = 20;

class Flights : public BoxTest {
protected:
    Flights() : BoxTest(2) {}

    void fly(const Flight& which) {
        flight = which;
        requests.clear();
        build();
        prepare();
        if (flight.who == Who::Thread)
            end_by_thread();
        else
            end_by_request();
        settle();
        check_answers();
        call_in_pieces(Label::CNodeRevoke, box, 1 + flight.preempted);
        EXPECT_EQ(async::bound_count(), 0U);
        expect_box_free();
    }

private:
    // --- The scene
    void build() {
        memory_slot = fresh(ObjectType::Untyped, 16);
        queue_slot = machine.free_slot();
        const auto type = static_cast<u64>(ObjectType::AsyncQueue);
        EXPECT_EQ(machine.call(memory_slot, Label::UntypedRetype, {type, 15, 0, 0, queue_slot, 1}, {CN}), ok());
        queue = machine.cap(queue_slot).as_async_queue();
        ntfn = fresh(ObjectType::Notification);
        build_space();
        build_cspace();
        thread = fresh(ObjectType::Tcb);
        const u64 buffer = fresh(ObjectType::Page);
        EXPECT_EQ(machine.call(thread, Label::TCBConfigure, {0, 0, 0, 0x1000}, {CN, own_vspace, buffer}), ok());
        EXPECT_EQ(machine.call(thread, Label::TCBSetSchedParams, {255, sleeping_priority}, {own_tcb}), ok());
        EXPECT_EQ(machine.call(thread, Label::TCBBindNotification, {}, {ntfn}), ok());
        machine.start(machine.tcb(thread));
        machine.run(machine.tcb(thread));
        EXPECT_EQ(machine.call(queue_slot, Label::AsyncQueueBind, {TAIL4_ASYNC_BIND_NOTIFICATION},
                               {cspace_root, vspace_slot, ntfn}),
                  ok());
        EXPECT_EQ(machine.call(queue_slot, Label::AsyncQueueMap, {queue_at}, {vspace_slot}), ok());
        machine.syscall(machine.tcb(thread), api::Syscall::Recv, ntfn);
        EXPECT_EQ(machine.current(), &machine.initial());
        queue->control->ustate = TAIL4_ASYNC_BLOCKED;
    }
    void build_space() {
        vspace_slot = fresh(ObjectType::PageTable);
        EXPECT_EQ(machine.call(own_pool, Label::RISCVASIDPoolAssign, {}, {vspace_slot}), ok());
        for (int level = 0; level < 2; ++level) {
            table_slot = fresh(ObjectType::PageTable);
            EXPECT_EQ(machine.call(table_slot, Label::RISCVPageTableMap, {frame_at, 0}, {vspace_slot}), ok());
        }
        frame_slot = fresh(ObjectType::Page);
        // Another hart has run it: unmapping owes a remote fence.
        vspace::asid_entry(machine.cap(vspace_slot).mapped_asid())->add_hart(1);
    }
    void build_cspace() {
        cspace_slot = fresh(ObjectType::CapTable, space_radix);
        cspace_root = machine.mint(cspace_slot, 64 - space_radix);
        copy_into(cspace_slot, in_cn, CN);
        copy_into(cspace_slot, in_frame, frame_slot);
        copy_into(cspace_slot, in_vspace, vspace_slot);
        // Memory that has to be cleared before it can be used again.
        const u64 dirty = fresh(ObjectType::Untyped, 14);
        const u64 page = machine.free_slot();
        const Words words{static_cast<u64>(ObjectType::Untyped), 13, 0, 0, page, 1};
        EXPECT_EQ(machine.call(dirty, Label::UntypedRetype, words, {CN}), ok());
        delete_slot(page);
        move_into(cspace_slot, in_dirty, dirty);
        const auto endpoint = static_cast<u64>(ObjectType::Endpoint);
        many = fresh(ObjectType::Untyped, 12);
        const u64 first = machine.free_slot(8);
        EXPECT_EQ(machine.call(many, Label::UntypedRetype, {endpoint, 0, 0, 0, first, 8}, {CN}), ok());
        big = fresh(ObjectType::CapTable, 4);
        for (u64 i = 0; i < 16; ++i) copy_into(big, i, own_tcb);
    }

    // --- Requests, in slots 0, 1, ...; numbered by their generation from 1 on
    struct Request {
        ErrorCode error;
        bool may_succeed; // when it was in flight while a thread did it in pieces
    };
    void submit(u32 op, u64 cptr, const Words& words, const Words& caps, ErrorCode error, bool may_succeed) {
        const auto index = static_cast<u32>(requests.size());
        tail4_AsyncSlot& slot = queue->shared[index];
        slot = {};
        slot.op = op;
        slot.generation = index + 1;
        slot.cptr = cptr;
        std::copy(words.begin(), words.end(), slot.words);
        for (usize i = 0; i < caps.size(); ++i) sel4async::further_cap(slot, i) = caps[i];
        queue->sq[queue->control->sq_tail++ & queue->slot_mask] = index;
        requests.push_back({error, may_succeed});
    }
    // Carried out before or after the victim's end.
    enum class When { Before, During, After };
    ErrorCode outcome(When when, ErrorCode without) const {
        return when == When::Before || !flight.kills() ? ErrorCode::NoError : without;
    }
    void submit_map(When when) {
        ErrorCode error = ErrorCode::NoError;
        if (flight.victim == Victim::CSpace || flight.victim == Victim::Table) error = ErrorCode::FailedLookup;
        if (flight.victim == Victim::VSpace || flight.victim == Victim::Frame) error = ErrorCode::InvalidCapability;
        submit(TAIL4_OP_RISCVPageMap, in_frame, {frame_at, 3, 0}, {in_vspace}, outcome(when, error),
               when == When::During);
    }
    void submit_long(When when) {
        const ErrorCode error =
            outcome(when, flight.victim == Victim::CSpace ? ErrorCode::FailedLookup : ErrorCode::NoError);
        const bool open = when == When::During;
        const u64 into = machine.free_slot();
        if (flight.step == Step::Retyping)
            submit(TAIL4_OP_UntypedRetype, in_dirty, {static_cast<u64>(ObjectType::Page), 0, 0, 0, into, 1}, {in_cn},
                   error, open);
        else if (flight.step == Step::Revoking)
            submit(TAIL4_OP_CNodeRevoke, in_cn, {many, 64}, {}, error, open);
        else
            submit(TAIL4_OP_CNodeDelete, in_cn, {big, 64}, {}, error, open);
    }

    When now() const { return flight.who == Who::Thread ? When::During : When::Before; }

    void prepare() {
        switch (flight.step) {
        case Step::Asleep: submit_map(now()); break;
        case Step::Ringing:
            submit_map(now());
            objects::wake(*queue);
            EXPECT_EQ(queue->worker_state, objects::WorkerState::Ready);
            break;
        case Step::Polling:
            objects::wake(*queue);
            turn();
            EXPECT_EQ(queue->worker_state, objects::WorkerState::Polling);
            submit_map(now());
            break;
        case Step::Retyping:
        case Step::Revoking:
        case Step::Deleting:
            submit_long(now());
            fake::preempt_after(2);
            drive(1);
            fake::preempt_after(0);
            EXPECT_TRUE(queue->preempted);
            submit_map(now());
            break;
        case Step::Unpublished:
            submit_map(When::Before);
            drive(1);
            submit(TAIL4_OP_RISCVPageUnmap, in_frame, {}, {},
                   outcome(now(),
                           flight.victim == Victim::CSpace      ? ErrorCode::FailedLookup
                               : flight.victim == Victim::Frame ? ErrorCode::InvalidCapability
                                                                : ErrorCode::NoError),
                   now() == When::During);
            break;
        case Step::Published:
            submit_map(When::Before);
            drive(1);
            EXPECT_EQ(queue->control->cq_tail, 1U);
            break;
        }
        check_state();
    }

    u64 victim_slot() const {
        switch (flight.victim) {
        case Victim::Queue: return queue_slot;
        case Victim::Memory: return memory_slot;
        case Victim::Thread: return thread;
        case Victim::Notification: return ntfn;
        case Victim::CSpace: return cspace_slot;
        case Victim::VSpace: return vspace_slot;
        case Victim::Frame: return frame_slot;
        case Victim::Table: return table_slot;
        }
        return 0;
    }
    Words labels() const {
        if (flight.how == How::Delete) return {TAIL4_OP_CNodeDelete};
        if (flight.how == How::Revoke) return {TAIL4_OP_CNodeRevoke};
        return {TAIL4_OP_CNodeRevoke, TAIL4_OP_CNodeDelete};
    }

    // --- The victim's end
    void end_by_thread() {
        for (const u64 label : labels()) {
            for (int tries = 0; tries < 1000; ++tries) {
                if (try_call(static_cast<Label>(label), victim_slot(), flight.preempted)) break;
                check_state();
                if (tries % 2 == 1) turn(); // the other hart goes on meanwhile
            }
        }
        if (!dead()) submit_map(When::After);
    }
    void end_by_request() {
        for (const u64 label : labels()) {
            // What revokes its own CSpace cannot go on there, and the second of two does not find it.
            const bool late = label == TAIL4_OP_CNodeDelete ? flight.how == How::Both : flight.preempted != 0;
            const bool lost = late && flight.victim == Victim::CSpace;
            submit(static_cast<u32>(label), in_cn, {victim_slot(), 64}, {},
                   lost ? ErrorCode::FailedLookup : ErrorCode::NoError, label == TAIL4_OP_CNodeRevoke);
        }
        submit_map(When::After);
        for (int tries = 0; tries < 100 && !dead() && queue->control->cq_tail != requests.size(); ++tries) {
            fake::preempt_after(flight.preempted);
            if (tries % 2 == 0) {
                drive(1000);
            } else {
                objects::wake(*queue);
                turn();
            }
            fake::preempt_after(0);
            check_state();
        }
    }
    void drive(u64 budget) {
        objects::drive(*queue, budget);
        scheduler::schedule();
    }
    // The worker has a turn on the idle hart.
    void turn() {
        const u32 own = fake::cpu.hart;
        fake::cpu.hart = 1;
        if (async::is_watching())
            async::end_polling();
        else
            async::run_ready();
        scheduler::schedule();
        fake::cpu.hart = own;
    }
    void settle() {
        for (int tries = 0; tries < 10 && !dead(); ++tries) {
            objects::wake(*queue);
            turn();
            check_state();
        }
        // A queue that a request of its own began to delete, preempted: somebody else has to finish it.
        if (machine.cap(queue_slot).is(CapType::Zombie)) delete_slot(queue_slot);
    }
    bool dead() const { return queue->state == objects::QueueState::Dead; }

    // --- What must hold
    void check_state() {
        ASSERT_EQ(broken_invariant(machine), "");
        if (dead()) return;
        u64 done = 0;
        for (usize i = 0; i < requests.size(); ++i) done += queue->shared[i].done == i + 1 ? 1 : 0;
        ASSERT_EQ(done, queue->completed());
        ASSERT_EQ(done, queue->control->cq_tail);
        ASSERT_EQ(queue->rejected, 0U);
        const u64 outstanding = queue->control->sq_tail - queue->sq_head + (queue->preempted ? 1U : 0U);
        ASSERT_EQ(requests.size(), done + outstanding);
    }
    void check_answers() {
        // The memory is not used again yet.
        ASSERT_EQ(dead(), flight.kills_queue());
        if (dead()) {
            EXPECT_EQ(queue->control->kstate, static_cast<u32>(TAIL4_ASYNC_DEAD));
            EXPECT_EQ(queue->control->dead_reason, static_cast<u32>(TAIL4_ASYNC_DELETED));
            EXPECT_LE(queue->control->completions, queue->control->requests);
            EXPECT_LE(queue->control->requests, requests.size());
            EXPECT_TRUE(machine.slot(queue_slot).empty());
            return;
        }
        for (usize i = 0; i < requests.size(); ++i) {
            const tail4_AsyncSlot& slot = queue->shared[i];
            ASSERT_EQ(slot.done, i + 1) << "request " << i;
            const u64 code = tail4_async_error(slot.status);
            const bool good = code == static_cast<u64>(requests[i].error) ||
                (requests[i].may_succeed && flight.preempted != 0 && code == 0);
            EXPECT_TRUE(good) << "request " << i << ": error " << code << ", expected "
                              << static_cast<u64>(requests[i].error);
        }
    }

    Flight flight{};
    std::vector<Request> requests;
    objects::AsyncQueue* queue = nullptr;
    u64 memory_slot = 0, queue_slot = 0, ntfn = 0, thread = 0, cspace_slot = 0, cspace_root = 0, vspace_slot = 0;
    u64 frame_slot = 0, table_slot = 0, many = 0, big = 0;
};

class FlightOf : public Flights, public testing::WithParamInterface<Victim> {};

TEST_P(FlightOf, EndsSoundly) {
    for (const How how : {How::Delete, How::Revoke, How::Both}) {
        for (const Who who : {Who::Thread, Who::OwnRequest}) {
            for (const Step step : steps) {
                for (const u32 preempted : preemptions) {
                    const Flight next{GetParam(), how, who, step, preempted};
                    SCOPED_TRACE(testing::Message() << next);
                    fly(next);
                    if (HasFailure()) return;
                }
            }
        }
    }
}

INSTANTIATE_TEST_SUITE_P(Victims, FlightOf, testing::ValuesIn(victims));

} // namespace

} // namespace kernel::test
