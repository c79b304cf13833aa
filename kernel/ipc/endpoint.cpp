#include "ipc/endpoint.hpp"

#include "caps/mdb.hpp"
#include "ipc/fault.hpp"
#include "ipc/notification.hpp"
#include "objects/upcalls.hpp"

namespace ipc {

using arch::Reg;
using caps::Cap;
using caps::CapType;
using caps::Slot;
using objects::Endpoint;
using objects::Tcb;
using objects::TcbSlot;
using objects::ThreadState;

namespace {

// `caller` waits for the answer of `callee`, who gets the right to give it.
void set_up_caller(Tcb& caller, Tcb& callee, bool can_grant) {
    objects::set_state(caller, ThreadState::BlockedOnReply);
    Slot& master = caller.slot(TcbSlot::Reply);
    ASSERT(master.cap.is(CapType::Reply) && callee.slot(TcbSlot::Caller).empty());
    caps::insert_derived(Cap::reply(&caller, can_grant, false), master, callee.slot(TcbSlot::Caller));
}

// The message of a call has been delivered: may the callee answer?
void conclude_call(Tcb& caller, Tcb& callee, bool may_reply, bool callee_can_grant) {
    if (may_reply)
        set_up_caller(caller, callee, callee_can_grant);
    else
        objects::set_state(caller, ThreadState::Inactive);
}

// Where a preempted cancel_badged_sends goes on: no thread before `next` has the badge, and new ones come in behind. So
// any call for the same endpoint and badge may begin there.
struct Scan {
    Endpoint* endpoint;
    u64 badge;
    Tcb* next;
};
constinit Scan scan = {};

// A sender leaves its queue by another way.
void leave_scan(const Tcb& thread) {
    if (scan.next == &thread) [[unlikely]]
        scan.next = thread.wait_links.next;
}

void restart(Tcb& thread) {
    objects::set_state(thread, ThreadState::Restart);
    objects::enqueue(thread);
}

} // namespace

void send(Tcb& sender, Endpoint& endpoint, const SendOptions& options, const ExtraCaps* extra) {
    if (!endpoint.has_receivers()) {
        if (!options.blocking) return;
        sender.blocked_on = &endpoint;
        sender.blocked_badge = options.badge;
        sender.blocked_can_grant = options.can_grant;
        sender.blocked_can_grant_reply = options.can_grant_reply;
        sender.blocked_is_call = options.call;
        endpoint.queue.push_back(sender);
        objects::set_state(sender, ThreadState::BlockedOnSend);
        return;
    }
    Tcb& receiver = endpoint.queue.pop_front();
    transfer(sender, &endpoint, options.badge, options.can_grant, receiver, extra);
    const bool receiver_can_grant = receiver.blocked_can_grant;
    objects::set_state(receiver, ThreadState::Running);
    objects::possible_switch_to(receiver);
    if (options.call) conclude_call(sender, receiver, options.can_grant || options.can_grant_reply, receiver_can_grant);
}

void receive(Tcb& receiver, const Cap& cap, bool blocking) {
    Endpoint& endpoint = *cap.as_endpoint();
    objects::Notification* bound = receiver.bound_notification;
    if (bound != nullptr && bound->active()) {
        receiver.context[Reg::A0] = bound->consume();
        return;
    }
    if (endpoint.has_senders()) {
        leave_scan(*endpoint.queue.head);
        Tcb& sender = endpoint.queue.pop_front();
        transfer(sender, &endpoint, sender.blocked_badge, sender.blocked_can_grant, receiver, nullptr);
        if (sender.blocked_is_call) {
            conclude_call(sender, receiver, sender.blocked_can_grant || sender.blocked_can_grant_reply,
                          cap.rights().grant());
        } else {
            objects::set_state(sender, ThreadState::Running);
            objects::possible_switch_to(sender);
        }
        return;
    }
    if (!blocking) {
        receiver.context[Reg::A0] = 0;
        return;
    }
    receiver.blocked_on = &endpoint;
    receiver.blocked_can_grant = cap.rights().grant();
    endpoint.queue.push_back(receiver);
    objects::set_state(receiver, ThreadState::BlockedOnReceive);
}

[[gnu::hot]] void reply(Tcb& sender, Slot& slot, const ExtraCaps* extra) {
    Tcb& receiver = *slot.cap.reply_tcb();
    const bool can_grant = slot.cap.rights().grant();
    ASSERT(receiver.state == ThreadState::BlockedOnReply);
    if (receiver.fault.kind == objects::FaultKind::None) {
        transfer(sender, nullptr, 0, can_grant, receiver, extra);
        caps::remove_slot(slot);
        objects::set_state(receiver, ThreadState::Running);
        objects::possible_switch_to(receiver);
        return;
    }
    caps::remove_slot(slot);
    const bool restarts = apply_fault_reply(sender, receiver);
    receiver.fault.kind = objects::FaultKind::None;
    objects::set_state(receiver, restarts ? ThreadState::Restart : ThreadState::Inactive);
    if (restarts) objects::possible_switch_to(receiver);
}

void delete_caller(Tcb& thread) {
    Slot& slot = thread.slot(TcbSlot::Caller);
    if (!slot.empty()) caps::remove_slot(slot);
}

bool cancel_badged_sends(Endpoint& endpoint, u64 badge) {
    if (!endpoint.has_senders()) return true;
    const bool goes_on = scan.next != nullptr && scan.endpoint == &endpoint && scan.badge == badge;
    Tcb* thread = goes_on ? scan.next : endpoint.queue.head;
    scan = {};
    objects::reschedule_required();
    while (thread != nullptr) {
        Tcb* next = thread->wait_links.next;
        if (thread->blocked_badge == badge) {
            endpoint.queue.remove(*thread);
            restart(*thread);
        }
        thread = next;
        if (thread != nullptr && objects::preemption_point()) {
            scan = {&endpoint, badge, thread};
            return false;
        }
    }
    return true;
}

void ensure_reply_master(Tcb& thread) {
    Slot& slot = thread.slot(TcbSlot::Reply);
    if (slot.empty()) caps::insert_root(Cap::reply(&thread, true, true), slot);
}

void resume(Tcb& thread) {
    if (!thread.stopped()) return;
    objects::cancel_ipc(thread);
    ensure_reply_master(thread);
    restart(thread);
}

} // namespace ipc

