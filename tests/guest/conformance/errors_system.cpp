// Every error of untypeds, interrupts and domains (4.1, 4.6 - 4.8; traps 5, 17-20, 24, 25, 30-33). What appendix D has
// measured stands in vectors/.
#include "tests/guest/conformance/lists.hpp"
#include "tests/guest/vectors/vector.hpp"

namespace guest {

namespace {

constexpr Word control = seL4_CapIRQControl;
constexpr Word domains = seL4_CapDomain;
constexpr Word free_irq = 90; // no device of the machine has it
constexpr Word small_type_bits[][2] = {{seL4_TCBObject, seL4_TCBBits},
                                       {seL4_EndpointObject, seL4_EndpointBits},
                                       {seL4_NotificationObject, seL4_NotificationBits},
                                       {seL4_RISCV_4K_Page, seL4_PageBits},
                                       {seL4_RISCV_Mega_Page, seL4_LargePageBits},
                                       {seL4_RISCV_PageTableObject, seL4_PageTableBits}};

void retype_arguments(Context& t) {
    const Word ut = t.make(seL4_UntypedObject, 16);
    const Word to = t.slot();
    const auto fails = [&](const char* what, Word type, Word bits, Word count, Word error, Words details) {
        t.expect({{what, ut, UntypedRetype, {type, bits, 0, 0, to, count}, {cnode}, error, details}});
    };
    fails("type 9", 9, 12, 1, seL4_InvalidArgument, {0});
    fails("type of all ones", ~0ul, 12, 1, seL4_InvalidArgument, {0});
    fails("type before size", 9, 99, 0, seL4_InvalidArgument, {0});
    for (const auto& [type, bits] : small_type_bits) {
        fails("size 64 of a fixed type", type, 64, 1, seL4_RangeError, {0, 38});
        fails("size of all ones", type, ~0ul, 1, seL4_RangeError, {0, 38});
    }
    fails("untyped of 39 bits", seL4_UntypedObject, 39, 1, seL4_RangeError, {0, 38});
    fails("CNode of 34 + 5 bits", seL4_CapTableObject, 34, 1, seL4_RangeError, {0, 38});
    fails("CNode of 33 + 5 bits", seL4_CapTableObject, 33, 1, seL4_NotEnoughMemory, {1 << 16});
    fails("CNode of one slot", seL4_CapTableObject, 0, 1, seL4_InvalidArgument, {1});
    for (Word bits = 0; bits < 4; ++bits)
        fails("small untyped", seL4_UntypedObject, bits, 1, seL4_InvalidArgument, {1});
    fails("no object", seL4_EndpointObject, 0, 0, seL4_RangeError, {1, 256});
    fails("257 objects", seL4_EndpointObject, 0, 257, seL4_RangeError, {1, 256});
    fails("mega frame", seL4_RISCV_Mega_Page, 0, 1, seL4_NotEnoughMemory, {1 << 16});
    fails("giga frame", seL4_RISCV_Giga_Page, 0, 1, seL4_NotEnoughMemory, {1 << 16});
    fails("33 threads", seL4_TCBObject, 0, 33, seL4_NotEnoughMemory, {1 << 16});
}

void retype_destination(Context& t) {
    const Word ut = t.make(seL4_UntypedObject, 16);
    const Word node = t.make(seL4_CapTableObject, 4);
    const Word ep = t.endpoint();
    const Word nothing = t.slot();
    constexpr Word type = seL4_EndpointObject;
    t.expect({{"five words", ut, UntypedRetype, {type, 0, 0, 0, 0}, {node}, seL4_TruncatedMessage},
              {"no root", ut, UntypedRetype, {type, 0, 0, 0, 0, 1}, {}, seL4_TruncatedMessage},
              {"no node", ut, UntypedRetype, {type, 0, 0, 0, 0, 1}, {ep}, seL4_FailedLookup, {0, 2, 0}},
              {"nothing", ut, UntypedRetype, {type, 0, 0, 0, 0, 1}, {nothing}, seL4_FailedLookup, {0, 2, 0}},
              {"depth, no root", ut, UntypedRetype, {type, 0, 0, 4, 0, 1}, {ep}, seL4_FailedLookup, {0, 1}},
              {"depth 65", ut, UntypedRetype, {type, 0, 0, 65, 0, 1}, {node}, seL4_RangeError, {1, 64}},
              {"slot is no node", ut, UntypedRetype, {type, 0, 3, 4, 0, 1}, {node}, seL4_FailedLookup, {0, 2, 4}},
              {"depth 3", ut, UntypedRetype, {type, 0, 3, 3, 0, 1}, {node}, seL4_FailedLookup, {0, 3, 3, 4}},
              {"depth 9", ut, UntypedRetype, {type, 0, 3, 9, 0, 1}, {node}, seL4_FailedLookup, {0, 3, 5, 0}},
              {"guard", ut, UntypedRetype, {type, 0, node, 13, 0, 1}, {cnode}, seL4_FailedLookup, {0, 4, 13, 0, 51}},
              {"offset 16", ut, UntypedRetype, {type, 0, 0, 0, 16, 1}, {node}, seL4_RangeError, {0, 15}},
              {"offset before count", ut, UntypedRetype, {type, 0, 0, 0, 16, 0}, {node}, seL4_RangeError, {0, 15}},
              {"two from the last", ut, UntypedRetype, {type, 0, 0, 0, 15, 2}, {node}, seL4_RangeError, {1, 1}},
              {"all but one too many", ut, UntypedRetype, {type, 0, 0, 0, 0, 17}, {node}, seL4_RangeError, {1, 16}},
              {"through an index", ut, UntypedRetype, {type, 0, node, 64, 7, 2}, {cnode}},
              {"the second is taken", ut, UntypedRetype, {type, 0, 0, 0, 6, 2}, {node}, seL4_DeleteFirst},
              {"both are taken", ut, UntypedRetype, {type, 0, 0, 0, 7, 2}, {node}, seL4_DeleteFirst},
              {"between", ut, UntypedRetype, {type, 0, 0, 0, 9, 7}, {node}}});
}

void issue_irq(Context& t) {
    const Word small = t.make(seL4_CapTableObject, 2);
    const Word to = t.slot();
    constexpr Word last = vectors::max_irq;
    // Get has no trigger word before the slot, GetTrigger has.
    const auto both = [&](const char* what, Word irq, Word index, Word slot_depth, Word root, Word error,
                          Words details = {}) {
        t.expect(
            {{what, control, IRQIssueIRQHandler, {irq, index, slot_depth}, {root}, error, details},
             {what, control, RISCVIRQIssueIRQHandlerTrigger, {irq, 1, index, slot_depth}, {root}, error, details}});
    };
    t.expect(
        {{"two words", control, IRQIssueIRQHandler, {free_irq, to}, {cnode}, seL4_TruncatedMessage},
         {"three words", control, RISCVIRQIssueIRQHandlerTrigger, {free_irq, 0, to}, {cnode}, seL4_TruncatedMessage},
         {"no root", control, IRQIssueIRQHandler, {free_irq, to, 64}, {}, seL4_TruncatedMessage},
         {"no root", control, RISCVIRQIssueIRQHandlerTrigger, {free_irq, 0, to, 64}, {}, seL4_TruncatedMessage}});
    both("0", 0, to, 64, cnode, seL4_RangeError, {1, last});
    both("beyond", last + 1, to, 64, cnode, seL4_RangeError, {1, last});
    both("all ones", ~0ul, to, 64, cnode, seL4_RangeError, {1, last});
    for (Word irq = 96; irq <= last; ++irq) both("the kernel's", irq, to, 64, cnode, seL4_RevokeFirst);
    both("the interrupt before the slot", 0, to, 0, to, seL4_RangeError, {1, last});
    both("no CNode", free_irq, to, 64, to, seL4_FailedLookup, {0, 1});
    both("depth 0", free_irq, to, 0, cnode, seL4_RangeError, {1, 64});
    both("depth 65", free_irq, to, 65, cnode, seL4_RangeError, {1, 64});
    both("guard", free_irq, to, 63, cnode, seL4_FailedLookup, {0, 3, 63, 64});
    both("short", free_irq, 0, 1, small, seL4_FailedLookup, {0, 3, 1, 2});
    both("left over", free_irq, 0, 6, small, seL4_FailedLookup, {0, 3, 4, 0});
    both("occupied", free_irq, t.endpoint(), 64, cnode, seL4_DeleteFirst);
    t.expect({{"issued", control, IRQIssueIRQHandler, {free_irq, 0, 2}, {small}},
              {"another", control, RISCVIRQIssueIRQHandlerTrigger, {free_irq - 1, 1, 1, 2}, {small}}});
}

void handler(Context& t) {
    const Word to = t.slot();
    const Word ntfn = t.notification();
    t.expect({{"get", control, IRQIssueIRQHandler, {free_irq, to, 64}, {cnode}},
              {"taken", control, IRQIssueIRQHandler, {free_irq, t.slot(), 64}, {cnode}, seL4_RevokeFirst},
              {"taken before occupied", control, IRQIssueIRQHandler, {free_irq, ntfn, 64}, {cnode}, seL4_RevokeFirst},
              {"set without", to, IRQSetIRQHandler, {}, {}, seL4_TruncatedMessage},
              {"endpoint", to, IRQSetIRQHandler, {}, {t.endpoint()}, seL4_InvalidCapability, {0}},
              {"nothing", to, IRQSetIRQHandler, {}, {t.slot()}, seL4_InvalidCapability, {0}},
              {"without write", to, IRQSetIRQHandler, {}, {t.copy(ntfn, 2)}, seL4_InvalidCapability, {0}},
              {"write alone", to, IRQSetIRQHandler, {}, {t.copy(ntfn, 1)}},
              {"clear", to, IRQClearIRQHandler, {}, {}},
              {"clear again", to, IRQClearIRQHandler, {}, {}},
              {"ack of nothing", to, IRQAckIRQ, {}, {}},
              {"label", to, IRQIssueIRQHandler, {free_irq, to, 64}, {cnode}, seL4_IllegalOperation},
              {"label", to, 0, {}, {}, seL4_IllegalOperation},
              {"label", control, IRQAckIRQ, {}, {}, seL4_IllegalOperation},
              {"label", control, 0, {}, {}, seL4_IllegalOperation}});
}

void domain_set(Context& t) {
    const Word tcb = t.make(seL4_TCBObject);
    t.expect({{"no word", domains, DomainSetSet, {}, {tcb}, seL4_TruncatedMessage},
              {"no thread", domains, DomainSetSet, {0}, {}, seL4_TruncatedMessage},
              {"domain 256", domains, DomainSetSet, {256}, {tcb}, seL4_InvalidArgument, {0}},
              {"the domain before the thread", domains, DomainSetSet, {999}, {}, seL4_InvalidArgument, {0}},
              {"endpoint", domains, DomainSetSet, {0}, {t.endpoint()}, seL4_InvalidArgument, {1}},
              {"nothing", domains, DomainSetSet, {0}, {t.slot()}, seL4_InvalidArgument, {1}},
              {"domain 0", domains, DomainSetSet, {0}, {tcb}},
              {"two words", domains, DomainScheduleConfigure, {0, 0}, {}, seL4_TruncatedMessage},
              {"no word", domains, DomainScheduleSetStart, {}, {}, seL4_TruncatedMessage},
              {"all ones", domains, DomainScheduleConfigure, {0, ~0ul, 1}, {}, seL4_RangeError, {0, 0}},
              {"index first", domains, DomainScheduleConfigure, {~0ul, ~0ul, ~0ul}, {}, seL4_RangeError, {0, 0}},
              {"duration", domains, DomainScheduleConfigure, {0, 0, ~0ul}, {}, seL4_InvalidArgument, {2}},
              {"start", domains, DomainScheduleSetStart, {0}, {}},
              {"label", domains, 0, {}, {}, seL4_IllegalOperation}});
}

// 52 bits, and all of them count (trap 5).
void label_bits(Context& t) {
    const Word ep = t.endpoint();
    const Word handler = t.slot();
    t.expect({{"get", control, IRQIssueIRQHandler, {free_irq, handler, 64}, {cnode}}});
    const Word tcb = t.make(seL4_TCBObject), table = t.make(seL4_RISCV_PageTableObject);
    const Word frame = t.make(seL4_RISCV_4K_Page), to = t.slot();
    for (const Word bit : {12ul, 20ul, 32ul, 51ul}) {
        const Word high = 1ul << bit;
        t.expect({{"CNode", cnode, high | CNodeDelete, {ep, depth}, {}, seL4_IllegalOperation},
                  {"TCB", tcb, high | TCBSuspend, {}, {}, seL4_IllegalOperation},
                  {"untyped",
                   t.untyped(),
                   high | UntypedRetype,
                   {seL4_EndpointObject, 0, 0, 0, to, 1},
                   {cnode},
                   seL4_IllegalOperation},
                  {"IRQ control", control, high | IRQIssueIRQHandler, {1, to, 64}, {cnode}, seL4_IllegalOperation},
                  {"IRQ handler", handler, high | IRQAckIRQ, {}, {}, seL4_IllegalOperation},
                  {"domain", domains, high | DomainSetSet, {0}, {tcb}, seL4_IllegalOperation},
                  {"table", table, high | RISCVPageTableUnmap, {}, {}, seL4_IllegalOperation},
                  {"frame", frame, high | RISCVPageGetAddress, {}, {}, seL4_IllegalOperation},
                  {"ASID control",
                   seL4_CapASIDControl,
                   high | RISCVASIDControlMakePool,
                   {to, depth},
                   {t.untyped(), cnode},
                   seL4_IllegalOperation},
                  {"ASID pool",
                   seL4_CapInitThreadASIDPool,
                   high | RISCVASIDPoolAssign,
                   {},
                   {table},
                   seL4_IllegalOperation}});
    }
    t.equal("not deleted", seL4_DebugCapIdentify(ep), 4);
    t.equal("nothing made", seL4_DebugCapIdentify(to), 0);
}

constexpr Case cases[] = {
    {"retype_arguments", retype_arguments},
    {"retype_destination", retype_destination},
    {"issue_irq", issue_irq},
    {"irq_handler", handler},
    {"domain", domain_set},
    {"label_bits", label_bits},
};

} // namespace

List system_error_cases() { return list_of<cases>("errors.system"); }

} // namespace guest
