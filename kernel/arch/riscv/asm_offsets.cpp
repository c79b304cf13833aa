// The offsets trap.S uses are those of the structures.
#include "arch/riscv/asm_offsets.h"

#include "arch/riscv/context.hpp"
#include "smp/hart.hpp"

#include <iterator>

static_assert(offsetof(arch::Context, fault_ip_) == CONTEXT_FAULT_IP);
static_assert(offsetof(arch::Context, next_ip_) == CONTEXT_NEXT_IP);
static_assert(offsetof(arch::Context, sstatus_) == CONTEXT_SSTATUS);
static_assert(offsetof(arch::Context, hart_) == CONTEXT_HART);
static_assert(offsetof(smp::Hart, stack_top_) == HART_STACK_TOP);
static_assert(offsetof(smp::Hart, hart_id_) == HART_ID);
static_assert(offsetof(smp::Hart, stretch_.start_) == HART_STRETCH_START);
static_assert(offsetof(smp::Hart, stretch_.cause_) == HART_STRETCH_CAUSE);
static_assert(offsetof(smp::Hart, stretch_.number_) == HART_STRETCH_NUMBER);
static_assert(offsetof(smp::Hart, stretch_.tag_) == HART_STRETCH_TAG);
static_assert(sizeof(smp::Hart) == HART_SIZE);
static_assert(base::max_harts == HARTS_COUNT);
static_assert(sizeof(smp::KernelStack) == KERNEL_STACK_SIZE && std::size(smp::kernel_stacks) == HARTS_COUNT + 1);
