#include "ipc/notification.hpp"

#include "objects/upcalls.hpp"
#include "objects/user_interrupts.hpp"

namespace ipc {

using objects::Notification;
using objects::Tcb;
using objects::ThreadState;

void wait(Tcb& thread, Notification& notification, bool blocking) {
    if (notification.active()) {
        thread.context[arch::Reg::A0] = notification.consume();
    } else if (blocking) {
        thread.blocked_on = &notification;
        notification.queue.push_back(thread);
        objects::set_state(thread, ThreadState::BlockedOnNotification);
    } else {
        thread.context[arch::Reg::A0] = 0;
    }
}

void bind(Tcb& thread, Notification& notification) {
    thread.bound_notification = &notification;
    notification.bound_tcb = &thread;
}

} // namespace ipc

namespace objects {

namespace {

void deliver(Tcb& thread, u64 badge) {
    set_state(thread, ThreadState::Running);
    thread.context[arch::Reg::A0] = badge;
    possible_switch_to(thread);
}

} // namespace

void signal(Notification& notification, u64 badge) {
    if (notification.waiting()) {
        deliver(notification.queue.pop_front(), badge);
        return;
    }
    if (notification.active()) {
        notification.badge_word |= badge;
        return;
    }
    Tcb* bound = notification.bound_tcb;
    if (bound != nullptr && bound->state == ThreadState::BlockedOnReceive) {
        cancel_ipc(*bound);
        deliver(*bound, badge);
        return;
    }
    notification.set_active(badge);
}

void wake_bound(Notification& notification) {
    if (!notification.active()) {
        signal(notification, 0);
        return;
    }
    Tcb& bound = *notification.bound_tcb;
    cancel_ipc(bound);
    deliver(bound, notification.consume());
}

bool cancel_first(Notification& notification) {
    if (!notification.waiting()) return false;
    Tcb& thread = notification.queue.pop_front();
    set_state(thread, ThreadState::Restart);
    enqueue(thread);
    reschedule_required();
    return notification.waiting();
}

void unbind_notification(Tcb& thread) {
    if (thread.bound_notification == nullptr) return;
    if (thread.interrupt_id != 0) unregister_receiver(thread); // it could not be woken any more
    thread.bound_notification->bound_tcb = nullptr;
    thread.bound_notification = nullptr;
}

} // namespace objects