namespace objects {

void cancel_ipc(Tcb& thread) {
    switch (thread.state) {
    case ThreadState::BlockedOnSend:
    case ThreadState::BlockedOnReceive:
        ipc::leave_scan(thread);
        static_cast<Endpoint*>(thread.blocked_on)->queue.remove(thread);
        set_state(thread, ThreadState::Inactive);
        break;
    case ThreadState::BlockedOnNotification:
        static_cast<Notification*>(thread.blocked_on)->queue.remove(thread);
        set_state(thread, ThreadState::Inactive);
        break;
    case ThreadState::BlockedOnReply: {
        thread.fault.kind = FaultKind::None;
        // The one reply capability, wherever it was moved, follows the master in the derivation list.
        caps::Slot* answer = thread.slot(TcbSlot::Reply).mdb_next();
        if (answer != nullptr && caps::is_mdb_parent(thread.slot(TcbSlot::Reply), *answer)) caps::remove_slot(*answer);
        set_state(thread, ThreadState::Inactive);
        break;
    }
    default: break;
    }
}

bool cancel_first(Endpoint& endpoint) {
    if (endpoint.idle()) return false;
    ipc::leave_scan(*endpoint.queue.head);
    ipc::restart(endpoint.queue.pop_front());
    reschedule_required();
    return !endpoint.idle();
}

void suspend(Tcb& thread) {
    stall_remote(thread);
    cancel_ipc(thread);
    // Interrupted in user mode: it continues where it was, not at its last trap.
    if (thread.state == ThreadState::Running) thread.context.fault_ip_ = thread.context.next_ip_;
    set_state(thread, ThreadState::Inactive);
}

} // namespace objects
