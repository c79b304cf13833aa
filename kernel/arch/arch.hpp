// What the kernel needs of the processor; everything else reaches arch/riscv through this header. Hart sets are bits of
// logical harts. The three upcalls are made by trap.S and defined in trap/.
#pragma once

#include "arch/riscv/context.hpp"
#include "arch/riscv/memory_map.hpp"
#include "arch/riscv/plic.hpp"
#include "arch/riscv/print.hpp"
#include "arch/riscv/sv39.hpp"
#include "uintr/regs.hpp"

extern "C" {
arch::Context* trap_ecall(arch::Context* context);
arch::Context* trap_interrupt(arch::Context* context, u64 cause);
arch::Context* trap_exception(arch::Context* context, u64 cause, u64 tval);
[[noreturn]] void arch_resume(arch::Context* context);
}

namespace arch {

// --- Interrupts, as bits of sip and sie.
inline constexpr u64 software_interrupt = base::bit(1);
inline constexpr u64 timer_interrupt = base::bit(5);
inline constexpr u64 external_interrupt = base::bit(9);
void enable_interrupts(); // which ones may wake or trap; in the kernel none traps
u64 pending_interrupts();
inline bool interrupt_pending() { return pending_interrupts() != 0; }
// Only after the device's line is down (taic.md 4.2): the bit would latch.
void clear_software_interrupt();
void raise_software_interrupt(); // to the own hart, taken after the exit
void wait_for_interrupt();
void send_ipi(u64 harts);

// --- Time, in ticks of the time base.
u64 read_time();
u64 read_cycles(); // of the calling hart; instructions under --icount
void set_timer(u64 deadline);

void enable_user_counters(); // cycle, time and instret for user mode

// --- Address spaces and TLB.
void protect_image();       // once at boot: read-only data, guard pages
void init_address_spaces(); // on each hart: finds out how many ASID bits there are
void copy_kernel_mappings(u64* root);
AddressSpace make_address_space(base::Paddr root, base::Asid asid);
void set_kernel_address_space();
extern u64 asid_mask; // the ASID bits that the harts compare
void local_flush_asid(base::Asid asid);
void local_flush_all();

// --- Instruction fetch: other harts' stores to code, made before, are seen.
void local_fence_i();

// --- FPU registers. None of it is used unless all harts have an FPU with the D extension.
extern bool fpu_present; // set once at boot
bool fpu_answers();      // whether the calling hart has any FPU at all
void fpu_save(FpuState& state);
void fpu_load(const FpuState& state);
void fpu_exchange(FpuState& saved, const FpuState& loaded);
u64 fpu_use(); // by the thread that trapped, as sstatus bits: 0 (it does not have them), sstatus_fs_clean or _dirty

// --- User interrupts; only on a machine that has UINTC. Nothing is enabled unless a receiver's state is loaded.
void init_user_interrupts(); // on each hart
void load_user_interrupts(const UserInterruptState& state, uintr::ReceiverStatus receiver);
void save_user_interrupts(UserInterruptState& state); // and switches them off
bool user_interrupt_pending();                        // of this hart, whoever it is for
void watch_user_interrupts(bool on);                  // no state is loaded: they end wait_for_interrupt, nothing else
void set_sender_table(uintr::SenderTable table);

// --- Memory and ordering.
void clear(void* start, usize size); // both multiples of 8
#ifdef __riscv
inline void load_address_space(const AddressSpace& space) {
    asm volatile("csrw satp, %0" : : "r"(space.satp) : "memory");
    // By ASID, so that the kernel's translations, which are global, stay.
    if (space.shares_asid != 0) asm volatile("sfence.vma zero, %0" : : "r"(space.asid()) : "memory");
}
inline void local_flush_page(base::Vaddr vaddr, base::Asid asid) {
    asm volatile("sfence.vma %0, %1" : : "r"(vaddr), "r"(asid & asid_mask) : "memory");
}
// The thread of `context` takes over the hart: a reservation that another thread's LR has left must not let an SC of
// this one succeed. An SC drops it; the word stored if that very one was reserved is the one that stands there.
inline void drop_reservation(Context& context) {
    asm volatile("sc.d zero, tp, (%0)" : : "r"(&context.hart_) : "memory");
}
inline u64 read_device(base::Paddr reg) { return *to_pointer<const volatile u64>(reg); }
inline void write_device(base::Paddr reg, u64 value) { *to_pointer<volatile u64>(reg) = value; }
inline void full_fence() { asm volatile("fence iorw, iorw" : : : "memory"); }
inline void fence_memory_to_device() { asm volatile("fence w, o" : : : "memory"); }
inline void fence_device_to_memory() { asm volatile("fence i, r" : : : "memory"); }
// Around what one hart after another does with a device: behind the load that lets it begin, and before the store that
// lets the next one begin. Acquire and release are for memory, and order no device.
inline void begin_device_turn() { asm volatile("fence r, io" : : : "memory"); }
inline void end_device_turn() { asm volatile("fence io, w" : : : "memory"); }
#else
void load_address_space(const AddressSpace& space);
void local_flush_page(base::Vaddr vaddr, base::Asid asid);
void drop_reservation(Context& context);
u64 read_device(base::Paddr reg);
void write_device(base::Paddr reg, u64 value);
void full_fence();
void fence_memory_to_device();
void fence_device_to_memory();
void begin_device_turn();
void end_device_turn();
#endif

// --- Start and end.
// Starts every hart but the own one; they come to secondary_main with their Hart.
void start_secondaries();
void set_test_device(base::Paddr device);
[[noreturn]] void power_off(u32 status);

} // namespace arch
