// System calls: the first decision, and the fast paths: Call to a waiting server, ReplyRecv back to the caller, both
// without extra capabilities and within the message registers, Signal and Wait. They test everything first and give up
// without a trace; what they do is exactly what the slow path does in these cases. Everything is inlined into one leaf
// function, once for one hart and once with the lock, so that the common case needs no stack frame.
#include "trap/fastpath.hpp"

#include "api/labels.hpp"
#include "async/executor.hpp"
#include "caps/lookup.hpp"
#include "checks/checks.hpp"
#include "ipc/message.hpp"
#include "objects/endpoint.hpp"
#include "objects/upcalls.hpp"
#include "scheduler/scheduler.hpp"
#include "smp/kernel_lock.hpp"
#include "syscalls/handle.hpp"
#include "trap/trap.hpp"
#include "vspace/vspace.hpp"

namespace trap {

bool fastpath_enabled = true;

namespace {

using arch::Context;
using arch::Reg;
using caps::Cap;
using caps::CapType;
using caps::Slot;
using objects::Tcb;
using objects::TcbSlot;
using objects::ThreadState;

enum class Locking : u8 { OneHart, Harts };
enum class CSpace : u8 { Flat, Deep }; // Flat: of one level

// Length at most 4 and no extra capabilities, in one test of the info word.
bool is_short(u64 info) { return (info & 0x1ff) <= ipc::register_words; }

template <CSpace cspace>
[[gnu::always_inline]] inline Slot* find_slot(const Tcb& thread) {
    const Cap& root = thread.slot(TcbSlot::CSpace).cap;
    const base::Cptr cptr = thread.context[Reg::A0];
    return cspace == CSpace::Flat ? caps::find_slot_flat(root, cptr) : caps::find_slot_deep(root, cptr);
}

// Another hart may have left an action for this one; on one hart there is none at an entry.
template <Locking locking>
[[gnu::always_inline]] inline bool undisturbed(const scheduler::State& state) {
    return locking == Locking::OneHart || state.action == nullptr;
}

// After `from` has blocked, `to` is what the scheduler would choose, on this hart.
template <Locking locking>
[[gnu::always_inline]] inline bool may_switch(const scheduler::State& state, const Tcb& from, const Tcb& to) {
    if (!to.same_place(from) || !undisturbed<locking>(state)) return false;
    return to.priority >= from.priority || scheduler::highest_ready(state) <= to.priority;
}

[[gnu::always_inline]] inline void copy_message(const Context& from, Context& to, u64 info, u64 badge) {
    const u64 length = info & 7;
    if (length != 0) {
        to[Reg::A2] = from[Reg::A2];
        if (length > 1) to[Reg::A3] = from[Reg::A3];
        if (length > 2) to[Reg::A4] = from[Reg::A4];
        if (length > 3) to[Reg::A5] = from[Reg::A5];
    }
    to[Reg::A0] = badge;
    to[Reg::A1] = info & ~u64{0xf80}; // no extra, no unwrapped capabilities
}

// What a switch may need besides: another address space or the FPU; another priority means something to the doorbells.
[[gnu::noinline]] Context* resume_slowly(scheduler::State& state, Tcb& thread) {
    if (thread.fpu_eager) scheduler::give_fpu(state, thread);
    objects::activate_vspace(&thread);
    if (async::active()) async::update_service_hart();
    checks::after_entry();
    smp::unlock_kernel();
    return &thread.context;
}

[[gnu::noinline]] Context* resume_with_fpu(scheduler::State& state, Tcb& thread) {
    scheduler::give_fpu(state, thread);
    checks::after_entry();
    smp::unlock_kernel();
    return &thread.context;
}

template <Locking locking>
[[gnu::always_inline]] inline Context* switch_to(scheduler::State& state, const Tcb& from, Tcb& thread) {
    thread.state = ThreadState::Running;
    state.current = &thread;
    arch::drop_reservation(thread.context);
    if (thread.priority != from.priority || (!vspace::is_active(thread) && !vspace::load_known(thread)))
        return resume_slowly(state, thread);
    if (thread.fpu_eager) return resume_with_fpu(state, thread);
    checks::after_entry();
    if constexpr (locking == Locking::Harts) smp::unlock_kernel();
    return &thread.context;
}

template <Locking locking, CSpace cspace>
[[gnu::always_inline]] inline Context* call(scheduler::State& state, Tcb& caller) {
    Context& context = caller.context;
    Slot* slot = find_slot<cspace>(caller);
    if (slot == nullptr) [[unlikely]]
        return slow_ecall(caller, static_cast<i64>(api::Syscall::Call));
    const Cap& cap = slot->cap;
    if (!cap.is(CapType::Endpoint) || !fastpath_enabled) return slow_call(caller, *slot);
    const u64 info = context[Reg::A1];
    objects::Endpoint& endpoint = *cap.as_endpoint();
    const u64 rights = cap.rights().word_;
    if (!is_short(info) || caller.fault.kind != objects::FaultKind::None || (rights & 1) == 0 || (rights & 0xc) == 0 ||
        !endpoint.has_receivers())
        return slow_call(caller, *slot);
    Tcb& server = *endpoint.queue.head;
    if (!may_switch<locking>(state, caller, server)) return slow_call(caller, *slot);

    endpoint.queue.remove_head();
    Slot& answer = server.slot(TcbSlot::Caller);
    // The reply master has no other child: the caller was running.
    Slot& master = caller.slot(TcbSlot::Reply);
    answer.cap = Cap::reply(&caller, server.blocked_can_grant, false);
    answer.set_mdb(&master, nullptr, false, false);
    master.set_mdb(nullptr, &answer, true, true);
    caller.state = ThreadState::BlockedOnReply;
    copy_message(context, server.context, info, cap.badge());
    return switch_to<locking>(state, caller, server);
}

template <Locking locking, CSpace cspace>
[[gnu::always_inline]] inline Context* reply_receive(scheduler::State& state, Tcb& server) {
    constexpr i64 number = static_cast<i64>(api::Syscall::ReplyRecv);
    Context& context = server.context;
    const u64 info = context[Reg::A1];
    Slot& answer = server.slot(TcbSlot::Caller);
    const Slot* slot = find_slot<cspace>(server);
    if (!fastpath_enabled || slot == nullptr || !answer.cap.is(CapType::Reply) || !is_short(info) ||
        server.fault.kind != objects::FaultKind::None || !slot->cap.is(CapType::Endpoint))
        return slow_ecall(server, number);
    const Cap& cap = slot->cap;
    objects::Endpoint& endpoint = *cap.as_endpoint();
    Tcb& caller = *answer.cap.reply_tcb();
    const bool signalled = server.bound_notification != nullptr && server.bound_notification->active();
    if (!cap.rights().read() || endpoint.has_senders() || signalled || caller.fault.kind != objects::FaultKind::None ||
        !may_switch<locking>(state, server, caller))
        return slow_ecall(server, number);

    caller.slot(TcbSlot::Reply).set_mdb(nullptr, nullptr, true, true);
    answer = Slot{};
    copy_message(context, caller.context, info, 0);
    server.blocked_on = &endpoint;
    server.blocked_can_grant = cap.rights().grant();
    server.state = ThreadState::BlockedOnReceive;
    endpoint.queue.push_back(server);
    return switch_to<locking>(state, server, caller);
}

// A thread of higher priority takes over; the running one stays first of its own.
[[gnu::noinline]] Context* give_way(scheduler::State& state, Tcb& sender, Tcb& woken) {
    objects::enqueue(sender);
    state.current = &woken;
    arch::drop_reservation(woken.context);
    return resume_slowly(state, woken);
}

// It becomes ready, no more.
[[gnu::noinline]] Context* let_wait(Tcb& sender, Tcb& woken) {
    // The running thread would be queued first of its priority and chosen again: before an equal, but a lesser one
    // comes first of its own.
    if (woken.priority < sender.priority)
        objects::enqueue(woken);
    else
        objects::append(woken);
    checks::after_entry();
    smp::unlock_kernel();
    return &sender.context;
}

template <Locking locking>
[[gnu::always_inline]] inline Context* resume(Tcb& thread) {
    checks::after_entry();
    if constexpr (locking == Locking::Harts) smp::unlock_kernel();
    return &thread.context;
}

[[gnu::always_inline]] inline Context* wake(scheduler::State& state, Tcb& sender, Tcb& waiter, u64 badge) {
    waiter.state = ThreadState::Running;
    waiter.context[Reg::A0] = badge;
    return waiter.priority > sender.priority ? give_way(state, sender, waiter) : let_wait(sender, waiter);
}

template <Locking locking, CSpace cspace>
[[gnu::always_inline]] inline Context* send(scheduler::State& state, Tcb& sender) {
    constexpr i64 number = static_cast<i64>(api::Syscall::Send);
    constexpr u64 extra_caps = 0x180; // of the info word: the slow path looks them up
    const Context& context = sender.context;
    const Slot* slot = find_slot<cspace>(sender);
    if (slot == nullptr || !slot->cap.is(CapType::Notification) || !fastpath_enabled) return slow_ecall(sender, number);
    const Cap& cap = slot->cap;
    objects::Notification& notification = *cap.as_notification();
    if (!cap.rights().write() || (context[Reg::A1] & extra_caps) != 0 || !undisturbed<locking>(state))
        return slow_ecall(sender, number);
    if (notification.waiting()) {
        Tcb& waiter = *notification.queue.head;
        if (!waiter.same_place(sender)) return slow_ecall(sender, number);
        notification.queue.remove_head();
        return wake(state, sender, waiter, cap.badge());
    }
    if (notification.active()) {
        notification.badge_word |= cap.badge();
        return resume<locking>(sender);
    }
    Tcb* bound = notification.bound_tcb;
    if (bound != nullptr && bound->state == ThreadState::BlockedOnReceive) {
        if (!bound->same_place(sender)) return slow_ecall(sender, number);
        static_cast<objects::Endpoint*>(bound->blocked_on)->queue.remove(*bound);
        return wake(state, sender, *bound, cap.badge());
    }
    notification.set_active(cap.badge());
    return resume<locking>(sender);
}

constexpr i64 sys_receive = static_cast<i64>(api::Syscall::Recv);

// The thread blocks, and the scheduler's next goes on. Without any the hart becomes idle, which is more than a switch.
template <Locking locking>
[[gnu::noinline]] Context* block(scheduler::State& state, Tcb& thread, objects::Notification& notification) {
    const int priority = scheduler::highest_ready(state);
    if (priority < 0) return slow_ecall(thread, sys_receive);
    Tcb& next = scheduler::first_ready(state, static_cast<unsigned>(priority));
    if (next.state != ThreadState::Running || !next.same_place(thread)) return slow_ecall(thread, sys_receive);
    scheduler::take_first(state, static_cast<unsigned>(priority));
    thread.blocked_on = &notification;
    thread.state = ThreadState::BlockedOnNotification;
    notification.queue.push_back(thread);
    return switch_to<locking>(state, thread, next);
}

// From a notification. A thread with user interrupts shares its place with nobody: not tried.
template <Locking locking, CSpace cspace>
[[gnu::always_inline]] inline Context* receive(scheduler::State& state, Tcb& thread) {
    if (thread.interrupt_id != 0) [[unlikely]]
        return slow_ecall(thread, sys_receive);
    const Slot* slot = find_slot<cspace>(thread);
    if (slot == nullptr || !slot->cap.is(CapType::Notification) || !fastpath_enabled)
        return slow_ecall(thread, sys_receive);
    objects::Notification& notification = *slot->cap.as_notification();
    const bool anybodys = notification.bound_tcb == nullptr || notification.bound_tcb == &thread;
    if (!slot->cap.rights().read() || !anybodys || !undisturbed<locking>(state)) return slow_ecall(thread, sys_receive);
    if (!notification.active()) return block<locking>(state, thread, notification);
    thread.context[Reg::A0] = notification.consume();
    return resume<locking>(thread);
}

template <Locking locking, CSpace cspace>
[[gnu::always_inline]] inline Context* decide(scheduler::State& state, Tcb& thread) {
    const i64 number = static_cast<i64>(thread.context[Reg::A7]);
    if (number == static_cast<i64>(api::Syscall::Call)) return call<locking, cspace>(state, thread);
    if (number == static_cast<i64>(api::Syscall::ReplyRecv)) return reply_receive<locking, cspace>(state, thread);
    if (number == static_cast<i64>(api::Syscall::Send)) return send<locking, cspace>(state, thread);
    if (number == sys_receive) return receive<locking, cspace>(state, thread);
    return slow_ecall(thread, number);
}

// The lookup is a function call, which the common case shall not make room for.
template <Locking locking>
[[gnu::noinline, gnu::hot]] Context* decide_deep(scheduler::State& state, Tcb& thread) {
    return decide<locking, CSpace::Deep>(state, thread);
}

template <Locking locking>
[[gnu::always_inline]] inline Context* ecall(Context* context) {
    scheduler::State& state = scheduler::own_state();
    Tcb* thread = state.current;
    if (locking == Locking::Harts && (thread == nullptr || &thread->context != context)) [[unlikely]]
        return leave_interrupted();
    const i64 null_call = static_cast<i64>(api::Syscall::BenchmarkNullSyscall);
    if (syscalls::benchmark_calls && static_cast<i64>((*context)[Reg::A7]) == null_call)
        return resume<locking>(*thread);
    if (!caps::is_flat(thread->slot(TcbSlot::CSpace).cap)) [[unlikely]]
        return decide_deep<locking>(state, *thread);
    return decide<locking, CSpace::Flat>(state, *thread);
}

[[gnu::noinline, gnu::hot]] Context* locked_ecall(Context* context) {
    smp::lock_kernel();
    return ecall<Locking::Harts>(context);
}

} // namespace

} // namespace trap

[[gnu::hot]] arch::Context* trap_ecall(arch::Context* context) {
    if (smp::hart_count != 1) [[unlikely]]
        return trap::locked_ecall(context);
    return trap::ecall<trap::Locking::OneHart>(context);
}
