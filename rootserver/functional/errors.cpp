// A bad call fails alike both ways: error code and detail words of each asynchronous call equal the synchronous ones.
#include "rootserver/functional/cases.hpp"

namespace functional {

namespace {

using sel4async::CPtr;
using sel4async::Reply;
using sel4async::Request;
using sel4async::Task;
using testing::Context;

constexpr CPtr cnode = seL4_CapInitThreadCNode;
constexpr CPtr vspace = seL4_CapInitThreadVSpace;
constexpr CPtr tcb = seL4_CapInitThreadTCB;
constexpr CPtr empty = 8191; // the last slot of the initial CNode

struct Bad {
    const char* what;
    Request request;
    seL4_Error (*call)(CPtr frame, CPtr untyped);
};

bool make_table(CPtr frame, CPtr untyped, Bad* table, unsigned& count) {
    namespace m = sel4async;
    const Bad bad[] = {
        {"wrong type of object", m::page_unmap(tcb), [](CPtr, CPtr) { return seL4_RISCV_Page_Unmap(tcb); }},
        {"map outside user space", m::page_map(frame, vspace, seL4_UserTop, 3, 0),
         [](CPtr f, CPtr) { return seL4_RISCV_Page_Map(f, vspace, seL4_UserTop, seL4_ReadWrite, {}); }},
        {"misaligned address", m::page_map(frame, vspace, 0x40000123, 3, 0),
         [](CPtr f, CPtr) { return seL4_RISCV_Page_Map(f, vspace, 0x40000123, seL4_ReadWrite, {}); }},
        {"no VSpace", m::page_map(frame, cnode, 0x40000000, 3, 0),
         [](CPtr f, CPtr) { return seL4_RISCV_Page_Map(f, cnode, 0x40000000, seL4_ReadWrite, {}); }},
        {"no tables", m::page_map(frame, vspace, 0x2000000000, 3, 0),
         [](CPtr f, CPtr) { return seL4_RISCV_Page_Map(f, vspace, 0x2000000000, seL4_ReadWrite, {}); }},
        {"an unknown type", m::untyped_retype(untyped, 9, 0, cnode, 0, 0, empty, 1),
         [](CPtr, CPtr u) { return seL4_Untyped_Retype(u, 9, 0, cnode, 0, 0, empty, 1); }},
        {"an untyped too big", m::untyped_retype(untyped, seL4_UntypedObject, 60, cnode, 0, 0, empty, 1),
         [](CPtr, CPtr u) { return seL4_Untyped_Retype(u, seL4_UntypedObject, 60, cnode, 0, 0, empty, 1); }},
        {"too many objects", m::untyped_retype(untyped, seL4_NotificationObject, 0, cnode, 0, 0, empty, 1000),
         [](CPtr, CPtr u) { return seL4_Untyped_Retype(u, seL4_NotificationObject, 0, cnode, 0, 0, empty, 1000); }},
        {"more than there is", m::untyped_retype(untyped, seL4_RISCV_Mega_Page, 0, cnode, 0, 0, empty, 1),
         [](CPtr, CPtr u) { return seL4_Untyped_Retype(u, seL4_RISCV_Mega_Page, 0, cnode, 0, 0, empty, 1); }},
        {"a full slot", m::untyped_retype(untyped, seL4_NotificationObject, 0, cnode, 0, 0, 1, 1),
         [](CPtr, CPtr u) { return seL4_Untyped_Retype(u, seL4_NotificationObject, 0, cnode, 0, 0, 1, 1); }},
        {"copy from an empty slot", m::cnode_copy(cnode, empty, 64, cnode, empty - 1, 64, 15),
         [](CPtr, CPtr) { return seL4_CNode_Copy(cnode, empty, 64, cnode, empty - 1, 64, seL4_AllRights); }},
        {"copy onto a capability", m::cnode_copy(cnode, 1, 64, cnode, 2, 64, 15),
         [](CPtr, CPtr) { return seL4_CNode_Copy(cnode, 1, 64, cnode, 2, 64, seL4_AllRights); }},
        {"delete at a bad depth", m::cnode_delete(cnode, empty, 3),
         [](CPtr, CPtr) { return seL4_CNode_Delete(cnode, empty, 3); }},
        {"bind what is no notification", m::tcb_bind_notification(tcb, cnode),
         [](CPtr, CPtr) { return seL4_TCB_BindNotification(tcb, cnode); }},
        {"a priority out of range", m::tcb_set_priority(tcb, tcb, 1000),
         [](CPtr, CPtr) { return seL4_TCB_SetPriority(tcb, tcb, 1000); }},
        {"a table that is a frame", m::page_table_map(frame, vspace, 0x40000000, 0),
         [](CPtr f, CPtr) { return seL4_RISCV_PageTable_Map(f, vspace, 0x40000000, {}); }},
    };
    count = 0;
    for (const Bad& entry : bad) table[count++] = entry;
    return count != 0;
}

constexpr unsigned most = 24;
constinit Bad table[most] = {};

Task<> compare(Context& t, const Bad& bad, CPtr frame, CPtr untyped) {
    const Reply reply = co_await bad.request;
    const seL4_Error expected = bad.call(frame, untyped);
    t.same_error(bad.what, reply.error(), expected);
    t.check(expected != seL4_NoError, bad.what);
    for (std::uint32_t i = 0; i < reply.count() && i < 4; ++i)
        t.equal(bad.what, reply.word(i), seL4_GetMR(static_cast<int>(i)));
}

void equal_errors(Context& t) {
    const CPtr frame = t.memory().frame();
    const CPtr untyped = t.memory().make(seL4_UntypedObject, 12);
    unsigned count = 0;
    if (!t.check(frame != 0 && untyped != 0, "no memory") || !make_table(frame, untyped, table, count)) return;
    for (unsigned i = 0; i < count; ++i) {
        if (!t.run(compare(t, table[i], frame, untyped))) return;
    }
}

// An empty slot as the invoked capability: a fault synchronously, so there is no error to compare with.
void missing_capability(Context& t) {
    const auto work = [](Context& c) -> Task<> {
        const Reply reply = co_await sel4async::op::page_unmap(empty);
        c.check(reply.error() == seL4_InvalidCapability || reply.error() == seL4_FailedLookup,
                "an empty slot was invoked");
    };
    t.run(work(t));
}

constexpr testing::Case cases[] = {{"error.equal", equal_errors}, {"error.missing_capability", missing_capability}};

} // namespace

std::span<const testing::Case> error_cases() { return cases; }

} // namespace functional
