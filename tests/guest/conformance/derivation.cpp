// Who is whose child: what revocation takes and what it leaves, and when an untyped is empty again (4.1, 4.3, 7.6;
// traps 21, 22; D.2).
#include "tests/guest/conformance/lists.hpp"

namespace guest {

namespace {

void there(Context& t, const char* what, std::initializer_list<Word> slots) {
    for (const Word slot : slots) t.check(seL4_DebugCapIdentify(slot) != 0, what);
}
void gone(Context& t, const char* what, std::initializer_list<Word> slots) {
    for (const Word slot : slots) t.check(seL4_DebugCapIdentify(slot) == 0, what);
}

Reply retype(Context& t, Word untyped, Word type, Word bits, Word to, Word count = 1) {
    return t.invoke(untyped, UntypedRetype, {type, bits, 0, 0, to, count}, {cnode});
}

void plain_copies(Context& t) {
    const Word original = t.endpoint();
    const Word copy = t.copy(original);
    const Word grandchild = t.copy(copy);
    t.revoke(copy);
    there(t, "revoking a copy takes nothing", {original, copy, grandchild});
    t.revoke(original);
    gone(t, "revoking the original takes all", {copy, grandchild});
    there(t, "but itself", {original});
}

void badged_copies(Context& t) {
    const Word original = t.endpoint();
    const Word one = t.mint(original, 1);
    const Word two = t.mint(original, 2);
    const Word also_one = t.mint(original, 1); // first of its badge, too
    const Word copy_of_one = t.copy(one);
    const Word copy_of_copy = t.copy(copy_of_one);
    const Word copy_of_two = t.copy(two);
    t.revoke(copy_of_one);
    there(t, "revoking a copy takes nothing", {copy_of_copy, copy_of_two});
    t.revoke(one);
    gone(t, "its copies", {copy_of_one, copy_of_copy});
    there(t, "neither siblings nor parent", {original, one, two, also_one, copy_of_two});
    t.revoke(original);
    gone(t, "all", {one, two, also_one, copy_of_two});
}

void notification_badges(Context& t) {
    const Word original = t.notification();
    const Word one = t.mint(original, 1, 1);
    const Word copy = t.copy(one);
    t.revoke(copy);
    there(t, "nothing", {one, copy});
    t.revoke(one);
    gone(t, "the copy", {copy});
    there(t, "the rest", {original, one});
}

void original_deleted(Context& t) {
    const Word untyped = t.make(seL4_UntypedObject, 12);
    const Word original = t.slot();
    t.succeeds("endpoint", retype(t, untyped, seL4_EndpointObject, 0, original));
    const Word copy = t.copy(original);
    const Word second_copy = t.copy(copy);
    t.remove(original);
    t.revoke(copy);
    there(t, "orphans are nobody's children", {copy, second_copy});
    t.fails("but the untyped's", retype(t, untyped, seL4_UntypedObject, 12, original), seL4_NotEnoughMemory, {4080});
    t.revoke(untyped);
    gone(t, "which takes them", {copy, second_copy});
    t.succeeds("and is whole again", retype(t, untyped, seL4_UntypedObject, 12, original));
}

void copies_with_data(Context& t) {
    const Word originals[] = {t.make(seL4_TCBObject), t.make(seL4_CapTableObject, 2), t.make(seL4_RISCV_4K_Page)};
    for (const Word original : originals) {
        const Word minted = t.mint(original, 3, 2);
        const Word copy = t.copy(minted);
        t.revoke(minted);
        there(t, "data makes no parent", {minted, copy});
        t.revoke(original);
        gone(t, "the original is one", {minted, copy});
    }
}

void moved_originals(Context& t) {
    const Word original = t.endpoint();
    const Word copy = t.copy(original);
    const Word place = t.slot();
    t.expect({{"move", cnode, CNodeMove, {place, depth, original, depth}, {cnode}}});
    const Word late = t.copy(place);
    const Word tcb = t.make(seL4_TCBObject);
    t.revoke(place);
    gone(t, "children follow", {copy, late});
    const Word child = t.copy(tcb);
    const Word pivot = t.make(seL4_CapTableObject, 1);
    const Word pivot_child = t.copy(pivot);
    t.expect({{"swap", cnode, CNodeRotate, {tcb, depth, 0, pivot, depth, 0, tcb, depth}, {cnode, cnode}}});
    t.revoke(pivot); // the thread's now
    gone(t, "swapped: its child", {child});
    there(t, "swapped: not the other's", {pivot_child});
    t.revoke(tcb);
    gone(t, "swapped: the other's", {pivot_child});
}

void untyped_family(Context& t) {
    const Word top = t.make(seL4_UntypedObject, 12);
    const Word middle = t.slot(), bottom = t.slot(), leaf = t.slot(), more = t.slot();
    t.succeeds("middle", retype(t, top, seL4_UntypedObject, 11, middle));
    t.succeeds("bottom", retype(t, middle, seL4_UntypedObject, 10, bottom));
    t.succeeds("leaf", retype(t, bottom, seL4_EndpointObject, 0, leaf));
    // Its parents deleted, the leaf still holds their memory.
    t.remove(middle);
    t.remove(bottom);
    t.fails("a grandchild lives", retype(t, top, seL4_UntypedObject, 12, more), seL4_NotEnoughMemory, {2048});
    t.remove(leaf);
    t.succeeds("nobody lives", retype(t, top, seL4_UntypedObject, 12, more));
    t.remove(more);
    t.succeeds("middle", retype(t, top, seL4_UntypedObject, 11, middle));
    t.succeeds("leaf", retype(t, middle, seL4_EndpointObject, 0, leaf));
    t.revoke(top);
    gone(t, "the whole family", {middle, leaf});
}

// The free amount: it shrinks to the end of the last object, and grows only when the last child goes.
void watermark(Context& t) {
    const Word untyped = t.make(seL4_UntypedObject, 14);
    const Word first = t.slot(), second_one = t.slot(), spare = t.slot();
    const auto left = [&](const char* what, Word bytes) {
        t.fails(what, retype(t, untyped, seL4_UntypedObject, 15, spare), seL4_NotEnoughMemory, {bytes});
    };
    left("unused", 1 << 14);
    t.succeeds("endpoint", retype(t, untyped, seL4_EndpointObject, 0, first));
    left("16 bytes used", (1 << 14) - 16);
    t.succeeds("frame, aligned", retype(t, untyped, seL4_RISCV_4K_Page, 0, second_one));
    left("up to the frame's end", 1 << 13);
    t.remove(first);
    left("the gap is lost", 1 << 13);
    t.remove(second_one);
    left("whole again", 1 << 14);
}

void untyped_copy(Context& t) {
    const Word original = t.make(seL4_UntypedObject, 12);
    const Word to = t.slot();
    const Word copy = t.copy(original);
    t.fails("the original is full", retype(t, original, seL4_EndpointObject, 0, to), seL4_NotEnoughMemory, {0});
    t.expect({{"and has a child", cnode, CNodeCopy, {to, depth, original, depth, 15}, {cnode}, seL4_RevokeFirst}});
    t.succeeds("the copy is usable", retype(t, copy, seL4_EndpointObject, 0, to));
    t.revoke(original);
    gone(t, "copy and object", {copy, to});
    t.succeeds("usable again", retype(t, original, seL4_UntypedObject, 12, to));
}

void kernel_objects(Context& t) {
    const Word asid_copy = t.copy(seL4_CapASIDControl);
    const Word memory = t.make(seL4_UntypedObject, 12);
    const Word pool = t.slot();
    t.expect({{"pool", asid_copy, RISCVASIDControlMakePool, {pool, depth}, {memory, cnode}}});
    const Word domain_copy = t.copy(seL4_CapDomain);
    t.revoke(asid_copy);
    there(t, "a copy of ASID control has no pools", {pool});
    t.revoke(seL4_CapASIDControl);
    gone(t, "copies of ASID control", {asid_copy});
    there(t, "the pool is its memory's child", {pool});
    t.revoke(seL4_CapDomain);
    gone(t, "copies of the domain capability", {domain_copy});
    t.revoke(memory);
    gone(t, "the pool", {pool});
}

// What a thread holds are copies like any other.
void copies_inside_threads(Context& t) {
    const Word handler = t.endpoint();
    const Word ep = t.endpoint();
    const Word frame = t.make(seL4_RISCV_4K_Page);
    Thread& thread = t.thread();
    t.expect({{"its own buffer", thread.tcb, TCBSetIPCBuffer, {0x1000}, {frame}}});
    t.revoke(frame); // the buffer is gone, silently
    t.issue(thread, Word(seL4_SysSend), {ep, tag(7, 9), 1, 2, 3, 4});
    t.equal("cut to four words", t.receive(ep).tag, tag(7, 4));
    const Word node = t.make(seL4_CapTableObject, 3);
    const Word root = t.mint(node, 61);
    t.expect({{"handler", root, CNodeCopy, {1, 64, handler, depth, 15}, {cnode}},
              {"space", thread.tcb, TCBSetSpace, {1, 0, 0}, {root, vspace}}});
    t.issue(thread, Word(seL4_SysRecv), {2, 0, 0, 0, 0, 0});
    t.equal("faults to its handler", t.receive(handler).label(), seL4_Fault_CapFault);
    t.revoke(node);
    gone(t, "minted copy", {root});
    t.issue(thread, Word(seL4_SysRecv), {2, 0, 0, 0, 0, 0});
    t.check(!t.poll(handler).arrived, "without a CSpace there is no handler");
    t.equal("and the thread stands", thread.done.load(), 0);
}

constexpr Case cases[] = {
    {"plain_copies", plain_copies},
    {"badged_copies", badged_copies},
    {"notification_badges", notification_badges},
    {"original_deleted", original_deleted},
    {"copies_with_data", copies_with_data},
    {"moved_originals", moved_originals},
    {"untyped_family", untyped_family},
    {"watermark", watermark},
    {"untyped_copy", untyped_copy},
    {"kernel_objects", kernel_objects},
    {"copies_inside_threads", copies_inside_threads},
};

} // namespace

List derivation_cases() { return list_of<cases>("derivation"); }

} // namespace guest
