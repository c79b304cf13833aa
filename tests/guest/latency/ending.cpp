#include "tests/guest/latency/operations.hpp"

#include <sel4/async_abi.h>

namespace guest::latency {

namespace {

// `count` objects in a CNode of their own.
Word full_node(Context& t, Word type, Word size_bits, Word radix) {
    const Word node = t.make(seL4_CapTableObject, radix);
    for (Word first = 0; first < Word{1} << radix; first += 256)
        t.succeeds("fill a CNode",
                   t.invoke(t.untyped(), UntypedRetype, {type, size_bits, node, depth, first, 256}, {cnode}));
    return node;
}

void measured_delete(Context& t, const char* what, Word slot, Word bound) {
    begin();
    t.remove(slot);
    judge(t, what, bound);
}

void node_of_endpoints(Context& t) {
    measured_delete(t, "delete a CNode of 4,096 endpoints", full_node(t, seL4_EndpointObject, 0, 12), step_bound);
}
void node_of_threads(Context& t) {
    measured_delete(t, "delete a CNode of 1,024 TCBs", full_node(t, seL4_TCBObject, 0, 10), step_bound);
}
void node_of_nodes(Context& t) {
    measured_delete(t, "delete a CNode of 1,024 CNodes", full_node(t, seL4_CapTableObject, 4, 10), step_bound);
}

// Each holds the only capability of the next.
void nested_nodes(Context& t) {
    constexpr Word deep = 500;
    const Word first = t.make(seL4_CapTableObject, 1, deep / 2);
    t.make(seL4_CapTableObject, 1, deep / 2);
    for (Word i = deep; --i > 0;)
        t.succeeds("nest", t.invoke(first + i - 1, CNodeMove, {0, 1, first + i, depth}, {cnode}));
    measured_delete(t, "delete 500 nested CNodes", first, step_bound);
}

void revoke_wide(Context& t) {
    const Word node = t.make(seL4_CapTableObject, 12);
    const Word ep = t.endpoint();
    for (Word i = 0; i < 4096; ++i)
        t.succeeds("copy", t.invoke(node, CNodeMint, {i, 12, ep, depth, all_rights, i + 1}, {cnode}));
    begin();
    t.revoke(ep);
    judge(t, "revoke 4,096 badged copies", step_bound);
}

void revoke_deep(Context& t) {
    constexpr Word deep = 15;
    Word box = t.make(seL4_UntypedObject, 24);
    const Word top = box;
    for (Word i = 0; i < deep; ++i) {
        const Word inner = t.slot();
        t.succeeds("nest", t.invoke(box, UntypedRetype, {seL4_UntypedObject, 23 - i, 0, 0, inner, 1}, {cnode}));
        const Word ends = t.slot();
        t.succeeds("object", t.invoke(box, UntypedRetype, {seL4_EndpointObject, 0, 0, 0, ends, 1}, {cnode}));
        box = inner;
    }
    begin();
    t.revoke(top);
    judge(t, "revoke 15 nested untypeds", step_bound);
}

void address_space(Context& t) {
    constexpr Word vaddr = 0x10000000;
    const Word root = t.address_space(vaddr);
    const Word frames = t.make(seL4_RISCV_4K_Page, 0, 256);
    for (Word i = 0; i < 256; ++i)
        t.succeeds("map", t.invoke(frames + i, RISCVPageMap, {vaddr + i * page_size, 3, 0}, {root}));
    measured_delete(t, "delete a VSpace with 256 mappings", root, step_bound);
    begin();
    t.revoke(t.untyped());
    judge(t, "revoke its memory", step_bound);
}

void asid_pool(Context& t) {
    const Word memory = t.make(seL4_UntypedObject, 12);
    const Word pool = t.slot();
    t.succeeds("make a pool", t.invoke(seL4_CapASIDControl, RISCVASIDControlMakePool, {pool, depth}, {memory, cnode}));
    const Word roots = t.make(seL4_RISCV_PageTableObject, 0, 256);
    t.make(seL4_RISCV_PageTableObject, 0, 256);
    begin();
    for (Word i = 0; i < 512 && !t.failed(); ++i)
        t.succeeds("assign", t.invoke(pool, RISCVASIDPoolAssign, {}, {roots + i}));
    judge(t, "assign 512 ASIDs", call_bound);
    measured_delete(t, "delete a full ASID pool", pool, call_bound);
}

void queue(Context& t) {
    measured_delete(t, "delete an asynchronous queue of 1 MiB", t.make(seL4_TaiL4_AsyncQueueObject, 20), call_bound);
}

// It gives back a TAIC queue, which is cleaned and tested.
void taic_queue(Context& t) {
    const Word queue = t.make(seL4_TaiL4_AsyncQueueObject, 15);
    t.succeeds("bind", t.invoke(queue, AsyncQueueBind, {TAIL4_ASYNC_BIND_TAIC}, {cnode, vspace}));
    measured_delete(t, "delete an asynchronous queue with a TAIC queue", queue, call_bound);
}

constexpr Case cases[] = {
    {"node_of_endpoints", node_of_endpoints},
    {"node_of_threads", node_of_threads},
    {"node_of_nodes", node_of_nodes},
    {"nested_nodes", nested_nodes},
    {"revoke_wide", revoke_wide},
    {"revoke_deep", revoke_deep},
    {"address_space", address_space},
    {"asid_pool", asid_pool},
    {"queue", queue},
    {"taic_queue", taic_queue},
};

} // namespace

List ending_cases() { return list_of<cases>("ending"); }

} // namespace guest::latency
