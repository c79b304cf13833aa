#include "syscalls/handle.hpp"

#include "caps/lookup.hpp"
#include "ipc/endpoint.hpp"
#include "ipc/fault.hpp"
#include "ipc/notification.hpp"
#include "objects/async_queue.hpp"
#include "objects/upcalls.hpp"
#include "scheduler/scheduler.hpp"
#include "syscalls/decode_uintr.hpp"
#include "syscalls/invocation.hpp"

namespace syscalls {

using api::Syscall;
using arch::Reg;
using caps::Cap;
using caps::CapType;
using ipc::MessageInfo;
using objects::Tcb;
using objects::TcbSlot;
using objects::ThreadState;

namespace {

bool smp_labels_selected = false;

struct SendMode {
    bool blocking;
    bool call;
};

void write_results(Tcb& thread, u64 label, const u64* words, unsigned count) {
    volatile ipc::Buffer* buffer = count > ipc::register_words ? ipc::receive_buffer(thread) : nullptr;
    unsigned written = 0;
    while (written < count && ipc::set_message_word(thread, buffer, written, words[written])) ++written;
    thread.context[Reg::A0] = 0;
    thread.context[Reg::A1] = MessageInfo::make(label, 0, 0, written).word;
}

void finish_error(Tcb& thread, const SyscallError& error, SendMode mode) {
    if (mode.call) write_results(thread, static_cast<u64>(error.code), error.words, error.count);
    thread.state = ThreadState::Running;
}

struct Message {
    MessageInfo info;
    unsigned length;
    const volatile ipc::Buffer* buffer;
    ipc::ExtraCaps extra;
};

// An invocation of a kernel object by `thread`.
void invoke_object(Tcb& thread, caps::Slot& slot, const Message& message, SendMode mode) {
    Invocation call;
    call.slot = &slot;
    call.label = api::label_of(smp_labels_selected, message.info.label());
    call.length = message.length;
    call.extra_count = message.extra.count;
    call.extra = message.extra.slots;
    call.registers = &ipc::message_register(thread, 0);
    call.buffer_words = message.buffer == nullptr ? nullptr : message.buffer->msg;
    call.caller = &thread;
    call.queue = nullptr;

    Results results;
    const InvokeResult result = invoke(call, results);
    if (!result) {
        finish_error(thread, result.error(), mode);
        return;
    }
    // Preempted: the state stays Restart, so the call is made again.
    if (result.value() == Outcome::Preempted || thread.state != ThreadState::Restart) return;
    if (mode.call) write_results(thread, 0, results.words, results.count);
    thread.state = ThreadState::Running;
}

void finish_ipc(Tcb& thread, SendMode mode) {
    if (thread.state != ThreadState::Restart) return;
    if (mode.call) write_results(thread, 0, nullptr, 0);
    thread.state = ThreadState::Running;
}

void dispatch(Tcb& thread, caps::Slot& slot, const Message& message, SendMode mode) {
    const Cap cap = slot.cap;
    thread.state = ThreadState::Restart;
    switch (cap.type()) {
    case CapType::Endpoint:
        if (!cap.rights().write()) break;
        ipc::send(thread, *cap.as_endpoint(),
                  {cap.badge(), mode.blocking, mode.call, cap.rights().grant(), cap.rights().grant_reply()},
                  &message.extra);
        finish_ipc(thread, mode);
        return;
    case CapType::Reply:
        if (cap.reply_master()) break;
        ipc::reply(thread, slot, &message.extra);
        finish_ipc(thread, mode);
        return;
    case CapType::Null:
    case CapType::Zombie: break;
    case CapType::Notification:
        if (!mode.call || !is_registration(message.info.label())) [[likely]] {
            if (!cap.rights().write()) break;
            objects::signal(*cap.as_notification(), cap.badge());
            finish_ipc(thread, mode);
            return;
        }
        [[fallthrough]];
    default: invoke_object(thread, slot, message, mode); return;
    }
    finish_error(thread, SyscallError::invalid_capability(0), mode);
}

void raise_lookup_fault(Tcb& thread, base::Cptr cptr, bool receive_phase) {
    const auto failed = caps::lookup_slot(thread.slot(TcbSlot::CSpace).cap, cptr);
    ipc::raise_cap_fault(thread, cptr, receive_phase, failed.error());
}

// Resolves what travels with a long message; false: a capability was not there, the sender has been told.
bool gather(Tcb& thread, Message& message, bool blocking) {
    message.buffer = ipc::send_buffer(thread);
    if (message.buffer == nullptr) {
        if (message.length > ipc::register_words) message.length = ipc::register_words;
        return true;
    }
    const auto found = ipc::lookup_extra_caps(thread, *message.buffer, message.info, message.extra);
    if (!found && blocking) raise_lookup_fault(thread, found.error(), false);
    return found.ok();
}

[[gnu::hot]] void send_to(Tcb& thread, caps::Slot& slot, SendMode mode) {
    Message message;
    message.info = MessageInfo{thread.context[Reg::A1]};
    message.length = message.info.length();
    message.buffer = nullptr;
    const bool is_long = message.length > ipc::register_words || message.info.extra_caps() != 0;
    if (!is_long || gather(thread, message, mode.blocking)) dispatch(thread, slot, message, mode);
}

void handle_send(Tcb& thread, SendMode mode) {
    const base::Cptr cptr = thread.context[Reg::A0];
    caps::Slot* slot = caps::find_slot(thread.slot(TcbSlot::CSpace).cap, cptr);
    if (slot != nullptr) [[likely]]
        send_to(thread, *slot, mode);
    else if (mode.blocking)
        raise_lookup_fault(thread, cptr, false);
}

[[gnu::hot]] void handle_receive(Tcb& thread, bool blocking) {
    const base::Cptr cptr = thread.context[Reg::A0];
    const caps::Slot* slot = caps::find_slot(thread.slot(TcbSlot::CSpace).cap, cptr);
    if (slot == nullptr) [[unlikely]] {
        raise_lookup_fault(thread, cptr, true);
        return;
    }
    const Cap cap = slot->cap;
    if (cap.is(CapType::Endpoint) && cap.rights().read()) {
        ipc::delete_caller(thread);
        ipc::receive(thread, cap, blocking);
        return;
    }
    if (cap.is(CapType::Notification) && cap.rights().read()) {
        objects::Notification& notification = *cap.as_notification();
        if (notification.bound_tcb == nullptr || notification.bound_tcb == &thread) {
            ipc::wait(thread, notification, blocking);
            return;
        }
    }
    ipc::raise_cap_fault(thread, cptr, true, caps::LookupFailure::missing(0));
}

[[gnu::hot]] void handle_reply(Tcb& thread) {
    caps::Slot& slot = thread.slot(TcbSlot::Caller);
    if (slot.cap.is(CapType::Reply)) ipc::reply(thread, slot, nullptr);
}

} // namespace

void select_interface(bool smp) { smp_labels_selected = smp; }
bool smp_interface() { return smp_labels_selected; }

void handle_call(Tcb& thread, caps::Slot& slot) { send_to(thread, slot, {.blocking = true, .call = true}); }

bool handle_queue_call(Tcb& thread, const Cap& cap) {
    const MessageInfo info{thread.context[Reg::A1]};
    const u64 argument = thread.context[Reg::A2];
    objects::AsyncQueue& queue = *cap.as_async_queue();
    const bool drives = info.label() == static_cast<u64>(api::Label::AsyncQueueDrive);
    const bool executes =
        info.label() == static_cast<u64>(api::Label::AsyncQueueExecute) && argument <= queue.slot_mask;
    if (!(drives || executes) || info.length() < 1 || info.extra_caps() != 0 ||
        queue.state != objects::QueueState::Bound)
        return false;
    thread.state = ThreadState::Restart;
    const u64 executed = drives ? objects::drive(queue, argument) : objects::execute(queue, argument);
    if (objects::current_or_null() != &thread || thread.state != ThreadState::Restart) return true; // it ended itself
    thread.context[Reg::A0] = 0;
    thread.context[Reg::A1] = MessageInfo::make(0, 0, 0, 1).word;
    thread.context[Reg::A2] = executed;
    thread.state = ThreadState::Running;
    return true;
}

void handle(Tcb& thread, i64 number) {
    switch (static_cast<Syscall>(number)) {
    case Syscall::Call: handle_send(thread, {.blocking = true, .call = true}); return;
    case Syscall::Send: handle_send(thread, {.blocking = true, .call = false}); return;
    case Syscall::NBSend: handle_send(thread, {.blocking = false, .call = false}); return;
    case Syscall::Recv: handle_receive(thread, true); return;
    case Syscall::NBRecv: handle_receive(thread, false); return;
    case Syscall::Reply: handle_reply(thread); return;
    case Syscall::ReplyRecv:
        handle_reply(thread);
        handle_receive(thread, true);
        return;
    case Syscall::Yield: scheduler::yield(); return;
    default: break;
    }
    if (!handle_debug(thread, number))
        ipc::raise_fault(thread, {objects::FaultKind::UnknownSyscall, {static_cast<u64>(number), 0, 0}, {}});
}

} // namespace syscalls
