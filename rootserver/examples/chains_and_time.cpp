// A chain: make a frame, then map it; the second is carried out only if the first succeeded. And time: a task that
// would never end is cancelled when its time is over, and cleans up before it ends.
#include "rootserver/examples/program.hpp"

using namespace sel4async;

namespace {

constexpr CPtr vspace = seL4_CapInitThreadVSpace;
constexpr CPtr cnode = seL4_CapInitThreadCNode;

Task<std::uint64_t> poll_for_ever(CPtr frame) {
    std::uint64_t calls = 0;
    while (true) {
        const Reply reply = co_await op::page_get_address(frame);
        if (reply.error() == cancelled) break; // and so are all further calls,
        ++calls;
    }
    static_cast<void>(co_await take_cancellation()); // but not from here on
    const Reply unmapped = co_await op::page_unmap(frame);
    co_return unmapped.ok() ? calls : 0;
}

} // namespace

Task<bool> example::program(Program& p) {
    const CPtr untyped = p.memory.make(seL4_UntypedObject, 12);
    const CPtr frame = p.memory.slots();
    const std::uint64_t vaddr = p.memory.addresses(4096);
    if (untyped == 0 || p.memory.make_tables(vaddr, 4096) != seL4_NoError) co_return false;

    const auto make = op::untyped_retype(untyped, seL4_RISCV_4K_Page, 0, cnode, 0, 0, frame, 1);
    const auto map = op::page_map(frame, vspace, vaddr, 3, seL4_RISCV_ExecuteNever);
    const auto [made, mapped] = co_await linked(make, map);
    if (!made.ok() || !mapped.ok()) co_return false;
    const auto [again, skipped] = co_await linked(make, op::page_unmap(frame)); // the slot is full
    machine::print("second chain: errors ", again.error(), " and ", skipped.error(), '\n');

    const auto [calls, expired] = co_await with_timeout(poll_for_ever(frame), 10'000); // ticks of `time`
    machine::print(calls, " calls before the time was over\n");
    const Reply in_time = co_await with_timeout(op::cnode_delete(cnode, frame, 64), 1'000'000'000);
    co_return again.error() == seL4_DeleteFirst&& skipped.error() == cancelled&& expired&& calls != 0 && in_time.ok();
}
