// Capability addresses and the derivation list: long chains, guards, what moves keep, what revocation takes (4.2, 4.3,
// 7.6, 8.1, 8.2; traps 14-16, 57, 58; D.2).
#include "tests/guest/conformance/lists.hpp"
#include "tests/guest/harness/alarm.hpp"

namespace guest {

namespace {

constexpr Word sys_call = Word(seL4_SysCall);
constexpr Word sys_recv = Word(seL4_SysRecv);
enum Type : Word {
    TypeNone = 0,
    TypeFrame = 1,
    TypeEndpoint = 4,
    TypeNotification = 6,
    TypeReply = 8,
    TypeCNode = 10,
    TypeTcb = 12,
    TypePool = 13,
    TypeHandler = 16,
    TypeDomain = 20
};

void holds(Context& t, const char* what, Word slot, Word type) { t.equal(what, seL4_DebugCapIdentify(slot), type); }

// --- 64 CNodes of one bit each: an address of 64 levels.

constexpr Word chain_address = 0xa5c3'5a3c'9696'0ff1;

Word chain_bit(Word level) { return chain_address >> (63 - level) & 1; }

Word make_chain(Context& t, Word last) {
    const Word first = t.make(seL4_CapTableObject, 1, 64);
    for (Word level = 0; level < 64; ++level) {
        const Word next = level == 63 ? last : first + level + 1;
        t.expect({{"link", first + level, CNodeCopy, {chain_bit(level), 1, next, depth, all_rights}, {cnode}}});
    }
    return first;
}

void chain_of_64_levels(Context& t) {
    const Word ep = t.endpoint();
    const Word root = make_chain(t, t.mint(ep, 0x40));
    // An equal: in that CSpace it cannot suspend itself.
    Thread& thread = t.thread(Own);
    t.expect({{"space", thread.tcb, TCBSetSpace, {0, 0, 0}, {root, vspace}}});
    const auto call = [&](Word address) {
        t.issue(thread, sys_call, {address, tag(3, 1), 7, 0, 0, 0});
        const Word end = now() + patience;
        Message message;
        while (thread.done.load() == 0 && !message.arrived && now() < end) {
            seL4_Yield();
            message = t.poll(ep);
        }
        if (message.arrived) t.reply(tag(9));
        t.check(t.wait_done(thread), "the call comes back");
        t.succeeds("suspend", t.invoke(thread.tcb, TCBSuspend));
        return message.badge;
    };
    t.equal("the whole address", call(chain_address), 0x40);
    t.equal("answer", thread.file.x[A1], tag(9));
    for (Word bit = 0; bit < 64 && !t.failed(); ++bit) {
        // An empty slot on the way: an error, no fault.
        t.equal("one bit off", call(chain_address ^ 1ul << bit), 0);
        t.equal("error", thread.file.x[A1], tag(seL4_InvalidCapability, 1));
        t.equal("which", thread.file.x[A2], 0);
    }
}

void chain_from_outside(Context& t) {
    const Word ep = t.endpoint();
    const Word root = make_chain(t, ep);
    const Word to = t.slot();
    t.expect({{"the end", cnode, CNodeCopy, {to, depth, chain_address, 64, 15}, {root}},
              {"one less", cnode, CNodeDelete, {to, depth}, {}},
              {"one less", cnode, CNodeCopy, {to, depth, chain_address >> 1, 63, 15}, {root}}});
    holds(t, "the last CNode", to, TypeCNode);
    t.expect({{"off at the first bit", root, CNodeDelete, {~chain_address, 64}, {}, seL4_FailedLookup, {0, 3, 63, 0}},
              {"off at the last bit", root, CNodeDelete, {chain_address ^ 1, 64}, {}},
              {"off before it", root, CNodeDelete, {chain_address ^ 2, 64}, {}, seL4_FailedLookup, {0, 3, 1, 0}},
              {"beyond the end", root, CNodeDelete, {chain_address, 64}, {}},
              {"copy", root, CNodeCopy, {chain_address, 64, ep, depth, 15}, {cnode}}});
}

// Mismatches below the root, as faults of a thread; the guard reported is that of the CNode where the walk stopped.
void nested_mismatches(Context& t) {
    const Word ep = t.endpoint();
    const Word root = t.mint(t.make(seL4_CapTableObject, 3), 60); // 63 bits: one is left for what is inside
    const Word inner = t.make(seL4_CapTableObject, 2);
    t.expect({{"handler", root, CNodeCopy, {1, 63, ep, depth, 15}, {cnode}},
              {"inner", root, CNodeCopy, {2, 63, inner, depth, 15}, {cnode}},
              {"inner with a guard", root, CNodeMint, {3, 63, inner, depth, 15, 1 << 6 | 1}, {cnode}}});
    const auto fault = [&](Word address, Words words) {
        Thread& thread = t.thread(Above, 1 << 1);
        t.expect({{"space", thread.tcb, TCBSetSpace, {1 << 1, 0, 0}, {root, vspace}}});
        t.issue(thread, sys_recv, {address, 0, 0, 0, 0, 0});
        const Message message = t.receive(ep);
        t.equal("length", message.length(), words.size());
        unsigned i = 0;
        for (const Word word : words) t.equal("word", message.words[i++], word);
        t.remove(thread.tcb);
        t.reuse_thread();
    };
    const Word ip = reinterpret_cast<Word>(register_probe_ecall);
    fault(2 << 1, {ip, 2 << 1, 1, 3, 1, 2});
    fault(3 << 1, {ip, 3 << 1, 1, 4, 1, 1, 1});
    fault(3 << 1 | 1, {ip, 3 << 1 | 1, 1, 3, 1, 3});
    fault(1ul << 63, {ip, 1ul << 63, 1, 4, 64, 0, 60});
}

// --- Move, Mutate, Rotate

struct Kinds {
    Word slots[8];
    Word types[8];
    std::size_t count = 0;
    void add(Word slot, Word type) {
        slots[count] = slot;
        types[count++] = type;
    }
};

Kinds all_kinds(Context& t) {
    Kinds kinds;
    kinds.add(t.make(seL4_TCBObject), TypeTcb);
    kinds.add(t.make(seL4_CapTableObject, 2), TypeCNode);
    kinds.add(t.make(seL4_RISCV_4K_Page), TypeFrame);
    kinds.add(t.copy(seL4_CapDomain), TypeDomain);
    kinds.add(t.copy(seL4_CapInitThreadASIDPool), TypePool);
    const Word handler = t.slot();
    t.expect({{"handler", seL4_CapIRQControl, IRQIssueIRQHandler, {alarm_irq, handler, depth}, {cnode}}});
    kinds.add(handler, TypeHandler);
    return kinds;
}

void move_and_mutate(Context& t) {
    const Kinds kinds = all_kinds(t);
    const Word to = t.slot();
    for (std::size_t i = 0; i < kinds.count; ++i) {
        const Word from = kinds.slots[i];
        t.expect({{"mutate", cnode, CNodeMutate, {to, depth, from, depth, 0}, {cnode}}});
        holds(t, "left", from, TypeNone);
        holds(t, "arrived", to, kinds.types[i]);
        t.expect({{"move back", cnode, CNodeMove, {from, depth, to, depth}, {cnode}}});
        holds(t, "back", from, kinds.types[i]);
    }
}

void rotate_all(Context& t) {
    const Kinds kinds = all_kinds(t);
    const Word to = t.slot();
    for (std::size_t i = 0; i < kinds.count; ++i) {
        const std::size_t j = (i + 1) % kinds.count;
        const Word source = kinds.slots[i];
        const Word pivot = kinds.slots[j];
        t.expect({{"rotate", cnode, CNodeRotate, {to, depth, 0, pivot, depth, 0, source, depth}, {cnode, cnode}}});
        holds(t, "source", source, TypeNone);
        holds(t, "pivot", pivot, kinds.types[i]);
        holds(t, "destination", to, kinds.types[j]);
        t.expect({{"back", cnode, CNodeMove, {source, depth, pivot, depth}, {cnode}},
                  {"back", cnode, CNodeMove, {pivot, depth, to, depth}, {cnode}},
                  {"swap", cnode, CNodeRotate, {source, depth, 0, pivot, depth, 0, source, depth}, {cnode, cnode}}});
        holds(t, "swapped", source, kinds.types[j]);
        holds(t, "swapped", pivot, kinds.types[i]);
        t.expect({{"swap", cnode, CNodeRotate, {source, depth, 0, pivot, depth, 0, source, depth}, {cnode, cnode}}});
    }
}

// The datum named after the destination goes to the pivot's capability, the pivot's to the source's.
void rotate_sets_guards(Context& t) {
    const Word source = t.make(seL4_CapTableObject, 1);
    const Word pivot = t.make(seL4_CapTableObject, 2);
    const Word to = t.slot();
    t.expect({{"rotate",
               cnode,
               CNodeRotate,
               {to, depth, 0x5 << 6 | 3, pivot, depth, 0x3 << 6 | 2, source, depth},
               {cnode, cnode}},
              {"the pivot's, at the destination", to, CNodeDelete, {0x5 << 2 | 1, 5}, {}},
              {"its guard", to, CNodeDelete, {0x4 << 2 | 1, 5}, {}, seL4_FailedLookup, {0, 4, 5, 5, 3}},
              {"the source's, at the pivot", pivot, CNodeDelete, {0x3 << 1 | 1, 3}, {}},
              {"its guard", pivot, CNodeDelete, {0x2 << 1 | 1, 3}, {}, seL4_FailedLookup, {0, 4, 3, 3, 2}},
              {"no guard", cnode, CNodeMutate, {source, depth, pivot, depth, 0}, {cnode}},
              {"plain", source, CNodeDelete, {1, 1}, {}}});
}

void moved_endpoint_keeps_badge_and_rights(Context& t) {
    const Word ep = t.endpoint();
    const Word badged = t.mint(ep, 0x77, 9);
    const Word to = t.slot();
    t.expect({{"move", cnode, CNodeMove, {to, depth, badged, depth}, {cnode}},
              {"not all rights", cnode, CNodeCancelBadgedSends, {to, depth}, {}, seL4_IllegalOperation}});
    Thread& sender = t.thread();
    t.issue(sender, Word(seL4_SysSend), {to, tag(1), 0, 0, 0, 0});
    t.equal("badge", t.receive(ep).badge, 0x77);
    t.expect({{"move the original", cnode, CNodeMove, {badged, depth, ep, depth}, {cnode}}});
    t.revoke(badged);
    holds(t, "revoked through its new place", to, TypeNone);
}

void moved_frame_keeps_its_mapping(Context& t) {
    constexpr Word mapping = 0x3000'0000;
    const Word space = t.address_space(mapping);
    const Word frame = t.make(seL4_RISCV_4K_Page);
    const Word other = t.make(seL4_RISCV_4K_Page);
    const Word to = t.slot();
    t.expect({{"map", frame, RISCVPageMap, {mapping, 3, 0}, {space}},
              {"copy", cnode, CNodeCopy, {to, depth, frame, depth, 15}, {cnode}},
              {"the copy is not mapped", to, RISCVPageMap, {mapping, 3, 0}, {space}, seL4_DeleteFirst},
              {"deleted, it takes nothing along", cnode, CNodeDelete, {to, depth}, {}},
              {"move", cnode, CNodeMove, {to, depth, frame, depth}, {cnode}},
              {"mapped", to, RISCVPageMap, {mapping + 4096, 3, 0}, {space}, seL4_InvalidArgument, {0}},
              {"in the way", other, RISCVPageMap, {mapping, 3, 0}, {space}, seL4_DeleteFirst},
              {"delete", cnode, CNodeDelete, {to, depth}, {}},
              {"no more", other, RISCVPageMap, {mapping, 3, 0}, {space}}});
}

constexpr Case cases[] = {
    {"chain_of_64_levels", chain_of_64_levels},
    {"chain_from_outside", chain_from_outside},
    {"nested_mismatches", nested_mismatches},
    {"move_and_mutate", move_and_mutate},
    {"rotate", rotate_all},
    {"rotate_sets_guards", rotate_sets_guards},
    {"moved_endpoint_keeps_badge_and_rights", moved_endpoint_keeps_badge_and_rights},
    {"moved_frame_keeps_its_mapping", moved_frame_keeps_its_mapping},
};

} // namespace

List cspace_cases() { return list_of<cases>("cspace"); }

} // namespace guest
