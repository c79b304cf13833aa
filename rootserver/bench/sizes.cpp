#include "rootserver/bench/sizes.hpp"

#include "rootserver/bench/figures.hpp"

#include <sel4async/frame_pool.hpp>
#include <sel4async/task.hpp>

namespace bench {

namespace {

// As the tasks of the suites are: a capability, an address, a count, two calls.
sel4async::Task<> task(seL4_CPtr frame, seL4_Word vaddr, std::uint64_t rounds, std::uint64_t& errors) {
    for (std::uint64_t round = 0; round < rounds; ++round) {
        const sel4async::Reply mapped =
            co_await sel4async::op::page_map(frame, seL4_CapInitThreadVSpace, vaddr, 3, seL4_RISCV_ExecuteNever);
        const sel4async::Reply unmapped = co_await sel4async::op::page_unmap(frame);
        if (!mapped.ok() || !unmapped.ok()) ++errors;
    }
}

} // namespace

const char* sizes(testing::Fixture& fixture) {
    static unsigned char arena[2048];
    static std::uint64_t errors;
    const auto bytes = [](std::uint64_t value, auto... name) { print_figure(value, "bytes", "memory.", name...); };
    for (const std::uint32_t size_bits : {15U, 18U, 20U})
        bytes(std::uint64_t{1} << size_bits, "queue.s", std::uint64_t{tail4_async_slots(size_bits)});
    bytes(sizeof(tail4_AsyncSlot), "slot");
    bytes(sizeof(sel4async::Ticket), "ticket");
    bytes(sizeof(sel4async::Strand), "strand");
    bytes(sizeof(sel4async::Executor), "executor");
    sel4async::frame_pool.use(arena, sizeof(arena));
    {
        const sel4async::Task<> one = task(fixture.memory.frame(), fixture.memory.addresses(4096), 0, errors);
        if (!one.valid()) return "no frame";
        bytes(sizeof(arena) - sel4async::frame_pool.left(), "frame");
    }
    return nullptr;
}

} // namespace bench
