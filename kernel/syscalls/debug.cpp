// Debug calls (sel4-abi-riscv64.md 2.5), in every build unless switched off: the console is DebugPutChar. Benchmark
// calls (2.6) exist in release builds, as upstream's benchmark kernel has no debug and its debug kernel no benchmark
// configuration. Where upstream halts the machine on a bad argument, ours ignores the call: user input never stops the
// kernel.
#include "arch/arch.hpp"
#include "caps/lookup.hpp"
#include "ipc/message.hpp"
#include "objects/upcalls.hpp"
#include "scheduler/scheduler.hpp"
#include "smp/latency.hpp"
#include "syscalls/handle.hpp"
#include "syscalls/invocation.hpp"

namespace syscalls {

using api::Syscall;
using arch::Reg;
using objects::Tcb;

bool debug_calls = true;

namespace {

const caps::Cap* lookup(const Tcb& thread, base::Cptr cptr) {
    const auto slot = caps::lookup_slot(thread.slot(objects::TcbSlot::CSpace).cap, cptr);
    return slot ? &slot.value()->cap : nullptr;
}

Tcb* lookup_thread(const Tcb& thread, base::Cptr cptr) {
    const caps::Cap* cap = lookup(thread, cptr);
    return cap != nullptr && cap->is(caps::CapType::Tcb) ? cap->as_tcb() : nullptr;
}

const char* state_name(objects::ThreadState state) {
    switch (state) {
    case objects::ThreadState::Inactive: return "inactive";
    case objects::ThreadState::Running: return "running";
    case objects::ThreadState::Restart: return "restart";
    case objects::ThreadState::BlockedOnReceive: return "blocked on receive";
    case objects::ThreadState::BlockedOnSend: return "blocked on send";
    case objects::ThreadState::BlockedOnReply: return "blocked on reply";
    case objects::ThreadState::BlockedOnNotification: return "blocked on notification";
    }
    return "?";
}

void dump_scheduler() {
    arch::print("Dumping all tcbs!\n");
    for (const Tcb* thread = scheduler::first_thread(); thread != nullptr; thread = thread->debug_next)
        arch::print("{}: {}, pc {}, priority {}, core {}\n", thread->name, state_name(thread->state),
                    arch::hex(thread->context.next_ip_), u64{thread->priority}, u64{thread->affinity});
}

// The name is a string at message word 0 of the IPC buffer.
void name_thread(const Tcb& caller, base::Cptr cptr) {
    Tcb* thread = lookup_thread(caller, cptr);
    const volatile ipc::Buffer* buffer = ipc::send_buffer(caller);
    if (thread == nullptr || buffer == nullptr) return;
    const auto* text = reinterpret_cast<const volatile char*>(buffer->msg);
    unsigned length = 0;
    for (; length + 1 < objects::tcb_name_size; ++length) {
        const char character = text[length];
        if (character == '\0') break;
        thread->name[length] = character;
    }
    thread->name[length] = '\0';
}

bool report_longest(Tcb& thread) {
    if (!smp::measures_latency) return false;
    const smp::Longest longest = smp::take_longest();
    thread.context[Reg::A0] = longest.instructions;
    thread.context[Reg::A1] = longest.cause;
    thread.context[Reg::A2] = longest.number;
    thread.context[Reg::A3] = longest.tag;
    thread.context[Reg::A4] = longest.looks;
    return true;
}

bool handle_benchmark(Tcb& thread, Syscall call) {
    switch (call) {
    case Syscall::BenchmarkFlushCaches:
    case Syscall::BenchmarkNullSyscall: return true;
    case Syscall::BenchmarkResetLog:
    case Syscall::BenchmarkFinalizeLog: thread.context[Reg::A0] = 0; return true;
    default: return false;
    }
}

// Those that upstream has in its debug build only.
bool handle_debug_only(Tcb& thread, Syscall call) {
    const u64 argument = thread.context[Reg::A0];
    switch (call) {
    case Syscall::DebugDumpScheduler: dump_scheduler(); return true;
    case Syscall::DebugHalt: arch::print("halting...\n"); arch::power_off(0);
    case Syscall::DebugCapIdentify: {
        const caps::Cap* cap = lookup(thread, argument);
        thread.context[Reg::A0] = cap == nullptr ? 0 : static_cast<u64>(cap->type());
        return true;
    }
    case Syscall::DebugSnapshot: arch::print("capDL snapshots are not supported\n"); return true;
    case Syscall::DebugLongestStretch: return report_longest(thread);
    case Syscall::DebugNameThread: name_thread(thread, argument); return true;
    case Syscall::DebugSendIPI: return smp_interface();
    case Syscall::DebugGetThreadAffinity: {
        if (!smp_interface()) return false;
        const Tcb* target = lookup_thread(thread, argument);
        thread.context[Reg::A0] = target == nullptr ? 0 : target->affinity;
        return true;
    }
    default: return false;
    }
}

} // namespace

bool handle_debug(Tcb& thread, i64 number) {
    const auto call = static_cast<Syscall>(number);
    if (call == Syscall::DebugPutChar) {
        arch::put(static_cast<char>(thread.context[Reg::A0]));
        return true;
    }
    return (debug_calls && handle_debug_only(thread, call)) || (benchmark_calls && handle_benchmark(thread, call));
}

} // namespace syscalls
