#include "fake_arch.hpp"

#include "scheduler/scheduler.hpp"
#include "smp/kernel_lock.hpp"

#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace fake {

Processor cpu;
std::function<void()> at_remote_fence;
std::function<void()> at_full_fence;
std::function<void()> at_ipi;
std::function<void()> at_wait;

void preempt_after(u32 steps) {
    cpu.quiet_checks = steps == 0 ? 0 : steps - 1;
    cpu.pending = steps == 0 ? 0 : arch::timer_interrupt;
}

namespace {

u64 own_bit() { return base::bit(cpu.hart); }

} // namespace

} // namespace fake

namespace base {

void panic(const char* message, const char* file, int line) {
    std::fprintf(stderr, "TaiL4: panic: %s (%s:%d)\n", message, file, line);
    std::abort();
}

} // namespace base

namespace smp {

Hart& this_hart() { return harts[fake::cpu.hart]; }

} // namespace smp

namespace arch {

using fake::cpu;
using fake::Fence;

u64 pending_interrupts() {
    if (cpu.quiet_checks != 0) {
        --cpu.quiet_checks;
        return 0;
    }
    return cpu.pending;
}

// The targets come out of user mode one after the other, serve what they are asked and go back; a fence does not need
// the lock, which the test may hold.
void send_ipi(u64 harts) {
    if (fake::at_ipi) fake::at_ipi();
    cpu.ipis.push_back(harts);
    if (cpu.serving || !cpu.serves_ipis) return;
    cpu.serving = true;
    const u32 own = cpu.hart;
    for (u32 hart = 0; hart < smp::hart_count; ++hart) {
        if ((harts & base::bit(hart)) == 0 || hart == own) continue;
        cpu.hart = hart;
        const u64 pending = std::exchange(cpu.pending, software_interrupt);
        if (!smp::serve_alone()) {
            smp::lock_slowly();
            smp::unlock_slowly();
        }
        cpu.pending = pending;
    }
    cpu.hart = own;
    cpu.serving = false;
}

void raise_software_interrupt() { cpu.pending |= software_interrupt; }
void clear_software_interrupt() { cpu.pending &= ~software_interrupt; }
u64 read_time() { return cpu.clock += cpu.clock_step; }
void set_timer(u64) { ++cpu.timers_set; }
void wait_for_interrupt() {
    if (!fake::at_wait) base::panic("a hart of a test has nothing to run", __FILE_NAME__, __LINE__);
    fake::at_wait();
}

void put(char character) { cpu.console += character; }
bool at_line_start() { return cpu.console.empty() || cpu.console.back() == '\n'; }

void copy_kernel_mappings(u64* root) {
    constexpr u64 kernel_leaf = 0x2f; // V R W X G, not U
    for (unsigned i = 256; i < 512; ++i) root[i] = kernel_leaf;
}

AddressSpace make_address_space(base::Paddr root, base::Asid asid) {
    return cpu.few_asids ? AddressSpace{satp_word(root, 0), 1} : AddressSpace{satp_word(root, asid), 0};
}
void load_address_space(const AddressSpace& space) {
    if (space.shares_asid != 0) cpu.fences.push_back({Fence::Kind::Asid, fake::own_bit(), 0, 0});
    cpu.space[cpu.hart] = {(space.satp & base::mask(44)) << 12, static_cast<base::Asid>(space.asid())};
}
void set_kernel_address_space() { cpu.space[cpu.hart] = {0, 0}; }

namespace {

void fence_translations(Fence::Kind kind, base::Vaddr vaddr, base::Asid asid) {
    if (cpu.serving && fake::at_remote_fence) fake::at_remote_fence();
    cpu.fences.push_back({kind, fake::own_bit(), vaddr, asid});
}

} // namespace

void local_flush_page(base::Vaddr vaddr, base::Asid asid) { fence_translations(Fence::Kind::Page, vaddr, asid); }
void local_flush_asid(base::Asid asid) { fence_translations(Fence::Kind::Asid, 0, asid); }
void local_flush_all() { fence_translations(Fence::Kind::All, 0, 0); }

namespace {

const fake::DeviceWindow* window_of(u64 address) {
    for (const fake::DeviceWindow& window : cpu.windows) {
        if (address - window.start < window.size) return &window;
    }
    return nullptr;
}

} // namespace

u64 read_device(base::Paddr reg) {
    cpu.note(fake::Order::Read);
    const fake::DeviceWindow* window = window_of(base::raw(reg));
    return window != nullptr ? window->read(base::raw(reg) - window->start) : *to_pointer<const volatile u64>(reg);
}

void write_device(base::Paddr reg, u64 value) {
    cpu.note(fake::Order::Write);
    const fake::DeviceWindow* window = window_of(base::raw(reg));
    if (window != nullptr)
        window->write(base::raw(reg) - window->start, value);
    else
        *to_pointer<volatile u64>(reg) = value;
}

void full_fence() {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    cpu.note(fake::Order::Full);
    ++cpu.full_fences;
    if (fake::at_full_fence) fake::at_full_fence();
}
void fence_memory_to_device() {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    cpu.note(fake::Order::MemoryToDevice);
}
void fence_device_to_memory() {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    cpu.note(fake::Order::DeviceToMemory);
}
void begin_device_turn() {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    cpu.note(fake::Order::BeginTurn);
    ++cpu.begun_device_turns;
}
void end_device_turn() {
    __atomic_thread_fence(__ATOMIC_SEQ_CST);
    cpu.note(fake::Order::EndTurn);
    ++cpu.ended_device_turns;
}

bool fpu_present = true;
void fpu_save(FpuState& state) {
    ++cpu.fpu_saves;
    state.fcsr_ = 1;
}
void fpu_load(const FpuState&) { ++cpu.fpu_loads; }
void fpu_exchange(FpuState& saved, const FpuState& loaded) {
    fpu_save(saved);
    fpu_load(loaded);
}
u64 fpu_use() { return cpu.fpu_use; }

u64 read_cycles() { return 0; }
void local_fence_i() { cpu.fences.push_back({Fence::Kind::Code, fake::own_bit(), 0, 0}); }
void drop_reservation(Context& context) { cpu.reservation_dropped_for = &context; }
void load_user_interrupts(const UserInterruptState& state, uintr::ReceiverStatus receiver) {
    cpu.user_interrupts[cpu.hart] = state;
    cpu.receiver[cpu.hart] = receiver;
    ++cpu.user_interrupt_loads;
}
void save_user_interrupts(UserInterruptState& state) {
    state = cpu.user_interrupts[cpu.hart];
    cpu.user_interrupts[cpu.hart] = {};
    cpu.receiver[cpu.hart] = {};
}
bool user_interrupt_pending() { return (cpu.pending & uintr::software_interrupt) != 0; }
void watch_user_interrupts(bool on) { cpu.watches_user_interrupts[cpu.hart] = on; }
void set_sender_table(uintr::SenderTable table) { cpu.sender_table[cpu.hart] = table; }

void clear(void* start, usize size) { std::memset(start, 0, size); }

void power_off(u32 status) { std::exit(static_cast<int>(status)); }

} // namespace arch
