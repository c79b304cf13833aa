// One function for each invocation, as libsel4 has them.
// Made by tools/gen_api.py from kernel/api/sel4.toml; change the table, not this file.
#pragma once

#include <sel4/invocation.h>
#include <sel4/invoke.h>
#include <sel4/types.h>

static inline seL4_Error seL4_Untyped_Retype(seL4_Untyped _service, seL4_Word type, seL4_Word size_bits, seL4_CNode root, seL4_Word node_index, seL4_Word node_depth, seL4_Word node_offset, seL4_Word num_objects) {
    seL4_Word mr[4] = {type, size_bits, node_index, node_depth};
    seL4_SetCap(0, root);
    seL4_SetMR(4, node_offset);
    seL4_SetMR(5, num_objects);
    return sel4_invoke(_service, UntypedRetype, 1, 6, mr);
}

static inline seL4_Error seL4_TCB_ReadRegisters(seL4_TCB _service, seL4_Bool suspend_source, seL4_Uint8 arch_flags, seL4_Word count, seL4_UserContext *regs) {
    seL4_Word mr[4] = {((seL4_Word)suspend_source & 0x1) | ((seL4_Word)arch_flags & 0xff) << 8, count, 0, 0};
    const seL4_Error error = sel4_invoke(_service, TCBReadRegisters, 0, 2, mr);
    regs->pc = mr[0];
    regs->ra = mr[1];
    regs->sp = mr[2];
    regs->gp = mr[3];
    regs->s0 = seL4_GetMR(4);
    regs->s1 = seL4_GetMR(5);
    regs->s2 = seL4_GetMR(6);
    regs->s3 = seL4_GetMR(7);
    regs->s4 = seL4_GetMR(8);
    regs->s5 = seL4_GetMR(9);
    regs->s6 = seL4_GetMR(10);
    regs->s7 = seL4_GetMR(11);
    regs->s8 = seL4_GetMR(12);
    regs->s9 = seL4_GetMR(13);
    regs->s10 = seL4_GetMR(14);
    regs->s11 = seL4_GetMR(15);
    regs->a0 = seL4_GetMR(16);
    regs->a1 = seL4_GetMR(17);
    regs->a2 = seL4_GetMR(18);
    regs->a3 = seL4_GetMR(19);
    regs->a4 = seL4_GetMR(20);
    regs->a5 = seL4_GetMR(21);
    regs->a6 = seL4_GetMR(22);
    regs->a7 = seL4_GetMR(23);
    regs->t0 = seL4_GetMR(24);
    regs->t1 = seL4_GetMR(25);
    regs->t2 = seL4_GetMR(26);
    regs->t3 = seL4_GetMR(27);
    regs->t4 = seL4_GetMR(28);
    regs->t5 = seL4_GetMR(29);
    regs->t6 = seL4_GetMR(30);
    regs->tp = seL4_GetMR(31);
    return error;
}

static inline seL4_Error seL4_TCB_WriteRegisters(seL4_TCB _service, seL4_Bool resume_target, seL4_Uint8 arch_flags, seL4_Word count, seL4_UserContext *regs) {
    seL4_Word mr[4] = {((seL4_Word)resume_target & 0x1) | ((seL4_Word)arch_flags & 0xff) << 8, count, regs->pc, regs->ra};
    seL4_SetMR(4, regs->sp);
    seL4_SetMR(5, regs->gp);
    seL4_SetMR(6, regs->s0);
    seL4_SetMR(7, regs->s1);
    seL4_SetMR(8, regs->s2);
    seL4_SetMR(9, regs->s3);
    seL4_SetMR(10, regs->s4);
    seL4_SetMR(11, regs->s5);
    seL4_SetMR(12, regs->s6);
    seL4_SetMR(13, regs->s7);
    seL4_SetMR(14, regs->s8);
    seL4_SetMR(15, regs->s9);
    seL4_SetMR(16, regs->s10);
    seL4_SetMR(17, regs->s11);
    seL4_SetMR(18, regs->a0);
    seL4_SetMR(19, regs->a1);
    seL4_SetMR(20, regs->a2);
    seL4_SetMR(21, regs->a3);
    seL4_SetMR(22, regs->a4);
    seL4_SetMR(23, regs->a5);
    seL4_SetMR(24, regs->a6);
    seL4_SetMR(25, regs->a7);
    seL4_SetMR(26, regs->t0);
    seL4_SetMR(27, regs->t1);
    seL4_SetMR(28, regs->t2);
    seL4_SetMR(29, regs->t3);
    seL4_SetMR(30, regs->t4);
    seL4_SetMR(31, regs->t5);
    seL4_SetMR(32, regs->t6);
    seL4_SetMR(33, regs->tp);
    return sel4_invoke(_service, TCBWriteRegisters, 0, 34, mr);
}

