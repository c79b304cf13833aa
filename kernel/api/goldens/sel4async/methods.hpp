// Builders of asynchronous requests: one for each invocation, with the arguments of libsel4's function.
// Made by tools/gen_api.py from kernel/api/sel4.toml; change the table, not this file.
#pragma once

#include <sel4/async_request.hpp>

namespace sel4async {

constexpr Request untyped_retype(CPtr service, std::uint64_t type, std::uint64_t size_bits, CPtr root, std::uint64_t node_index, std::uint64_t node_depth, std::uint64_t node_offset, std::uint64_t num_objects) {
    return {.op = TAIL4_OP_UntypedRetype, .cptr = service, .words = {type, size_bits, node_index, node_depth, node_offset, num_objects}, .caps = {root}};
}

constexpr Request tcb_read_registers(CPtr service, bool suspend_source, std::uint8_t arch_flags, std::uint64_t count) {
    return {.op = TAIL4_OP_TCBReadRegisters, .flags = count > TAIL4_ASYNC_SLOT_WORDS ? std::uint32_t{TAIL4_ASYNC_SLOT_WIDE} : 0, .cptr = service, .words = {std::uint64_t{suspend_source} | std::uint64_t{arch_flags} << 8, count}};
}

constexpr Request tcb_write_registers(CPtr service, bool resume_target, std::uint8_t arch_flags, std::uint64_t count, const std::uint64_t* regs) {
    constexpr std::uint64_t inside = TAIL4_ASYNC_SLOT_WORDS - 2;
    Request request{.op = TAIL4_OP_TCBWriteRegisters, .cptr = service, .words = {std::uint64_t{resume_target} | std::uint64_t{arch_flags} << 8, count}};
    for (std::uint64_t i = 0; i < count && i < inside; ++i) {
        request.words[2 + i] = regs[i];
    }
    if (count > inside) {
        request.flags = TAIL4_ASYNC_SLOT_WIDE;
        request.more = regs + inside;
        constexpr std::uint64_t most = 32;
        request.more_bytes = static_cast<std::uint32_t>((count < most ? count : most) - inside) * 8;
    }
    return request;
}

constexpr Request tcb_copy_registers(CPtr service, CPtr source, bool suspend_source, bool resume_target, bool transfer_frame, bool transfer_integer, std::uint8_t arch_flags) {
    return {.op = TAIL4_OP_TCBCopyRegisters, .cptr = service, .words = {std::uint64_t{suspend_source} | std::uint64_t{resume_target} << 1 | std::uint64_t{transfer_frame} << 2 | std::uint64_t{transfer_integer} << 3 | std::uint64_t{arch_flags} << 8}, .caps = {source}};
}

constexpr Request tcb_configure(CPtr service, std::uint64_t fault_ep, CPtr cspace_root, std::uint64_t cspace_root_data, CPtr vspace_root, std::uint64_t vspace_root_data, std::uint64_t buffer, CPtr buffer_frame) {
    return {.op = TAIL4_OP_TCBConfigure, .cptr = service, .words = {fault_ep, cspace_root_data, vspace_root_data, buffer}, .caps = {cspace_root, vspace_root, buffer_frame}};
}

constexpr Request tcb_set_priority(CPtr service, CPtr authority, std::uint64_t priority) {
    return {.op = TAIL4_OP_TCBSetPriority, .cptr = service, .words = {priority}, .caps = {authority}};
}

constexpr Request tcb_set_mc_priority(CPtr service, CPtr authority, std::uint64_t mcp) {
    return {.op = TAIL4_OP_TCBSetMCPriority, .cptr = service, .words = {mcp}, .caps = {authority}};
}

constexpr Request tcb_set_sched_params(CPtr service, CPtr authority, std::uint64_t mcp, std::uint64_t priority) {
    return {.op = TAIL4_OP_TCBSetSchedParams, .cptr = service, .words = {mcp, priority}, .caps = {authority}};
}

constexpr Request tcb_set_ipc_buffer(CPtr service, std::uint64_t buffer, CPtr buffer_frame) {
    return {.op = TAIL4_OP_TCBSetIPCBuffer, .cptr = service, .words = {buffer}, .caps = {buffer_frame}};
}

constexpr Request tcb_set_space(CPtr service, std::uint64_t fault_ep, CPtr cspace_root, std::uint64_t cspace_root_data, CPtr vspace_root, std::uint64_t vspace_root_data) {
    return {.op = TAIL4_OP_TCBSetSpace, .cptr = service, .words = {fault_ep, cspace_root_data, vspace_root_data}, .caps = {cspace_root, vspace_root}};
}

constexpr Request tcb_suspend(CPtr service) {
    return {.op = TAIL4_OP_TCBSuspend, .cptr = service};
}

constexpr Request tcb_resume(CPtr service) {
    return {.op = TAIL4_OP_TCBResume, .cptr = service};
}

constexpr Request tcb_bind_notification(CPtr service, CPtr notification) {
    return {.op = TAIL4_OP_TCBBindNotification, .cptr = service, .caps = {notification}};
}

constexpr Request tcb_unbind_notification(CPtr service) {
    return {.op = TAIL4_OP_TCBUnbindNotification, .cptr = service};
}

constexpr Request tcb_set_affinity(CPtr service, std::uint64_t affinity) {
    return {.op = TAIL4_OP_TCBSetAffinity, .cptr = service, .words = {affinity}};
}

constexpr Request tcb_set_tls_base(CPtr service, std::uint64_t tls_base) {
    return {.op = TAIL4_OP_TCBSetTLSBase, .cptr = service, .words = {tls_base}};
}

constexpr Request tcb_set_flags(CPtr service, std::uint64_t clear, std::uint64_t set) {
    return {.op = TAIL4_OP_TCBSetFlags, .cptr = service, .words = {clear, set}};
}

constexpr Request cnode_revoke(CPtr service, std::uint64_t index, std::uint8_t depth) {
    return {.op = TAIL4_OP_CNodeRevoke, .cptr = service, .words = {index, std::uint64_t{depth}}};
}

constexpr Request cnode_delete(CPtr service, std::uint64_t index, std::uint8_t depth) {
    return {.op = TAIL4_OP_CNodeDelete, .cptr = service, .words = {index, std::uint64_t{depth}}};
}

constexpr Request cnode_cancel_badged_sends(CPtr service, std::uint64_t index, std::uint8_t depth) {
    return {.op = TAIL4_OP_CNodeCancelBadgedSends, .cptr = service, .words = {index, std::uint64_t{depth}}};
}

constexpr Request cnode_copy(CPtr service, std::uint64_t dest_index, std::uint8_t dest_depth, CPtr src_root, std::uint64_t src_index, std::uint8_t src_depth, std::uint64_t rights) {
    return {.op = TAIL4_OP_CNodeCopy, .cptr = service, .words = {dest_index, std::uint64_t{dest_depth}, src_index, std::uint64_t{src_depth}, rights}, .caps = {src_root}};
}

constexpr Request cnode_mint(CPtr service, std::uint64_t dest_index, std::uint8_t dest_depth, CPtr src_root, std::uint64_t src_index, std::uint8_t src_depth, std::uint64_t rights, std::uint64_t badge) {
    return {.op = TAIL4_OP_CNodeMint, .cptr = service, .words = {dest_index, std::uint64_t{dest_depth}, src_index, std::uint64_t{src_depth}, rights, badge}, .caps = {src_root}};
}

constexpr Request cnode_move(CPtr service, std::uint64_t dest_index, std::uint8_t dest_depth, CPtr src_root, std::uint64_t src_index, std::uint8_t src_depth) {
    return {.op = TAIL4_OP_CNodeMove, .cptr = service, .words = {dest_index, std::uint64_t{dest_depth}, src_index, std::uint64_t{src_depth}}, .caps = {src_root}};
}

constexpr Request cnode_mutate(CPtr service, std::uint64_t dest_index, std::uint8_t dest_depth, CPtr src_root, std::uint64_t src_index, std::uint8_t src_depth, std::uint64_t badge) {
    return {.op = TAIL4_OP_CNodeMutate, .cptr = service, .words = {dest_index, std::uint64_t{dest_depth}, src_index, std::uint64_t{src_depth}, badge}, .caps = {src_root}};
}

constexpr Request cnode_rotate(CPtr service, std::uint64_t dest_index, std::uint8_t dest_depth, std::uint64_t dest_badge, CPtr pivot_root, std::uint64_t pivot_index, std::uint8_t pivot_depth, std::uint64_t pivot_badge, CPtr src_root, std::uint64_t src_index, std::uint8_t src_depth) {
    return {.op = TAIL4_OP_CNodeRotate, .cptr = service, .words = {dest_index, std::uint64_t{dest_depth}, dest_badge, pivot_index, std::uint64_t{pivot_depth}, pivot_badge, src_index, std::uint64_t{src_depth}}, .caps = {pivot_root, src_root}};
}

constexpr Request cnode_save_caller(CPtr service, std::uint64_t index, std::uint8_t depth) {
    return {.op = TAIL4_OP_CNodeSaveCaller, .cptr = service, .words = {index, std::uint64_t{depth}}};
}

constexpr Request irq_control_get(CPtr service, std::uint64_t irq, CPtr root, std::uint64_t index, std::uint8_t depth) {
    return {.op = TAIL4_OP_IRQIssueIRQHandler, .cptr = service, .words = {irq, index, std::uint64_t{depth}}, .caps = {root}};
}

constexpr Request irq_control_get_trigger(CPtr service, std::uint64_t irq, std::uint64_t trigger, CPtr root, std::uint64_t index, std::uint8_t depth) {
    return {.op = TAIL4_OP_RISCVIRQIssueIRQHandlerTrigger, .cptr = service, .words = {irq, trigger, index, std::uint64_t{depth}}, .caps = {root}};
}

constexpr Request irq_handler_ack(CPtr service) {
    return {.op = TAIL4_OP_IRQAckIRQ, .cptr = service};
}

constexpr Request irq_handler_set_notification(CPtr service, CPtr notification) {
    return {.op = TAIL4_OP_IRQSetIRQHandler, .cptr = service, .caps = {notification}};
}

constexpr Request irq_handler_clear(CPtr service) {
    return {.op = TAIL4_OP_IRQClearIRQHandler, .cptr = service};
}

constexpr Request domain_set_set(CPtr service, std::uint8_t domain, CPtr thread) {
    return {.op = TAIL4_OP_DomainSetSet, .cptr = service, .words = {std::uint64_t{domain}}, .caps = {thread}};
}

constexpr Request domain_set_schedule_configure(CPtr service, std::uint64_t index, std::uint8_t domain, std::uint64_t duration) {
    return {.op = TAIL4_OP_DomainScheduleConfigure, .cptr = service, .words = {index, std::uint64_t{domain}, duration}};
}

constexpr Request domain_set_schedule_set_start(CPtr service, std::uint64_t index) {
    return {.op = TAIL4_OP_DomainScheduleSetStart, .cptr = service, .words = {index}};
}

constexpr Request page_table_map(CPtr service, CPtr vspace, std::uint64_t vaddr, std::uint64_t attr) {
    return {.op = TAIL4_OP_RISCVPageTableMap, .cptr = service, .words = {vaddr, attr}, .caps = {vspace}};
}

constexpr Request page_table_unmap(CPtr service) {
    return {.op = TAIL4_OP_RISCVPageTableUnmap, .cptr = service};
}

constexpr Request page_map(CPtr service, CPtr vspace, std::uint64_t vaddr, std::uint64_t rights, std::uint64_t attr) {
    return {.op = TAIL4_OP_RISCVPageMap, .cptr = service, .words = {vaddr, rights, attr}, .caps = {vspace}};
}

constexpr Request page_unmap(CPtr service) {
    return {.op = TAIL4_OP_RISCVPageUnmap, .cptr = service};
}

constexpr Request page_get_address(CPtr service) {
    return {.op = TAIL4_OP_RISCVPageGetAddress, .cptr = service};
}

constexpr Request asid_control_make_pool(CPtr service, CPtr untyped, CPtr root, std::uint64_t index, std::uint8_t depth) {
    return {.op = TAIL4_OP_RISCVASIDControlMakePool, .cptr = service, .words = {index, std::uint64_t{depth}}, .caps = {untyped, root}};
}

constexpr Request asid_pool_assign(CPtr service, CPtr vspace) {
    return {.op = TAIL4_OP_RISCVASIDPoolAssign, .cptr = service, .caps = {vspace}};
}

} // namespace sel4async
