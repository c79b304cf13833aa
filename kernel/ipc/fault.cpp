#include "ipc/fault.hpp"

#include "arch/arch.hpp"
#include "caps/lookup.hpp"
#include "ipc/endpoint.hpp"
#include "objects/upcalls.hpp"

namespace ipc {

using arch::Reg;
using objects::Fault;
using objects::FaultKind;
using objects::Tcb;
using objects::TcbSlot;

namespace {

// Words of an UnknownSyscall message behind the instruction pointer; the reply may rewrite all of them but the last.
constexpr Reg syscall_words[] = {Reg::Sp, Reg::Ra, Reg::A0, Reg::A1, Reg::A2, Reg::A3, Reg::A4, Reg::A5, Reg::A6};
constexpr unsigned syscall_reply_words = 10;
constexpr unsigned exception_reply_words = 2;

struct Writer {
    Tcb& receiver;
    volatile Buffer* buffer;
    unsigned length = 0;
    void put(u64 value) {
        if (set_message_word(receiver, buffer, length, value)) ++length;
    }
};

void put_lookup_failure(Writer& out, const caps::LookupFailure& lookup) {
    out.put(static_cast<u64>(lookup.kind));
    for (unsigned i = 0; i < lookup.words_; ++i) out.put(lookup.words[i]);
}

void report_double_fault(const Tcb& thread, const Fault& fault) {
    arch::print("Caught fault {} without a handler, thread \"{}\" at {} ({}, {}, {}) stops\n",
                static_cast<u64>(fault.kind), thread.name, arch::hex(thread.context.fault_ip_),
                arch::hex(fault.words[0]), arch::hex(fault.words[1]), arch::hex(fault.words[2]));
}

} // namespace

[[gnu::hot]] void raise_fault(Tcb& thread, const Fault& fault) {
    const caps::Slot* slot = caps::find_slot(thread.slot(TcbSlot::CSpace).cap, thread.fault_endpoint);
    if (slot != nullptr) {
        const caps::Cap& cap = slot->cap;
        if (cap.is(caps::CapType::Endpoint) && cap.rights().write() &&
            (cap.rights().grant() || cap.rights().grant_reply())) {
            thread.fault = fault;
            send(thread, *cap.as_endpoint(),
                 {.badge = cap.badge(),
                  .blocking = true,
                  .call = true,
                  .can_grant = cap.rights().grant(),
                  .can_grant_reply = true},
                 nullptr);
            return;
        }
    }
    report_double_fault(thread, fault);
    objects::set_state(thread, objects::ThreadState::Inactive);
}

void raise_cap_fault(Tcb& thread, base::Cptr address, bool receive_phase, const caps::LookupFailure& lookup) {
    raise_fault(thread, {FaultKind::Cap, {address, receive_phase ? u64{1} : u64{0}, 0}, lookup});
}

MessageInfo write_fault_message(Tcb& sender, Tcb& receiver, volatile Buffer* buffer) {
    Writer out{receiver, buffer};
    const Fault& fault = sender.fault;
    out.put(sender.context.fault_ip_);
    switch (fault.kind) {
    case FaultKind::Cap:
        out.put(fault.words[0]);
        out.put(fault.words[1]);
        put_lookup_failure(out, fault.lookup);
        break;
    case FaultKind::UnknownSyscall:
        for (const Reg reg : syscall_words) out.put(sender.context[reg]);
        out.put(fault.words[0]);
        break;
    case FaultKind::UserException:
        out.put(sender.context[Reg::Sp]);
        out.put(fault.words[0]);
        out.put(fault.words[1]);
        break;
    case FaultKind::VmFault:
        out.put(fault.words[0]);
        out.put(fault.words[2]);
        out.put(fault.words[1]);
        break;
    case FaultKind::None: break;
    }
    return MessageInfo::make(static_cast<u64>(fault.kind), 0, 0, out.length);
}

[[gnu::hot]] bool apply_fault_reply(Tcb& handler, Tcb& faulter) {
    const FaultKind kind = faulter.fault.kind;
    if (kind != FaultKind::UnknownSyscall && kind != FaultKind::UserException) return true;
    const MessageInfo info{handler.context[Reg::A1]};
    const unsigned limit = kind == FaultKind::UnknownSyscall ? syscall_reply_words : exception_reply_words;
    const volatile Buffer* buffer = send_buffer(handler);
    unsigned length = info.length() < limit ? info.length() : limit;
    if (buffer == nullptr && length > register_words) length = register_words;
    for (unsigned i = 0; i < length; ++i) {
        const u64 value = message_word(handler, buffer, i);
        if (i == 0)
            faulter.context.fault_ip_ = value;
        else
            faulter.context[syscall_words[i - 1]] = value; // an exception reply ends at the stack pointer
    }
    return info.label() == 0;
}

} // namespace ipc
