// What the UINTC test needs of a bare hart: traps, other modes, records of what came. No firmware: everything runs from
// M-mode, in physical memory. Source: shared specification of user interrupts, sections 2, 3 and 8.
#pragma once

#include "bare.hpp"
#include "uintr/regs.hpp"

#include <initializer_list>

extern "C" {
void enter_mode(void (*function)(), u64 previous_mode); // runs it in U (0) or S (1); MPP's encoding
void on_machine_trap();
void on_supervisor_trap();
void vector_table(); // only entry 0 is a handler: user_trap_entry
}

namespace machine {

using namespace bare;

constexpr u64 uintc = 0x2f1'0000;
constexpr u32 receiver = 5, vector = 7;
constexpr u64 user = 0, supervisor = 1;

inline void uipi_send(u64 index) { asm volatile(".insn r 0x7b, 6, 0, x0, %0, x0" ::"r"(index) : "memory"); }
inline u64 uipi_read() {
    u64 bits;
    asm volatile(".insn r 0x7b, 6, 1, %0, x0, x0" : "=r"(bits)::"memory");
    return bits;
}
inline void uipi_write(u64 bits) { asm volatile(".insn r 0x7b, 6, 2, x0, %0, x0" ::"r"(bits) : "memory"); }
inline void uipi_activate() { asm volatile(".insn r 0x7b, 6, 3, x0, x0, x0" ::: "memory"); }
inline void uipi_deactivate() { asm volatile(".insn r 0x7b, 6, 4, x0, x0, x0" ::: "memory"); }

inline volatile u64& reg(u32 entry, uintr::ReceiverRegister which) {
    return *reinterpret_cast<volatile u64*>(uintc + uintr::offset_of(entry, which));
}
inline volatile u64& send_of(u32 entry) { return reg(entry, uintr::ReceiverRegister::Send); }
inline volatile u64& low_of(u32 entry) { return reg(entry, uintr::ReceiverRegister::Low); }
inline volatile u64& high_of(u32 entry) { return reg(entry, uintr::ReceiverRegister::High); }
inline volatile u64& active_of(u32 entry) { return reg(entry, uintr::ReceiverRegister::Active); }

// What the handlers saw last. `cause` counts machine traps that are no return from enter_mode.
struct MachineTrap {
    volatile u64 count, cause, value;
};
struct SupervisorTrap {
    volatile u64 count, cause, user_entries; // user_entries: how many there had been
};
struct UserTrap {
    volatile u64 count, cause, epc, status, pending_before, bits, pending_after, pending_cleared;
};
extern MachineTrap machine_trap;
extern SupervisorTrap supervisor_trap;
extern UserTrap user_trap;
extern volatile u64 user_order[4]; // causes of user interrupts in order, when the recording handler is installed
extern volatile u64 user_order_count;

extern volatile u64 sink;  // values nobody looks at
extern u64 table[3 * 512]; // page 0 is for forged entries; the sender table is pages 1 and 2
inline u64* sender_table() { return table + 512; }

// The set-up of section 8: USIP delegated to U and enabled, receiver 5 active on this hart, entry 0 of the sender
// table names it with vector 7. Every record is cleared.
void set_up();
void on_user_trap();
void on_user_trap_recording();  // order only; takes the pending causes away
void on_user_trap_send_again(); // reads, sends to itself, clears uip
void on_user_trap_reads_at_third();

// How many machine traps `action` makes in a mode.
u64 traps_of(void (*action)());
u64 traps_in(u64 mode, void (*action)());
void in_user(void (*action)());

void check_device();
void check_registers();
void check_instructions();
void check_delivery();
void check_two_harts();
void check_absent();
[[noreturn]] void second_hart();

} // namespace machine
