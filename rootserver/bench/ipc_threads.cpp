#include "rootserver/bench/ipc_threads.hpp"

extern "C" {
extern char __global_pointer$[];  // NOLINT(bugprone-reserved-identifier,readability-identifier-naming): the linker's
extern char __executable_start[]; // NOLINT(bugprone-reserved-identifier,readability-identifier-naming)
}

namespace bench {

Board board;

namespace {

using machine::Memory;

constexpr seL4_Word stack_size = 4096;

struct alignas(Memory::page_size) Area {
    unsigned char buffer[Memory::page_size];
    unsigned char stack[stack_size];
};
Area areas[worker_count];

seL4_Word image_start() { return reinterpret_cast<seL4_Word>(__executable_start) & ~(Memory::page_size - 1); }
seL4_CPtr image_frame(const Memory& memory, const void* address) {
    return memory.info().userImageFrames.start +
        (reinterpret_cast<seL4_Word>(address) - image_start()) / Memory::page_size;
}

} // namespace

void Measured::set(Row row, std::span<std::uint64_t> samples, std::uint64_t overhead) {
    for (std::size_t i = 1; i < samples.size(); ++i) {
        const std::uint64_t value = samples[i];
        std::size_t at = i;
        for (; at > 0 && samples[at - 1] > value; --at) samples[at] = samples[at - 1];
        samples[at] = value;
    }
    at(row) = samples[samples.size() / 2] - overhead;
}

std::uint64_t stub_overhead() {
    std::uint64_t least = ~std::uint64_t{0};
    for (unsigned i = 0; i < run_count; ++i) {
        const std::uint64_t before = machine::now();
        enter<Stub::Nop>(seL4_SysCall, board.endpoint, board.tag);
        const std::uint64_t time = machine::now() - before;
        least = time < least ? time : least;
    }
    return least;
}

std::uint64_t clock_overhead() {
    const std::uint64_t before = machine::now();
    return machine::now() - before;
}

void finish() {
    enter(seL4_SysSend, board.finished, 0);
    while (true) wait(board.finished);
}

bool Workers::init(Memory& memory) {
    memory_ = &memory;
    board.endpoint = memory.make(seL4_EndpointObject, 0);
    board.finished = memory.make(seL4_EndpointObject, 0);
    for (seL4_CPtr& notification : board.notifications) notification = memory.make(seL4_NotificationObject, 0);
    for (seL4_CPtr& tcb : tcbs_) tcb = memory.make(seL4_TCBObject, 0);
    other_space_ = memory.make(seL4_RISCV_PageTableObject, 0);
    return other_space_ != 0 && seL4_RISCV_ASIDPool_Assign(seL4_CapInitThreadASIDPool, other_space_) == seL4_NoError &&
        copy_image();
}

bool Workers::make_tables(seL4_Word vaddr) {
    while (true) {
        const seL4_CPtr table = memory_->make(seL4_RISCV_PageTableObject, 0);
        if (table == 0) return false;
        const seL4_Error error = seL4_RISCV_PageTable_Map(table, other_space_, vaddr, seL4_RISCV_Default_VMAttributes);
        if (error != seL4_NoError) return error == seL4_DeleteFirst; // all levels are there
    }
}

bool Workers::map_in_both(seL4_CPtr frame, seL4_Word vaddr) {
    const seL4_CPtr copy = memory_->slots();
    return memory_->make_tables(vaddr, Memory::page_size) == seL4_NoError && make_tables(vaddr) &&
        Memory::copy(frame, copy) == seL4_NoError && memory_->map(frame, vaddr) == seL4_NoError &&
        seL4_RISCV_Page_Map(copy, other_space_, vaddr, seL4_ReadWrite, seL4_RISCV_ExecuteNever) == seL4_NoError;
}

bool Workers::copy_image() {
    const seL4_SlotRegion frames = memory_->info().userImageFrames;
    constexpr seL4_Word large_page = 1ul << 21;
    seL4_Word vaddr = image_start();
    for (seL4_CPtr frame = frames.start; frame < frames.end; ++frame, vaddr += Memory::page_size) {
        if ((frame == frames.start || vaddr % large_page == 0) && !make_tables(vaddr)) return false;
        const seL4_CPtr copy = memory_->slots();
        if (Memory::copy(frame, copy) != seL4_NoError ||
            seL4_RISCV_Page_Map(copy, other_space_, vaddr, seL4_ReadWrite, seL4_RISCV_Default_VMAttributes) !=
                seL4_NoError)
            return false;
    }
    return true;
}

bool Workers::start(unsigned index, const Start& start) {
    Area& area = areas[index];
    const seL4_CPtr tcb = tcbs_[index];
    const seL4_CPtr space = start.space == Space::Other ? other_space_ : seL4_CPtr{seL4_CapInitThreadVSpace};
    seL4_UserContext registers{};
    registers.pc = reinterpret_cast<seL4_Word>(start.entry);
    registers.sp = reinterpret_cast<seL4_Word>(area.stack + stack_size);
    registers.gp = reinterpret_cast<seL4_Word>(__global_pointer$);
    return seL4_TCB_Configure(tcb, start.fault_endpoint, seL4_CapInitThreadCNode, 0, space, 0,
                              reinterpret_cast<seL4_Word>(area.buffer),
                              image_frame(*memory_, area.buffer)) == seL4_NoError &&
        seL4_TCB_SetPriority(tcb, seL4_CapInitThreadTCB, start.priority) == seL4_NoError &&
        seL4_TCB_WriteRegisters(tcb, 1, 0, sizeof(registers) / sizeof(seL4_Word), &registers) == seL4_NoError;
}

bool Workers::run(std::span<const Start> starts, unsigned finishing) {
    for (unsigned i = 0; i < starts.size(); ++i) {
        if (!start(i, starts[i])) return false;
    }
    for (unsigned i = 0; i < finishing; ++i) wait(board.finished);
    bool good = true;
    for (unsigned i = 0; i < starts.size(); ++i) good = good && seL4_TCB_Suspend(tcbs_[i]) == seL4_NoError;
    return good;
}

} // namespace bench
