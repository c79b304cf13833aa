#include "rootserver/functional/every.hpp"

namespace functional {

namespace {

using sel4async::Request;
namespace m = sel4async;
using O = Objects;

constexpr std::uint64_t root = seL4_CapInitThreadCNode;
constexpr std::uint64_t vspace = seL4_CapInitThreadVSpace;
constexpr std::uint64_t own = seL4_CapInitThreadTCB;
constexpr std::uint64_t irqs = seL4_CapIRQControl;
constexpr std::uint64_t domain = seL4_CapDomain;
constexpr std::uint64_t all_rights = 15;
constexpr std::uint64_t no_domain = 200;

template <class T>
T convert(std::uint64_t value) {
    if constexpr (std::is_same_v<T, seL4_CapRights_t>)
        return T{{value}};
    else
        return static_cast<T>(value);
}

Outcome outcome(std::uint64_t error) {
    Outcome result{error, 0, {}};
    for (unsigned i = 0; error != seL4_NoError && i < Outcome::room; ++i)
        result.words[i] = seL4_GetMR(static_cast<int>(i));
    return result;
}

template <class... Args, std::size_t... index>
Request build_with(Request (*builder)(Args...), const std::uint64_t* args, std::index_sequence<index...>) {
    return builder(convert<Args>(args[index])...);
}
template <class Result, class... Args, std::size_t... index>
Outcome call_with(Result (*function)(Args...), const std::uint64_t* args, std::index_sequence<index...>) {
    const auto result = function(convert<Args>(args[index])...);
    if constexpr (std::is_same_v<Result, seL4_Error>) {
        return outcome(static_cast<std::uint64_t>(result));
    } else {
        const auto [error, word] = result;
        if (error != seL4_NoError) return outcome(static_cast<std::uint64_t>(error));
        return {0, 1, {word}};
    }
}
template <class Result, class... Args>
constexpr auto indices(Result (*)(Args...)) {
    return std::index_sequence_for<Args...>();
}

template <auto Builder>
Request build(const std::uint64_t* args) {
    return build_with(Builder, args, indices(Builder));
}
template <auto Function>
Outcome call(const std::uint64_t* args) {
    return call_with(Function, args, indices(Function));
}

// --- Those that are not plain numbers in and out

constexpr std::uint64_t register_count = 3;
std::uint64_t values[register_count] = {0x1234'5678'9abc, ~0ul, 0x1'0000'0000};

Request build_write(const std::uint64_t* args) {
    return m::tcb_write_registers(args[0], false, 0, register_count, values);
}
Outcome call_write(const std::uint64_t* args) {
    seL4_UserContext registers{};
    registers.pc = values[0];
    registers.ra = values[1];
    registers.sp = values[2];
    return outcome(static_cast<std::uint64_t>(seL4_TCB_WriteRegisters(args[0], 0, 0, register_count, &registers)));
}
Request build_read(const std::uint64_t* args) { return m::tcb_read_registers(args[0], false, 0, register_count); }
Outcome call_read(const std::uint64_t* args) {
    seL4_UserContext found{};
    const seL4_Error error = seL4_TCB_ReadRegisters(args[0], 0, 0, register_count, &found);
    if (error != seL4_NoError) return outcome(static_cast<std::uint64_t>(error));
    return {0, register_count, {found.pc, found.ra, found.sp}};
}

std::uint64_t hart_count = 1;
Outcome call_affinity(const std::uint64_t* args) {
    return {std::uint64_t{args[1] < hart_count ? seL4_NoError : seL4_IllegalOperation}, 0, {}};
}

// In this order: later rows use what earlier ones made.
constexpr Row rows[] = {
    {"untyped_retype",
     build<&m::untyped_retype>,
     call<&seL4_Untyped_Retype>,
     {&O::untyped, seL4_NotificationObject, 0ul, root, 0ul, 0ul, &O::s0, 1ul},
     {&O::untyped, 9ul, 0ul, root, 0ul, 0ul, &O::s0, 1ul}},
    {"tcb_configure",
     build<&m::tcb_configure>,
     call<&seL4_TCB_Configure>,
     {&O::tcb, 0ul, root, 0ul, vspace, 0ul, 0ul, 0ul},
     {&O::tcb, 0ul, &O::frame, 0ul, vspace, 0ul, 0ul, 0ul}},
    {"tcb_set_priority",
     build<&m::tcb_set_priority>,
     call<&seL4_TCB_SetPriority>,
     {&O::tcb, own, 90ul},
     {&O::tcb, own, 1000ul}},
    {"tcb_set_mc_priority",
     build<&m::tcb_set_mc_priority>,
     call<&seL4_TCB_SetMCPriority>,
     {&O::tcb, own, 100ul},
     {&O::tcb, own, 1000ul}},
    {"tcb_set_sched_params",
     build<&m::tcb_set_sched_params>,
     call<&seL4_TCB_SetSchedParams>,
     {&O::tcb, own, 100ul, 1ul},
     {&O::tcb, own, 100ul, 1000ul}},
    {"tcb_set_ipc_buffer",
     build<&m::tcb_set_ipc_buffer>,
     call<&seL4_TCB_SetIPCBuffer>,
     {&O::tcb, 0ul, 0ul},
     {&O::tcb, 0x123ul, &O::frame}},
    {"tcb_set_space",
     build<&m::tcb_set_space>,
     call<&seL4_TCB_SetSpace>,
     {&O::tcb, 0ul, root, 0ul, vspace, 0ul},
     {&O::tcb, 0ul, &O::frame, 0ul, vspace, 0ul}},
    {"tcb_write_registers", build_write, call_write, {&O::tcb}, {&O::frame}},
    {"tcb_read_registers", build_read, call_read, {&O::tcb}, {&O::frame}, true},
    {"tcb_copy_registers",
     build<&m::tcb_copy_registers>,
     call<&seL4_TCB_CopyRegisters>,
     {&O::tcb2, &O::tcb, 0ul, 0ul, 1ul, 1ul, 0ul},
     {&O::tcb2, &O::frame, 0ul, 0ul, 1ul, 1ul, 0ul}},
    {"tcb_set_tls_base",
     build<&m::tcb_set_tls_base>,
     call<&seL4_TCB_SetTLSBase>,
     {&O::tcb, 0x1'2345'6789ul},
     {&O::frame, 1ul}},
    {"tcb_set_flags", build<&m::tcb_set_flags>, call<&seL4_TCB_SetFlags>, {&O::tcb, 0ul, 1ul}, {&O::frame, 0ul, 1ul}},
    {"tcb_set_affinity", build<&m::tcb_set_affinity>, call_affinity, {&O::tcb, 0ul}, {&O::tcb, 1000ul}},
    {"tcb_bind_notification",
     build<&m::tcb_bind_notification>,
     call<&seL4_TCB_BindNotification>,
     {&O::tcb, &O::notification},
     {&O::tcb, &O::frame}},
    {"tcb_unbind_notification",
     build<&m::tcb_unbind_notification>,
     call<&seL4_TCB_UnbindNotification>,
     {&O::tcb},
     {&O::tcb2}},
    {"tcb_resume", build<&m::tcb_resume>, call<&seL4_TCB_Resume>, {&O::tcb}, {&O::frame}},
    {"tcb_suspend", build<&m::tcb_suspend>, call<&seL4_TCB_Suspend>, {&O::tcb}, {&O::frame}},
    {"cnode_copy",
     build<&m::cnode_copy>,
     call<&seL4_CNode_Copy>,
     {root, &O::s1, 64ul, root, &O::tcb, 64ul, all_rights},
     {root, &O::s1, 64ul, root, &O::tcb, 64ul, all_rights}},
    {"cnode_mint",
     build<&m::cnode_mint>,
     call<&seL4_CNode_Mint>,
     {root, &O::s2, 64ul, root, &O::endpoint, 64ul, all_rights, 0x1234'5678'9abc'def0ul},
     {root, &O::s2, 64ul, root, &O::endpoint, 64ul, all_rights, 1ul}},
    {"cnode_cancel_badged_sends",
     build<&m::cnode_cancel_badged_sends>,
     call<&seL4_CNode_CancelBadgedSends>,
     {root, &O::s2, 64ul},
     {root, &O::notification, 64ul}},
    {"cnode_move",
     build<&m::cnode_move>,
     call<&seL4_CNode_Move>,
     {root, &O::s4, 64ul, root, &O::s1, 64ul},
     {root, &O::s6, 64ul, root, &O::s1, 64ul}},
    {"cnode_mutate",
     build<&m::cnode_mutate>,
     call<&seL4_CNode_Mutate>,
     {root, &O::s5, 64ul, root, &O::s4, 64ul, 5ul},
     {root, &O::s6, 64ul, root, &O::s2, 64ul, 5ul}},
    {"cnode_rotate",
     build<&m::cnode_rotate>,
     call<&seL4_CNode_Rotate>,
     {root, &O::s6, 64ul, 0ul, root, &O::s5, 64ul, 0ul, root, &O::tcb2, 64ul},
     {root, &O::s1, 64ul, 0ul, root, &O::s4, 64ul, 0ul, root, &O::s6, 64ul}},
    {"cnode_delete", build<&m::cnode_delete>, call<&seL4_CNode_Delete>, {root, &O::s6, 64ul}, {root, &O::s6, 3ul}},
    {"cnode_revoke",
     build<&m::cnode_revoke>,
     call<&seL4_CNode_Revoke>,
     {root, &O::endpoint, 64ul},
     {root, &O::endpoint, 0ul}},
    {"cnode_save_caller",
     build<&m::cnode_save_caller>,
     call<&seL4_CNode_SaveCaller>,
     {root, &O::s7, 64ul},
     {root, &O::endpoint, 64ul}},
    {"irq_control_get",
     build<&m::irq_control_get>,
     call<&seL4_IRQControl_Get>,
     {irqs, &O::irq, root, &O::irq_handler, 64ul},
     {irqs, 0ul, root, &O::s6, 64ul}},
    {"irq_control_get_trigger",
     build<&m::irq_control_get_trigger>,
     call<&seL4_IRQControl_GetTrigger>,
     {irqs, &O::irq2, 1ul, root, &O::irq_handler2, 64ul},
     {irqs, &O::irq2, 1ul, root, &O::s6, 64ul}},
    {"irq_handler_set_notification",
     build<&m::irq_handler_set_notification>,
     call<&seL4_IRQHandler_SetNotification>,
     {&O::irq_handler, &O::notification},
     {&O::irq_handler, &O::frame}},
    {"irq_handler_ack", build<&m::irq_handler_ack>, call<&seL4_IRQHandler_Ack>, {&O::irq_handler}, {&O::frame}},
    {"irq_handler_clear", build<&m::irq_handler_clear>, call<&seL4_IRQHandler_Clear>, {&O::irq_handler}, {&O::frame}},
    {"domain_set_set",
     build<&m::domain_set_set>,
     call<&seL4_DomainSet_Set>,
     {domain, 0ul, &O::tcb},
     {domain, no_domain, &O::tcb}},
    {"domain_set_schedule_configure",
     build<&m::domain_set_schedule_configure>,
     call<&seL4_DomainSet_ScheduleConfigure>,
     {domain, 0ul, 0ul, 5ul},
     {domain, 0ul, 0ul, 0ul}},
    {"domain_set_schedule_set_start",
     build<&m::domain_set_schedule_set_start>,
     call<&seL4_DomainSet_ScheduleSetStart>,
     {domain, 0ul},
     {domain, 1000ul}},
    {"page_table_map",
     build<&m::page_table_map>,
     call<&seL4_RISCV_PageTable_Map>,
     {&O::table, vspace, &O::vaddr, 0ul},
     {&O::table, vspace, &O::vaddr, 0ul}},
    {"page_map",
     build<&m::page_map>,
     call<&seL4_RISCV_Page_Map>,
     {&O::frame, vspace, &O::vaddr, 3ul, 1ul},
     {&O::frame, vspace, 0x123ul, 3ul, 1ul}},
    {"page_get_address", build<&m::page_get_address>, call<&seL4_RISCV_Page_GetAddress>, {&O::frame}, {&O::tcb}, true},
    {"page_unmap", build<&m::page_unmap>, call<&seL4_RISCV_Page_Unmap>, {&O::frame}, {&O::tcb}},
    {"page_table_unmap", build<&m::page_table_unmap>, call<&seL4_RISCV_PageTable_Unmap>, {&O::table}, {&O::frame}},
    {"asid_control_make_pool",
     build<&m::asid_control_make_pool>,
     call<&seL4_RISCV_ASIDControl_MakePool>,
     {std::uint64_t{seL4_CapASIDControl}, &O::pool_untyped, root, &O::pool, 64ul},
     {std::uint64_t{seL4_CapASIDControl}, &O::frame, root, &O::s6, 64ul}},
    {"asid_pool_assign",
     build<&m::asid_pool_assign>,
     call<&seL4_RISCV_ASIDPool_Assign>,
     {&O::pool, &O::vspace},
     {&O::pool, &O::frame}},
};

} // namespace

std::span<const Row> every_row() { return rows; }
void set_harts(std::uint64_t harts) { hart_count = harts; }

} // namespace functional
