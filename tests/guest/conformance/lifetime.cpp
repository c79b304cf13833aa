// The end of objects: capabilities that hold themselves, threads that cut the branch they sit on, and operations that
// an interrupt cuts in pieces (2.7, 2.8, 4.13, 7.7; traps 7, 81-83, 85, 86; D.2).
#include "tests/guest/conformance/lists.hpp"
#include "tests/guest/harness/alarm.hpp"

namespace guest {

namespace {

constexpr Word sys_call = Word(seL4_SysCall);
constexpr Word sys_recv = Word(seL4_SysRecv);
constexpr Word mapping = 0x3000'0000;

// --- Circles. All memory must come back, so each lives in an untyped of its own.

struct Nodes {
    Word untyped;
    Word first;
};

Nodes make_nodes(Context& t, Word count) {
    Nodes nodes{t.make(seL4_UntypedObject, 12), t.slot()};
    for (Word i = 1; i < count; ++i) t.slot();
    t.expect({{"CNodes", nodes.untyped, UntypedRetype, {seL4_CapTableObject, 2, 0, 0, nodes.first, count}, {cnode}}});
    return nodes;
}

void is_whole(Context& t, const Nodes& nodes) {
    t.expect({{"memory back", nodes.untyped, UntypedRetype, {seL4_UntypedObject, 12, 0, 0, nodes.first, 1}, {cnode}}});
}

void cnode_holds_itself(Context& t) {
    const Nodes nodes = make_nodes(t, 1);
    t.expect({{"a copy inside", nodes.first, CNodeCopy, {1, 2, nodes.first, depth, 15}, {cnode}},
              {"and another", nodes.first, CNodeCopy, {2, 2, nodes.first, depth, 15}, {cnode}},
              {"delete", cnode, CNodeDelete, {nodes.first, depth}, {}}});
    // What is left hangs on itself; only the untyped can reach it.
    t.revoke(nodes.untyped);
    is_whole(t, nodes);
}

void cnode_moved_into_itself(Context& t) {
    const Nodes nodes = make_nodes(t, 1);
    t.expect({{"move", nodes.first, CNodeMove, {3, 2, nodes.first, depth}, {cnode}}});
    t.equal("nothing outside", seL4_DebugCapIdentify(nodes.first), 0);
    t.revoke(nodes.untyped);
    is_whole(t, nodes);
}

void cnode_deletes_its_only_capability(Context& t) {
    const Nodes nodes = make_nodes(t, 1);
    const Word ep = t.endpoint();
    t.expect({{"a capability to lose", nodes.first, CNodeCopy, {0, 2, ep, depth, 15}, {cnode}}});
    // A thread whose CSpace the CNode is deletes the CNode from inside: 62 bits of guard, two of index.
    Thread& thread = t.thread();
    t.expect({{"space", thread.tcb, TCBSetSpace, {0, 62, 0}, {nodes.first, vspace}},
              {"move", nodes.first, CNodeMove, {3, 2, nodes.first, depth}, {cnode}}});
    t.issue(thread, sys_call, {3, tag(CNodeDelete, 2), 3, 2, 0, 0});
    t.succeeds("suspend", t.invoke(thread.tcb, TCBSuspend));
    t.remove(thread.tcb);
    is_whole(t, nodes);
}

void ring_of_cnodes(Context& t) {
    const Nodes nodes = make_nodes(t, 3);
    for (Word i = 0; i < 3; ++i)
        t.expect({{"link", nodes.first + i, CNodeCopy, {1, 2, nodes.first + (i + 1) % 3, depth, 15}, {cnode}}});
    for (Word i = 0; i < 3; ++i) t.remove(nodes.first + i);
    t.fails("the ring holds its memory",
            t.invoke(nodes.untyped, UntypedRetype, {seL4_UntypedObject, 12, 0, 0, nodes.first, 1}, {cnode}),
            seL4_NotEnoughMemory, {4096 - 3 * 128});
    t.revoke(nodes.untyped);
    is_whole(t, nodes);
}

void thread_inside_its_own_cspace(Context& t) {
    const Nodes nodes = make_nodes(t, 1);
    const Word ep = t.endpoint();
    Thread& thread = t.thread();
    t.expect({{"endpoint", nodes.first, CNodeCopy, {1, 2, ep, depth, 15}, {cnode}},
              {"space", thread.tcb, TCBSetSpace, {0, 62, 0}, {nodes.first, vspace}},
              {"its own TCB", nodes.first, CNodeMove, {2, 2, thread.tcb, depth}, {cnode}}});
    t.expect({{"let it wait", nodes.first, CNodeMove, {3, 2, 2, 2}, {nodes.first}},
              {"back", nodes.first, CNodeMove, {2, 2, 3, 2}, {nodes.first}}});
    // The thread holds the CNode and the CNode the thread: both live on, out of reach but for the untypeds.
    t.remove(nodes.first);
    t.fails("alive", t.invoke(nodes.untyped, UntypedRetype, {seL4_UntypedObject, 12, 0, 0, nodes.first, 1}, {cnode}),
            seL4_NotEnoughMemory, {4096 - 128});
    t.revoke(nodes.untyped);
    is_whole(t, nodes);
}

// --- Threads that end themselves. A tick may interrupt the call when it has already ended its caller: then nobody
// makes it again, as on seL4, and somebody else has to finish it.

// The capability of a thread that ended itself is gone, or a zombie that anybody can remove.
void has_ended(Context& t, const Thread& thread) {
    constexpr Word zombie = 18;
    if (seL4_DebugCapIdentify(thread.tcb) == zombie) t.remove(thread.tcb);
    t.equal("its TCB", seL4_DebugCapIdentify(thread.tcb), 0);
    t.equal("the call never returns", thread.done.load(), 0);
}

void thread_deletes_itself(Context& t) {
    const Word ep = t.endpoint();
    Thread& thread = t.thread();
    t.issue(thread, sys_call, {cnode, tag(CNodeDelete, 2), thread.tcb, depth, 0, 0});
    has_ended(t, thread);
    t.reuse_thread();
    Thread& next = t.thread();
    t.issue(next, sys_recv, {ep, 0, 0, 0, 0, 0});
    t.send(ep, tag(1));
    t.check(t.wait_done(next), "others go on");
}

// The same through a revoked untyped, while the thread runs on it.
void thread_revokes_its_memory(Context& t) {
    const Word untyped = t.make(seL4_UntypedObject, 12);
    Thread& thread = t.thread();
    const Word tcb = t.slot();
    t.expect({{"TCB", untyped, UntypedRetype, {seL4_TCBObject, 0, 0, 0, tcb, 1}, {cnode}},
              {"configure", tcb, TCBConfigure, {0, 0, 0, 0}, {cnode, vspace, 0}},
              {"priority", tcb, TCBSetPriority, {Above}, {self}}});
    thread.tcb = tcb;
    t.issue(thread, sys_call, {cnode, tag(CNodeRevoke, 2), untyped, depth, 0, 0});
    has_ended(t, thread);
    t.expect({{"memory back", untyped, UntypedRetype, {seL4_UntypedObject, 12, 0, 0, tcb, 1}, {cnode}}});
}

void thread_deletes_its_cspace(Context& t) {
    const Word node = t.make(seL4_CapTableObject, 3);
    const Word handler = t.endpoint();
    Thread& thread = t.thread();
    const Word root = t.mint(node, 61);
    t.expect({{"endpoint", root, CNodeCopy, {1, 64, handler, depth, 15}, {cnode}},
              {"the CSpace of all", root, CNodeCopy, {2, 64, cnode, depth, 15}, {cnode}},
              {"space", thread.tcb, TCBSetSpace, {1, 0, 0}, {root, vspace}}});
    // Revoking the original takes the copy that the thread runs on: its next call finds no CSpace, and no handler.
    t.issue(thread, sys_call, {2, tag(CNodeRevoke, 2), node, depth, 0, 0});
    t.equal("copy", seL4_DebugCapIdentify(root), 0);
    t.check(!t.poll(handler).arrived, "no fault arrives");
    // thread_main() suspends itself through a capability it no longer has: a fault without a handler. Interrupted
    // behind its work, the revocation is made again, and is such a fault itself.
    if (thread.done.load() != 0) t.equal("the revocation itself came back as a success", thread.file.x[A1], 0);
    t.expect({{"a new space", thread.tcb, TCBSetSpace, {0, 0, 0}, {cnode, vspace}}});
    const Word ep = t.endpoint();
    t.issue(thread, sys_recv, {ep, 0, 0, 0, 0, 0});
    t.send(ep, tag(5));
    t.finished(thread);
}

// Two instructions in a space of their own: the call that takes the space away, and one that is never reached.
void thread_revokes_its_address_space(Context& t) {
    const Word space = t.address_space(mapping);
    const Word frame = t.make(seL4_RISCV_4K_Page);
    const Word table = t.make(seL4_RISCV_PageTableObject);
    const Word shared = t.copy(frame);
    t.expect({{"table", table, RISCVPageTableMap, {mapping, 0}, {vspace}},
              {"here", shared, RISCVPageMap, {mapping, 3, 0}, {vspace}},
              {"there", frame, RISCVPageMap, {mapping, 3, 0}, {space}}});
    auto* code = reinterpret_cast<volatile std::uint32_t*>(mapping);
    code[0] = 0x0000'0073; // ecall
    code[1] = 0x0000'006f; // j .
    const Word ep = t.endpoint();
    const Word tcb = t.make(seL4_TCBObject);
    t.expect({{"configure", tcb, TCBConfigure, {ep, 0, 0, 0}, {cnode, space, 0}},
              {"priority", tcb, TCBSetPriority, {Above}, {self}}});
    Word words[34] = {1, 32, mapping};
    words[2 + 16] = cnode;
    words[2 + 17] = tag(CNodeRevoke, 2);
    words[2 + 18] = space;
    words[2 + 19] = depth;
    words[2 + 23] = sys_call;
    t.succeeds("run", t.invoke_span(tcb, TCBWriteRegisters, words, {}));
    const Message message = t.receive(ep);
    t.equal("fault", message.label(), seL4_Fault_VMFault);
    t.check(message.words[0] == mapping + 4 || message.words[0] == mapping, "behind the call, or at it once more");
    t.equal("a fetch", message.words[2], 1);
    t.remove(tcb);
}

void endpoint_deleted_under_its_caller(Context& t) {
    const Word handler = t.endpoint();
    const Word ep = t.endpoint();
    Thread& caller = t.thread(Above, handler);
    Thread& sender = t.thread(Above, handler);
    t.issue(caller, sys_call, {ep, tag(1), 0, 0, 0, 0});
    t.issue(sender, Word(seL4_SysSend), {ep, tag(1), 0, 0, 0, 0});
    t.remove(ep);
    // They make their calls again, on an empty slot: an error for a Call, nothing for a Send.
    t.check(t.wait_done(caller) && t.wait_done(sender), "both come back");
    t.equal("Call", caller.file.x[A1], tag(seL4_InvalidCapability, 1));
    t.equal("Send", sender.file.x[A1], tag(1));
    t.check(!t.poll(handler).arrived, "no fault");
}

void callers_end_takes_its_reply(Context& t) {
    const Word ep = t.endpoint();
    const Word saved = t.slot();
    const Word node = t.make(seL4_CapTableObject, 2);
    Thread& caller = t.thread();
    t.issue(caller, sys_call, {ep, tag(1), 0, 0, 0, 0});
    t.check(t.receive(ep).arrived, "a message");
    t.expect({{"save", cnode, CNodeSaveCaller, {saved, depth}, {}},
              {"elsewhere", node, CNodeMove, {3, 2, saved, depth}, {cnode}}});
    t.remove(caller.tcb);
    t.expect({{"gone there", node, CNodeMove, {2, 2, 3, 2}, {node}, seL4_FailedLookup, {1, 2, 2}}});
    // Not saved, in the server's own slot: the reply is for nobody.
    t.reuse_thread();
    Thread& second_caller = t.thread();
    t.issue(second_caller, sys_call, {ep, tag(1), 0, 0, 0, 0});
    t.check(t.receive(ep).arrived, "a message");
    t.remove(second_caller.tcb);
    t.reply(tag(1));
    t.expect({{"nothing to save", cnode, CNodeSaveCaller, {saved, depth}, {}}});
    t.equal("nothing saved", seL4_DebugCapIdentify(saved), 0);
}

constexpr Case cases[] = {
    {"cnode_holds_itself", cnode_holds_itself},
    {"cnode_moved_into_itself", cnode_moved_into_itself},
    {"cnode_deletes_its_only_capability", cnode_deletes_its_only_capability},
    {"ring_of_cnodes", ring_of_cnodes},
    {"thread_inside_its_own_cspace", thread_inside_its_own_cspace},
    {"thread_deletes_itself", thread_deletes_itself},
    {"thread_revokes_its_memory", thread_revokes_its_memory},
    {"thread_deletes_its_cspace", thread_deletes_its_cspace},
    {"thread_revokes_its_address_space", thread_revokes_its_address_space},
    {"endpoint_deleted_under_its_caller", endpoint_deleted_under_its_caller},
    {"callers_end_takes_its_reply", callers_end_takes_its_reply},
};

} // namespace

List lifetime_cases() { return list_of<cases>("lifetime"); }

} // namespace guest
