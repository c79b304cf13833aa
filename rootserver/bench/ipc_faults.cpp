// An illegal instruction, its handler, and the way back; and a device interrupt on its way to a user thread.
#include "rootserver/bench/ipc_suites.hpp"

namespace bench {

namespace {

enum Role : unsigned { Handler, Faulter };
constexpr seL4_Word handler_priority = 50;
constexpr seL4_Word instruction_size = 4;

// As in sel4bench an instruction of zeros; the firmware gets it first and hands it down.
void faulter() {
    for (Times& times : board.times[Faulter]) {
        const std::uint64_t before = machine::now();
        asm volatile(".word 0" : : : "memory");
        times = {before, machine::now()};
    }
    finish();
}

// Waits for a fault, answering the last one: it goes on at `pc`. Returns where the next one is.
seL4_Word reply_and_wait(seL4_Syscall_ID number, seL4_Word pc) {
    register seL4_Word a0 asm("a0") = board.endpoint;
    register seL4_Word a1 asm("a1") = 1;
    register seL4_Word a2 asm("a2") = pc;
    register long a7 asm("a7") = number;
    asm volatile("ecall" : "+r"(a0), "+r"(a1), "+r"(a2) : "r"(a7) : "a3", "a4", "a5", "memory");
    return a2;
}

void handler() {
    seL4_Word pc = reply_and_wait(seL4_SysRecv, 0);
    for (Times& times : board.times[Handler]) {
        pc += instruction_size;
        const std::uint64_t before = machine::now();
        pc = reply_and_wait(seL4_SysReplyRecv, pc);
        times = {before, machine::now()};
    }
}

// --- Interrupts. Registers of the Goldfish clock, as words.
enum ClockRegister : unsigned {
    AlarmLow = 0x08 / 4,
    AlarmHigh = 0x0c / 4,
    InterruptEnabled = 0x10 / 4,
    ClearInterrupt = 0x1c / 4,
};
volatile std::uint32_t* clock_registers;
seL4_CPtr clock_handler;

constexpr seL4_Word acknowledge = seL4_Word{IRQAckIRQ} << 12;

volatile unsigned interrupts_heard;

// An alarm for long ago: the interrupt comes with the store, or, where stores are posted, some instructions later.
void interrupted() {
    clock_registers[InterruptEnabled] = 1;
    clock_registers[AlarmHigh] = 0;
    unsigned sent = 0;
    for (Times& times : board.times[Faulter]) {
        const std::uint64_t before = machine::now();
        clock_registers[AlarmLow] = 0;
        ++sent;
        while (interrupts_heard != sent) {
        }
        times = {before, machine::now()};
    }
    finish();
}

void interrupt_waiter() {
    interrupts_heard = 0;
    for (Times& times : board.times[Handler]) {
        wait(board.notifications[0]);
        times.after = machine::now();
        clock_registers[ClearInterrupt] = 1;
        enter(seL4_SysCall, clock_handler, acknowledge);
        interrupts_heard = interrupts_heard + 1;
    }
    finish();
}

bool interrupts_from(Workers& workers, Measured& measured, Space space, Row row) {
    const Workers::Start starts[] = {{interrupt_waiter, high_priority}, {interrupted, low_priority, space}};
    if (!workers.run(starts, 2)) return false;
    Samples samples;
    for (unsigned i = 0; i < run_count; ++i)
        samples[i] = board.times[Handler][i].after - board.times[Faulter][i].before;
    measured.set(row, samples, clock_overhead());
    return true;
}

} // namespace

bool measure_faults(Workers& workers, Measured& measured) {
    const Workers::Start starts[] = {{handler, handler_priority},
                                     {faulter, handler_priority + 1, Space::Same, board.endpoint}};
    if (!workers.run(starts, 1)) return false;
    Samples samples;
    // The handler's first fault came by Recv: its ReplyRecv `i` answers fault `i` and ends with fault `i + 1`.
    for (unsigned i = 0; i < run_count; ++i) {
        const unsigned next = i + 1 < run_count ? i : i - 1;
        samples[i] = board.times[Handler][next].after - board.times[Faulter][next + 1].before;
    }
    measured.set(Row::FaultTo, samples, clock_overhead());
    for (unsigned i = 0; i < run_count; ++i)
        samples[i] = board.times[Faulter][i].after - board.times[Handler][i].before;
    measured.set(Row::FaultBack, samples, clock_overhead());
    for (unsigned i = 0; i < run_count; ++i)
        samples[i] = board.times[Faulter][i].after - board.times[Faulter][i].before;
    measured.set(Row::FaultRound, samples, clock_overhead());
    return true;
}

bool measure_interrupts(Workers& workers, machine::Memory& memory, const machine::Device& clock, Measured& measured) {
    const seL4_Word page = clock.address & ~(machine::Memory::page_size - 1);
    const seL4_CPtr frame = clock.address == 0 ? 0 : memory.device_frame(page);
    const seL4_Word vaddr = memory.addresses(machine::Memory::page_size);
    if (frame == 0 || !workers.map_in_both(frame, vaddr)) return false;
    clock_registers = reinterpret_cast<volatile std::uint32_t*>(vaddr + (clock.address - page));
    clock_handler = memory.slots();
    if (seL4_IRQControl_Get(seL4_CapIRQControl, clock.interrupt, seL4_CapInitThreadCNode, clock_handler,
                            seL4_WordBits) != seL4_NoError ||
        seL4_IRQHandler_SetNotification(clock_handler, board.notifications[0]) != seL4_NoError)
        return false;
    return interrupts_from(workers, measured, Space::Same, Row::InterruptSame) &&
        interrupts_from(workers, measured, Space::Other, Row::InterruptOther);
}

} // namespace bench
