// Interrupts as objects: per source its state and the notification capability it signals. Sources 1..ndev are the
// PLIC's; the numbers behind them are the kernel's own and can never be had: the timer, and under the SMP interface the
// two inter-processor interrupts (sel4-abi-riscv64.md 4.6, 4.7, 9.8). Kernel lock held.
#pragma once

#include "arch/arch.hpp"
#include "caps/slot.hpp"

namespace objects {

enum class IrqState : u8 { Inactive = 0, Signal, Kernel };

inline constexpr u64 max_irqs = 1024; // the PLIC's own limit

// Called once at boot. `kernel_irqs` numbers behind the last source are reserved.
void init_irqs(arch::Plic* plic, u64 sources, u64 kernel_irqs);

u64 last_irq(); // the largest number a user may name without a range error
IrqState irq_state(u64 irq);
// Starts delivery on this hart.
void activate_irq(u64 irq, base::HartIndex hart);
// The last handler capability is gone; the caller has emptied irq_slot().
void deactivate_irq(u64 irq);
caps::Slot& irq_slot(u64 irq);

// Claims and completes what the PLIC holds for this hart and signals it.
void handle_external_interrupt();

} // namespace objects