static inline seL4_Error seL4_TCB_CopyRegisters(seL4_TCB _service, seL4_TCB source, seL4_Bool suspend_source, seL4_Bool resume_target, seL4_Bool transfer_frame, seL4_Bool transfer_integer, seL4_Uint8 arch_flags) {
    seL4_Word mr[4] = {((seL4_Word)suspend_source & 0x1) | ((seL4_Word)resume_target & 0x1) << 1 | ((seL4_Word)transfer_frame & 0x1) << 2 | ((seL4_Word)transfer_integer & 0x1) << 3 | ((seL4_Word)arch_flags & 0xff) << 8, 0, 0, 0};
    seL4_SetCap(0, source);
    return sel4_invoke(_service, TCBCopyRegisters, 1, 1, mr);
}

static inline seL4_Error seL4_TCB_Configure(seL4_TCB _service, seL4_Word fault_ep, seL4_CNode cspace_root, seL4_Word cspace_root_data, seL4_CPtr vspace_root, seL4_Word vspace_root_data, seL4_Word buffer, seL4_CPtr bufferFrame) {
    seL4_Word mr[4] = {fault_ep, cspace_root_data, vspace_root_data, buffer};
    seL4_SetCap(0, cspace_root);
    seL4_SetCap(1, vspace_root);
    seL4_SetCap(2, bufferFrame);
    return sel4_invoke(_service, TCBConfigure, 3, 4, mr);
}

static inline seL4_Error seL4_TCB_SetPriority(seL4_TCB _service, seL4_TCB authority, seL4_Word priority) {
    seL4_Word mr[4] = {priority, 0, 0, 0};
    seL4_SetCap(0, authority);
    return sel4_invoke(_service, TCBSetPriority, 1, 1, mr);
}

static inline seL4_Error seL4_TCB_SetMCPriority(seL4_TCB _service, seL4_TCB authority, seL4_Word mcp) {
    seL4_Word mr[4] = {mcp, 0, 0, 0};
    seL4_SetCap(0, authority);
    return sel4_invoke(_service, TCBSetMCPriority, 1, 1, mr);
}

static inline seL4_Error seL4_TCB_SetSchedParams(seL4_TCB _service, seL4_TCB authority, seL4_Word mcp, seL4_Word priority) {
    seL4_Word mr[4] = {mcp, priority, 0, 0};
    seL4_SetCap(0, authority);
    return sel4_invoke(_service, TCBSetSchedParams, 1, 2, mr);
}

static inline seL4_Error seL4_TCB_SetIPCBuffer(seL4_TCB _service, seL4_Word buffer, seL4_CPtr bufferFrame) {
    seL4_Word mr[4] = {buffer, 0, 0, 0};
    seL4_SetCap(0, bufferFrame);
    return sel4_invoke(_service, TCBSetIPCBuffer, 1, 1, mr);
}

static inline seL4_Error seL4_TCB_SetSpace(seL4_TCB _service, seL4_Word fault_ep, seL4_CNode cspace_root, seL4_Word cspace_root_data, seL4_CPtr vspace_root, seL4_Word vspace_root_data) {
    seL4_Word mr[4] = {fault_ep, cspace_root_data, vspace_root_data, 0};
    seL4_SetCap(0, cspace_root);
    seL4_SetCap(1, vspace_root);
    return sel4_invoke(_service, TCBSetSpace, 2, 3, mr);
}

static inline seL4_Error seL4_TCB_Suspend(seL4_TCB _service) {
    seL4_Word mr[4] = {0, 0, 0, 0};
    return sel4_invoke(_service, TCBSuspend, 0, 0, mr);
}

static inline seL4_Error seL4_TCB_Resume(seL4_TCB _service) {
    seL4_Word mr[4] = {0, 0, 0, 0};
    return sel4_invoke(_service, TCBResume, 0, 0, mr);
}

