#include "syscalls/commit_tcb.hpp"

#include "caps/mdb.hpp"
#include "ipc/endpoint.hpp"
#include "ipc/notification.hpp"
#include "lifetime/deletion.hpp"
#include "objects/upcalls.hpp"
#include "scheduler/scheduler.hpp"

namespace syscalls {

using objects::Tcb;
using objects::TcbSlot;

namespace {

u64& user_register(Tcb& thread, unsigned index) {
    return index == 0 ? thread.context.fault_ip_ : thread.context[arch::user_context_order[index - 1]];
}

void read_registers(const TcbOp& op, Results& results) {
    if ((op.a & copy_suspend_source) != 0) objects::suspend(*op.thread);
    results.count = static_cast<unsigned>(op.b);
    for (unsigned i = 0; i < results.count; ++i) results.words[i] = user_register(*op.thread, i);
}

void write_registers(const TcbOp& op, const Invocation& call) {
    Tcb& thread = *op.thread;
    for (unsigned i = 0; i < op.b; ++i) user_register(thread, i) = call.word(i + 2);
    thread.context.next_ip_ = thread.context.fault_ip_;
    if ((op.a & 1) != 0) ipc::resume(thread);
}

void copy_range(Tcb& from, Tcb& to, unsigned first, unsigned last) {
    for (unsigned i = first; i < last; ++i) user_register(to, i) = user_register(from, i);
}

void copy_registers(const TcbOp& op) {
    Tcb& from = *op.source;
    Tcb& to = *op.thread;
    objects::stall_remote(from);
    if ((op.a & copy_suspend_source) != 0) objects::suspend(from);
    if ((op.a & copy_resume_target) != 0) ipc::resume(to);
    if ((op.a & copy_frame) != 0) {
        copy_range(from, to, 0, arch::user_context_frame_words);
        to.context.next_ip_ = to.context.fault_ip_;
    }
    if ((op.a & copy_integer) != 0) copy_range(from, to, arch::user_context_frame_words, arch::user_context_words);
    if (&to == objects::current_or_null()) objects::reschedule_required();
}

void replace(caps::Slot& slot, const Install& what) {
    lifetime::remove_short(slot);
    // Removing the old capability may have removed the new one's source (an address space in its own tables).
    caps::install_derived(what.cap, what.source, slot);
}

void set_spaces(const TcbOp& op) {
    Tcb& thread = *op.thread;
    thread.fault_endpoint = op.a;
    replace(thread.slot(TcbSlot::CSpace), op.cspace);
    replace(thread.slot(TcbSlot::VSpace), op.vspace);
}

void set_buffer(const TcbOp& op) {
    Tcb& thread = *op.thread;
    lifetime::remove_short(thread.slot(TcbSlot::Buffer));
    thread.ipc_buffer = op.b;
    replace(thread.slot(TcbSlot::Buffer), op.buffer);
}

void set_flags(const TcbOp& op, Results& results) {
    Tcb& thread = *op.thread;
    thread.flags = (thread.flags & ~static_cast<u32>(op.a)) | (static_cast<u32>(op.b) & objects::valid_thread_flags);
    if ((thread.flags & objects::flag_fpu_disabled) != 0) objects::release_fpu(thread);
    results.count = 1;
    results.words[0] = thread.flags;
}

void configure(const TcbOp& op) {
    if (op.set_space) set_spaces(op);
    if (op.set_buffer) set_buffer(op);
    // It goes on in its new address space, not in the old one until something else has been switched to.
    if (op.thread == objects::current_or_null()) objects::activate_vspace(op.thread);
}

} // namespace

Outcome commit_tcb(const TcbOp& op, const Invocation& call, Results& results) {
    using Kind = TcbOp::Kind;
    Tcb& thread = *op.thread;
    objects::stall_remote(thread);
    switch (op.kind) {
    case Kind::ReadRegisters: read_registers(op, results); break;
    case Kind::WriteRegisters: write_registers(op, call); break;
    case Kind::CopyRegisters: copy_registers(op); break;
    case Kind::SetPriority: scheduler::set_priority(thread, static_cast<u8>(op.a)); break;
    case Kind::SetMcPriority: thread.max_priority = static_cast<u8>(op.a); break;
    case Kind::SetSchedParams:
        thread.max_priority = static_cast<u8>(op.a);
        scheduler::set_priority(thread, static_cast<u8>(op.b));
        break;
    case Kind::Configure:
    case Kind::SetSpace:
    case Kind::SetIpcBuffer: configure(op); break;
    case Kind::Suspend: objects::suspend(thread); break;
    case Kind::Resume: ipc::resume(thread); break;
    case Kind::Bind: ipc::bind(thread, *op.notification); break;
    case Kind::Unbind: objects::unbind_notification(thread); break;
    case Kind::SetAffinity: scheduler::set_affinity(thread, static_cast<base::HartIndex>(op.a)); break;
    case Kind::SetTlsBase: thread.context[arch::Reg::Tp] = op.a; break;
    case Kind::SetFlags: set_flags(op, results); break;
    }
    return Outcome::Done;
}

} // namespace syscalls
