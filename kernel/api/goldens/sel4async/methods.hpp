// Builders of asynchronous requests: one for each invocation, with the arguments of libsel4's function.
// Made by tools/gen_api.py from kernel/api/sel4.toml; change the table, not this file.
#pragma once

#include <sel4async/request.hpp>

namespace sel4async {

namespace op {
inline constexpr std::uint32_t untyped_retype = 1;
inline constexpr std::uint32_t tcb_read_registers = 2;
inline constexpr std::uint32_t tcb_write_registers = 3;
inline constexpr std::uint32_t tcb_copy_registers = 4;
inline constexpr std::uint32_t tcb_configure = 5;
inline constexpr std::uint32_t tcb_set_priority = 6;
inline constexpr std::uint32_t tcb_set_mc_priority = 7;
inline constexpr std::uint32_t tcb_set_sched_params = 8;
inline constexpr std::uint32_t tcb_set_ipc_buffer = 9;
inline constexpr std::uint32_t tcb_set_space = 10;
inline constexpr std::uint32_t tcb_suspend = 11;
inline constexpr std::uint32_t tcb_resume = 12;
inline constexpr std::uint32_t tcb_bind_notification = 13;
inline constexpr std::uint32_t tcb_unbind_notification = 14;
inline constexpr std::uint32_t tcb_set_affinity = 15;
inline constexpr std::uint32_t tcb_set_tls_base = 16;
inline constexpr std::uint32_t tcb_set_flags = 17;
inline constexpr std::uint32_t cnode_revoke = 18;
inline constexpr std::uint32_t cnode_delete = 19;
inline constexpr std::uint32_t cnode_cancel_badged_sends = 20;
inline constexpr std::uint32_t cnode_copy = 21;
inline constexpr std::uint32_t cnode_mint = 22;
inline constexpr std::uint32_t cnode_move = 23;
inline constexpr std::uint32_t cnode_mutate = 24;
inline constexpr std::uint32_t cnode_rotate = 25;
inline constexpr std::uint32_t cnode_save_caller = 26;
inline constexpr std::uint32_t irq_control_get = 27;
inline constexpr std::uint32_t irq_control_get_trigger = 41;
inline constexpr std::uint32_t irq_handler_ack = 28;
inline constexpr std::uint32_t irq_handler_set_notification = 29;
inline constexpr std::uint32_t irq_handler_clear = 30;
inline constexpr std::uint32_t domain_set_set = 31;
inline constexpr std::uint32_t domain_set_schedule_configure = 32;
inline constexpr std::uint32_t domain_set_schedule_set_start = 33;
inline constexpr std::uint32_t page_table_map = 34;
inline constexpr std::uint32_t page_table_unmap = 35;
inline constexpr std::uint32_t page_map = 36;
inline constexpr std::uint32_t page_unmap = 37;
inline constexpr std::uint32_t page_get_address = 38;
inline constexpr std::uint32_t asid_control_make_pool = 39;
inline constexpr std::uint32_t asid_pool_assign = 40;
inline constexpr std::uint32_t nop = 512;
inline constexpr std::uint32_t debug_put_char = 513;
inline constexpr std::uint32_t debug_put_string = 514;
} // namespace op

constexpr Request untyped_retype(CPtr service, std::uint64_t type, std::uint64_t size_bits, CPtr root, std::uint64_t node_index, std::uint64_t node_depth, std::uint64_t node_offset, std::uint64_t num_objects) {
    return {.op = op::untyped_retype, .cptr = service, .words = {type, size_bits, node_index, node_depth, node_offset, num_objects}, .caps = {root}};
}

constexpr Request tcb_read_registers(CPtr service, bool suspend_source, std::uint8_t arch_flags, std::uint64_t count) {
    return {.op = op::tcb_read_registers, .flags = count > TAIL4_ASYNC_SLOT_WORDS ? std::uint32_t{TAIL4_ASYNC_SLOT_WIDE} : 0, .cptr = service, .words = {std::uint64_t{suspend_source} | std::uint64_t{arch_flags} << 8, count}};
}

constexpr Request tcb_write_registers(CPtr service, bool resume_target, std::uint8_t arch_flags, std::uint64_t count, const std::uint64_t* regs) {
    constexpr std::uint64_t inside = TAIL4_ASYNC_SLOT_WORDS - 2;
    Request request{.op = op::tcb_write_registers, .cptr = service, .words = {std::uint64_t{resume_target} | std::uint64_t{arch_flags} << 8, count}};
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
    return {.op = op::tcb_copy_registers, .cptr = service, .words = {std::uint64_t{suspend_source} | std::uint64_t{resume_target} << 1 | std::uint64_t{transfer_frame} << 2 | std::uint64_t{transfer_integer} << 3 | std::uint64_t{arch_flags} << 8}, .caps = {source}};
}

constexpr Request tcb_configure(CPtr service, std::uint64_t fault_ep, CPtr cspace_root, std::uint64_t cspace_root_data, CPtr vspace_root, std::uint64_t vspace_root_data, std::uint64_t buffer, CPtr buffer_frame) {
    return {.op = op::tcb_configure, .cptr = service, .words = {fault_ep, cspace_root_data, vspace_root_data, buffer}, .caps = {cspace_root, vspace_root, buffer_frame}};
}

constexpr Request tcb_set_priority(CPtr service, CPtr authority, std::uint64_t priority) {
    return {.op = op::tcb_set_priority, .cptr = service, .words = {priority}, .caps = {authority}};
}

constexpr Request tcb_set_mc_priority(CPtr service, CPtr authority, std::uint64_t mcp) {
    return {.op = op::tcb_set_mc_priority, .cptr = service, .words = {mcp}, .caps = {authority}};
}

constexpr Request tcb_set_sched_params(CPtr service, CPtr authority, std::uint64_t mcp, std::uint64_t priority) {
    return {.op = op::tcb_set_sched_params, .cptr = service, .words = {mcp, priority}, .caps = {authority}};
}

constexpr Request tcb_set_ipc_buffer(CPtr service, std::uint64_t buffer, CPtr buffer_frame) {
    return {.op = op::tcb_set_ipc_buffer, .cptr = service, .words = {buffer}, .caps = {buffer_frame}};
}

constexpr Request tcb_set_space(CPtr service, std::uint64_t fault_ep, CPtr cspace_root, std::uint64_t cspace_root_data, CPtr vspace_root, std::uint64_t vspace_root_data) {
    return {.op = op::tcb_set_space, .cptr = service, .words = {fault_ep, cspace_root_data, vspace_root_data}, .caps = {cspace_root, vspace_root}};
}

constexpr Request tcb_suspend(CPtr service) {
    return {.op = op::tcb_suspend, .cptr = service};
}

constexpr Request tcb_resume(CPtr service) {
    return {.op = op::tcb_resume, .cptr = service};
}

constexpr Request tcb_bind_notification(CPtr service, CPtr notification) {
    return {.op = op::tcb_bind_notification, .cptr = service, .caps = {notification}};
}

constexpr Request tcb_unbind_notification(CPtr service) {
    return {.op = op::tcb_unbind_notification, .cptr = service};
}

constexpr Request tcb_set_affinity(CPtr service, std::uint64_t affinity) {
    return {.op = op::tcb_set_affinity, .cptr = service, .words = {affinity}};
}

constexpr Request tcb_set_tls_base(CPtr service, std::uint64_t tls_base) {
    return {.op = op::tcb_set_tls_base, .cptr = service, .words = {tls_base}};
}

constexpr Request tcb_set_flags(CPtr service, std::uint64_t clear, std::uint64_t set) {
    return {.op = op::tcb_set_flags, .cptr = service, .words = {clear, set}};
}

constexpr Request cnode_revoke(CPtr service, std::uint64_t index, std::uint8_t depth) {
    return {.op = op::cnode_revoke, .cptr = service, .words = {index, std::uint64_t{depth}}};
}

constexpr Request cnode_delete(CPtr service, std::uint64_t index, std::uint8_t depth) {
    return {.op = op::cnode_delete, .cptr = service, .words = {index, std::uint64_t{depth}}};
}

constexpr Request cnode_cancel_badged_sends(CPtr service, std::uint64_t index, std::uint8_t depth) {
    return {.op = op::cnode_cancel_badged_sends, .cptr = service, .words = {index, std::uint64_t{depth}}};
}

constexpr Request cnode_copy(CPtr service, std::uint64_t dest_index, std::uint8_t dest_depth, CPtr src_root, std::uint64_t src_index, std::uint8_t src_depth, std::uint64_t rights) {
    return {.op = op::cnode_copy, .cptr = service, .words = {dest_index, std::uint64_t{dest_depth}, src_index, std::uint64_t{src_depth}, rights}, .caps = {src_root}};
}

constexpr Request cnode_mint(CPtr service, std::uint64_t dest_index, std::uint8_t dest_depth, CPtr src_root, std::uint64_t src_index, std::uint8_t src_depth, std::uint64_t rights, std::uint64_t badge) {
    return {.op = op::cnode_mint, .cptr = service, .words = {dest_index, std::uint64_t{dest_depth}, src_index, std::uint64_t{src_depth}, rights, badge}, .caps = {src_root}};
}

constexpr Request cnode_move(CPtr service, std::uint64_t dest_index, std::uint8_t dest_depth, CPtr src_root, std::uint64_t src_index, std::uint8_t src_depth) {
    return {.op = op::cnode_move, .cptr = service, .words = {dest_index, std::uint64_t{dest_depth}, src_index, std::uint64_t{src_depth}}, .caps = {src_root}};
}

constexpr Request cnode_mutate(CPtr service, std::uint64_t dest_index, std::uint8_t dest_depth, CPtr src_root, std::uint64_t src_index, std::uint8_t src_depth, std::uint64_t badge) {
    return {.op = op::cnode_mutate, .cptr = service, .words = {dest_index, std::uint64_t{dest_depth}, src_index, std::uint64_t{src_depth}, badge}, .caps = {src_root}};
}

constexpr Request cnode_rotate(CPtr service, std::uint64_t dest_index, std::uint8_t dest_depth, std::uint64_t dest_badge, CPtr pivot_root, std::uint64_t pivot_index, std::uint8_t pivot_depth, std::uint64_t pivot_badge, CPtr src_root, std::uint64_t src_index, std::uint8_t src_depth) {
    return {.op = op::cnode_rotate, .cptr = service, .words = {dest_index, std::uint64_t{dest_depth}, dest_badge, pivot_index, std::uint64_t{pivot_depth}, pivot_badge, src_index, std::uint64_t{src_depth}}, .caps = {pivot_root, src_root}};
}

constexpr Request cnode_save_caller(CPtr service, std::uint64_t index, std::uint8_t depth) {
    return {.op = op::cnode_save_caller, .cptr = service, .words = {index, std::uint64_t{depth}}};
}

constexpr Request irq_control_get(CPtr service, std::uint64_t irq, CPtr root, std::uint64_t index, std::uint8_t depth) {
    return {.op = op::irq_control_get, .cptr = service, .words = {irq, index, std::uint64_t{depth}}, .caps = {root}};
}

constexpr Request irq_control_get_trigger(CPtr service, std::uint64_t irq, std::uint64_t trigger, CPtr root, std::uint64_t index, std::uint8_t depth) {
    return {.op = op::irq_control_get_trigger, .cptr = service, .words = {irq, trigger, index, std::uint64_t{depth}}, .caps = {root}};
}

constexpr Request irq_handler_ack(CPtr service) {
    return {.op = op::irq_handler_ack, .cptr = service};
}

constexpr Request irq_handler_set_notification(CPtr service, CPtr notification) {
    return {.op = op::irq_handler_set_notification, .cptr = service, .caps = {notification}};
}

constexpr Request irq_handler_clear(CPtr service) {
    return {.op = op::irq_handler_clear, .cptr = service};
}

constexpr Request domain_set_set(CPtr service, std::uint8_t domain, CPtr thread) {
    return {.op = op::domain_set_set, .cptr = service, .words = {std::uint64_t{domain}}, .caps = {thread}};
}

constexpr Request domain_set_schedule_configure(CPtr service, std::uint64_t index, std::uint8_t domain, std::uint64_t duration) {
    return {.op = op::domain_set_schedule_configure, .cptr = service, .words = {index, std::uint64_t{domain}, duration}};
}

constexpr Request domain_set_schedule_set_start(CPtr service, std::uint64_t index) {
    return {.op = op::domain_set_schedule_set_start, .cptr = service, .words = {index}};
}

constexpr Request page_table_map(CPtr service, CPtr vspace, std::uint64_t vaddr, std::uint64_t attr) {
    return {.op = op::page_table_map, .cptr = service, .words = {vaddr, attr}, .caps = {vspace}};
}

constexpr Request page_table_unmap(CPtr service) {
    return {.op = op::page_table_unmap, .cptr = service};
}

constexpr Request page_map(CPtr service, CPtr vspace, std::uint64_t vaddr, std::uint64_t rights, std::uint64_t attr) {
    return {.op = op::page_map, .cptr = service, .words = {vaddr, rights, attr}, .caps = {vspace}};
}

constexpr Request page_unmap(CPtr service) {
    return {.op = op::page_unmap, .cptr = service};
}

constexpr Request page_get_address(CPtr service) {
    return {.op = op::page_get_address, .cptr = service};
}

constexpr Request asid_control_make_pool(CPtr service, CPtr untyped, CPtr root, std::uint64_t index, std::uint8_t depth) {
    return {.op = op::asid_control_make_pool, .cptr = service, .words = {index, std::uint64_t{depth}}, .caps = {untyped, root}};
}

constexpr Request asid_pool_assign(CPtr service, CPtr vspace) {
    return {.op = op::asid_pool_assign, .cptr = service, .caps = {vspace}};
}

} // namespace sel4async