static inline seL4_Error seL4_TCB_BindNotification(seL4_TCB _service, seL4_CPtr notification) {
    seL4_Word mr[4] = {0, 0, 0, 0};
    seL4_SetCap(0, notification);
    return sel4_invoke(_service, TCBBindNotification, 1, 0, mr);
}

static inline seL4_Error seL4_TCB_UnbindNotification(seL4_TCB _service) {
    seL4_Word mr[4] = {0, 0, 0, 0};
    return sel4_invoke(_service, TCBUnbindNotification, 0, 0, mr);
}

#ifdef CONFIG_ENABLE_SMP_SUPPORT
static inline seL4_Error seL4_TCB_SetAffinity(seL4_TCB _service, seL4_Word affinity) {
    seL4_Word mr[4] = {affinity, 0, 0, 0};
    return sel4_invoke(_service, TCBSetAffinity, 0, 1, mr);
}
#endif

static inline seL4_Error seL4_TCB_SetTLSBase(seL4_TCB _service, seL4_Word tls_base) {
    seL4_Word mr[4] = {tls_base, 0, 0, 0};
    return sel4_invoke(_service, TCBSetTLSBase, 0, 1, mr);
}

typedef struct {
    int error;
    seL4_Word flags;
} seL4_TCB_SetFlags_t;

static inline seL4_TCB_SetFlags_t seL4_TCB_SetFlags(seL4_TCB _service, seL4_Word clear, seL4_Word set) {
    seL4_Word mr[4] = {clear, set, 0, 0};
    seL4_TCB_SetFlags_t result;
    result.error = (int)sel4_invoke(_service, TCBSetFlags, 0, 2, mr);
    result.flags = result.error ? 0 : mr[0];
    return result;
}

static inline seL4_Error seL4_CNode_Revoke(seL4_CNode _service, seL4_Word index, seL4_Uint8 depth) {
    seL4_Word mr[4] = {index, ((seL4_Word)depth & 0xff), 0, 0};
    return sel4_invoke(_service, CNodeRevoke, 0, 2, mr);
}

static inline seL4_Error seL4_CNode_Delete(seL4_CNode _service, seL4_Word index, seL4_Uint8 depth) {
    seL4_Word mr[4] = {index, ((seL4_Word)depth & 0xff), 0, 0};
    return sel4_invoke(_service, CNodeDelete, 0, 2, mr);
}

static inline seL4_Error seL4_CNode_CancelBadgedSends(seL4_CNode _service, seL4_Word index, seL4_Uint8 depth) {
    seL4_Word mr[4] = {index, ((seL4_Word)depth & 0xff), 0, 0};
    return sel4_invoke(_service, CNodeCancelBadgedSends, 0, 2, mr);
}

static inline seL4_Error seL4_CNode_Copy(seL4_CNode _service, seL4_Word dest_index, seL4_Uint8 dest_depth, seL4_CNode src_root, seL4_Word src_index, seL4_Uint8 src_depth, seL4_CapRights_t rights) {
    seL4_Word mr[4] = {dest_index, ((seL4_Word)dest_depth & 0xff), src_index, ((seL4_Word)src_depth & 0xff)};
    seL4_SetCap(0, src_root);
    seL4_SetMR(4, rights.words[0]);
    return sel4_invoke(_service, CNodeCopy, 1, 5, mr);
}

static inline seL4_Error seL4_CNode_Mint(seL4_CNode _service, seL4_Word dest_index, seL4_Uint8 dest_depth, seL4_CNode src_root, seL4_Word src_index, seL4_Uint8 src_depth, seL4_CapRights_t rights, seL4_Word badge) {
    seL4_Word mr[4] = {dest_index, ((seL4_Word)dest_depth & 0xff), src_index, ((seL4_Word)src_depth & 0xff)};
    seL4_SetCap(0, src_root);
    seL4_SetMR(4, rights.words[0]);
    seL4_SetMR(5, badge);
    return sel4_invoke(_service, CNodeMint, 1, 6, mr);
}

static inline seL4_Error seL4_CNode_Move(seL4_CNode _service, seL4_Word dest_index, seL4_Uint8 dest_depth, seL4_CNode src_root, seL4_Word src_index, seL4_Uint8 src_depth) {
    seL4_Word mr[4] = {dest_index, ((seL4_Word)dest_depth & 0xff), src_index, ((seL4_Word)src_depth & 0xff)};
    seL4_SetCap(0, src_root);
    return sel4_invoke(_service, CNodeMove, 1, 4, mr);
}

