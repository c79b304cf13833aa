/* System calls, non-MCS. The plain forms keep MR0-MR3 in the IPC buffer; the WithMRs forms take and return them
 * through pointers (null: don't care) and leave the buffer alone. Source: sel4-abi-riscv64.md 2. */
#pragma once

#include <sel4/arch/syscall.h>
#include <sel4/benchmark_syscalls.h>
#include <sel4/functions.h>
#include <sel4/types.h>

/* --- Message registers into CPU registers and back */

static inline sel4_Registers sel4_load_message(seL4_CPtr cptr, seL4_MessageInfo_t info) {
    sel4_Registers registers = {cptr, info.words[0], seL4_GetMR(0), seL4_GetMR(1), seL4_GetMR(2), seL4_GetMR(3)};
    return registers;
}
/* Words beyond the length go as zero: nothing of the caller leaks. */
static inline sel4_Registers sel4_load_words(seL4_CPtr cptr, seL4_MessageInfo_t info, const seL4_Word* mr0,
                                             const seL4_Word* mr1, const seL4_Word* mr2, const seL4_Word* mr3) {
    const seL4_Word length = seL4_MessageInfo_get_length(info);
    sel4_Registers registers = {cptr,
                                info.words[0],
                                mr0 && length > 0 ? *mr0 : 0,
                                mr1 && length > 1 ? *mr1 : 0,
                                mr2 && length > 2 ? *mr2 : 0,
                                mr3 && length > 3 ? *mr3 : 0};
    return registers;
}
static inline seL4_MessageInfo_t sel4_store_message(const sel4_Registers* registers, seL4_Word* sender) {
    seL4_MessageInfo_t info = {{registers->a1}};
    seL4_SetMR(0, registers->a2);
    seL4_SetMR(1, registers->a3);
    seL4_SetMR(2, registers->a4);
    seL4_SetMR(3, registers->a5);
    if (sender) {
        *sender = registers->a0;
    }
    return info;
}
static inline seL4_MessageInfo_t sel4_store_words(const sel4_Registers* registers, seL4_Word* sender, seL4_Word* mr0,
                                                  seL4_Word* mr1, seL4_Word* mr2, seL4_Word* mr3) {
    seL4_MessageInfo_t info = {{registers->a1}};
    if (mr0) {
        *mr0 = registers->a2;
    }
    if (mr1) {
        *mr1 = registers->a3;
    }
    if (mr2) {
        *mr2 = registers->a4;
    }
    if (mr3) {
        *mr3 = registers->a5;
    }
    if (sender) {
        *sender = registers->a0;
    }
    return info;
}

/* --- Sending */

static inline void seL4_Send(seL4_CPtr dest, seL4_MessageInfo_t info) {
    sel4_Registers registers = sel4_load_message(dest, info);
    sel4_ecall(seL4_SysSend, &registers);
}
static inline void seL4_SendWithMRs(seL4_CPtr dest, seL4_MessageInfo_t info, seL4_Word* mr0, seL4_Word* mr1,
                                    seL4_Word* mr2, seL4_Word* mr3) {
    sel4_Registers registers = sel4_load_words(dest, info, mr0, mr1, mr2, mr3);
    sel4_ecall(seL4_SysSend, &registers);
}
static inline void seL4_NBSend(seL4_CPtr dest, seL4_MessageInfo_t info) {
    sel4_Registers registers = sel4_load_message(dest, info);
    sel4_ecall(seL4_SysNBSend, &registers);
}
static inline void seL4_NBSendWithMRs(seL4_CPtr dest, seL4_MessageInfo_t info, seL4_Word* mr0, seL4_Word* mr1,
                                      seL4_Word* mr2, seL4_Word* mr3) {
    sel4_Registers registers = sel4_load_words(dest, info, mr0, mr1, mr2, mr3);
    sel4_ecall(seL4_SysNBSend, &registers);
}
static inline void seL4_Reply(seL4_MessageInfo_t info) {
    sel4_Registers registers = sel4_load_message(0, info);
    sel4_ecall(seL4_SysReply, &registers);
}
static inline void seL4_ReplyWithMRs(seL4_MessageInfo_t info, seL4_Word* mr0, seL4_Word* mr1, seL4_Word* mr2,
                                     seL4_Word* mr3) {
    sel4_Registers registers = sel4_load_words(0, info, mr0, mr1, mr2, mr3);
    sel4_ecall(seL4_SysReply, &registers);
}
static inline void seL4_Signal(seL4_CPtr dest) { (void)sel4_ecall_short(seL4_SysSend, dest, 0); }

/* --- Receiving; `sender` may be null */

