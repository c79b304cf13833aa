// The start of a process, and the honest one: strands that ask, map, write and unmap, and check every answer.
#include "rootserver/machine/connection.hpp"
#include "tests/guest/soak/orders.hpp"

#include <sel4async/executor.hpp>
#include <sel4async/syscalls.hpp>
#include <sel4async/task.hpp>

namespace soak {

Orders orders;

namespace {

using sel4async::Reply;
using sel4async::Task;
namespace op = sel4async::op;

constexpr std::size_t arena_size = std::size_t{32} * 1024;
constexpr unsigned askers = 15;

// The parent never touches these, so each child finds them fresh.
alignas(64) unsigned char arena[arena_size];
sel4async::Queue queue;
sel4async::Executor executor;

[[noreturn]] void finish() {
    __atomic_store_n(&orders.done, 1U, __ATOMIC_RELEASE);
    while (true) static_cast<void>(seL4_TCB_Suspend(machine::ChildTcb));
}

bool going_on() { return !__atomic_load_n(&orders.stop, __ATOMIC_RELAXED); }

void judge(bool right) { add(right ? orders.good : orders.wrong); }

Task<> ask() {
    while (going_on()) {
        add(orders.submitted);
        const Reply reply = co_await op::page_get_address(own_frame);
        judge(reply.ok() && reply.word(0) == orders.frame_address);
    }
}

Task<> touch() {
    constexpr std::uint64_t vaddr = machine::child_shared;
    for (std::uint64_t i = 0; going_on(); ++i) {
        add(orders.submitted, 2);
        const Reply mapped = co_await op::page_map(own_page, machine::ChildVSpace, vaddr, 3, seL4_RISCV_ExecuteNever);
        judge(mapped.ok());
        auto& word = *reinterpret_cast<volatile std::uint64_t*>(vaddr);
        if (mapped.ok()) {
            if (word != i) add(orders.wrong); // what was written the last time
            word = i + 1;
        }
        const Reply unmapped = co_await op::page_unmap(own_page);
        judge(unmapped.ok());
    }
}

bool work() {
    sel4async::frame_pool.use(arena, sizeof(arena));
    if (!executor.init(queue.buffer(), queue.doorbell()) || !spawn(executor, touch())) return false;
    for (unsigned i = 0; i < askers; ++i) {
        if (!spawn(executor, ask())) return false;
    }
    return executor.run() == sel4async::Stopped::Finished;
}

} // namespace

void child_main() {
    const seL4_Error error =
        machine::connect_child(queue, {.doorbell = orders.doorbell, .other_harts = orders.other_harts});
    if (error != seL4_NoError) {
        add(orders.wrong);
        finish();
    }
    orders.kind = static_cast<std::uint32_t>(queue.kind()) + 1;
    if (orders.role != Role::Honest)
        hostile_main(queue);
    else if (!work())
        add(orders.wrong);
    finish();
}

} // namespace soak
