// Carries out checked interrupt and domain operations.
#pragma once

#include "syscalls/decode_system.hpp"

namespace syscalls {

Outcome commit_irq_control(const IssueIrq& op, Origin origin);
Outcome commit_irq_handler(const IrqHandlerOp& op);
Outcome commit_domain(const DomainOp& op);

} // namespace syscalls
