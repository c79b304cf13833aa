// The processor under the kernel: per hart the pending interrupts, the lines of the devices, the CSRs of user
// interrupts. Stands for arch/arch.hpp on the host; a physical address is a pointer.
#pragma once

#include "arch/arch.hpp"

namespace fuzz {

struct Processor {
    u64 clock;
    bool timer[base::max_harts];    // pending
    bool software[base::max_harts]; // latched: the device's line sets it, only the kernel clears it
    // So many looks at the interrupts, and the timer is pending; 0: never.
    u32 preempt_in[base::max_harts];
    u32 looks[base::max_harts];  // since it last took the lock
    bool spins[base::max_harts]; // in async::spin

    // Lines of TAIC (supervisor, user) and UINTC.
    bool taic_line[base::max_harts];
    bool taic_user_line[base::max_harts];
    bool uintc_line[base::max_harts];

    arch::UserInterruptState user_interrupts[base::max_harts];
    uintr::ReceiverStatus receiver[base::max_harts];
    uintr::SenderTable sender_table[base::max_harts];
    bool watches[base::max_harts];
    u64 fpu_use;
    u64 root[base::max_harts]; // of the loaded address space; 0: the kernel's own
};

extern Processor processor;

// What would take the hart out of user mode, or out of its sleep; not counted as a look.
u64 pending_on(u32 hart);
bool wakes(u32 hart);

// --- Devices (devices.cpp, plic.cpp)
void init_devices();
// The hart by the number the devices know it by; max_harts: none.
u32 hart_of_device_number(u64 number);
bool plic_asks(u32 hart);
void set_source(u32 source, bool level);
bool source_level(u32 source);
// A user's access to the TAIC page of a process, at a multiple of 8.
void taic_write(u64 offset, u64 value);
u64 taic_read(u64 offset);
u64 taic_offset(base::Paddr page);
// The running thread of the hart executes `uipi send`.
void send_by_table(u32 hart, u64 index);

} // namespace fuzz
