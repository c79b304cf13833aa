// Interrupts as objects: per source its state and the notification capability it signals. Sources 1..ndev are the
// PLIC's; the numbers behind them are the kernel's own and can never be had: the timer, and under the SMP interface the
// two inter-processor interrupts (sel4-abi-riscv64.md 4.6, 4.7, 9.8). Kernel lock held.
//
// A claim holds the source back until it is completed: a level source that its driver has not served yet would else be
// pending again before the driver runs one instruction. IRQHandler_Ack completes, and whatever takes away whoever could
// acknowledge: IRQHandler_Clear, and the end of the last handler capability. A claim of which nobody heard, because no
// notification was set, is completed when one is set: if the line is still up, the interrupt comes anew.
#pragma once

#include "arch/arch.hpp"
#include "caps/slot.hpp"

namespace objects {

enum class IrqState : u8 { Inactive = 0, Signal, Kernel };
enum class IrqClaim : u8 { None = 0, Unheard, Signalled };

inline constexpr u64 max_irqs = 1024; // the PLIC's own limit

// Called once at boot. `kernel_irqs` numbers behind the last source are reserved.
void init_irqs(arch::Plic* plic, u64 sources, u64 kernel_irqs);

u64 last_irq(); // the largest number a user may name without a range error
IrqState irq_state(u64 irq);
IrqClaim& irq_claim(u64 irq); // changed in here only (and by tests of the checker)
// Starts delivery on this hart, or on another if the PLIC cannot interrupt this one.
void activate_irq(u64 irq, base::HartIndex hart);
// The last handler capability is gone; the caller has emptied irq_slot().
void deactivate_irq(u64 irq);
// The source may interrupt again. Without a claim nothing happens. Any hart may call it.
void complete_irq(u64 irq);
caps::Slot& irq_slot(u64 irq);

// Claims what the PLIC holds for this hart and signals it.
void handle_external_interrupt();

} // namespace objects
