#include "tests/guest/latency/operations.hpp"

namespace guest::latency {

namespace {

constexpr Word fan_out = 256;

void retype(Context& t, const char* what, Word type, Word size_bits, Word bound) {
    const Word node = t.make(seL4_CapTableObject, 8);
    const Word box = t.make(seL4_UntypedObject, 24);
    const Words arguments{type, size_bits, node, depth, 0, fan_out};
    begin();
    t.succeeds(what, t.invoke(box, UntypedRetype, arguments, {cnode}));
    judge(t, what, bound);
}

void untypeds(Context& t) { retype(t, "retype 256 untypeds", seL4_UntypedObject, 4, call_bound); }
void endpoints(Context& t) { retype(t, "retype 256 endpoints", seL4_EndpointObject, 0, call_bound); }
void notifications(Context& t) { retype(t, "retype 256 notifications", seL4_NotificationObject, 0, call_bound); }
void nodes(Context& t) { retype(t, "retype 256 CNodes", seL4_CapTableObject, 4, call_bound); }
void pages(Context& t) { retype(t, "retype 256 frames", seL4_RISCV_4K_Page, 0, call_bound); }
void tables(Context& t) { retype(t, "retype 256 page tables", seL4_RISCV_PageTableObject, 0, call_bound); }
void threads(Context& t) { retype(t, "retype 256 TCBs", seL4_TCBObject, 0, thread_fan_out_bound); }
void queues(Context& t) { retype(t, "retype 256 asynchronous queues", seL4_TaiL4_AsyncQueueObject, 15, call_bound); }

void reset(Context& t) {
    const Word box = t.make(seL4_UntypedObject, 24);
    const Word page = t.slot();
    const Words arguments{seL4_RISCV_Mega_Page, 0, 0, 0, page, 1};
    t.succeeds("use the memory", t.invoke(box, UntypedRetype, {seL4_UntypedObject, 23, 0, 0, page, 1}, {cnode}));
    t.remove(page);
    begin();
    t.succeeds("retype after 8 MiB were used", t.invoke(box, UntypedRetype, arguments, {cnode}));
    judge(t, "reset 8 MiB", step_bound);
}

void unmap_table(Context& t) {
    const Word root = t.address_space(0x10000000);
    const Word table = t.make(seL4_RISCV_PageTableObject);
    t.succeeds("map a table", t.invoke(table, RISCVPageTableMap, {0x40000000, 0}, {root}));
    begin();
    t.succeeds("unmap it", t.invoke(table, RISCVPageTableUnmap));
    judge(t, "unmap a page table", step_bound);
}

constexpr Case cases[] = {
    {"untypeds", untypeds},
    {"endpoints", endpoints},
    {"notifications", notifications},
    {"nodes", nodes},
    {"pages", pages},
    {"tables", tables},
    {"threads", threads},
    {"queues", queues},
    {"reset", reset},
    {"unmap_table", unmap_table},
};

} // namespace

List memory_cases() { return list_of<cases>("memory"); }

} // namespace guest::latency
