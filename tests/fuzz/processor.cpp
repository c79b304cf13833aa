#include "processor.hpp"

#include "failure.hpp"
#include "harts.hpp"

#include "async/executor.hpp"
#include "scheduler/scheduler.hpp"
#include "smp/hart.hpp"

#include <cstring>
#include <sanitizer/asan_interface.h>

namespace fuzz {

Processor processor;

namespace {

// Looks at the interrupts in a turn, which begins where a hart takes the lock. A tick comes after each so many: an
// operation of any length makes way then.
constexpr u32 tick_looks = 200;
constexpr u32 most_looks = 100'000;

u32 own() { return running_hart(); }

} // namespace

u64 pending_on(u32 hart) {
    u64 bits = 0;
    if (processor.timer[hart]) bits |= arch::timer_interrupt;
    if (processor.software[hart]) bits |= arch::software_interrupt;
    if (plic_asks(hart)) bits |= arch::external_interrupt;
    return bits;
}

bool wakes(u32 hart) {
    const bool user = processor.watches[hart] && (processor.uintc_line[hart] || processor.taic_user_line[hart]);
    return pending_on(hart) != 0 || user;
}

} // namespace fuzz

namespace base {

void panic(const char* message, const char* file, int) { fuzz::fail(message, file); }

} // namespace base

namespace smp {

Hart& this_hart() { return harts[fuzz::running_hart()]; }

} // namespace smp

namespace arch {

using fuzz::own;
using fuzz::processor;

u64 pending_interrupts() {
    fuzz::look_while_spinning();
    fuzz::require(++processor.looks[own()] < fuzz::most_looks, "an entry without an end");
    if (processor.looks[own()] % fuzz::tick_looks == 0) processor.timer[own()] = true;
    u32& left = processor.preempt_in[own()];
    if (left != 0 && --left == 0) processor.timer[own()] = true;
    return fuzz::pending_on(own());
}

void send_ipi(u64 harts) {
    for (u32 hart = 0; hart < smp::hart_count; ++hart) {
        if ((harts & base::bit(hart)) != 0) processor.software[hart] = true;
    }
    if (fuzz::lock_is_held() || fuzz::nobody_runs()) fuzz::interrupt_now(harts);
}

void raise_software_interrupt() { processor.software[own()] = true; }
void clear_software_interrupt() { processor.software[own()] = processor.taic_line[own()]; }
u64 read_time() { return ++processor.clock; }
void set_timer(u64) {
    processor.timer[own()] = false;
    // A tick ends an idle hart's turn; several harts show it by the lock.
    if (smp::hart_count == 1 && scheduler::own_state().current == nullptr) fuzz::begin_turn();
}
void wait_for_interrupt() { fuzz::sleep_now(); }

void put(char) {}
bool at_line_start() { return true; }

void copy_kernel_mappings(u64* root) {
    constexpr u64 kernel_leaf = 0x2f; // V R W X G, not U
    for (unsigned i = 256; i < 512; ++i) root[i] = kernel_leaf;
}

AddressSpace make_address_space(base::Paddr root, base::Asid asid) { return {satp_word(root, asid), 0}; }
void load_address_space(const AddressSpace& space) { processor.root[own()] = (space.satp & base::mask(44)) << 12; }
void set_kernel_address_space() { processor.root[own()] = 0; }

void local_flush_page(base::Vaddr, base::Asid) {}
void local_flush_asid(base::Asid) {}
void local_flush_all() {}
void full_fence() {}
void begin_device_turn() {}
void end_device_turn() {}
void local_fence_i() {}

bool fpu_present = true;
bool fpu_answers() { return true; }
void fpu_save(FpuState& state) { state.fcsr_ = 1; }
void fpu_load(const FpuState&) {}
void fpu_exchange(FpuState& saved, const FpuState&) { fpu_save(saved); }
u64 fpu_use() { return processor.fpu_use; }

u64 read_cycles() { return 0; }
void drop_reservation(Context&) {}

void load_user_interrupts(const UserInterruptState& state, uintr::ReceiverStatus receiver) {
    processor.user_interrupts[own()] = state;
    processor.receiver[own()] = receiver;
}
void save_user_interrupts(UserInterruptState& state) {
    state = processor.user_interrupts[own()];
    processor.user_interrupts[own()] = {};
    processor.receiver[own()] = {};
}
bool user_interrupt_pending() { return processor.uintc_line[own()] || processor.taic_user_line[own()]; }
void watch_user_interrupts(bool on) { processor.watches[own()] = on; }
void set_sender_table(uintr::SenderTable table) { processor.sender_table[own()] = table; }

void clear(void* start, usize size) {
    __asan_unpoison_memory_region(start, size); // it becomes something else (world.cpp)
    std::memset(start, 0, size);
}

void power_off(u32) { fuzz::fail("the machine is switched off"); }

} // namespace arch

// A hart that spins lets others run (CMakeLists.txt: --wrap).
extern "C" {
void __real__ZN5async4spinEv();
void __wrap__ZN5async4spinEv();
}

void __wrap__ZN5async4spinEv() {
    fuzz::processor.spins[fuzz::running_hart()] = true;
    __real__ZN5async4spinEv();
    fuzz::processor.spins[fuzz::running_hart()] = false;
}
