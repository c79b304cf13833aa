// 200 tasks with 112 slots: each maps a page, writes to it, and unmaps it. Their requests travel together: one trap, or
// one doorbell, for as many as are ready. Then one task deletes capabilities four at a time.
#include "rootserver/examples/program.hpp"

using namespace sel4async;

namespace {

constexpr CPtr vspace = seL4_CapInitThreadVSpace;
constexpr CPtr cnode = seL4_CapInitThreadCNode;
constexpr std::uint64_t count = 200;

Task<bool> touch(CPtr frame, std::uint64_t vaddr) {
    Reply mapped = co_await op::page_map(frame, vspace, vaddr, 3, seL4_RISCV_ExecuteNever);
    while (mapped.error() == queue_full) { // an answer, not a failure: wait for a slot, ask again
        if (!co_await room()) co_return false;
        mapped = co_await op::page_map(frame, vspace, vaddr, 3, seL4_RISCV_ExecuteNever);
    }
    if (!mapped.ok()) co_return false;
    *reinterpret_cast<volatile std::uint64_t*>(vaddr) = frame;
    const Reply unmapped = co_await op::page_unmap(frame);
    co_return unmapped.ok();
}

} // namespace

Task<bool> example::program(Program& p) {
    const CPtr frames = p.memory.make(seL4_RISCV_4K_Page, 0, count);
    const std::uint64_t vaddr = p.memory.addresses(count * 4096);
    if (frames == 0 || p.memory.make_tables(vaddr, count * 4096) != seL4_NoError) co_return false;

    Task<bool> tasks[count];
    for (std::uint64_t i = 0; i < count; ++i) tasks[i] = touch(frames + i, vaddr + 4096 * i);
    if (!co_await when_all(std::span(tasks))) co_return false; // one had no frame, or no strand
    std::uint64_t good = 0;
    for (Task<bool>& task : tasks) good += task.result() ? 1U : 0U;

    for (std::uint64_t i = 0; i < count; i += 4) {
        const auto replies =
            co_await batch(op::cnode_delete(cnode, frames + i, 64), op::cnode_delete(cnode, frames + i + 1, 64),
                           op::cnode_delete(cnode, frames + i + 2, 64), op::cnode_delete(cnode, frames + i + 3, 64));
        for (const Reply& reply : replies) good += reply.ok() ? 1U : 0U;
    }
    machine::print(good, " of ", 2 * count, " good, ", p.executor.statistics().batches, " batches\n");
    co_return good == 2 * count;
}