static inline seL4_Error seL4_CNode_Mutate(seL4_CNode _service, seL4_Word dest_index, seL4_Uint8 dest_depth, seL4_CNode src_root, seL4_Word src_index, seL4_Uint8 src_depth, seL4_Word badge) {
    seL4_Word mr[4] = {dest_index, ((seL4_Word)dest_depth & 0xff), src_index, ((seL4_Word)src_depth & 0xff)};
    seL4_SetCap(0, src_root);
    seL4_SetMR(4, badge);
    return sel4_invoke(_service, CNodeMutate, 1, 5, mr);
}

static inline seL4_Error seL4_CNode_Rotate(seL4_CNode _service, seL4_Word dest_index, seL4_Uint8 dest_depth, seL4_Word dest_badge, seL4_CNode pivot_root, seL4_Word pivot_index, seL4_Uint8 pivot_depth, seL4_Word pivot_badge, seL4_CNode src_root, seL4_Word src_index, seL4_Uint8 src_depth) {
    seL4_Word mr[4] = {dest_index, ((seL4_Word)dest_depth & 0xff), dest_badge, pivot_index};
    seL4_SetCap(0, pivot_root);
    seL4_SetCap(1, src_root);
    seL4_SetMR(4, ((seL4_Word)pivot_depth & 0xff));
    seL4_SetMR(5, pivot_badge);
    seL4_SetMR(6, src_index);
    seL4_SetMR(7, ((seL4_Word)src_depth & 0xff));
    return sel4_invoke(_service, CNodeRotate, 2, 8, mr);
}

static inline seL4_Error seL4_CNode_SaveCaller(seL4_CNode _service, seL4_Word index, seL4_Uint8 depth) {
    seL4_Word mr[4] = {index, ((seL4_Word)depth & 0xff), 0, 0};
    return sel4_invoke(_service, CNodeSaveCaller, 0, 2, mr);
}

static inline seL4_Error seL4_IRQControl_Get(seL4_IRQControl _service, seL4_Word irq, seL4_CNode root, seL4_Word index, seL4_Uint8 depth) {
    seL4_Word mr[4] = {irq, index, ((seL4_Word)depth & 0xff), 0};
    seL4_SetCap(0, root);
    return sel4_invoke(_service, IRQIssueIRQHandler, 1, 3, mr);
}

static inline seL4_Error seL4_IRQControl_GetTrigger(seL4_IRQControl _service, seL4_Word irq, seL4_Word trigger, seL4_CNode root, seL4_Word index, seL4_Uint8 depth) {
    seL4_Word mr[4] = {irq, trigger, index, ((seL4_Word)depth & 0xff)};
    seL4_SetCap(0, root);
    return sel4_invoke(_service, RISCVIRQIssueIRQHandlerTrigger, 1, 4, mr);
}

static inline seL4_Error seL4_IRQHandler_Ack(seL4_IRQHandler _service) {
    seL4_Word mr[4] = {0, 0, 0, 0};
    return sel4_invoke(_service, IRQAckIRQ, 0, 0, mr);
}

static inline seL4_Error seL4_IRQHandler_SetNotification(seL4_IRQHandler _service, seL4_CPtr notification) {
    seL4_Word mr[4] = {0, 0, 0, 0};
    seL4_SetCap(0, notification);
    return sel4_invoke(_service, IRQSetIRQHandler, 1, 0, mr);
}

static inline seL4_Error seL4_IRQHandler_Clear(seL4_IRQHandler _service) {
    seL4_Word mr[4] = {0, 0, 0, 0};
    return sel4_invoke(_service, IRQClearIRQHandler, 0, 0, mr);
}

static inline seL4_Error seL4_DomainSet_Set(seL4_DomainSet _service, seL4_Uint8 domain, seL4_TCB thread) {
    seL4_Word mr[4] = {((seL4_Word)domain & 0xff), 0, 0, 0};
    seL4_SetCap(0, thread);
    return sel4_invoke(_service, DomainSetSet, 1, 1, mr);
}

static inline seL4_Error seL4_DomainSet_ScheduleConfigure(seL4_DomainSet _service, seL4_Word index, seL4_Uint8 domain, seL4_Time duration) {
    seL4_Word mr[4] = {index, ((seL4_Word)domain & 0xff), duration, 0};
    return sel4_invoke(_service, DomainScheduleConfigure, 0, 3, mr);
}

