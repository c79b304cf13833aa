// Untypeds, frames of all sizes, devices and ASID pools up to their limits (4.1, 4.10 - 4.12, 7.2, 7.5; traps 19, 20,
// 23, 24, 38, 72).
#include "tests/guest/conformance/lists.hpp"

namespace guest {

namespace {

constexpr Word mapping = 0x3000'0000;
constexpr Word giga = 1ul << 30;
constexpr Word mega = 1ul << 21;
constexpr Word pool_count = 128, pool_size = 512;

Reply retype(Context& t, Word untyped, Word type, Word bits, Word to, Word count = 1) {
    return t.invoke(untyped, UntypedRetype, {type, bits, 0, 0, to, count}, {cnode});
}

void fan_out_of_256(Context& t) {
    const Word frames = t.make(seL4_RISCV_4K_Page, 0, 256);
    const Word first = t.invoke(frames, RISCVPageGetAddress).words[0];
    for (Word i = 0; i < 256; ++i)
        t.expect({{"ascending", frames + i, RISCVPageGetAddress, {}, {}, seL4_NoError, {first + i * page_size}}});
    const Word endpoints = t.make(seL4_EndpointObject, 0, 256);
    for (Word i = 0; i < 256; ++i) t.equal("endpoint", seL4_DebugCapIdentify(endpoints + i), 4);
}

// Of every type exactly as many fit as the sizes say.
void sizes(Context& t) {
    const Word untyped = t.make(seL4_UntypedObject, 16);
    const Word to = t.slot();
    for (int i = 1; i < 256; ++i) t.slot();
    const Word objects[][3] = {{seL4_TCBObject, 0, 11},         {seL4_EndpointObject, 0, 4},
                               {seL4_NotificationObject, 0, 5}, {seL4_CapTableObject, 1, 6},
                               {seL4_CapTableObject, 11, 16},   {seL4_RISCV_4K_Page, 0, 12},
                               {seL4_RISCV_4K_Page, 63, 12},    {seL4_RISCV_PageTableObject, 0, 12},
                               {seL4_UntypedObject, 4, 4},      {seL4_UntypedObject, 16, 16}};
    for (const auto& [type, bits, object_bits] : objects) {
        const Word fit = 1ul << (16 - object_bits);
        for (Word made = 0; made < fit; made += 256) {
            const Word count = fit < 256 ? fit : 256;
            t.succeeds("make", retype(t, untyped, type, bits, to, count));
            for (Word i = 0; made + count < fit && i < count; ++i) t.remove(to + i);
        }
        const Word last = to + (fit < 256 ? fit : 256) - 1;
        if (fit <= 256) t.fails("full", retype(t, untyped, type, bits, t.slot()), seL4_NotEnoughMemory, {0});
        t.check(seL4_DebugCapIdentify(last) != 0, "the last one");
        t.revoke(untyped);
        if (t.failed()) return;
    }
}

void fresh_objects(Context& t) {
    const Word tcb = t.make(seL4_TCBObject);
    const Reply registers = t.invoke(tcb, TCBReadRegisters, {0, 32});
    t.equal("registers", registers.length(), 32);
    for (int i = 0; i < 32; ++i) t.equal("register", i < 4 ? registers.words[i] : seL4_GetMR(i), 0);
    t.expect({{"MCP 0", tcb, TCBSetPriority, {1}, {tcb}, seL4_RangeError, {0, 0}},
              {"no flag", tcb, TCBSetFlags, {0, 0}, {}, seL4_NoError, {0}},
              {"no notification", tcb, TCBUnbindNotification, {}, {}, seL4_IllegalOperation}});
    const Word node = t.make(seL4_CapTableObject, 2);
    for (Word i = 0; i < 4; ++i)
        t.expect({{"empty, no guard", node, CNodeMove, {i, 2, i, 2}, {node}, seL4_FailedLookup, {1, 2, 2}}});
    t.equal("idle", t.poll(t.notification()).badge, 0);
}

void mega_frame(Context& t) {
    const Word frame = t.make(seL4_RISCV_Mega_Page);
    const Word small = t.make(seL4_RISCV_4K_Page);
    t.expect({{"map", frame, RISCVPageMap, {mapping, 3, 1}, {vspace}}});
    auto* words = reinterpret_cast<volatile Word*>(mapping);
    for (Word at = 0; at < mega / 8; at += 511) {
        t.equal("zero", words[at], 0);
        words[at] = at + 1;
    }
    for (Word at = 0; at < mega / 8; at += 511) t.equal("kept", words[at], at + 1);
    t.expect({{"a smaller one inside", small, RISCVPageMap, {mapping, 3, 0}, {vspace}, seL4_FailedLookup, {0, 2, 21}},
              {"unmap", frame, RISCVPageUnmap, {}, {}}});
    const Word ep = t.endpoint();
    Thread& thread = t.thread(Above, ep);
    t.snippet(thread, snippet_load, mapping + mega - 8);
    t.equal("unmapped to its end", t.receive(ep).words[1], mapping + mega - 8);
}

Word find_untyped(bool device, Word min_bits, Word min_paddr) {
    for (Word i = boot_info->untyped.start; i < boot_info->untyped.end; ++i) {
        const seL4_UntypedDesc& region = boot_info->untypedList[i - boot_info->untyped.start];
        if ((region.isDevice != 0) == device && region.sizeBits >= min_bits && region.paddr >= min_paddr) return i;
    }
    return 0;
}

void giga_frame_rules(Context& t, Word frame) {
    const Word space = t.address_space(giga); // its first GiB of use has tables
    const Word small = t.make(seL4_RISCV_Mega_Page);
    const Word table = t.make(seL4_RISCV_PageTableObject);
    const Word copy = t.copy(frame);
    t.expect(
        {{"address", frame, RISCVPageGetAddress, {}, {}, seL4_NoError, {t.invoke(copy, RISCVPageGetAddress).words[0]}},
         {"half a GiB", frame, RISCVPageMap, {4 * giga + giga / 2, 3, 1}, {space}, seL4_AlignmentError},
         {"the last GiB", frame, RISCVPageMap, {255 * giga, 3, 1}, {space}, seL4_InvalidArgument, {0}},
         {"over tables", frame, RISCVPageMap, {giga, 3, 1}, {space}, seL4_FailedLookup, {0, 2, 12}},
         {"over one table", frame, RISCVPageMap, {giga + mega, 3, 1}, {space}, seL4_AlignmentError},
         {"map", frame, RISCVPageMap, {4 * giga, 3, 1}, {space}},
         {"remap", frame, RISCVPageMap, {4 * giga, 2, 1}, {space}},
         {"elsewhere", frame, RISCVPageMap, {5 * giga, 2, 1}, {space}, seL4_InvalidArgument, {0}},
         {"its copy there", copy, RISCVPageMap, {4 * giga, 3, 1}, {space}, seL4_DeleteFirst},
         {"its copy elsewhere", copy, RISCVPageMap, {5 * giga, 3, 1}, {space}},
         {"mega inside", small, RISCVPageMap, {4 * giga + mega, 3, 1}, {space}, seL4_FailedLookup, {0, 2, 30}},
         {"table there", table, RISCVPageTableMap, {4 * giga + mega, 0}, {space}, seL4_DeleteFirst},
         {"unmap", frame, RISCVPageUnmap, {}, {}},
         {"table", table, RISCVPageTableMap, {4 * giga + mega, 0}, {space}},
         {"over a table", frame, RISCVPageMap, {4 * giga, 3, 1}, {space}, seL4_FailedLookup, {0, 2, 21}},
         {"delete the copy", cnode, CNodeDelete, {copy, depth}, {}},
         {"free", frame, RISCVPageMap, {5 * giga, 3, 1}, {space}}});
}

// A machine with little memory has no GiB of it, but devices have.
void giga_device_frame(Context& t) {
    const Word untyped = find_untyped(true, 30, giga);
    const Word frame = t.slot();
    t.succeeds("retype", retype(t, untyped, seL4_RISCV_Giga_Page, 0, frame));
    giga_frame_rules(t, frame);
    t.revoke(untyped);
}

void giga_memory_frame(Context& t) {
    const Word untyped = find_untyped(false, 30, 0);
    if (!t.check(untyped != 0, "the machine has no GiB of memory in one piece")) return;
    const Word frame = t.slot();
    t.succeeds("retype", retype(t, untyped, seL4_RISCV_Giga_Page, 0, frame));
    giga_frame_rules(t, frame);
    t.expect({{"unmap", frame, RISCVPageUnmap, {}, {}}, {"here", frame, RISCVPageMap, {8 * giga, 3, 1}, {vspace}}});
    auto* words = reinterpret_cast<volatile Word*>(8 * giga);
    for (Word at = 0; at < giga / 8; at += giga / 8 / 16 + 7) {
        t.equal("zero", words[at], 0);
        words[at] = ~at;
    }
    words[giga / 8 - 1] = 1;
    t.revoke(untyped);
    t.succeeds("again", retype(t, untyped, seL4_RISCV_Giga_Page, 0, frame));
    t.expect({{"here", frame, RISCVPageMap, {8 * giga, 3, 1}, {vspace}}});
    for (Word at = 0; at < giga / 8; at += giga / 8 / 16 + 7) t.equal("cleared", words[at], 0);
    t.equal("cleared to its end", words[giga / 8 - 1], 0);
    t.revoke(untyped);
}

void device_untyped(Context& t) {
    const Word untyped = find_untyped(true, 30, giga);
    const Word child = t.slot(), to = t.slot(), memory = t.slot(), frame = t.slot();
    t.succeeds("child", retype(t, untyped, seL4_UntypedObject, 13, child));
    for (const Word type : {Word{seL4_TCBObject}, Word{seL4_EndpointObject}, Word{seL4_NotificationObject},
                            Word{seL4_RISCV_PageTableObject}}) {
        t.fails("no kernel object", retype(t, child, type, 0, to), seL4_InvalidArgument, {1});
        t.fails("memory is counted first", retype(t, child, type, 0, to, 5 << 10), seL4_RangeError, {1, 256});
    }
    t.fails("CNode", retype(t, child, seL4_CapTableObject, 2, to), seL4_InvalidArgument, {1});
    t.fails("memory is counted first", retype(t, child, seL4_TCBObject, 0, to, 5), seL4_NotEnoughMemory, {1 << 13});
    t.expect(
        {{"page", child, UntypedRetype, {seL4_UntypedObject, 12, 0, 0, memory, 1}, {cnode}},
         {"no pool from it",
          seL4_CapASIDControl,
          RISCVASIDControlMakePool,
          {to, depth},
          {memory, cnode},
          seL4_InvalidCapability,
          {1}},
         {"frame", child, UntypedRetype, {seL4_RISCV_4K_Page, 0, 0, 0, frame, 1}, {cnode}},
         {"full", child, UntypedRetype, {seL4_RISCV_4K_Page, 0, 0, 0, to, 1}, {cnode}, seL4_NotEnoughMemory, {0}}});
    const Word address = t.invoke(frame, RISCVPageGetAddress).words[0];
    t.revoke(child);
    t.succeeds("from the start again", retype(t, child, seL4_RISCV_4K_Page, 0, to));
    t.expect({{"address", to, RISCVPageGetAddress, {}, {}, seL4_NoError, {address - page_size}}});
    t.revoke(untyped);
}

void pools_are_128(Context& t) {
    const Word memory = t.make(seL4_UntypedObject, 12, pool_count);
    const Word pools = t.slot();
    for (Word i = 1; i < pool_count; ++i) t.slot();
    const auto make = [&](Word i) {
        return t.invoke(seL4_CapASIDControl, RISCVASIDControlMakePool, {pools + i, depth}, {memory + i, cnode});
    };
    for (Word i = 0; i < pool_count - 1; ++i) t.succeeds("make", make(i)); // the boot pool is the first
    t.fails("no more", make(pool_count - 1), seL4_DeleteFirst);
    t.fails("no more, before anything else",
            t.invoke(seL4_CapASIDControl, RISCVASIDControlMakePool, {0, 0}, {cnode, t.slot()}), seL4_DeleteFirst);
    const Word space = t.make(seL4_RISCV_PageTableObject);
    t.expect({{"one of them", pools + 100, RISCVASIDPoolAssign, {}, {space}}});
    t.revoke(memory + 55);
    t.equal("a pool goes with its memory", seL4_DebugCapIdentify(pools + 55), 0);
    t.succeeds("its place is free", make(55));
}

void pool_has_512(Context& t) {
    const Word memory = t.make(seL4_UntypedObject, 12);
    const Word pool = t.slot();
    const Word holder = t.make(seL4_CapTableObject, 10); // the roots: more than a case has slots for
    t.expect({{"pool", seL4_CapASIDControl, RISCVASIDControlMakePool, {pool, depth}, {memory, cnode}}});
    for (Word i = 0; i <= pool_size; i += pool_size / 2) {
        t.expect({{"roots",
                   t.untyped(),
                   UntypedRetype,
                   {seL4_RISCV_PageTableObject, 0, 0, 0, i, i == pool_size ? 1 : pool_size / 2},
                   {holder}}});
    }
    const Word root = t.slot();
    const auto assign = [&](Word i) {
        t.expect({{"out", cnode, CNodeMove, {root, depth, i, 10}, {holder}}});
        const Reply reply = t.invoke(pool, RISCVASIDPoolAssign, {}, {root});
        t.expect({{"back", holder, CNodeMove, {i, 10, root, depth}, {cnode}}});
        return reply;
    };
    for (Word i = 0; i < pool_size && !t.failed(); ++i) t.succeeds("assign", assign(i));
    t.fails("full", assign(pool_size), seL4_DeleteFirst);
    t.expect({{"delete one", holder, CNodeDelete, {200, 10}, {}}});
    t.succeeds("its number is free", assign(pool_size));
}

// Spaces of a deleted pool are none any more; a thread in one faults.
void pool_deleted_under_a_space(Context& t) {
    const Word memory = t.make(seL4_UntypedObject, 12);
    const Word pool = t.slot();
    const Word space = t.make(seL4_RISCV_PageTableObject);
    const Word table = t.make(seL4_RISCV_PageTableObject);
    const Word frame = t.make(seL4_RISCV_4K_Page);
    const Word ep = t.endpoint();
    const Word tcb = t.make(seL4_TCBObject);
    t.expect({{"pool", seL4_CapASIDControl, RISCVASIDControlMakePool, {pool, depth}, {memory, cnode}},
              {"assign", pool, RISCVASIDPoolAssign, {}, {space}},
              {"map", table, RISCVPageTableMap, {mapping, 0}, {space}},
              {"configure", tcb, TCBConfigure, {ep, 0, 0, 0}, {cnode, space, 0}},
              {"priority", tcb, TCBSetPriority, {Above}, {self}}});
    t.revoke(memory);
    t.expect({{"map", frame, RISCVPageMap, {mapping, 3, 0}, {space}, seL4_FailedLookup, {0, 1}},
              {"assigned for ever",
               seL4_CapInitThreadASIDPool,
               RISCVASIDPoolAssign,
               {},
               {space},
               seL4_InvalidCapability,
               {1}},
              {"run", tcb, TCBWriteRegisters, {1, 1, mapping}, {}}});
    const Message message = t.receive(ep);
    t.equal("fault", message.label(), seL4_Fault_VMFault);
    t.equal("address", message.words[1], mapping);
    t.expect({{"its root is no root now", space, RISCVPageTableUnmap, {}, {}, seL4_RevokeFirst}});
    t.remove(tcb);
    t.expect({{"unmapped", space, RISCVPageTableUnmap, {}, {}},
              {"assigned anew", seL4_CapInitThreadASIDPool, RISCVASIDPoolAssign, {}, {space}}});
}

constexpr Case cases[] = {
    {"fan_out_of_256", fan_out_of_256},
    {"sizes", sizes},
    {"fresh_objects", fresh_objects},
    {"mega_frame", mega_frame},
    {"giga_device_frame", giga_device_frame},
    {"device_untyped", device_untyped},
    {"pools_are_128", pools_are_128},
    {"pool_has_512", pool_has_512},
    {"pool_deleted_under_a_space", pool_deleted_under_a_space},
};
constexpr Case large_cases[] = {{"giga_frame", giga_memory_frame}};

} // namespace

List memory_cases() { return list_of<cases>("memory"); }
List large_memory_cases() { return list_of<large_cases>("large_memory"); }

} // namespace guest
