// More than there is: coroutines without a vector, 256 at once, no slot, no frame; and the death of a queue.
#include "rootserver/functional/cases.hpp"

namespace functional {

namespace {

using sel4async::Reply;
using sel4async::Task;
using testing::Context;
namespace op = sel4async::op;

constexpr unsigned many = 256;

struct Tally {
    seL4_CPtr frame = 0;
    seL4_Word paddr = 0;
    unsigned good = 0;
    unsigned full = 0;
    unsigned with_vector = 0;
    std::uint32_t vectors = 0;
    unsigned doubles = 0;
};

Task<> ask(Tally& tally, unsigned times) {
    const std::uint32_t vector = (co_await sel4async::this_strand()).vector;
    if (vector != 0) {
        ++tally.with_vector;
        tally.doubles += (tally.vectors >> vector & 1);
        tally.vectors |= 1u << vector;
    }
    for (unsigned i = 0; i < times; ++i) {
        const Reply reply = co_await op::page_get_address(tally.frame);
        if (reply.error() == sel4async::queue_full)
            ++tally.full;
        else if (reply.ok() && reply.word(0) == tally.paddr)
            ++tally.good;
    }
}

bool run_many(Context& t, Tally& tally, unsigned count, unsigned times) {
    tally.frame = t.memory().frame();
    if (!t.check(tally.frame != 0, "no memory")) return false;
    tally.paddr = seL4_RISCV_Page_GetAddress(tally.frame).paddr;
    for (unsigned i = 0; i < count; ++i) {
        if (!t.check(sel4async::spawn(t.executor(), ask(tally, times)), "no strand or no frame")) return false;
    }
    const sel4async::Stopped stopped = t.executor().run();
    return t.equal("the executor stopped", static_cast<std::uint64_t>(stopped), 0);
}

void vectors_run_out(Context& t) {
    Tally tally;
    if (!run_many(t, tally, 64, 10)) return;
    const std::uint32_t known = t.fixture().queue.buffer().control().vectors;
    const bool drives = t.fixture().queue.doorbell().drives();
    t.equal("coroutines with a vector", tally.with_vector, drives ? 0 : known - 1);
    t.equal("vectors given twice", tally.doubles, 0);
    t.equal("right answers", tally.good, 640);
}

void many_coroutines(Context& t) {
    Tally tally;
    if (run_many(t, tally, many, 10)) t.equal("right answers", tally.good, std::uint64_t{many} * 10);
}

// More coroutines than slots: who finds none is told so, the others are served.
void no_slot(Context& t) {
    Tally tally;
    t.executor().set_batch(sel4async::SlotBuffer::max_slots);
    const bool ran = run_many(t, tally, 2 * many, 1);
    t.executor().set_batch(t.fixture().queue.doorbell().drives() ? sel4async::SlotBuffer::max_slots : 16);
    if (!ran) return;
    const unsigned slots =
        t.fixture().queue.buffer().capacity() - sel4async::SlotBuffer::wide_groups * TAIL4_ASYNC_WIDE_SLOTS;
    t.equal("refused", tally.full, 2 * many - slots);
    t.equal("right answers", tally.good, slots);
}

machine::QueuePlace second_place;
sel4async::Queue second;
sel4async::Executor second_executor;

Task<> told(unsigned& dead) {
    const Reply reply = co_await op::nop();
    dead += reply.error() == sel4async::queue_dead;
}

// A submission ring entry that is no slot kills its queue, is reported to who waits there, and touches no other.
void death(Context& t) {
    if (!t.check(machine::make_place(t.memory(), second_place, 15), "no memory") ||
        !t.same_error("connect", machine::connect(second_place, second, {}), seL4_NoError) ||
        !t.check(second_executor.init(second.buffer(), second.doorbell()), "no memory for a frame"))
        return;
    unsigned dead = 0;
    second.buffer().push(0x7fff);
    Task<> waiting = told(dead);
    t.check(waiting.start(second_executor), "no strand");
    const sel4async::Stopped stopped = second_executor.run();
    t.equal("the executor stopped", static_cast<std::uint64_t>(stopped),
            static_cast<std::uint64_t>(sel4async::Stopped::Dead));
    t.equal("strands told", dead, 1);
    const auto info = seL4_TaiL4_AsyncQueue_Info(second_place.slot);
    t.equal("reason", info.dead_reason, TAIL4_ASYNC_BAD_INDEX);
    Tally tally;
    if (run_many(t, tally, 8, 4)) t.equal("right answers of the first queue", tally.good, 32);
}

constexpr testing::Case cases[] = {{"limit.vectors", vectors_run_out},
                                   {"limit.coroutines", many_coroutines},
                                   {"limit.slots", no_slot},
                                   {"queue.death", death}};

} // namespace

std::span<const testing::Case> limit_cases() { return cases; }

} // namespace functional