static inline seL4_Error seL4_DomainSet_ScheduleSetStart(seL4_DomainSet _service, seL4_Word index) {
    seL4_Word mr[4] = {index, 0, 0, 0};
    return sel4_invoke(_service, DomainScheduleSetStart, 0, 1, mr);
}

static inline seL4_Error seL4_RISCV_PageTable_Map(seL4_RISCV_PageTable _service, seL4_RISCV_PageTable vspace, seL4_Word vaddr, seL4_RISCV_VMAttributes attr) {
    seL4_Word mr[4] = {vaddr, (seL4_Word)attr, 0, 0};
    seL4_SetCap(0, vspace);
    return sel4_invoke(_service, RISCVPageTableMap, 1, 2, mr);
}

static inline seL4_Error seL4_RISCV_PageTable_Unmap(seL4_RISCV_PageTable _service) {
    seL4_Word mr[4] = {0, 0, 0, 0};
    return sel4_invoke(_service, RISCVPageTableUnmap, 0, 0, mr);
}

static inline seL4_Error seL4_RISCV_Page_Map(seL4_RISCV_Page _service, seL4_RISCV_PageTable vspace, seL4_Word vaddr, seL4_CapRights_t rights, seL4_RISCV_VMAttributes attr) {
    seL4_Word mr[4] = {vaddr, rights.words[0], (seL4_Word)attr, 0};
    seL4_SetCap(0, vspace);
    return sel4_invoke(_service, RISCVPageMap, 1, 3, mr);
}

static inline seL4_Error seL4_RISCV_Page_Unmap(seL4_RISCV_Page _service) {
    seL4_Word mr[4] = {0, 0, 0, 0};
    return sel4_invoke(_service, RISCVPageUnmap, 0, 0, mr);
}

typedef struct {
    int error;
    seL4_Word paddr;
} seL4_RISCV_Page_GetAddress_t;

static inline seL4_RISCV_Page_GetAddress_t seL4_RISCV_Page_GetAddress(seL4_RISCV_Page _service) {
    seL4_Word mr[4] = {0, 0, 0, 0};
    seL4_RISCV_Page_GetAddress_t result;
    result.error = (int)sel4_invoke(_service, RISCVPageGetAddress, 0, 0, mr);
    result.paddr = result.error ? 0 : mr[0];
    return result;
}

static inline seL4_Error seL4_RISCV_ASIDControl_MakePool(seL4_RISCV_ASIDControl _service, seL4_Untyped untyped, seL4_CNode root, seL4_Word index, seL4_Uint8 depth) {
    seL4_Word mr[4] = {index, ((seL4_Word)depth & 0xff), 0, 0};
    seL4_SetCap(0, untyped);
    seL4_SetCap(1, root);
    return sel4_invoke(_service, RISCVASIDControlMakePool, 2, 2, mr);
}

static inline seL4_Error seL4_RISCV_ASIDPool_Assign(seL4_RISCV_ASIDPool _service, seL4_CPtr vspace) {
    seL4_Word mr[4] = {0, 0, 0, 0};
    seL4_SetCap(0, vspace);
    return sel4_invoke(_service, RISCVASIDPoolAssign, 1, 0, mr);
}

static inline seL4_Error seL4_TaiL4_AsyncQueue_Bind(seL4_TaiL4_AsyncQueue _service, seL4_Word flags, seL4_CNode cspace, seL4_RISCV_PageTable vspace, seL4_CPtr notification) {
    seL4_Word mr[4] = {flags, 0, 0, 0};
    seL4_SetCap(0, cspace);
    seL4_SetCap(1, vspace);
    seL4_SetCap(2, notification);
    return sel4_invoke(_service, AsyncQueueBind, 3, 1, mr);
}

static inline seL4_Error seL4_TaiL4_AsyncQueue_Map(seL4_TaiL4_AsyncQueue _service, seL4_RISCV_PageTable vspace, seL4_Word vaddr) {
    seL4_Word mr[4] = {vaddr, 0, 0, 0};
    seL4_SetCap(0, vspace);
    return sel4_invoke(_service, AsyncQueueMap, 1, 1, mr);
}

static inline seL4_Error seL4_TaiL4_AsyncQueue_MapDoorbell(seL4_TaiL4_AsyncQueue _service, seL4_RISCV_PageTable vspace, seL4_Word vaddr) {
    seL4_Word mr[4] = {vaddr, 0, 0, 0};
    seL4_SetCap(0, vspace);
    return sel4_invoke(_service, AsyncQueueMapDoorbell, 1, 1, mr);
}

