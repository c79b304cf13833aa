// Each error that each invocation can return (section 4, in the order of its checks) has been provoked and compared by
// a case of this run, and no other one has: the cases before fill the list, the rows here say what it must be.
#include "tests/guest/conformance/lists.hpp"
#include "tests/guest/harness/answers.hpp"

#include "rootserver/machine/console.hpp"

namespace guest {

namespace {

constexpr Word argument = 1u << seL4_InvalidArgument, capability = 1u << seL4_InvalidCapability,
               operation = 1u << seL4_IllegalOperation, range = 1u << seL4_RangeError,
               alignment = 1u << seL4_AlignmentError, lookup = 1u << seL4_FailedLookup,
               truncated = 1u << seL4_TruncatedMessage, occupied = 1u << seL4_DeleteFirst,
               children = 1u << seL4_RevokeFirst, memory = 1u << seL4_NotEnoughMemory;
// What finding a slot in a CSpace answers (8.2), for those that begin with it.
constexpr Word slot = truncated | range | lookup;
// Where a case asks: the label on an object of another kind, on an empty slot.
constexpr Word elsewhere = operation, nowhere = capability;

struct Row {
    const char* name;
    Word label;
    Word errors;
};

constexpr Row rows[] = {
    {"UntypedRetype", UntypedRetype, truncated | argument | range | lookup | occupied | memory | elsewhere},
    {"CNodeRevoke", CNodeRevoke, slot | elsewhere | nowhere},
    {"CNodeDelete", CNodeDelete, slot | elsewhere},
    {"CNodeCancelBadgedSends", CNodeCancelBadgedSends, slot | operation},
    {"CNodeCopy", CNodeCopy, slot | occupied | children | operation},
    {"CNodeMint", CNodeMint, slot | occupied | children | operation},
    {"CNodeMove", CNodeMove, slot | occupied},
    {"CNodeMutate", CNodeMutate, slot | occupied | operation},
    {"CNodeRotate", CNodeRotate, slot | occupied | operation},
    {"CNodeSaveCaller", CNodeSaveCaller, slot | occupied},
    {"TCBReadRegisters", TCBReadRegisters, truncated | range | operation},
    {"TCBWriteRegisters", TCBWriteRegisters, truncated | operation},
    {"TCBCopyRegisters", TCBCopyRegisters, truncated | capability},
    {"TCBConfigure", TCBConfigure, truncated | children | operation | alignment},
    {"TCBSetPriority", TCBSetPriority, truncated | capability | range},
    {"TCBSetMCPriority", TCBSetMCPriority, truncated | capability | range},
    {"TCBSetSchedParams", TCBSetSchedParams, truncated | capability | range},
    {"TCBSetIPCBuffer", TCBSetIPCBuffer, truncated | children | operation | alignment},
    {"TCBSetSpace", TCBSetSpace, truncated | children | operation},
    {"TCBSuspend", TCBSuspend, 0},
    {"TCBResume", TCBResume, elsewhere},
    {"TCBBindNotification", TCBBindNotification, truncated | operation},
    {"TCBUnbindNotification", TCBUnbindNotification, operation},
    {"TCBSetTLSBase", TCBSetTLSBase, truncated},
    {"TCBSetFlags", TCBSetFlags, truncated | elsewhere},
#ifdef CONFIG_ENABLE_SMP_SUPPORT
    {"TCBSetAffinity", TCBSetAffinity, truncated | operation},
#endif
    {"IRQIssueIRQHandler", IRQIssueIRQHandler, slot | children | occupied | elsewhere},
    {"RISCVIRQIssueIRQHandlerTrigger", RISCVIRQIssueIRQHandlerTrigger, slot | children | occupied},
    {"IRQAckIRQ", IRQAckIRQ, elsewhere},
    {"IRQSetIRQHandler", IRQSetIRQHandler, truncated | capability},
    {"IRQClearIRQHandler", IRQClearIRQHandler, 0},
    {"DomainSetSet", DomainSetSet, truncated | argument},
    {"DomainScheduleConfigure", DomainScheduleConfigure, truncated | range | argument},
    {"DomainScheduleSetStart", DomainScheduleSetStart, truncated | range | argument},
    {"RISCVPageTableMap", RISCVPageTableMap, truncated | capability | argument | lookup | occupied | elsewhere},
    {"RISCVPageTableUnmap", RISCVPageTableUnmap, children},
    {"RISCVPageMap", RISCVPageMap, truncated | capability | lookup | argument | alignment | occupied | elsewhere},
    {"RISCVPageUnmap", RISCVPageUnmap, 0},
    {"RISCVPageGetAddress", RISCVPageGetAddress, elsewhere},
    {"RISCVASIDControlMakePool", RISCVASIDControlMakePool, slot | capability | children | occupied},
    // Not a pool that is gone (4.12, check 4): it lives as long as a capability to it.
    {"RISCVASIDPoolAssign", RISCVASIDPoolAssign, truncated | capability | occupied},
};
constexpr std::size_t count = std::size(rows);

void check_row(Context& t, const Row& row) {
    Word seen = 0;
    for (Word error = 1; error < Answers::errors; ++error) {
        const CaseName& first = answers.first(row.label, error);
        if (first.name == nullptr) continue;
        seen |= 1ul << error;
        machine::print("NOTE ", row.name, ": error ", error, " in ", first.list, '.', first.name, '\n');
    }
    t.equal("no case provokes, as bits", row.errors & ~seen, 0);
    t.equal("unexpected, as bits", seen & ~row.errors, 0);
}

void check_labels(Context& t) {
    for (Word label = 1; label < nInvocationLabels; ++label) {
        bool known = false;
        for (const Row& row : rows) known = known || row.label == label;
        t.check(known, "an invocation without a row");
    }
}

} // namespace

List coverage_cases() {
    return {"coverage", count + 1, [](std::size_t i) { return i < count ? rows[i].name : "every_invocation"; },
            [](Context& t, std::size_t i) { i < count ? check_row(t, rows[i]) : check_labels(t); }, false};
}

} // namespace guest