static inline seL4_MessageInfo_t seL4_Recv(seL4_CPtr src, seL4_Word* sender) {
    sel4_Registers registers = {src, 0, 0, 0, 0, 0};
    sel4_ecall(seL4_SysRecv, &registers);
    return sel4_store_message(&registers, sender);
}
static inline seL4_MessageInfo_t seL4_RecvWithMRs(seL4_CPtr src, seL4_Word* sender, seL4_Word* mr0, seL4_Word* mr1,
                                                  seL4_Word* mr2, seL4_Word* mr3) {
    sel4_Registers registers = {src, 0, 0, 0, 0, 0};
    sel4_ecall(seL4_SysRecv, &registers);
    return sel4_store_words(&registers, sender, mr0, mr1, mr2, mr3);
}
static inline seL4_MessageInfo_t seL4_NBRecv(seL4_CPtr src, seL4_Word* sender) {
    sel4_Registers registers = {src, 0, 0, 0, 0, 0};
    sel4_ecall(seL4_SysNBRecv, &registers);
    return sel4_store_message(&registers, sender);
}
static inline void seL4_Wait(seL4_CPtr src, seL4_Word* sender) { (void)seL4_Recv(src, sender); }
static inline seL4_MessageInfo_t seL4_Poll(seL4_CPtr src, seL4_Word* sender) { return seL4_NBRecv(src, sender); }

/* --- Both */

static inline seL4_MessageInfo_t seL4_Call(seL4_CPtr dest, seL4_MessageInfo_t info) {
    sel4_Registers registers = sel4_load_message(dest, info);
    sel4_ecall(seL4_SysCall, &registers);
    return sel4_store_message(&registers, NULL);
}
static inline seL4_MessageInfo_t seL4_CallWithMRs(seL4_CPtr dest, seL4_MessageInfo_t info, seL4_Word* mr0,
                                                  seL4_Word* mr1, seL4_Word* mr2, seL4_Word* mr3) {
    sel4_Registers registers = sel4_load_words(dest, info, mr0, mr1, mr2, mr3);
    sel4_ecall(seL4_SysCall, &registers);
    return sel4_store_words(&registers, NULL, mr0, mr1, mr2, mr3);
}
static inline seL4_MessageInfo_t seL4_ReplyRecv(seL4_CPtr src, seL4_MessageInfo_t info, seL4_Word* sender) {
    sel4_Registers registers = sel4_load_message(src, info);
    sel4_ecall(seL4_SysReplyRecv, &registers);
    return sel4_store_message(&registers, sender);
}
static inline seL4_MessageInfo_t seL4_ReplyRecvWithMRs(seL4_CPtr src, seL4_MessageInfo_t info, seL4_Word* sender,
                                                       seL4_Word* mr0, seL4_Word* mr1, seL4_Word* mr2, seL4_Word* mr3) {
    sel4_Registers registers = sel4_load_words(src, info, mr0, mr1, mr2, mr3);
    sel4_ecall(seL4_SysReplyRecv, &registers);
    return sel4_store_words(&registers, sender, mr0, mr1, mr2, mr3);
}
static inline void seL4_Yield(void) { (void)sel4_ecall_short(seL4_SysYield, 0, 0); }

/* --- Debugging */

#ifdef CONFIG_DEBUG_BUILD
static inline void seL4_DebugPutChar(char c) { (void)sel4_ecall_short(seL4_SysDebugPutChar, (unsigned char)c, 0); }
static inline void seL4_DebugPutString(const char* text) {
    for (; *text; ++text) {
        seL4_DebugPutChar(*text);
    }
}
static inline void seL4_DebugDumpScheduler(void) { (void)sel4_ecall_short(seL4_SysDebugDumpScheduler, 0, 0); }
static inline void seL4_DebugHalt(void) { (void)sel4_ecall_short(seL4_SysDebugHalt, 0, 0); }
static inline void seL4_DebugSnapshot(void) { (void)sel4_ecall_short(seL4_SysDebugSnapshot, 0, 0); }
static inline seL4_Uint32 seL4_DebugCapIdentify(seL4_CPtr cap) {
    return (seL4_Uint32)sel4_ecall_short(seL4_SysDebugCapIdentify, cap, 0);
}
/* The name goes through the message area of the IPC buffer and is cut to it. */
static inline void seL4_DebugNameThread(seL4_CPtr tcb, const char* name) {
    char* out = (char*)seL4_GetIPCBuffer()->msg;
    const size_t limit = sizeof(seL4_GetIPCBuffer()->msg) - 1;
    size_t length = 0;
    for (; length < limit && name[length]; ++length) {
        out[length] = name[length];
    }
    out[length] = 0;
    (void)sel4_ecall_short(seL4_SysDebugNameThread, tcb, 0);
}
/* Only an SMP kernel has it. */
static inline seL4_Word seL4_DebugGetThreadAffinity(seL4_CPtr tcb) {
    return sel4_ecall_short(seL4_SysDebugGetThreadAffinity, tcb, 0);
}
#endif
