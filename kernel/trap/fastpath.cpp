// System calls: the first decision, and the IPC fast path: Call to a waiting server and ReplyRecv back to the caller,
// without extra capabilities, within the message registers. It tests everything first and gives up without a trace;
// what it does is exactly what the slow path does in these cases. Everything is inlined into one leaf function, once
// for one hart and once with the lock, so that the common case needs no stack frame.
#include "trap/fastpath.hpp"

#include "api/labels.hpp"
#include "caps/lookup.hpp"
#include "checks/checks.hpp"
#include "ipc/message.hpp"
#include "objects/endpoint.hpp"
#include "scheduler/scheduler.hpp"
#include "smp/kernel_lock.hpp"
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

// Length at most 4 and no extra capabilities, in one test of the info word.
bool is_short(u64 info) { return (info & 0x1ff) <= ipc::register_words; }

// After `from` has blocked, `to` is what the scheduler would choose, on this hart.
[[gnu::always_inline]] inline bool may_switch(const scheduler::State& state, const Tcb& from, const Tcb& to) {
    if (!to.same_place(from) || state.action != nullptr) return false;
    if (to.priority >= from.priority) [[likely]]
        return true;
    // The best ready priority is not above `to` if no higher queue has anyone.
    const u64* ready = state.ready[to.domain];
    const unsigned rank = scheduler::priorities - 1 - to.priority;
    u64 above = ready[rank / 64] & base::mask(rank % 64);
    for (unsigned word = 0; word < rank / 64; ++word) above |= ready[word];
    return above == 0;
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

[[gnu::noinline]] Context* resume_in_other_space(Tcb& thread) {
    objects::activate_vspace(&thread);
    checks::after_entry();
    smp::unlock_kernel();
    return &thread.context;
}

template <Locking locking>
[[gnu::always_inline]] inline Context* switch_to(scheduler::State& state, Tcb& thread) {
    thread.state = ThreadState::Running;
    state.current = &thread;
    arch::drop_reservation(thread.context);
    if (!vspace::is_active(thread)) return resume_in_other_space(thread);
    checks::after_entry();
    if constexpr (locking == Locking::Harts) smp::unlock_kernel();
    return &thread.context;
}

template <Locking locking>
[[gnu::always_inline]] inline Context* call(scheduler::State& state, Tcb& caller) {
    Context& context = caller.context;
    Slot* slot = caps::find_slot(caller.slot(TcbSlot::CSpace).cap, context[Reg::A0]);
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
    if (!may_switch(state, caller, server)) return slow_call(caller, *slot);

    endpoint.queue.remove_head();
    Slot& answer = server.slot(TcbSlot::Caller);
    // The reply master has no other child: the caller was running.
    Slot& master = caller.slot(TcbSlot::Reply);
    answer.cap = Cap::reply(&caller, server.blocked_can_grant, false);
    answer.set_mdb(&master, nullptr, false, false);
    master.set_mdb(nullptr, &answer, true, true);
    caller.state = ThreadState::BlockedOnReply;
    copy_message(context, server.context, info, cap.badge());
    return switch_to<locking>(state, server);
}

template <Locking locking>
[[gnu::always_inline]] inline Context* reply_receive(scheduler::State& state, Tcb& server) {
    constexpr i64 number = static_cast<i64>(api::Syscall::ReplyRecv);
    Context& context = server.context;
    const u64 info = context[Reg::A1];
    Slot& answer = server.slot(TcbSlot::Caller);
    const Slot* slot = caps::find_slot(server.slot(TcbSlot::CSpace).cap, context[Reg::A0]);
    if (!fastpath_enabled || slot == nullptr || !answer.cap.is(CapType::Reply) || !is_short(info) ||
        server.fault.kind != objects::FaultKind::None || !slot->cap.is(CapType::Endpoint))
        return slow_ecall(server, number);
    const Cap& cap = slot->cap;
    objects::Endpoint& endpoint = *cap.as_endpoint();
    Tcb& caller = *answer.cap.reply_tcb();
    const bool signalled = server.bound_notification != nullptr && server.bound_notification->active();
    if (!cap.rights().read() || endpoint.has_senders() || signalled || caller.fault.kind != objects::FaultKind::None ||
        !may_switch(state, server, caller))
        return slow_ecall(server, number);

    caller.slot(TcbSlot::Reply).set_mdb(nullptr, nullptr, true, true);
    answer = Slot{};
    copy_message(context, caller.context, info, 0);
    server.blocked_on = &endpoint;
    server.blocked_can_grant = cap.rights().grant();
    server.state = ThreadState::BlockedOnReceive;
    endpoint.queue.push_back(server);
    return switch_to<locking>(state, caller);
}

template <Locking locking>
[[gnu::always_inline]] inline Context* ecall(Context* context) {
    scheduler::State& state = scheduler::own_state();
    Tcb* thread = state.current;
    if (locking == Locking::Harts && (thread == nullptr || &thread->context != context)) [[unlikely]]
        return leave_interrupted();
    const i64 number = static_cast<i64>((*context)[Reg::A7]);
    if (number == static_cast<i64>(api::Syscall::Call)) return call<locking>(state, *thread);
    if (number == static_cast<i64>(api::Syscall::ReplyRecv)) return reply_receive<locking>(state, *thread);
    return slow_ecall(*thread, number);
}

[[gnu::noinline]] Context* locked_ecall(Context* context) {
    smp::lock_kernel();
    return ecall<Locking::Harts>(context);
}

} // namespace

} // namespace trap

arch::Context* trap_ecall(arch::Context* context) {
    if (smp::hart_count != 1) [[unlikely]]
        return trap::locked_ecall(context);
    return trap::ecall<trap::Locking::OneHart>(context);
}
