// Several harts: threads that are moved while they wait or run, registers that move along, and translations that end
// everywhere at once (4.5.14, 6.6, 6.7; traps 42, 71; D.2). The initial thread stays on hart 0.
#include "tests/guest/conformance/harts.hpp"
#include "tests/guest/conformance/lists.hpp"
#include "tests/guest/harness/alarm.hpp"

namespace guest {

#ifdef CONFIG_ENABLE_SMP_SUPPORT
namespace {

constexpr Word mapping = 0x3000'0000;
constexpr Word sys_recv = Word(seL4_SysRecv);

// One of a lower priority runs while hart 0 is busy: so it is elsewhere.
void moved_while_running(Context& t) {
    Thread& thread = t.thread(Below);
    t.start(thread, count);
    t.check(stands_still(thread), "hart 0 is busy");
    for (Word round = 0; round < 3; ++round) {
        for (Word hart = 1; hart < boot_info->numNodes; ++hart) {
            move(t, thread, hart);
            t.check(moves_on(thread), "runs on another hart");
        }
        move(t, thread, 0);
        t.check(stands_still(thread), "back on hart 0");
    }
    t.expect({{"suspend", thread.tcb, TCBSuspend, {}, {}}});
}

void moved_while_blocked(Context& t) {
    const Word ep = t.endpoint();
    const Word ntfn = t.notification();
    for (const Word object : {ep, ntfn}) {
        Thread& thread = t.thread(Below);
        t.issue(thread, sys_recv, {object, 2, 0, 0, 0, 0});
        t.expect({{"let it block", self, TCBSetPriority, {Below - 1}, {self}},
                  {"back", self, TCBSetPriority, {Own}, {self}}});
        move(t, thread, last_hart());
        if (object == ep)
            t.send(ep, tag(4));
        else
            t.signal(ntfn);
        const Word end = now() + patience;
        while (thread.done.load() == 0 && now() < end) {
        }
        t.finished(thread); // it could not have run here
        t.check(thread.done.load() != 0, "woken on its new hart");
        t.remove(thread.tcb);
    }
}

void moved_while_calling(Context& t) {
    const Word ep = t.endpoint();
    Thread& caller = t.thread();
    for (Word hart = 0; hart < boot_info->numNodes; ++hart) {
        t.issue(caller, Word(seL4_SysCall), {ep, tag(1, 1), hart, 0, 0, 0});
        t.equal("message", t.receive(ep).words[0], hart);
        move(t, caller, hart);
        t.reply(tag(2, 1), {hart + 10});
        t.finished(caller);
        t.equal("reply", caller.file.x[A2], hart + 10);
    }
}

void moves_itself(Context& t) {
    for (Word hart = last_hart() + 1; hart-- > 0;) {
        t.expect({{"move", self, TCBSetAffinity, {hart}, {}}});
        t.equal("affinity", seL4_DebugGetThreadAffinity(self), hart);
    }
}

void priority_from_afar(Context& t) {
    Thread& low = t.thread(Below);
    Thread& high = t.thread(Above);
    move(t, low, last_hart());
    move(t, high, last_hart());
    t.start(low, count);
    t.check(moves_on(low), "alone there");
    t.start(high, count);
    t.check(moves_on(high), "the higher one takes over");
    t.check(stands_still(low), "the lower one waits");
    t.expect({{"swap", high.tcb, TCBSetPriority, {Below - 1}, {self}}});
    t.check(moves_on(low), "now it is the higher one");
    t.check(stands_still(high), "and the other waits");
    t.expect({{"suspend", low.tcb, TCBSuspend, {}, {}}});
    t.check(moves_on(high), "the last one runs");
    t.expect({{"suspend", high.tcb, TCBSuspend, {}, {}}});
}

// Floating point registers stay a thread's own, wherever it goes, and whatever others load meanwhile.
void floats_move_along(Context& t) {
    Thread* threads[2];
    for (Word i = 0; i < 2; ++i) {
        threads[i] = &t.thread(Above);
        move(t, *threads[i], last_hart());
        threads[i]->in[0] = i + 1;
        t.start(*threads[i], [](Thread& me) {
            for (Word j = 0; j < 32; ++j) me.out[j] = 0x4000'0000'0000'0000 + me.in[0] * 1000 + j;
            me.out[32] = me.in[0];
            me.progress.store(1);
            float_spin(me.out, 10'000'000);
        });
    }
    for (Word round = 0; threads[0]->done.load() + threads[1]->done.load() < 2 && round < 50; ++round) {
        for (Word i = 0; i < 2; ++i) {
            const Word hart = 1 + (round + i) % last_hart();
            t.expect({{"move", threads[i]->tcb, TCBSetAffinity, {boot_info->numNodes > 2 ? hart : round % 2}, {}}});
        }
        const Word end = now() + second / 200;
        while (now() < end) seL4_Yield();
    }
    for (Word i = 0; i < 2; ++i) {
        t.check(t.wait_done(*threads[i]), "the thread ends");
        for (Word j = 0; j < 32; ++j)
            t.equal("register", threads[i]->out[j], 0x4000'0000'0000'0000 + (i + 1) * 1000 + j);
        t.equal("fcsr", threads[i]->out[32], i + 1);
    }
}

// --- A translation that ends must end on the hart that is using it this very moment.

enum class End { Unmap, ReadOnly, Delete, RevokeMemory, UnmapTable };

void translation_ends(Context& t, End how) {
    const Word ep = t.endpoint();
    const Word memory = t.make(seL4_UntypedObject, 13);
    const Word table = t.slot(), frame = t.slot();
    t.expect({{"table", memory, UntypedRetype, {seL4_RISCV_PageTableObject, 0, 0, 0, table, 1}, {cnode}},
              {"frame", memory, UntypedRetype, {seL4_RISCV_4K_Page, 0, 0, 0, frame, 1}, {cnode}},
              {"map table", table, RISCVPageTableMap, {mapping, 0}, {vspace}},
              {"map", frame, RISCVPageMap, {mapping, 3, 1}, {vspace}}});
    Thread& thread = t.thread(Above, ep);
    move(t, thread, last_hart());
    t.start(thread, [](Thread& me) {
        auto& word = *reinterpret_cast<volatile Word*>(mapping);
        while (true) {
            word = word + 1;
            me.progress.fetch_add(1);
        }
    });
    t.check(moves_on(thread), "writes");
    switch (how) {
    case End::Unmap: t.expect({{"unmap", frame, RISCVPageUnmap, {}, {}}}); break;
    case End::ReadOnly: t.expect({{"remap", frame, RISCVPageMap, {mapping, 2, 1}, {vspace}}}); break;
    case End::Delete: t.remove(frame); break;
    case End::RevokeMemory: t.revoke(memory); break;
    case End::UnmapTable: t.expect({{"unmap", table, RISCVPageTableUnmap, {}, {}}}); break;
    }
    // When the call is back nobody can use it any more.
    const Word seen = thread.progress.load();
    const Message message = t.receive(ep);
    t.equal("fault", message.label(), seL4_Fault_VMFault);
    t.equal("address", message.words[1], mapping);
    t.check(thread.progress.load() <= seen + 1, "not one access more");
    if (how == End::ReadOnly) t.equal("a store", message.words[3], 7);
    t.remove(thread.tcb);
}

void unmap(Context& t) { translation_ends(t, End::Unmap); }
void read_only(Context& t) { translation_ends(t, End::ReadOnly); }
void delete_frame(Context& t) { translation_ends(t, End::Delete); }
void revoke_memory(Context& t) { translation_ends(t, End::RevokeMemory); }
void unmap_table(Context& t) { translation_ends(t, End::UnmapTable); }

// A loop of one instruction in a space of its own, on another hart, while that space goes.
void space_deleted_under_a_hart(Context& t) {
    const Word memory = t.make(seL4_UntypedObject, 12);
    const Word pool = t.slot();
    const Word space = t.make(seL4_RISCV_PageTableObject);
    const Word tables = t.make(seL4_RISCV_PageTableObject, 0, 3);
    const Word frame = t.make(seL4_RISCV_4K_Page);
    const Word here = t.copy(frame);
    const Word ep = t.endpoint();
    const Word tcb = t.make(seL4_TCBObject);
    t.expect({{"pool", seL4_CapASIDControl, RISCVASIDControlMakePool, {pool, depth}, {memory, cnode}},
              {"assign", pool, RISCVASIDPoolAssign, {}, {space}},
              {"table", tables, RISCVPageTableMap, {mapping, 0}, {space}},
              {"table", tables + 1, RISCVPageTableMap, {mapping, 0}, {space}},
              {"table", tables + 2, RISCVPageTableMap, {mapping, 0}, {vspace}},
              {"here", here, RISCVPageMap, {mapping, 3, 1}, {vspace}},
              {"there", frame, RISCVPageMap, {mapping, 3, 0}, {space}}});
    *reinterpret_cast<volatile std::uint32_t*>(mapping) = 0x0000'006f; // j .
    t.expect({{"configure", tcb, TCBConfigure, {ep, 0, 0, 0}, {cnode, space, 0}},
              {"priority", tcb, TCBSetPriority, {Above}, {self}},
              {"move", tcb, TCBSetAffinity, {last_hart()}, {}},
              {"run", tcb, TCBWriteRegisters, {1, 1, mapping}, {}}});
    const Word end = now() + second / 50;
    while (now() < end) {
    }
    t.check(!t.poll(ep).arrived, "it loops");
    t.revoke(memory);
    const Message message = t.receive(ep);
    t.equal("fault", message.label(), seL4_Fault_VMFault);
    t.equal("address", message.words[1], mapping);
    t.remove(tcb);
}

void signals_across_harts(Context& t) {
    const Word to = t.notification();
    const Word back = t.notification();
    Thread& thread = t.thread();
    move(t, thread, last_hart());
    thread.in[0] = to;
    thread.in[1] = back;
    t.start(thread, [](Thread& me) {
        for (Word i = 0; i < 200; ++i) {
            sel4_Registers registers{me.in[0], 0, 0, 0, 0, 0};
            sel4_ecall(seL4_SysRecv, &registers);
            registers = {me.in[1], 0, 0, 0, 0, 0};
            sel4_ecall(seL4_SysSend, &registers);
        }
    });
    for (Word i = 0; i < 200; ++i) {
        t.signal(to);
        seL4_Wait(back, nullptr); // both harts sleep in between: a lost wake-up would end here
    }
    t.check(t.wait_done(thread), "the other side");
}

// An interrupt comes to the hart that asked for it, its thread may live elsewhere.
void interrupt_for_another_hart(Context& t) {
    t.check(map_alarm(), "the clock device");
    const Word ntfn = t.notification();
    const Word handler = t.slot();
    t.expect({{"get", seL4_CapIRQControl, IRQIssueIRQHandler, {alarm_irq, handler, depth}, {cnode}},
              {"set", handler, IRQSetIRQHandler, {}, {t.mint(ntfn, 6)}}});
    Thread& waiter = t.thread(Below);
    move(t, waiter, last_hart());
    t.issue(waiter, sys_recv, {ntfn, 2, 3, 4, 5, 6});
    set_alarm(1'000'000);
    const Word end = now() + patience;
    while (waiter.done.load() == 0 && now() < end) {
    }
    silence_alarm();
    t.check(waiter.done.load() != 0, "woken there");
    t.unchanged(waiter.file, {6, 2, 3, 4, 5, 6}, sys_recv, 0);
}

// Deleting everything under threads that run on every hart.
void deleted_while_running(Context& t) {
    for (int round = 0; round < 5; ++round) {
        const Word memory = t.make(seL4_UntypedObject, 14);
        const Word tcbs = t.slot();
        for (Word i = 1; i < 4; ++i) t.slot();
        t.expect({{"threads", memory, UntypedRetype, {seL4_TCBObject, 0, 0, 0, tcbs, 4}, {cnode}}});
        Thread* threads[4];
        for (Word i = 0; i < 4; ++i) {
            threads[i] = &thread_of(static_cast<unsigned>(i));
            threads[i]->tcb = tcbs + i;
            threads[i]->in[0] = 0;
            const Word buffer = reinterpret_cast<Word>(threads[i]->buffer);
            t.expect({{"configure",
                       tcbs + i,
                       TCBConfigure,
                       {0, 0, 0, buffer},
                       {cnode, vspace, Context::image_frame(threads[i]->buffer)}},
                      {"priority", tcbs + i, TCBSetPriority, {Below}, {self}},
                      {"move", tcbs + i, TCBSetAffinity, {1 + i % last_hart()}, {}}});
            t.start(*threads[i], count);
        }
        t.check(moves_on(*threads[0]), "runs");
        t.revoke(memory);
        for (const Thread* thread : threads) t.check(stands_still(*thread), "gone");
    }
}

constexpr Case cases[] = {
    {"moved_while_running", moved_while_running},
    {"moved_while_blocked", moved_while_blocked},
    {"moved_while_calling", moved_while_calling},
    {"moves_itself", moves_itself},
    {"priority_from_afar", priority_from_afar},
    {"floats_move_along", floats_move_along},
    {"unmap", unmap},
    {"read_only", read_only},
    {"delete_frame", delete_frame},
    {"revoke_memory", revoke_memory},
    {"unmap_table", unmap_table},
    {"space_deleted_under_a_hart", space_deleted_under_a_hart},
    {"signals_across_harts", signals_across_harts},
    {"interrupt_for_another_hart", interrupt_for_another_hart},
    {"deleted_while_running", deleted_while_running},
};

} // namespace

List smp_cases() { return list_of<cases>("smp"); }
#else
List smp_cases() { return {"smp", 0, nullptr, nullptr, false}; }
#endif

} // namespace guest
