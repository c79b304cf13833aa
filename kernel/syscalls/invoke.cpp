// Which decoder and commit serve which capability: the one place where both meet.
#include "objects/upcalls.hpp"
#include "syscalls/commit_async.hpp"
#include "syscalls/commit_cnode.hpp"
#include "syscalls/commit_system.hpp"
#include "syscalls/commit_tcb.hpp"
#include "syscalls/commit_uintr.hpp"
#include "syscalls/commit_untyped.hpp"
#include "syscalls/commit_vspace.hpp"
#include "syscalls/page_map.hpp"

namespace syscalls {

using api::Label;
using caps::CapType;

namespace {

// Carries out what was decoded, or passes the error on.
template <class T, class Commit>
InvokeResult run(const Result<T>& decoded, Commit commit) {
    if (!decoded) [[unlikely]]
        return fail(decoded.error());
    return commit(decoded.value());
}

InvokeResult invoke_untyped(const Invocation& call) {
    return run(decode_retype(call), [&call](const Retype& op) { return commit_retype(op, origin_of(call)); });
}

InvokeResult invoke_cnode(const Invocation& call) {
    // SaveCaller is about the thread that executes it.
    objects::Tcb* caller = call.caller == nullptr ? nullptr : &objects::current_thread();
    return run(decode_cnode(call), [caller](const CNodeOp& op) { return commit_cnode(op, caller); });
}

InvokeResult invoke_page_table(const Invocation& call) {
    if (call.label == Label::RISCVPageTableUnmap) return run(decode_table_unmap(call), commit_table_unmap);
    return run(decode_table_map(call), commit_table_map);
}

InvokeResult invoke_frame(const Invocation& call, Results& results) {
    switch (call.label) {
    case Label::RISCVPageMap: return run(decode_page_map(call), [](const PageMap& op) { return commit_page_map(op); });
    case Label::RISCVPageUnmap:
        return run(decode_page_unmap(call), [](const PageUnmap& op) {
            vspace::Walker walker;
            return commit_page_unmap(op, walker);
        });
    case Label::RISCVPageGetAddress:
        results.count = 1;
        results.words[0] = TRY(decode_page_address(call)).paddr;
        return Outcome::Done;
    default: return fail(SyscallError::illegal_operation());
    }
}

} // namespace

[[gnu::hot]] InvokeResult invoke(const Invocation& call, Results& results) {
    switch (call.cap().type()) {
    case CapType::Frame: return invoke_frame(call, results);
    case CapType::PageTable: return invoke_page_table(call);
    case CapType::Untyped: return invoke_untyped(call);
    case CapType::CNode: return invoke_cnode(call);
    case CapType::Tcb: return run(decode_tcb(call), [&](const TcbOp& op) { return commit_tcb(op, call, results); });
    case CapType::IrqControl:
        return run(decode_irq_control(call),
                   [&call](const IssueIrq& op) { return commit_irq_control(op, origin_of(call)); });
    case CapType::IrqHandler: return run(decode_irq_handler(call), commit_irq_handler);
    case CapType::Domain: return run(decode_domain(call), commit_domain);
    case CapType::AsidControl: return run(decode_make_pool(call), commit_make_pool);
    case CapType::AsidPool: return run(decode_assign_asid(call), commit_assign_asid);
    case CapType::AsyncQueue:
        return run(decode_async(call), [&](const AsyncOperation& op) { return commit_async(op, results); });
    case CapType::Notification:
        return run(decode_registration(call),
                   [&](const RegistrationOp& op) { return commit_registration(op, results); });
    default: return fail(SyscallError::invalid_capability(0));
    }
}

} // namespace syscalls