typedef struct {
    int error;
    seL4_Word executed;
} seL4_TaiL4_AsyncQueue_Drive_t;

static inline seL4_TaiL4_AsyncQueue_Drive_t seL4_TaiL4_AsyncQueue_Drive(seL4_TaiL4_AsyncQueue _service, seL4_Word budget) {
    seL4_Word mr[4] = {budget, 0, 0, 0};
    seL4_TaiL4_AsyncQueue_Drive_t result;
    result.error = (int)sel4_invoke(_service, AsyncQueueDrive, 0, 1, mr);
    result.executed = result.error ? 0 : mr[0];
    return result;
}

typedef struct {
    int error;
    seL4_Word state;
    seL4_Word dead_reason;
    seL4_Word requests;
    seL4_Word completions;
    seL4_Word rejected;
} seL4_TaiL4_AsyncQueue_Info_t;

static inline seL4_TaiL4_AsyncQueue_Info_t seL4_TaiL4_AsyncQueue_Info(seL4_TaiL4_AsyncQueue _service) {
    seL4_Word mr[4] = {0, 0, 0, 0};
    seL4_TaiL4_AsyncQueue_Info_t result;
    result.error = (int)sel4_invoke(_service, AsyncQueueInfo, 0, 0, mr);
    result.state = result.error ? 0 : mr[0];
    result.dead_reason = result.error ? 0 : mr[1];
    result.requests = result.error ? 0 : mr[2];
    result.completions = result.error ? 0 : mr[3];
    result.rejected = result.error ? 0 : seL4_GetMR(4);
    return result;
}

static inline seL4_Error seL4_TaiL4_AsyncQueue_Unbind(seL4_TaiL4_AsyncQueue _service) {
    seL4_Word mr[4] = {0, 0, 0, 0};
    return sel4_invoke(_service, AsyncQueueUnbind, 0, 0, mr);
}

static inline seL4_Error seL4_TaiL4_AsyncQueue_Wake(seL4_TaiL4_AsyncQueue _service) {
    seL4_Word mr[4] = {0, 0, 0, 0};
    return sel4_invoke(_service, AsyncQueueWake, 0, 0, mr);
}

typedef struct {
    int error;
    seL4_Word outcome;
} seL4_TaiL4_AsyncQueue_Execute_t;

static inline seL4_TaiL4_AsyncQueue_Execute_t seL4_TaiL4_AsyncQueue_Execute(seL4_TaiL4_AsyncQueue _service, seL4_Word slot) {
    seL4_Word mr[4] = {slot, 0, 0, 0};
    seL4_TaiL4_AsyncQueue_Execute_t result;
    result.error = (int)sel4_invoke(_service, AsyncQueueExecute, 0, 1, mr);
    result.outcome = result.error ? 0 : mr[0];
    return result;
}

static inline seL4_Error seL4_TaiL4_Notification_RegisterReceiver(seL4_TaiL4_Notification _service, seL4_TCB tcb) {
    seL4_Word mr[4] = {0, 0, 0, 0};
    seL4_SetCap(0, tcb);
    return sel4_invoke(_service, NotificationRegisterReceiver, 1, 0, mr);
}

typedef struct {
    int error;
    seL4_Word index;
} seL4_TaiL4_Notification_RegisterSender_t;

static inline seL4_TaiL4_Notification_RegisterSender_t seL4_TaiL4_Notification_RegisterSender(seL4_TaiL4_Notification _service) {
    seL4_Word mr[4] = {0, 0, 0, 0};
    seL4_TaiL4_Notification_RegisterSender_t result;
    result.error = (int)sel4_invoke(_service, NotificationRegisterSender, 0, 0, mr);
    result.index = result.error ? 0 : mr[0];
    return result;
}

static inline seL4_Error seL4_TaiL4_Notification_UnregisterReceiver(seL4_TaiL4_Notification _service) {
    seL4_Word mr[4] = {0, 0, 0, 0};
    return sel4_invoke(_service, NotificationUnregisterReceiver, 0, 0, mr);
}

static inline seL4_Error seL4_TaiL4_Notification_UnregisterSender(seL4_TaiL4_Notification _service) {
    seL4_Word mr[4] = {0, 0, 0, 0};
    return sel4_invoke(_service, NotificationUnregisterSender, 0, 0, mr);
}
