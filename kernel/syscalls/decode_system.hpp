// IRQControl, IRQHandler and DomainSet invocations, checked (sel4-abi-riscv64.md 4.6 to 4.8).
#pragma once

#include "scheduler/scheduler.hpp"
#include "syscalls/invocation.hpp"

namespace syscalls {

struct IssueIrq {
    u64 irq;
    caps::Slot* control;
    caps::Slot* dest;
};
Result<IssueIrq> decode_irq_control(const Invocation& call);

struct IrqHandlerOp {
    enum class Kind : u8 { Ack, SetNotification, Clear };
    Kind kind;
    u64 irq;
    caps::Slot* notification;
};
Result<IrqHandlerOp> decode_irq_handler(const Invocation& call);

struct DomainOp {
    enum class Kind : u8 { Set, Configure, SetStart };
    Kind kind;
    objects::Tcb* thread;
    u8 domain;
    unsigned index;
    scheduler::DomainSlice slice;
};
Result<DomainOp> decode_domain(const Invocation& call);

} // namespace syscalls
