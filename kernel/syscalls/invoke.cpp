// Which decoder and commit serve which capability: the one place where both meet.
#include "objects/upcalls.hpp"
#include "syscalls/commit_async.hpp"
#include "syscalls/commit_cnode.hpp"
#include "syscalls/commit_system.hpp"
#include "syscalls/commit_tcb.hpp"
#include "syscalls/commit_untyped.hpp"
#include "syscalls/commit_vspace.hpp"

namespace syscalls {

using api::Label;
using caps::CapType;

namespace {

InvokeResult invoke_untyped(const Invocation& call) {
    Retype op = TRY(decode_retype(call));
    op.domain = scheduler::current_domain();
    return commit_retype(op);
}

InvokeResult invoke_cnode(const Invocation& call) {
    // SaveCaller is about the thread that executes it.
    return commit_cnode(TRY(decode_cnode(call)), call.caller == nullptr ? nullptr : &objects::current_thread());
}

InvokeResult invoke_page_table(const Invocation& call) {
    if (call.label == Label::RISCVPageTableUnmap) return commit_table_unmap(TRY(decode_table_unmap(call)));
    return commit_table_map(TRY(decode_table_map(call)));
}

InvokeResult invoke_frame(const Invocation& call, Results& results) {
    switch (call.label) {
    case Label::RISCVPageMap: return commit_page_map(TRY(decode_page_map(call)));
    case Label::RISCVPageUnmap: return commit_page_unmap(TRY(decode_page_unmap(call)));
    case Label::RISCVPageGetAddress:
        results.count = 1;
        results.words[0] = TRY(decode_page_address(call)).paddr;
        return Outcome::Done;
    default: return fail(SyscallError::illegal_operation());
    }
}

} // namespace

InvokeResult invoke(const Invocation& call, Results& results) {
    switch (call.cap().type()) {
    case CapType::Frame: return invoke_frame(call, results);
    case CapType::PageTable: return invoke_page_table(call);
    case CapType::Untyped: return invoke_untyped(call);
    case CapType::CNode: return invoke_cnode(call);
    case CapType::Tcb: return commit_tcb(TRY(decode_tcb(call)), call, results);
    case CapType::IrqControl: return commit_irq_control(TRY(decode_irq_control(call)));
    case CapType::IrqHandler: return commit_irq_handler(TRY(decode_irq_handler(call)));
    case CapType::Domain: return commit_domain(TRY(decode_domain(call)));
    case CapType::AsidControl: return commit_make_pool(TRY(decode_make_pool(call)));
    case CapType::AsidPool: return commit_assign_asid(TRY(decode_assign_asid(call)));
    case CapType::AsyncQueue: return commit_async(TRY(decode_async(call)), results);
    default: return fail(SyscallError::invalid_capability(0));
    }
}

} // namespace syscalls
