// Faults: their messages, who gets them, and what a reply does (5.9, 5.10; traps 8, 56-63; D.2).
#include "tests/guest/conformance/lists.hpp"

namespace guest {

namespace {

constexpr Word sys_call = Word(seL4_SysCall);
constexpr Word sys_send = Word(seL4_SysSend);
constexpr Word sys_recv = Word(seL4_SysRecv);
constexpr Word kernel_address = 0xffffffff80200000;
constexpr Word unmapped = 0x3000'0000;
constexpr Word code_load = 5, code_store = 7, code_fetch = 1;
constexpr Word ecall_length = 4;

Word ecall_address() { return reinterpret_cast<Word>(register_probe_ecall); }

void expect(Context& t, const Message& message, Word label, Words words) {
    t.check(message.arrived, "a fault message");
    t.equal("fault", message.label(), label);
    t.equal("length and capabilities", message.tag & 0xfff, words.size());
    unsigned i = 0;
    for (const Word word : words) t.equal("word of the fault", message.words[i++], word);
}

struct Access {
    Word (*code)(Word, Word);
    Word address;
    Word fault_address;
    Word is_fetch;
    Word status;
};

void vm_fault(Context& t, Word address) {
    // For one hart QEMU makes an AMO of a load and a store, so the load faults; the hardware counts it as a store.
    const Word code_amo = boot_info->numNodes == 1 ? code_load : code_store;
    const Access accesses[] = {{snippet_load, address, address, 0, code_load},
                               {snippet_store, address, address, 0, code_store},
                               {snippet_amo, address, address, 0, code_amo},
                               {snippet_jump, address, address, 1, code_fetch}};
    for (const Access& access : accesses) {
        const Word ep = t.endpoint();
        Thread& thread = t.thread(Above, t.mint(ep, 0x99));
        t.snippet(thread, access.code, access.address);
        const Message message = t.receive(ep);
        const Word ip = access.is_fetch != 0 ? address : reinterpret_cast<Word>(access.code);
        expect(t, message, seL4_Fault_VMFault, {ip, access.fault_address, access.is_fetch, access.status});
        t.equal("badge", message.badge, 0x99);
        t.equal("stopped", thread.done.load(), 0);
    }
}

void vm_fault_unmapped(Context& t) { vm_fault(t, unmapped); }
void vm_fault_kernel(Context& t) { vm_fault(t, kernel_address); }
void vm_fault_kernel_window(Context& t) { vm_fault(t, 0xffffffc080200000); }
void vm_fault_not_canonical(Context& t) { vm_fault(t, 0x0000'0040'0000'0000); }
void vm_fault_null(Context& t) { vm_fault(t, 0); }

void vm_fault_handled_by_mapping(Context& t) {
    const Word ep = t.endpoint();
    Thread& thread = t.thread(Above, ep);
    const Word frame = t.make(seL4_RISCV_4K_Page);
    for (int level = 0; level < 1; ++level) {
        const Word table = t.make(seL4_RISCV_PageTableObject);
        t.succeeds("table", t.invoke(table, RISCVPageTableMap, {unmapped, 0}, {vspace}));
    }
    t.snippet(thread, snippet_load, unmapped);
    const Message message = t.receive(ep);
    t.succeeds("map", t.invoke(frame, RISCVPageMap, {unmapped, 3, 1}, {vspace}));
    t.reply(message.tag); // whatever the label
    t.check(t.wait_done(thread), "the instruction is not executed again");
    t.equal("a fresh frame", thread.out[0], 0);
}

void vm_fault_reply_of_any_label_restarts(Context& t) {
    const Word ep = t.endpoint();
    Thread& thread = t.thread(Above, ep);
    t.snippet(thread, snippet_load, unmapped);
    for (int i = 0; i < 3; ++i) {
        expect(t, t.receive(ep), seL4_Fault_VMFault, {reinterpret_cast<Word>(snippet_load), unmapped, 0, code_load});
        t.reply(tag(55, 1), {0x1234});
    }
}

void user_exception(Context& t) {
    struct {
        Word (*code)(Word, Word);
        Word number;
    } const exceptions[] = {{snippet_break, 3}, {snippet_illegal, 2}, {snippet_privileged, 2}};
    for (const auto& [code, number] : exceptions) {
        const Word ep = t.endpoint();
        Thread& thread = t.thread(Above, ep);
        t.snippet(thread, code, 7);
        const Message message = t.receive(ep);
        const Word ip = reinterpret_cast<Word>(code);
        t.check(message.words[1] <= stack_top(thread.index) && message.words[1] + 64 > stack_top(thread.index), "sp");
        expect(t, message, seL4_Fault_UserException, {ip, message.words[1], number, 0});
        t.reply(tag(0, 1), {ip + 4}); // on behind it
        t.check(t.wait_done(thread), "the handler's address is not taken");
        t.equal("a0", thread.out[0], 7);
    }
}

void user_exception_reply_with_label(Context& t) {
    const Word ep = t.endpoint();
    Thread& thread = t.thread(Above, ep);
    t.snippet(thread, snippet_break, 7);
    t.check(t.receive(ep).arrived, "a fault message");
    t.reply(tag(1, 1), {reinterpret_cast<Word>(snippet_break) + 4});
    t.equal("inactive", thread.done.load(), 0);
    t.succeeds("resume", t.invoke(thread.tcb, TCBResume));
    t.check(t.wait_done(thread), "the registers of the reply are kept");
}

void expect_unknown(Context& t, const Message& message, Word number) {
    t.equal("sp", message.words[1], message.words[1]);
    expect(t, message, seL4_Fault_UnknownSyscall,
           {ecall_address(), message.words[1], pattern(Ra), 21, 22, 23, 24, 25, 26, pattern(A6), number});
}

void unknown_syscall(Context& t) {
    const Word ep = t.endpoint();
    for (const Word number : {0ul, 1ul, 0xffff'fffful, 0x7fff'ffff'ffff'fffful, Word(seL4_SysSetTLSBase), ~99ul}) {
        Thread& thread = t.thread(Above, ep);
        t.issue(thread, number, {21, 22, 23, 24, 25, 26});
        const Message message = t.receive(ep);
        expect_unknown(t, message, number);
        t.reply(tag(0)); // no registers: the same fault again
        expect_unknown(t, t.receive(ep), number);
        const Word sp = message.words[1];
        t.reply(tag(0, 10), {ecall_address() + ecall_length, sp, 0x61, 1, 2, 3, 4, 5, 6, 7});
        t.check(t.wait_done(thread), "the thread goes on");
        t.equal("ra", thread.file.x[Ra], 0x61);
        for (unsigned i = 0; i < 7; ++i) t.equal("a0..a6", thread.file.x[A0 + i], i + 1);
        t.equal("a7", thread.file.x[A7], number);
        t.remove(thread.tcb);
        if (t.failed()) return;
    }
}

void unknown_syscall_reply_with_label(Context& t) {
    const Word ep = t.endpoint();
    Thread& thread = t.thread(Above, ep);
    t.issue(thread, 0, {21, 22, 23, 24, 25, 26});
    const Message message = t.receive(ep);
    t.reply(tag(1, 4), {ecall_address() + ecall_length, message.words[1], 5, 6});
    t.equal("inactive", thread.done.load(), 0);
    t.succeeds("resume", t.invoke(thread.tcb, TCBResume));
    t.check(t.wait_done(thread), "the thread goes on");
    t.equal("a0 of the reply", thread.file.x[A0], 6);
    t.equal("a1 as it was", thread.file.x[A1], 22);
}

void cap_fault_send(Context& t) {
    const Word ep = t.endpoint();
    constexpr Word bad = 1ul << 40;
    for (const Word number : {sys_call, sys_send}) {
        Thread& thread = t.thread(Above, ep);
        t.issue(thread, number, {bad, tag(1), 3, 4, 5, 6});
        expect(t, t.receive(ep), seL4_Fault_CapFault, {ecall_address(), bad, 0, 4, 64, 0, 51});
        // The reply restarts the call, whatever the label; a pointer mended meanwhile would be taken.
        t.reply(tag(3));
        expect(t, t.receive(ep), seL4_Fault_CapFault, {ecall_address(), bad, 0, 4, 64, 0, 51});
    }
}

void cap_fault_receive(Context& t) {
    const Word ep = t.endpoint();
    const Word write_only = t.copy(ep, 1);
    for (const Word number : {sys_recv, Word(seL4_SysNBRecv), Word(seL4_SysReplyRecv)}) {
        for (const Word cptr : {t.slot(), write_only, self}) {
            Thread& thread = t.thread(Above, ep);
            t.issue(thread, number, {cptr, tag(1), 3, 4, 5, 6});
            expect(t, t.receive(ep), seL4_Fault_CapFault, {ecall_address(), cptr, 1, 2, 0});
            t.remove(thread.tcb);
            t.reuse_thread();
        }
    }
    Thread& thread = t.thread(Above, ep);
    t.issue(thread, sys_recv, {1ul << 40, tag(1), 3, 4, 5, 6});
    expect(t, t.receive(ep), seL4_Fault_CapFault, {ecall_address(), 1ul << 40, 1, 4, 64, 0, 51});
}

void cap_fault_extra_cap(Context& t) {
    const Word ep = t.endpoint();
    Thread& thread = t.thread(Above, ep);
    thread.buffer->caps_or_badges[0] = self;
    thread.buffer->caps_or_badges[1] = 1ul << 41;
    // Even without the right to grant.
    t.issue(thread, sys_send, {t.copy(ep, 1), tag(1, 0, 2), 3, 4, 5, 6});
    expect(t, t.receive(ep), seL4_Fault_CapFault, {ecall_address(), 1ul << 41, 0, 4, 64, 0, 51});
}

void cap_fault_missing_root(Context& t) {
    const Word ep = t.endpoint();
    Thread& thread = t.thread(Above, ep);
    t.succeeds("a CSpace of 4 slots", t.invoke(thread.tcb, TCBSuspend));
    const Word small = t.make(seL4_CapTableObject, 2);
    const Word root = t.mint(small, 58 << 0); // guard of 58 bits, radix 2: 60 of 64
    t.succeeds("endpoint", t.invoke(root, CNodeCopy, {1, 60, ep, depth, all_rights}, {cnode}));
    t.succeeds("space", t.invoke(thread.tcb, TCBSetSpace, {1ul << 4, 0, 0}, {root, vspace}));
    // 60 bits lead to the endpoint, the last four are not looked at.
    t.issue(thread, sys_recv, {2ul << 4 | 5, 0, 0, 0, 0, 0});
    expect(t, t.receive(ep), seL4_Fault_CapFault, {ecall_address(), 2ul << 4 | 5, 1, 2, 0});
}

void endpoint_deleted_under_receiver(Context& t) {
    const Word handler = t.endpoint();
    const Word ep = t.endpoint();
    Thread& thread = t.thread(Above, handler);
    t.issue(thread, sys_recv, {ep, 0, 0, 0, 0, 0});
    t.remove(ep);
    expect(t, t.receive(handler), seL4_Fault_CapFault, {ecall_address(), ep, 1, 2, 0});
}

void notification_deleted_under_waiter(Context& t) {
    const Word handler = t.endpoint();
    const Word ntfn = t.notification();
    Thread& thread = t.thread(Above, handler);
    t.issue(thread, sys_recv, {ntfn, 0, 0, 0, 0, 0});
    t.remove(ntfn);
    expect(t, t.receive(handler), seL4_Fault_CapFault, {ecall_address(), ntfn, 1, 2, 0});
}

void handler_rights(Context& t) {
    const Word ep = t.endpoint();
    struct {
        Word rights;
        bool delivered;
    } const rows[] = {{1, false}, {3, false}, {4, false}, {12, false}, {5, true}, {9, true}, {15, true}};
    for (const auto& [rights, delivered] : rows) {
        Thread& thread = t.thread(Above, t.copy(ep, rights));
        t.snippet(thread, snippet_break, 7);
        t.equal("delivered", t.poll(ep).arrived ? 1 : 0, delivered ? 1 : 0);
        t.remove(thread.tcb);
        t.reuse_thread();
    }
}

void no_handler(Context& t) {
    Thread& thread = t.thread(Above, 0);
    t.snippet(thread, snippet_load, unmapped);
    t.equal("stopped", thread.done.load(), 0);
    // Nothing is pending: with a sound program counter it runs again.
    t.snippet(thread, snippet_load, reinterpret_cast<Word>(&thread.in[3]));
    t.check(t.wait_done(thread), "runs again");
}

void stale_fault_message(Context& t) {
    const Word handler = t.endpoint();
    const Word ep = t.endpoint();
    Thread& thread = t.thread(Above, handler);
    t.snippet(thread, snippet_load, unmapped); // nobody receives
    t.succeeds("suspend", t.invoke(thread.tcb, TCBSuspend));
    t.issue(thread, sys_send, {ep, tag(3, 1), 42, 0, 0, 0});
    t.equal("label of the stale fault", t.receive(ep).label(), seL4_Fault_VMFault);
}

void resume_instead_of_reply(Context& t) {
    const Word ep = t.endpoint();
    Thread& thread = t.thread(Above, ep);
    t.snippet(thread, snippet_load, unmapped);
    t.check(t.receive(ep).arrived, "a fault message");
    thread.in[3] = 0x4711;
    t.snippet(thread, snippet_load, reinterpret_cast<Word>(&thread.in[3]));
    t.check(t.wait_done(thread), "runs at its new address");
    t.equal("loaded", thread.out[0], 0x4711);
    t.reply(tag(0)); // the reply capability is gone
}

void registers_of_a_faulted_thread(Context& t) {
    const Word ep = t.endpoint();
    Thread& thread = t.thread(Above, ep);
    t.snippet(thread, snippet_load, unmapped, 0x5511);
    t.check(t.receive(ep).arrived, "a fault message");
    const Reply pc = t.invoke(thread.tcb, TCBReadRegisters, {0, 32});
    t.equal("pc", pc.words[0], reinterpret_cast<Word>(snippet_load));
    Word words[34] = {0, 32};
    words[2] = pc.words[0];
    words[3] = pc.words[1];
    words[4] = pc.words[2];
    words[5] = pc.words[3];
    for (unsigned i = 4; i < 32; ++i) words[2 + i] = seL4_GetIPCBuffer()->msg[i];
    t.equal("a0", words[2 + 16], unmapped);
    t.equal("a1", words[2 + 17], 0x5511);
    thread.in[3] = 0x4712;
    words[2 + 16] = reinterpret_cast<Word>(&thread.in[3]);
    t.succeeds("write", t.invoke_span(thread.tcb, TCBWriteRegisters, words, {}));
    t.equal("still waiting", thread.done.load(), 0);
    t.reply(tag(0));
    t.check(t.wait_done(thread), "goes on with the new a0");
    t.equal("loaded", thread.out[0], 0x4712);
}

constexpr Case cases[] = {
    {"vm_fault_unmapped", vm_fault_unmapped},
    {"vm_fault_kernel_image", vm_fault_kernel},
    {"vm_fault_kernel_window", vm_fault_kernel_window},
    {"vm_fault_not_canonical", vm_fault_not_canonical},
    {"vm_fault_null", vm_fault_null},
    {"vm_fault_handled_by_mapping", vm_fault_handled_by_mapping},
    {"vm_fault_reply_of_any_label_restarts", vm_fault_reply_of_any_label_restarts},
    {"user_exception", user_exception},
    {"user_exception_reply_with_label", user_exception_reply_with_label},
    {"unknown_syscall", unknown_syscall},
    {"unknown_syscall_reply_with_label", unknown_syscall_reply_with_label},
    {"cap_fault_send", cap_fault_send},
    {"cap_fault_receive", cap_fault_receive},
    {"cap_fault_extra_cap", cap_fault_extra_cap},
    {"cap_fault_leftover_bits", cap_fault_missing_root},
    {"endpoint_deleted_under_receiver", endpoint_deleted_under_receiver},
    {"notification_deleted_under_waiter", notification_deleted_under_waiter},
    {"handler_rights", handler_rights},
    {"no_handler", no_handler},
    {"stale_fault_message", stale_fault_message},
    {"resume_instead_of_reply", resume_instead_of_reply},
    {"registers_of_a_faulted_thread", registers_of_a_faulted_thread},
};

} // namespace

List fault_cases() { return list_of<cases>("faults"); }

} // namespace guest
