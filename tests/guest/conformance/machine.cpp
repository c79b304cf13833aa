// The processor as threads see it: floating point, thread pointer, address spaces, other harts, and nonsense in every
// argument (4.5.12 - 4.5.14, 4.9 - 4.12, 6.6, 6.7; traps 35-43, 71).
#include "tests/guest/conformance/lists.hpp"

namespace guest {

namespace {

constexpr Word mapping = 0x3000'0000;

void fill_floats(Word* file, Word seed) {
    for (Word i = 0; i < 32; ++i) file[i] = 0x3ff0'0000'0000'0000 + seed * 1000 + i;
    file[32] = seed & 7; // fcsr: flags
}

void fpu_starts_clean(Context& t) {
    Word own[33];
    fill_floats(own, 5);
    float_load(own);
    Thread& thread = t.thread();
    t.start(thread, [](Thread& me) { float_store(me.out); });
    t.check(t.wait_done(thread), "the thread ends");
    for (unsigned i = 0; i < 33; ++i) t.equal("register of a fresh thread", thread.out[i], 0);
    Word after[33];
    float_store(after);
    for (unsigned i = 0; i < 33; ++i) t.equal("own register", after[i], own[i]);
}

void fpu_per_thread(Context& t) {
    Thread* threads[3];
    for (Word i = 0; i < 3; ++i) {
        threads[i] = &t.thread(Own);
        t.start(*threads[i], [](Thread& me) {
            fill_floats(me.out, me.index + 1);
            float_spin(me.out, 20'000'000); // many slices
        });
    }
    for (Word i = 0; i < 3; ++i) {
        t.check(t.wait_done(*threads[i]), "the thread ends");
        Word expected[33];
        fill_floats(expected, i + 1);
        for (unsigned j = 0; j < 33; ++j) t.equal("register", threads[i]->out[j], expected[j]);
    }
}

void fpu_disabled(Context& t) {
    const Word ep = t.endpoint();
    Thread& thread = t.thread(Above, ep);
    t.succeeds("disable", t.invoke(thread.tcb, TCBSetFlags, {0, 1}));
    t.start(thread, [](Thread& me) { float_store(me.out); });
    const Message message = t.receive(ep);
    t.equal("fault", message.label(), seL4_Fault_UserException);
    t.equal("illegal instruction", message.words[2], 2);
    t.succeeds("enable", t.invoke(thread.tcb, TCBSetFlags, {1, 0}));
    t.reply(tag(0));
    t.check(t.wait_done(thread), "goes on when enabled");
}

void thread_pointer(Context& t) {
    const Word ep = t.endpoint();
    Thread& thread = t.thread();
    t.issue(thread, Word(seL4_SysRecv), {ep, 0, 0, 0, 0, 0});
    t.succeeds("set", t.invoke(thread.tcb, TCBSetTLSBase, {0x7777}));
    t.send(ep, tag(1));
    t.check(t.wait_done(thread), "the thread ends");
    t.equal("tp", thread.file.x[Tp], 0x7777);
    Word own = 0, seen = 0;
    asm volatile("mv %0, tp" : "=r"(own));
    t.succeeds("of oneself", t.invoke(self, TCBSetTLSBase, {0x1234}));
    asm volatile("mv %0, tp" : "=r"(seen));
    t.equal("own tp", seen, 0x1234);
    t.succeeds("back", t.invoke(self, TCBSetTLSBase, {own}));
}

void write_one_register(Context& t) {
    Thread& thread = t.thread();
    t.succeeds("pc alone", t.invoke(thread.tcb, TCBWriteRegisters, {0, 3, 0x100, 0x200, 0x300}));
    t.succeeds("pc alone", t.invoke(thread.tcb, TCBWriteRegisters, {0, 1, 0x111}));
    const Reply reply = t.invoke(thread.tcb, TCBReadRegisters, {0, 4});
    t.equal("pc", reply.words[0], 0x111);
    t.equal("ra", reply.words[1], 0x200);
    t.equal("sp", reply.words[2], 0x300);
    t.equal("gp", reply.words[3], 0);
}

// libsel4 always sends the words of all registers, and a count; of more registers than there are only those are
// written.
void write_counts(Context& t) {
    const Word tcb = t.make(seL4_TCBObject);
    const auto write = [&](Word count, Word length, Word base) {
        Word words[64] = {0, count};
        for (Word i = 2; i < length; ++i) words[i] = base + i - 2;
        t.fails_span("write", t.invoke_span(tcb, TCBWriteRegisters, {words, length}, {}), seL4_NoError, {});
    };
    const auto compare = [&](Word count, Word base, Word before) {
        const Reply found = t.invoke(tcb, TCBReadRegisters, {0, 32});
        for (Word i = 0; i < 32; ++i)
            t.equal("register", i < 4 ? found.words[i] : seL4_GetMR(static_cast<int>(i)),
                    (i < count ? base : before) + i);
    };
    write(32, 34, 0x100);
    compare(32, 0x100, 0);
    write(1, 34, 0x200);
    compare(1, 0x200, 0x100);
    write(17, 34, 0x300);
    compare(17, 0x300, 0x100);
    write(0, 34, 0x400);
    compare(17, 0x300, 0x100);
    write(33, 35, 0x500);
    compare(32, 0x500, 0);
    write(60, 62, 0x600);
    compare(32, 0x600, 0);
    t.expect({{"more than came", tcb, TCBWriteRegisters, {0, 33, 1}, {}, seL4_TruncatedMessage},
              {"all ones", tcb, TCBWriteRegisters, {0, ~0ul, 1}, {}, seL4_TruncatedMessage}});
    compare(32, 0x600, 0);
}

void address_space(Context& t) {
    // Two spaces, one address, two frames; this one sees both through copies.
    const Word table = t.make(seL4_RISCV_PageTableObject);
    t.succeeds("table", t.invoke(table, RISCVPageTableMap, {mapping, 0}, {vspace}));
    for (Word i = 0; i < 2; ++i) {
        const Word space = t.address_space(mapping);
        const Word frame = t.make(seL4_RISCV_4K_Page);
        t.succeeds("map", t.invoke(frame, RISCVPageMap, {mapping, 3, 0}, {space}));
        const Word shared = t.copy(frame);
        const Word here = mapping + 0x1000 * (i + 1);
        t.succeeds("map here", t.invoke(shared, RISCVPageMap, {here, 3, 0}, {vspace}));
        auto* code = reinterpret_cast<volatile std::uint32_t*>(here);
        code[0] = 0x00000073;  // ecall
        code[1] = 0x0000'006f; // j .
        const Word ep = t.endpoint();
        const Word tcb = t.make(seL4_TCBObject);
        t.succeeds("configure", t.invoke(tcb, TCBConfigure, {ep, 0, 0, 0}, {cnode, space, 0}));
        t.succeeds("priority", t.invoke(tcb, TCBSetPriority, {Above}, {self}));
        t.succeeds("run", t.invoke(tcb, TCBWriteRegisters, {1, 1, mapping}));
        const Message message = t.receive(ep);
        t.equal("fault", message.label(), seL4_Fault_UnknownSyscall);
        t.equal("ip", message.words[0], mapping);
    }
}

void deleted_space_faults(Context& t) {
    const Word ep = t.endpoint();
    const Word space = t.address_space(mapping);
    const Word tcb = t.make(seL4_TCBObject);
    t.succeeds("configure", t.invoke(tcb, TCBConfigure, {ep, 0, 0, 0}, {cnode, space, 0}));
    t.revoke(space);
    t.remove(space);
    t.succeeds("priority", t.invoke(tcb, TCBSetPriority, {Above}, {self}));
    t.succeeds("run", t.invoke(tcb, TCBWriteRegisters, {1, 1, mapping}));
    t.equal("fault", t.receive(ep).label(), seL4_Fault_VMFault);
}

void remap_changes_rights(Context& t) {
    const Word ep = t.endpoint();
    const Word table = t.make(seL4_RISCV_PageTableObject);
    const Word frame = t.make(seL4_RISCV_4K_Page);
    t.succeeds("table", t.invoke(table, RISCVPageTableMap, {mapping, 0}, {vspace}));
    struct {
        Word rights, attributes;
        bool load, store, fetch;
    } const rows[] = {{3, 1, true, true, false},  {2, 1, true, false, false},  {2, 0, true, false, true},
                      {0, 0, false, false, true}, {1, 1, false, false, false}, {3, 0, true, true, true}};
    for (const auto& row : rows) {
        t.succeeds("map", t.invoke(frame, RISCVPageMap, {mapping, row.rights, row.attributes}, {vspace}));
        const auto allowed = [&](Word (*code)(Word, Word)) {
            Thread& thread = t.thread(Above, ep);
            t.snippet(thread, code, mapping, 0x0000'8082); // the value stored is a `ret`
            const bool done = thread.done.load() != 0;
            const Message message = t.poll(ep);
            // The frame is zero at first: fetched, it is an illegal instruction, which is no VM fault.
            const bool passed = done || message.label() != seL4_Fault_VMFault;
            t.remove(thread.tcb);
            t.reuse_thread();
            return passed;
        };
        t.equal("load", allowed(snippet_load) ? 1 : 0, row.load ? 1 : 0);
        t.equal("store", allowed(snippet_store) ? 1 : 0, row.store ? 1 : 0);
        t.equal("fetch", allowed(snippet_jump) ? 1 : 0, row.fetch ? 1 : 0);
    }
}

void fresh_frames_are_zero(Context& t) {
    const Word memory = t.make(seL4_UntypedObject, 14);
    const Word table = t.make(seL4_RISCV_PageTableObject);
    t.succeeds("table", t.invoke(table, RISCVPageTableMap, {mapping, 0}, {vspace}));
    for (int i = 0; i < 3; ++i) {
        const Word frame = t.slot();
        t.succeeds("frame", t.invoke(memory, UntypedRetype, {seL4_RISCV_4K_Page, 0, 0, 0, frame, 1}, {cnode}));
        t.succeeds("map", t.invoke(frame, RISCVPageMap, {mapping, 3, 1}, {vspace}));
        for (Word at = 0; at < page_size; at += 8) {
            volatile Word& word = *reinterpret_cast<volatile Word*>(mapping + at);
            t.equal("word", word, 0);
            word = ~at;
        }
        t.revoke(memory);
    }
}

void device_buffer_is_refused(Context& t) {
    Thread& thread = t.thread();
    for (Word i = boot_info->untyped.start; i < boot_info->untyped.end; ++i) {
        const seL4_UntypedDesc& region = boot_info->untypedList[i - boot_info->untyped.start];
        if (region.isDevice == 0 || region.paddr < 0x2000'0000 || region.sizeBits < 12) continue;
        const Word frame = t.slot();
        t.succeeds("frame", t.invoke(i, UntypedRetype, {seL4_RISCV_4K_Page, 0, 0, 0, frame, 1}, {cnode}));
        t.fails("set", t.invoke(thread.tcb, TCBSetIPCBuffer, {0x1000}, {frame}), seL4_IllegalOperation);
        t.fails("configure", t.invoke(thread.tcb, TCBConfigure, {0, 0, 0, 0x1000}, {cnode, vspace, frame}),
                seL4_IllegalOperation);
        return;
    }
    t.check(false, "no device untyped");
}

void garbage_in_every_argument(Context& t) {
    const Word objects[] = {t.endpoint(),
                            t.notification(),
                            t.make(seL4_TCBObject),
                            t.make(seL4_CapTableObject, 3),
                            t.make(seL4_UntypedObject, 12),
                            t.make(seL4_RISCV_4K_Page),
                            t.make(seL4_RISCV_PageTableObject),
                            Word{seL4_CapIRQControl},
                            Word{seL4_CapASIDControl}};
    const Word values[] = {0,       1, 63, 64, 65, 127, 128, ~0ul, 1ul << 63, 0x3f'ffff'f000, 0xffff'ffc0'0000'0000,
                           t.slot()};
    Word answers = 0;
    for (const Word object : objects) {
        for (Word label = 0; label < nInvocationLabels + 3; ++label) {
            if (object == objects[0] || object == objects[1]) break; // Call would block, or signal
            for (const Word value : values) {
                const Word words[6] = {value, value, value, value, value, value};
                const Word caps[3] = {object, cnode, self};
                for (const std::size_t length : {0ul, 2ul, 6ul}) {
                    // Without a capability whose deletion would hurt: all indices are garbage.
                    const Reply reply = t.invoke_span(object, label, {words, length}, {caps, length / 2});
                    answers += reply.label() <= Word{seL4_NotEnoughMemory} ? 1ul : 0ul;
                    t.equal("a0", reply.a0, 0);
                }
            }
        }
    }
    t.check(answers != 0, "answers");
    t.fails("still there", t.invoke(t.slot(), 0), seL4_InvalidCapability, {0});
}

#ifdef CONFIG_ENABLE_SMP_SUPPORT
void affinity_errors(Context& t) {
    Thread& thread = t.thread();
    t.fails("beyond", t.invoke(thread.tcb, TCBSetAffinity, {boot_info->numNodes}), seL4_IllegalOperation);
    t.fails("all ones", t.invoke(thread.tcb, TCBSetAffinity, {~0ul}), seL4_IllegalOperation);
    t.fails("short", t.invoke(thread.tcb, TCBSetAffinity), seL4_TruncatedMessage);
}

void calls_across_harts(Context& t) {
    const Word ep = t.endpoint();
    for (Word hart = 0; hart < boot_info->numNodes; ++hart) {
        Thread& thread = t.thread();
        t.succeeds("move", t.invoke(thread.tcb, TCBSetAffinity, {hart}));
        t.issue(thread, Word(seL4_SysCall), {ep, tag(hart, 1), hart, 0, 0, 0});
        t.equal("its hart", seL4_DebugGetThreadAffinity(thread.tcb), hart);
        t.equal("message", t.receive(ep).words[0], hart);
        t.reply(tag(9, 1), {hart + 1});
        t.finished(thread);
        t.equal("reply", thread.file.x[A2], hart + 1);
    }
}

void suspend_across_harts(Context& t) {
    Thread& thread = t.thread();
    t.succeeds("move", t.invoke(thread.tcb, TCBSetAffinity, {boot_info->numNodes - 1}));
    t.start(thread, [](Thread& me) {
        while (me.in[0] == 0) me.progress.fetch_add(1);
    });
    t.check(t.wait_progress(thread, 1), "runs there");
    t.succeeds("suspend", t.invoke(thread.tcb, TCBSuspend));
    const Word count = thread.progress.load();
    const Word end = now() + second / 50;
    while (now() < end) {
    }
    t.equal("stands still", thread.progress.load(), count);
    t.succeeds("resume", t.invoke(thread.tcb, TCBResume));
    t.check(t.wait_progress(thread, count + 1), "goes on");
    t.remove(thread.tcb); // while it runs
}

void unmap_reaches_other_harts(Context& t) {
    const Word ep = t.endpoint();
    const Word table = t.make(seL4_RISCV_PageTableObject);
    const Word frame = t.make(seL4_RISCV_4K_Page);
    t.succeeds("table", t.invoke(table, RISCVPageTableMap, {mapping, 0}, {vspace}));
    t.succeeds("map", t.invoke(frame, RISCVPageMap, {mapping, 3, 1}, {vspace}));
    Thread& thread = t.thread(Above, ep);
    t.succeeds("move", t.invoke(thread.tcb, TCBSetAffinity, {boot_info->numNodes - 1}));
    t.start(thread, [](Thread& me) {
        while (true) {
            static_cast<void>(*reinterpret_cast<volatile Word*>(mapping));
            me.progress.fetch_add(1);
        }
    });
    t.check(t.wait_progress(thread, 1), "reads");
    t.succeeds("unmap", t.invoke(frame, RISCVPageUnmap));
    const Message message = t.receive(ep);
    t.equal("fault", message.label(), seL4_Fault_VMFault);
    t.equal("address", message.words[1], mapping);
}
#endif

constexpr Case cases[] = {
    {"fpu_starts_clean", fpu_starts_clean},
    {"fpu_per_thread", fpu_per_thread},
    {"fpu_disabled", fpu_disabled},
    {"thread_pointer", thread_pointer},
    {"write_one_register", write_one_register},
    {"write_counts", write_counts},
    {"address_space", address_space},
    {"deleted_space_faults", deleted_space_faults},
    {"remap_changes_rights", remap_changes_rights},
    {"fresh_frames_are_zero", fresh_frames_are_zero},
    {"device_buffer_is_refused", device_buffer_is_refused},
    {"garbage_in_every_argument", garbage_in_every_argument},
#ifdef CONFIG_ENABLE_SMP_SUPPORT
    {"affinity_errors", affinity_errors},
    {"calls_across_harts", calls_across_harts},
    {"suspend_across_harts", suspend_across_harts},
    {"unmap_reaches_other_harts", unmap_reaches_other_harts},
#endif
};

} // namespace

List machine_cases() { return list_of<cases>("machine"); }

} // namespace guest
