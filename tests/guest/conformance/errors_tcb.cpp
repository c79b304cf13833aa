// Every error of the TCB invocations (4.5; traps 26-29, 72b). What appendix D has measured stands in vectors/tcb.cpp.
#include "tests/guest/conformance/lists.hpp"

namespace guest {

namespace {

// Something of every kind that is wrong as an argument.
struct Objects {
    Word tcb, ep, frame, table, used, node, none;
};

Objects make_objects(Context& t) {
    Objects objects{t.make(seL4_TCBObject),
                    t.endpoint(),
                    t.make(seL4_RISCV_4K_Page),
                    t.make(seL4_RISCV_PageTableObject),
                    t.make(seL4_UntypedObject, 13),
                    t.make(seL4_CapTableObject, 4),
                    t.slot()};
    t.expect({{"child", objects.used, UntypedRetype, {seL4_EndpointObject, 0, 0, 0, t.slot(), 1}, {cnode}}});
    return objects;
}

void too_short(Context& t) {
    const Word tcb = t.make(seL4_TCBObject);
    const struct {
        Word label;
        std::size_t words, caps;
    } methods[] = {{TCBReadRegisters, 2, 0},    {TCBWriteRegisters, 2, 0}, {TCBCopyRegisters, 1, 1},
                   {TCBConfigure, 4, 3},        {TCBSetPriority, 1, 1},    {TCBSetMCPriority, 1, 1},
                   {TCBSetSchedParams, 2, 1},   {TCBSetIPCBuffer, 1, 1},   {TCBSetSpace, 3, 2},
                   {TCBBindNotification, 0, 1}, {TCBSetTLSBase, 1, 0},     {TCBSetFlags, 2, 0}};
    const Word words[4] = {};
    const Word caps[3] = {cnode, vspace, tcb};
    for (const auto& method : methods) {
        for (std::size_t length = 0; length < method.words; ++length)
            t.fails("a word is missing", t.invoke_span(tcb, method.label, {words, length}, {caps, method.caps}),
                    seL4_TruncatedMessage);
        for (std::size_t count = 0; count < method.caps; ++count)
            t.fails("a capability is missing", t.invoke_span(tcb, method.label, {words, method.words}, {caps, count}),
                    seL4_TruncatedMessage);
    }
    t.expect({{"fewer registers than announced", tcb, TCBWriteRegisters, {0, 3, 1, 2}, {}, seL4_TruncatedMessage},
              {"many more", tcb, TCBWriteRegisters, {0, ~0ul, 1, 2}, {}, seL4_TruncatedMessage}});
}

void registers(Context& t) {
    const Word tcb = t.make(seL4_TCBObject);
    t.expect({{"none", tcb, TCBReadRegisters, {0, 0}, {}, seL4_RangeError, {1, 32}},
              {"33", tcb, TCBReadRegisters, {0, 33}, {}, seL4_RangeError, {1, 32}},
              {"the range before the thread", self, TCBReadRegisters, {0, 0}, {}, seL4_RangeError, {1, 32}},
              {"own", self, TCBReadRegisters, {0, 1}, {}, seL4_IllegalOperation},
              {"own", self, TCBWriteRegisters, {0, 1, 5}, {}, seL4_IllegalOperation},
              {"length before the thread", self, TCBWriteRegisters, {0, 2, 5}, {}, seL4_TruncatedMessage},
              {"no thread", tcb, TCBCopyRegisters, {0}, {t.endpoint()}, seL4_InvalidCapability, {1}},
              {"nothing", tcb, TCBCopyRegisters, {0}, {t.slot()}, seL4_InvalidCapability, {1}},
              {"no register", tcb, TCBWriteRegisters, {0, 0}, {}},
              {"one register", tcb, TCBReadRegisters, {0, 1}, {}, seL4_NoError, {0}}});
}

void priorities(Context& t) {
    const Word tcb = t.make(seL4_TCBObject);
    const Word authority = t.make(seL4_TCBObject);
    t.expect({{"MCP 50", authority, TCBSetMCPriority, {50}, {self}}});
    for (const Word method : {TCBSetPriority, TCBSetMCPriority}) {
        t.expect({{"endpoint", tcb, method, {5}, {t.endpoint()}, seL4_InvalidCapability, {1}},
                  {"nothing", tcb, method, {5}, {t.slot()}, seL4_InvalidCapability, {1}},
                  {"the capability before the value", tcb, method, {999}, {t.slot()}, seL4_InvalidCapability, {1}},
                  {"51", tcb, method, {51}, {authority}, seL4_RangeError, {0, 50}},
                  {"256 is not 0", tcb, method, {256}, {self}, seL4_RangeError, {0, 255}},
                  {"all ones", tcb, method, {~0ul}, {self}, seL4_RangeError, {0, 255}},
                  {"50", tcb, method, {50}, {authority}}});
    }
    t.expect({{"endpoint", tcb, TCBSetSchedParams, {5, 5}, {t.endpoint()}, seL4_InvalidCapability, {1}},
              {"MCP", tcb, TCBSetSchedParams, {51, 5}, {authority}, seL4_RangeError, {0, 50}},
              {"priority", tcb, TCBSetSchedParams, {50, 51}, {authority}, seL4_RangeError, {0, 50}},
              {"both", tcb, TCBSetSchedParams, {50, 50}, {authority}},
              {"its own MCP now counts", tcb, TCBSetPriority, {51}, {tcb}, seL4_RangeError, {0, 50}},
              {"an MCP below the priority", tcb, TCBSetMCPriority, {10}, {authority}},
              {"11", tcb, TCBSetPriority, {11}, {tcb}, seL4_RangeError, {0, 10}}});
}

void buffers(Context& t) {
    const Objects o = make_objects(t);
    const auto both = [&](const char* what, Word address, Word cap, Word error) {
        t.expect({{what, o.tcb, TCBSetIPCBuffer, {address}, {cap}, error},
                  {what, o.tcb, TCBConfigure, {0, 0, 0, address}, {cnode, vspace, cap}, error}});
    };
    both("untyped with children", 0x1000, o.used, seL4_RevokeFirst);
    both("unmapped table", 0x1000, o.table, seL4_IllegalOperation);
    both("endpoint", 0x1000, o.ep, seL4_IllegalOperation);
    both("nothing", 0x1000, o.none, seL4_IllegalOperation);
    both("the frame before the address", 0x1001, o.ep, seL4_IllegalOperation);
    both("unaligned", 0x1200, o.frame, seL4_AlignmentError);
    both("unaligned by one", 0x1001, o.frame, seL4_AlignmentError);
    both("aligned", 0x1400, o.frame, seL4_NoError);
    both("address 0 asks for no frame", 0, o.used, seL4_NoError);
    // The buffer is looked at before the spaces.
    t.expect({{"order", o.tcb, TCBConfigure, {0, 61, 0, 0x1001}, {o.ep, o.ep, o.frame}, seL4_AlignmentError}});
}

void spaces(Context& t) {
    const Objects o = make_objects(t);
    const auto both = [&](const char* what, Word data, Word cspace, Word space, Word error) {
        t.expect({{what, o.tcb, TCBSetSpace, {0, data, 0}, {cspace, space}, error},
                  {what, o.tcb, TCBConfigure, {0, data, 0, 0}, {cspace, space, 0}, error}});
    };
    both("CSpace is an untyped with children", 0, o.used, vspace, seL4_RevokeFirst);
    both("CSpace is nothing", 0, o.none, vspace, seL4_IllegalOperation);
    both("CSpace is a thread", 0, o.tcb, vspace, seL4_IllegalOperation);
    both("guard of 61 bits", 61, o.node, vspace, seL4_IllegalOperation);
    both("CSpace first", 0, o.ep, o.used, seL4_IllegalOperation);
    both("VSpace is an untyped with children", 0, o.node, o.used, seL4_RevokeFirst);
    both("VSpace is nothing", 0, o.node, o.none, seL4_IllegalOperation);
    both("VSpace is a frame", 0, o.node, o.frame, seL4_IllegalOperation);
    both("VSpace without an ASID", 0, o.node, o.table, seL4_IllegalOperation);
    both("guard of 60 bits", 60, o.node, vspace, seL4_NoError);
    both("the guard stays", 0, cnode, vspace, seL4_NoError);
}

// A thread that holds the last capability to a CNode: to replace it would be a long deletion.
void last_capability_inside(Context& t) {
    const Objects o = make_objects(t);
    t.expect({{"space", o.tcb, TCBSetSpace, {0, 0, 0}, {o.node, vspace}},
              {"its only other capability", cnode, CNodeDelete, {o.node, depth}, {}},
              {"set space", o.tcb, TCBSetSpace, {0, 0, 0}, {cnode, vspace}, seL4_IllegalOperation},
              {"configure", o.tcb, TCBConfigure, {0, 0, 0, 0}, {cnode, vspace, 0}, seL4_IllegalOperation},
              {"buffer first", o.tcb, TCBConfigure, {0, 0, 0, 0x1001}, {cnode, vspace, o.frame}, seL4_AlignmentError}});
}

void binding(Context& t) {
    const Word tcb = t.make(seL4_TCBObject);
    const Word ntfn = t.notification();
    t.expect({{"nothing bound", tcb, TCBUnbindNotification, {}, {}, seL4_IllegalOperation},
              {"endpoint", tcb, TCBBindNotification, {}, {t.endpoint()}, seL4_IllegalOperation},
              {"empty slot", tcb, TCBBindNotification, {}, {t.slot()}, seL4_IllegalOperation},
              {"without read", tcb, TCBBindNotification, {}, {t.copy(ntfn, 1)}, seL4_IllegalOperation},
              {"bind", tcb, TCBBindNotification, {}, {t.copy(ntfn, 2)}},
              {"unbind", tcb, TCBUnbindNotification, {}, {}},
              {"twice", tcb, TCBUnbindNotification, {}, {}, seL4_IllegalOperation}});
}

void flags_and_labels(Context& t) {
    const Word tcb = t.make(seL4_TCBObject);
    t.expect({{"read", tcb, TCBSetFlags, {0, 0}, {}, seL4_NoError, {0}},
              {"unknown ones", tcb, TCBSetFlags, {0, ~1ul}, {}, seL4_NoError, {0}},
              {"set", tcb, TCBSetFlags, {0, 1}, {}, seL4_NoError, {1}},
              {"read", tcb, TCBSetFlags, {0, 0}, {}, seL4_NoError, {1}},
              {"clear before set", tcb, TCBSetFlags, {1, 1}, {}, seL4_NoError, {1}},
              {"clear", tcb, TCBSetFlags, {1, 0}, {}, seL4_NoError, {0}},
              {"suspend", tcb, TCBSuspend, {}, {}},
              {"thread pointer", tcb, TCBSetTLSBase, {~0ul}, {}}});
    for (const Word label : {0ul, Word{UntypedRetype}, Word{CNodeRevoke}, Word{nInvocationLabels}, 1ul << 51})
        t.expect({{"label", tcb, label, {0, 4}, {cnode}, seL4_IllegalOperation}});
}

constexpr Case cases[] = {
    {"too_short", too_short},   {"registers", registers},
    {"priorities", priorities}, {"buffers", buffers},
    {"spaces", spaces},         {"last_capability_inside", last_capability_inside},
    {"binding", binding},       {"flags_and_labels", flags_and_labels},
};

} // namespace

List tcb_error_cases() { return list_of<cases>("errors.tcb"); }

} // namespace guest
