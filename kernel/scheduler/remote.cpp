// What needs other harts: stopping a thread that runs there, and FPU ownership.
#include "arch/arch.hpp"
#include "objects/upcalls.hpp"
#include "objects/user_interrupts.hpp"
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
    if ((thread.flags & objects::flag_fpu_disabled) != 0 || owns_fpu(state, thread)) return false;
    give_fpu(state, thread);
    thread.fpu_wanted = true;
    return true;
}

void give_fpu(State& state, Tcb& thread) {
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

void enter_others(bool (*which)(const State& state)) {
    u64 harts = 0;
    for (u32 hart = 0; hart < smp::hart_count; ++hart) {
        const State& state = state_of(hart);
        if (&state != &own_state() && which(state)) harts |= base::bit(hart);
    }
    smp::remote_call(harts, smp::Request::Enter);
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
    scheduler::State& other = scheduler::state_of(thread.affinity);
    if (&other == &scheduler::own_state() || other.current != &thread) return;
    smp::remote_call(base::bit(thread.affinity), smp::Request::Enter);
    // Its hart is in the kernel and waits for the lock. It finds no current thread there, drops whatever trap brought
    // it in (the instruction is simply executed again) and chooses anew.
    other.current = nullptr;
    if (other.interrupt_owner != nullptr)
        smp::remote_call(base::bit(thread.affinity), smp::Request::DropUserInterrupts);
    thread.context.next_ip_ = thread.context.fault_ip_;
    other.action = scheduler::choose_new;
    if (thread.runnable()) enqueue(thread);
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
