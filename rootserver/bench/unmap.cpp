#include "rootserver/bench/unmap.hpp"

#include <sel4async/task.hpp>

extern "C" {
extern char __global_pointer$[]; // NOLINT(bugprone-reserved-identifier,readability-identifier-naming): the linker's
}

namespace bench {

namespace {

using machine::Memory;
using machine::print;

constexpr std::uint64_t most_pages = 4096;
constexpr std::uint64_t few_pages = 256; // where harts are threads of a host, an interrupt of the other one takes long
constexpr std::uint64_t in_flight = 64;
constexpr seL4_CPtr vspace = seL4_CapInitThreadVSpace;

struct Place {
    seL4_CPtr caps = 0;
    seL4_Word vaddr = 0;
};
Place place;
std::uint64_t pages;
std::uint64_t errors;

// The bystander: it counts, so that its hart stays in this address space and in user mode.
volatile std::uint64_t counted;
alignas(16) unsigned char stack[1024];
void count_for_ever() {
    while (true) counted = counted + 1;
}

bool prepare(Memory& memory) {
    const seL4_CPtr frame = memory.frame();
    place = {memory.slots(pages), memory.addresses(pages * Memory::page_size)};
    if (frame == 0 || place.caps == 0 || memory.make_tables(place.vaddr, pages * Memory::page_size) != seL4_NoError)
        return false;
    for (std::uint64_t i = 0; i < pages; ++i) {
        if (Memory::copy(frame, place.caps + i) != seL4_NoError) return false;
    }
    return true;
}

bool start_bystander(testing::Context& t, seL4_CPtr tcb) {
    seL4_UserContext registers{};
    registers.pc = reinterpret_cast<seL4_Word>(count_for_ever);
    registers.sp = reinterpret_cast<seL4_Word>(stack + sizeof(stack));
    registers.gp = reinterpret_cast<seL4_Word>(__global_pointer$);
    if (tcb == 0 || seL4_TCB_Configure(tcb, 0, seL4_CapInitThreadCNode, 0, vspace, 0, 0, 0) != seL4_NoError ||
        seL4_TCB_SetPriority(tcb, seL4_CapInitThreadTCB, 1) != seL4_NoError || !t.move(tcb, 1) ||
        seL4_TCB_WriteRegisters(tcb, 1, 0, sizeof(registers) / sizeof(seL4_Word), &registers) != seL4_NoError)
        return false;
    while (counted == 0) {
    }
    return true;
}

void map_all() {
    for (std::uint64_t i = 0; i < pages; ++i) {
        if (seL4_RISCV_Page_Map(place.caps + i, vspace, place.vaddr + i * Memory::page_size, seL4_CanRead,
                                seL4_RISCV_ExecuteNever) != seL4_NoError)
            ++errors;
    }
}

sel4async::Task<> worker(std::uint64_t first) {
    for (std::uint64_t i = first; i < pages; i += in_flight) {
        const sel4async::Reply reply = co_await sel4async::op::page_unmap(place.caps + i);
        if (!reply.ok()) ++errors;
    }
}

void unmap_synchronously() {
    for (std::uint64_t i = 0; i < pages; ++i) {
        if (seL4_RISCV_Page_Unmap(place.caps + i) != seL4_NoError) ++errors;
    }
}

void unmap_asynchronously(sel4async::Executor& executor) {
    for (std::uint64_t i = 0; i < in_flight; ++i) {
        if (!spawn(executor, worker(i))) ++errors;
    }
    if (executor.run() != sel4async::Stopped::Finished) ++errors;
}

template <class Unmap>
void measure(const char* name, Unit unit, Unmap run) {
    map_all();
    Stopwatch watch;
    watch.start();
    run();
    const std::uint64_t time = watch.stop() / pages;
    if (unit != Unit::None) print("unmap of ", pages, " pages, ", name, ": ", time, ' ', name_of(unit), " a page\n");
    print_time(unit, time, "unmap.", name, ".p", pages);
}

} // namespace

const char* unmap(testing::Fixture& fixture, Unit unit) {
    testing::Context context(fixture);
    pages = unit == Unit::None ? few_pages : most_pages;
    if (!prepare(fixture.memory)) return "no memory";
    const seL4_CPtr bystander = fixture.memory.make(seL4_TCBObject, 0);
    if (fixture.harts > 1 && !start_bystander(context, bystander)) return "no bystander";
    measure("sync", unit, unmap_synchronously);
    measure("async", unit, [&fixture] { unmap_asynchronously(fixture.executor); });
    if (fixture.harts > 1 && seL4_TCB_Suspend(bystander) != seL4_NoError) return "the bystander did not stop";
    return errors == 0 ? nullptr : "a call failed";
}

} // namespace bench
