// What needs other harts: stopping a thread that runs there, and FPU ownership.
#include "arch/arch.hpp"
#include "base/bits.hpp"
#include "objects/upcalls.hpp"
#include "objects/user_interrupts.hpp"
#include "scheduler/domains.hpp"
#include "scheduler/scheduler.hpp"
#include "smp/kernel_lock.hpp"

namespace scheduler {

namespace {

using objects::Tcb;

bool owns_fpu(const State& state, const Tcb& thread) { return state.fpu_owner == &thread; }

// The owner's registers are about to be stored. Off says nothing: another thread has run last, who owns nothing.
void take_from(Tcb& owner) {
    const u64 use = arch::fpu_use();
    if (use != 0) owner.fpu_wanted = use == arch::sstatus_fs_dirty;
    owner.fpu_eager = owner.fpu_wanted;
    owner.context.sstatus_ &= ~arch::sstatus_fs_mask;
}

// Stores the registers of the FPU's owner on this hart; nobody owns them afterwards.
void save_own_fpu(State& state) {
    Tcb* owner = state.fpu_owner;
    if (owner == nullptr) return;
    take_from(*owner);
    arch::fpu_save(owner->fpu);
    state.fpu_owner = nullptr;
}

} // namespace

bool fpu_trap() {
    State& state = own_state();
    Tcb& thread = objects::current_thread();
    const bool disabled = (thread.flags & objects::flag_fpu_disabled) != 0;
    if (!arch::fpu_present || disabled || owns_fpu(state, thread)) return false;
    give_fpu(state, thread);
    thread.fpu_wanted = true;
    return true;
}

[[gnu::hot]] void give_fpu(State& state, Tcb& thread) {
    Tcb* owner = state.fpu_owner;
    state.fpu_owner = &thread;
    thread.fpu_wanted = false; // until it is seen to use it
    thread.fpu_eager = false;
    thread.context.sstatus_ |= arch::sstatus_fs_clean;
    if (owner == nullptr) {
        arch::fpu_load(thread.fpu);
        return;
    }
    take_from(*owner);
    arch::fpu_exchange(owner->fpu, thread.fpu);
}

namespace {

u64 other_harts(bool (*which)(const State& state)) {
    u64 harts = 0;
    for (u32 hart = 0; hart < smp::hart_count; ++hart) {
        const State& state = state_of(hart);
        if (&state != &own_state() && which(state)) harts |= base::bit(hart);
    }
    return harts;
}

// Ends the turns of the threads that run on these harts.
void take_current_from(u64 harts) {
    smp::remote_call(harts, smp::Request::Enter);
    // They wait for the lock. Each finds no current thread, drops whatever trap brought it in (the instruction is
    // simply executed again) and chooses anew.
    u64 interrupts = 0;
    for (u64 left = harts; left != 0; left &= left - 1) {
        const unsigned hart = base::lowest_bit(left);
        State& state = state_of(hart);
        Tcb& thread = *state.current;
        if (state.interrupt_owner != nullptr) interrupts |= base::bit(hart);
        state.current = nullptr;
        state.action = choose_new;
        thread.context.next_ip_ = thread.context.fault_ip_;
        if (thread.runnable()) objects::enqueue(thread);
    }
    smp::remote_call(interrupts, smp::Request::DropUserInterrupts);
}

} // namespace

void enter_others(bool (*which)(const State& state)) { smp::remote_call(other_harts(which), smp::Request::Enter); }

void end_slices() {
    take_current_from(other_harts([](const State& state) { return state.current != nullptr; }));
    // Those without a thread may have one in the new domain.
    const u64 idle = other_harts([](const State& state) { return state.action == nullptr; });
    for (u64 left = idle; left != 0; left &= left - 1) let_choose(base::lowest_bit(left));
}

} // namespace scheduler

namespace smp {

void serve_request(u32 requests) {
    scheduler::State& state = scheduler::own_state();
    if ((requests & static_cast<u32>(Request::SaveFpu)) != 0) scheduler::save_own_fpu(state);
    if ((requests & static_cast<u32>(Request::LeaveVSpace)) != 0) objects::activate_vspace(nullptr);
    if ((requests & static_cast<u32>(Request::DropUserInterrupts)) != 0) objects::exchange_user_interrupts(nullptr);
}

} // namespace smp

namespace objects {

void stall_remote(Tcb& thread) {
    const scheduler::State& other = scheduler::state_of(thread.affinity);
    if (&other == &scheduler::own_state() || other.current != &thread) return;
    scheduler::take_current_from(base::bit(thread.affinity));
}

void leave_space_of(const caps::Slot& slot) {
    u64 others = 0;
    for (u32 hart = 0; hart < smp::hart_count; ++hart) {
        const scheduler::State& state = scheduler::state_of(hart);
        if (state.current == nullptr || &state.current->slot(TcbSlot::VSpace) != &slot) continue;
        if (&state == &scheduler::own_state())
            activate_vspace(nullptr);
        else
            others |= base::bit(hart);
    }
    smp::remote_call(others, smp::Request::LeaveVSpace);
}

void release_fpu(Tcb& thread) {
    for (u32 hart = 0; hart < smp::hart_count; ++hart) {
        scheduler::State& state = scheduler::state_of(hart);
        if (!scheduler::owns_fpu(state, thread)) continue;
        if (&state == &scheduler::own_state())
            scheduler::save_own_fpu(state);
        else
            smp::remote_call(base::bit(hart), smp::Request::SaveFpu);
    }
    thread.fpu_eager = false;
}

} // namespace objects
