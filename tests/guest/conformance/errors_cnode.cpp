// Every error of the CNode invocations, in the kernel's order of checks (4.2, 4.3, 8.2; traps 12-17, 25, 58). What
// appendix D has measured stands in vectors/cnode.cpp; here are the other methods and the other ways to fail.
#include "tests/guest/conformance/lists.hpp"

namespace guest {

namespace {

constexpr Word methods[] = {CNodeRevoke, CNodeDelete, CNodeCancelBadgedSends, CNodeCopy, CNodeMint, CNodeMove,
                            CNodeMutate, CNodeRotate, CNodeSaveCaller};
constexpr Word transfers[] = {CNodeCopy, CNodeMint, CNodeMove, CNodeMutate};

constexpr Word guard_of(Word value, Word size) { return value << 6 | size; }

// A CNode of 16 slots behind a guard of 4 bits, 0xa.
Word guarded(Context& t) { return t.mint(t.make(seL4_CapTableObject, 4), guard_of(0xa, 4)); }

// The words of every method begin with the destination.
void destination(Context& t) {
    const Word small = guarded(t);
    for (const Word method : methods) {
        t.expect({{"no word", small, method, {}, {}, seL4_TruncatedMessage},
                  {"one word", small, method, {0xa3}, {}, seL4_TruncatedMessage},
                  {"depth 0", small, method, {0xa3, 0}, {}, seL4_RangeError, {1, 64}},
                  {"depth 65", small, method, {0xa3, 65}, {}, seL4_RangeError, {1, 64}},
                  {"a depth beyond 8 bits", small, method, {0xa3, 0x108}, {}, seL4_RangeError, {1, 64}},
                  {"wrong guard", small, method, {0xb3, 8}, {}, seL4_FailedLookup, {0, 4, 8, 0xa, 4}},
                  {"guard longer than the depth", small, method, {0xa, 3}, {}, seL4_FailedLookup, {0, 4, 3, 0xa, 4}},
                  {"ends inside the index", small, method, {0x53, 7}, {}, seL4_FailedLookup, {0, 3, 7, 8}},
                  {"shorter than guard and radix", small, method, {0xa << 2, 6}, {}, seL4_FailedLookup, {0, 3, 6, 8}},
                  {"bits left over", small, method, {0xa30, 12}, {}, seL4_FailedLookup, {0, 3, 4, 0}}});
    }
}

// Bits above the depth do not count.
void high_bits_of_the_index(Context& t) {
    const Word small = guarded(t);
    t.expect({{"copy", small, CNodeCopy, {~0xfful | 0xa3, 8, t.endpoint(), depth, all_rights}, {cnode}},
              {"delete", small, CNodeDelete, {0xa3, 8}, {}},
              {"empty again", small, CNodeMove, {0xa4, 8, 0xa3, 8}, {small}, seL4_FailedLookup, {1, 2, 8}}});
}

void source(Context& t) {
    const Word small = guarded(t);
    const Word ep = t.endpoint();
    const Word to = t.slot();
    for (const Word method : transfers) {
        t.expect({{"three words", cnode, method, {to, depth, ep}, {cnode}, seL4_TruncatedMessage},
                  {"no root", cnode, method, {to, depth, ep, depth, all_rights, 0}, {}, seL4_TruncatedMessage},
                  {"occupied first", cnode, method, {ep, depth, 0, 0}, {ep}, seL4_DeleteFirst},
                  {"no CNode", cnode, method, {to, depth, ep, depth, 15, 0}, {ep}, seL4_FailedLookup, {1, 1}},
                  {"empty root", cnode, method, {to, depth, ep, depth, 15, 0}, {to}, seL4_FailedLookup, {1, 1}},
                  {"depth 0", cnode, method, {to, depth, 0xa3, 0, 15, 0}, {small}, seL4_RangeError, {1, 64}},
                  {"depth 65", cnode, method, {to, depth, 0xa3, 65, 15, 0}, {small}, seL4_RangeError, {1, 64}},
                  {"guard", cnode, method, {to, depth, 0xb3, 8, 15, 0}, {small}, seL4_FailedLookup, {1, 4, 8, 0xa, 4}},
                  {"short", cnode, method, {to, depth, 0xa << 2, 6, 15, 0}, {small}, seL4_FailedLookup, {1, 3, 6, 8}},
                  {"left over", cnode, method, {to, depth, 0xa30, 12, 15, 0}, {small}, seL4_FailedLookup, {1, 3, 4, 0}},
                  {"empty", cnode, method, {to, depth, 0xa3, 8, 15, 0}, {small}, seL4_FailedLookup, {1, 2, 8}}});
    }
    // Only after the source was found and full does the rest of the message count.
    t.expect({{"copy", cnode, CNodeCopy, {to, depth, ep, depth}, {cnode}, seL4_TruncatedMessage},
              {"mint", cnode, CNodeMint, {to, depth, ep, depth, 15}, {cnode}, seL4_TruncatedMessage},
              {"mutate", cnode, CNodeMutate, {to, depth, ep, depth}, {cnode}, seL4_TruncatedMessage},
              {"copy empty", cnode, CNodeCopy, {to, depth, to, depth}, {cnode}, seL4_FailedLookup, {1, 2, 64}}});
}

// A slot moved to itself tells whether it is empty; sel4test asks so.
void move_to_itself(Context& t) {
    const Word full = t.endpoint();
    const Word empty = t.slot();
    t.expect({{"full", cnode, CNodeMove, {full, depth, full, depth}, {cnode}, seL4_DeleteFirst},
              {"empty", cnode, CNodeMove, {empty, depth, empty, depth}, {cnode}, seL4_FailedLookup, {1, 2, 64}}});
}

void not_derivable(Context& t) {
    const Word to = t.slot();
    const Word used = t.make(seL4_UntypedObject, 13);
    const Word child = t.slot();
    t.expect({{"child", used, UntypedRetype, {seL4_EndpointObject, 0, 0, 0, child, 1}, {cnode}}});
    const Word table = t.make(seL4_RISCV_PageTableObject);
    const Word cn = t.make(seL4_CapTableObject, 4);
    const Word badged = t.mint(t.notification(), 7);
    for (const Word method : {CNodeCopy, CNodeMint}) {
        t.expect({{"used untyped", cnode, method, {to, depth, used, depth, 15, 0}, {cnode}, seL4_RevokeFirst},
                  {"unmapped table", cnode, method, {to, depth, table, depth, 15, 0}, {cnode}, seL4_IllegalOperation},
                  {"IRQ control",
                   cnode,
                   method,
                   {to, depth, seL4_CapIRQControl, depth, 15, 0},
                   {cnode},
                   seL4_IllegalOperation}});
    }
    t.expect({{"guard of 61", cnode, CNodeMint, {to, depth, cn, depth, 15, 61}, {cnode}, seL4_IllegalOperation},
              {"guard of 63", cnode, CNodeMutate, {to, depth, cn, depth, 63}, {cnode}, seL4_IllegalOperation},
              {"same badge", cnode, CNodeMint, {to, depth, badged, depth, 15, 7}, {cnode}, seL4_IllegalOperation},
              {"no badge", cnode, CNodeMint, {to, depth, badged, depth, 15, 0}, {cnode}, seL4_IllegalOperation},
              {"mutate", cnode, CNodeMutate, {to, depth, badged, depth, 0}, {cnode}, seL4_IllegalOperation},
              {"what cannot be copied moves", cnode, CNodeMove, {to, depth, used, depth}, {cnode}},
              {"and is mutated", cnode, CNodeMutate, {used, depth, to, depth, 99}, {cnode}},
              {"table", cnode, CNodeMove, {to, depth, table, depth}, {cnode}}});
}

void rotate(Context& t) {
    const Word small = guarded(t);
    const Word source_slot = t.make(seL4_TCBObject);
    const Word pivot_slot = t.make(seL4_TCBObject);
    const Word ep = t.endpoint();
    const Word full = t.notification();
    const Word to = t.slot();
    const Word empty = t.slot();
    const Word cn = t.make(seL4_CapTableObject, 4);
    const auto fails = [&](const char* what, Word dest, Words pivot_and_source, Words roots, Word error,
                           Words details = {}) {
        Word words[8] = {dest, depth, 0};
        unsigned at = 2;
        for (const Word word : pivot_and_source) words[at++] = word;
        t.fails(what, t.invoke_span(cnode, CNodeRotate, {words, 8}, {roots.begin(), roots.size()}), error, details);
    };
    // dest datum; pivot, its depth and datum; source, its depth
    const Word p = pivot_slot, s = source_slot;
    fails("one root", to, {0, p, 64, 0, s, 64}, {cnode}, seL4_TruncatedMessage);
    t.fails("seven words", t.invoke(cnode, CNodeRotate, {to, depth, 0, p, 64, 0, s}, {cnode, cnode}),
            seL4_TruncatedMessage);
    fails("source root", to, {0, p, 64, 0, s, 64}, {cnode, ep}, seL4_FailedLookup, {1, 1});
    fails("source depth", to, {0, p, 64, 0, s, 0}, {cnode, cnode}, seL4_RangeError, {1, 64});
    fails("source guard", to, {0, p, 64, 0, 0xb3, 8}, {cnode, small}, seL4_FailedLookup, {1, 4, 8, 0xa, 4});
    fails("source before pivot", to, {0, p, 0, 0, s, 65}, {ep, cnode}, seL4_RangeError, {1, 64});
    fails("pivot root", to, {0, p, 64, 0, s, 64}, {ep, cnode}, seL4_FailedLookup, {1, 1});
    fails("pivot depth", to, {0, p, 65, 0, s, 64}, {cnode, cnode}, seL4_RangeError, {1, 64});
    fails("pivot rest", to, {0, 0xa30, 12, 0, s, 64}, {small, cnode}, seL4_FailedLookup, {1, 3, 4, 0});
    fails("pivot is source", to, {0, s, 64, 0, s, 64}, {cnode, cnode}, seL4_IllegalOperation);
    fails("pivot is dest", to, {0, to, 64, 0, s, 64}, {cnode, cnode}, seL4_IllegalOperation);
    fails("occupied", full, {0, p, 64, 0, s, 64}, {cnode, cnode}, seL4_DeleteFirst);
    fails("occupied before empty", full, {0, empty, 64, 0, to, 64}, {cnode, cnode}, seL4_DeleteFirst);
    fails("empty source", to, {0, p, 64, 0, empty, 64}, {cnode, cnode}, seL4_FailedLookup, {1, 2, 64});
    fails("empty pivot", to, {0, empty, 64, 0, s, 64}, {cnode, cnode}, seL4_FailedLookup, {0, 2, 64});
    fails("endpoint as source", to, {0, p, 64, 0, ep, 64}, {cnode, cnode}, seL4_IllegalOperation);
    fails("endpoint as pivot", to, {0, full, 64, 0, s, 64}, {cnode, cnode}, seL4_IllegalOperation);
    fails("long guard of source", to, {0, p, 64, 61, cn, 64}, {cnode, cnode}, seL4_IllegalOperation);
    fails("long guard of pivot", to, {61, cn, 64, 0, s, 64}, {cnode, cnode}, seL4_IllegalOperation);
    fails("nothing has moved", to, {0, p, 64, 0, s, 64}, {cnode, cnode}, seL4_NoError);
    t.equal("source to pivot", seL4_DebugCapIdentify(p), 12);
    t.equal("pivot to dest", seL4_DebugCapIdentify(to), 12);
    t.equal("source empty", seL4_DebugCapIdentify(s), 0);
}

void cancel_and_save(Context& t) {
    const Word ep = t.endpoint();
    for (const Word rights : {7ul, 11ul, 13ul, 14ul, 0ul})
        t.expect({{"not all rights",
                   cnode,
                   CNodeCancelBadgedSends,
                   {t.copy(ep, rights), depth},
                   {},
                   seL4_IllegalOperation}});
    t.expect({{"untyped", cnode, CNodeCancelBadgedSends, {t.untyped(), depth}, {}, seL4_IllegalOperation},
              {"empty", cnode, CNodeCancelBadgedSends, {t.slot(), depth}, {}, seL4_IllegalOperation},
              {"badged", cnode, CNodeCancelBadgedSends, {t.mint(ep, 3), depth}, {}},
              {"occupied", cnode, CNodeSaveCaller, {ep, depth}, {}, seL4_DeleteFirst},
              {"nobody called", cnode, CNodeSaveCaller, {t.slot(), depth}, {}},
              {"delete nothing", cnode, CNodeDelete, {t.slot(), depth}, {}},
              {"revoke nothing", cnode, CNodeRevoke, {t.slot(), depth}, {}}});
}

void other_labels(Context& t) {
    const Word cn = t.make(seL4_CapTableObject, 4);
    const Word first = CNodeRevoke, last = CNodeSaveCaller;
    for (const Word label : {0ul, Word{UntypedRetype}, first - 1, last + 1, Word{nInvocationLabels}, 1ul << 51})
        t.expect({{"label", cn, label, {0, 4}, {cnode}, seL4_IllegalOperation}});
}

constexpr Case cases[] = {
    {"destination", destination},
    {"high_bits_of_the_index", high_bits_of_the_index},
    {"source", source},
    {"move_to_itself", move_to_itself},
    {"not_derivable", not_derivable},
    {"rotate", rotate},
    {"cancel_and_save", cancel_and_save},
    {"other_labels", other_labels},
};

} // namespace

List cnode_error_cases() { return list_of<cases>("errors.cnode"); }

} // namespace guest
