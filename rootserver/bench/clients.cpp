#include "rootserver/bench/clients.hpp"

#include "rootserver/functional/child.hpp"

#include <sel4async/task.hpp>

namespace bench {

namespace {

using functional::child_runtime;
using machine::Nursery;
using machine::print;
using machine::Process;
using machine::Right;

constexpr std::uint32_t pages = 8;
constexpr std::uint32_t most_rounds = 32;
constexpr std::uint32_t few_rounds = 4; // where there is no time to measure
constexpr seL4_CPtr first_page = machine::ChildBell;

enum class Way : std::uint32_t { Sync, Async };

// A child's own copy. The parent asks for a run by a new number; the child repeats it when it has done it.
struct Orders {
    Way way = Way::Sync;
    std::uint32_t rounds = 0;
    bool other_harts = false;
    std::uint32_t asked = 0;
    std::uint32_t done = 0;
    std::uint32_t wrong = 0;
};
Orders orders;

// --- A child

seL4_Word address(std::uint32_t page) { return machine::child_shared + page * machine::Memory::page_size; }

void call_synchronously() {
    for (std::uint32_t round = 0; round < orders.rounds; ++round) {
        for (std::uint32_t i = 0; i < pages; ++i) {
            if (seL4_RISCV_Page_Map(first_page + i, machine::ChildVSpace, address(i), seL4_ReadWrite,
                                    seL4_RISCV_ExecuteNever) != seL4_NoError)
                ++orders.wrong;
        }
        for (std::uint32_t i = 0; i < pages; ++i) {
            if (seL4_RISCV_Page_Unmap(first_page + i) != seL4_NoError) ++orders.wrong;
        }
    }
}

sel4async::Task<> worker(std::uint32_t page) {
    for (std::uint32_t round = 0; round < orders.rounds; ++round) {
        const sel4async::Reply mapped = co_await sel4async::op::page_map(first_page + page, machine::ChildVSpace,
                                                                         address(page), 3, seL4_RISCV_ExecuteNever);
        const sel4async::Reply unmapped = co_await sel4async::op::page_unmap(first_page + page);
        if (!mapped.ok() || !unmapped.ok()) ++orders.wrong;
    }
}

void call_asynchronously() {
    for (std::uint32_t i = 0; i < pages; ++i) {
        if (!spawn(child_runtime.executor, worker(i))) ++orders.wrong;
    }
    if (child_runtime.executor.run() != sel4async::Stopped::Finished) ++orders.wrong;
}

void client() {
    if (!functional::connect_child(orders.other_harts) || !functional::start_executor()) ++orders.wrong;
    while (true) {
        const std::uint32_t number = __atomic_load_n(&orders.asked, __ATOMIC_ACQUIRE);
        if (number == orders.done) {
            seL4_Wait(machine::ChildNotification, nullptr);
            continue;
        }
        if (orders.way == Way::Sync)
            call_synchronously();
        else
            call_asynchronously();
        __atomic_store_n(&orders.done, number, __ATOMIC_RELEASE);
        seL4_Signal(machine::ChildDone);
    }
}

// --- The parent

// All pages of a process are one frame: nothing is to be cleared.
bool build(testing::Context& t, Process& child, std::uint64_t number, std::uint32_t rounds) {
    const std::uint64_t harts = t.fixture().harts;
    const seL4_CPtr frame = t.memory().frame();
    if (!functional::nursery().make(child, client, functional::finished()) ||
        !functional::nursery().make_queue(child, 16) || frame == 0)
        return false;
    for (std::uint32_t i = 0; i < pages; ++i) {
        if (!Nursery::give(child, first_page + i, frame, seL4_AllRights)) return false;
    }
    child.at(orders).rounds = rounds;
    child.at(orders).other_harts = harts > 1;
    const std::uint64_t hart = number % harts;
    return (hart == 0 || t.move(child.tcb, hart)) && Nursery::start(child);
}

// The first `count` of them do their work once; the time until all have.
std::uint64_t run(std::span<Process> children, Way way, std::uint32_t number) {
    Stopwatch watch;
    watch.start();
    for (Process& child : children) {
        child.at(orders).way = way;
        __atomic_store_n(&child.at(orders).asked, number, __ATOMIC_RELEASE);
        seL4_Signal(child.notification);
    }
    for (Process& child : children) {
        while (__atomic_load_n(&child.at(orders).done, __ATOMIC_ACQUIRE) != number)
            seL4_Wait(functional::finished(), nullptr);
    }
    return watch.stop();
}

} // namespace

const char* clients(testing::Fixture& fixture, Unit unit, unsigned most) {
    static Process children[Nursery::max_children];
    const std::uint32_t rounds = unit == Unit::None ? few_rounds : most_rounds;
    const std::uint64_t calls = std::uint64_t{2} * pages * rounds; // of a process in a run
    testing::Context context(fixture);
    if (!functional::ready_for_children(context, most)) return "no memory for processes";
    for (std::uint64_t i = 0; i < most; ++i) {
        if (!build(context, children[i], i, rounds)) return "no process";
    }
    if (unit != Unit::None)
        print("PageMap/PageUnmap by several processes, eight at a time each, ", fixture.harts,
              fixture.harts == 1 ? " hart: " : " harts: ", name_of(unit),
              " until all are done, a call\nprocesses |    sync   async\n");
    std::uint32_t runs = 0;
    for (std::uint64_t count = 1; count <= most; ++count) {
        std::uint64_t times[2] = {};
        for (const Way way : {Way::Sync, Way::Sync, Way::Async, Way::Async}) { // the first of each unmeasured
            times[static_cast<std::size_t>(way)] = run({children, count}, way, ++runs) / (count * calls);
        }
        if (unit == Unit::None) continue;
        print(Right<std::uint64_t>{count, 9}, " |", Right<std::uint64_t>{times[0], 8},
              Right<std::uint64_t>{times[1], 8}, '\n');
        print_time(unit, times[0], "clients.sync.n", count, ".mean");
        print_time(unit, times[1], "clients.async.n", count, ".mean");
    }
    std::uint64_t wrong = 0;
    for (std::uint64_t i = 0; i < most; ++i) wrong += children[i].at(orders).wrong;
    if (wrong != 0) return "a call failed";
    return functional::nursery().clear() ? nullptr : "the processes did not go";
}

} // namespace bench
