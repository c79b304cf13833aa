// The rows of `suite=ipc` and, once, what upstream seL4 needs for each: seL4 16.0.0-dev (1326364bc), its own sel4bench,
// qemu-riscv-virt, RISC-V 64, non-MCS, one hart, release build with fast path, GCC 12.2, QEMU 7.2 under
// `-icount shift=0,sleep=off`: instructions, medians, the measurement's own instructions subtracted, user stubs inside.
// Source: sel4-baseline.md.
#pragma once

#include <cstdint>
#include <span>

namespace bench {

enum class Row : std::uint8_t {
    CallSame,
    CallOther,
    ReplySame,
    ReplyOther,
    CallFpu,
    ReplyFpu,
    CallFpuUsed,
    ReplyFpuUsed,
    CallLong,
    ReplyLong,
    Send,
    SignalHigher,
    SignalLower,
    SignalWakes,
    InterruptSame,
    InterruptOther,
    YieldThreads,
    YieldProcesses,
    YieldAlone,
    NullCall,
    SetPriority,
    Reschedule,
    FaultTo,
    FaultBack,
    FaultRound,
    Map1,
    Map64,
    Protect64,
    Unprotect64,
    Unmap64,
    Retype64,
    Map512,
    Map2048,
    Protect2048,
    Unprotect2048,
    Unmap2048,
    Retype2048,
    Count,
};

struct Baseline {
    Row row;
    const char* name;
    const char* text;
    std::uint64_t upstream; // 0: no figure
    std::uint64_t slow;     // the same with the fast path switched off
};

inline constexpr Baseline baselines[] = {
    {Row::CallSame, "call.same", "Call, length 0, same address space", 249, 871},
    {Row::CallOther, "call.other", "Call, length 0, other address space", 249, 871},
    {Row::ReplySame, "reply.same", "ReplyRecv, length 0, same address space", 289, 860},
    {Row::ReplyOther, "reply.other", "ReplyRecv, length 0, other address space", 289, 860},
    {Row::CallFpu, "call.fpu", "Call, FPU in use by both", 335, 0},
    {Row::ReplyFpu, "reply.fpu", "ReplyRecv, FPU in use by both", 373, 0},
    {Row::CallFpuUsed, "call.fpu_used", "Call, FPU used at every turn", 335, 0},
    {Row::ReplyFpuUsed, "reply.fpu_used", "ReplyRecv, FPU used at every turn", 373, 0},
    {Row::CallLong, "call.length10", "Call, length 10", 948, 948},
    {Row::ReplyLong, "reply.length10", "ReplyRecv, length 10", 938, 938},
    {Row::Send, "send.higher", "Send to a waiting server of higher priority", 851, 851},
    {Row::SignalHigher, "signal.higher", "Signal to a waiting thread of higher priority", 612, 612},
    {Row::SignalLower, "signal.lower", "Signal, no switch", 499, 499},
    {Row::SignalWakes, "signal.wakes", "Signal that wakes a thread of lower priority", 499, 499},
    {Row::InterruptSame, "interrupt.same", "interrupt to user thread, same address space", 401, 401},
    {Row::InterruptOther, "interrupt.other", "interrupt to user thread, other address space", 402, 402},
    {Row::YieldThreads, "yield.threads", "Yield between two threads", 511, 511},
    {Row::YieldProcesses, "yield.processes", "Yield between two address spaces", 511, 511},
    {Row::YieldAlone, "yield.alone", "Yield, no other thread", 472, 472},
    {Row::NullCall, "null", "BenchmarkNullSyscall", 123, 123},
    {Row::SetPriority, "set_priority", "TCB_SetPriority of the caller", 876, 876},
    {Row::Reschedule, "reschedule", "Wait that blocks, other thread's Wait returns", 978, 978},
    {Row::FaultTo, "fault.to_handler", "fault, faulter to handler", 924, 924},
    {Row::FaultBack, "fault.back", "fault, handler to faulter", 786, 786},
    {Row::FaultRound, "fault.round_trip", "fault, round trip", 1711, 1711},
    {Row::Map1, "map.1", "Page_Map, 1 page", 746, 746},
    {Row::Map64, "map.64", "Page_Map, 64 pages, each", 0, 0},
    {Row::Protect64, "protect.64", "map again read-only, 64 pages, each", 0, 0},
    {Row::Unprotect64, "unprotect.64", "map again writable, 64 pages, each", 0, 0},
    {Row::Unmap64, "unmap.64", "Page_Unmap, 64 pages, each", 0, 0},
    {Row::Retype64, "retype.64", "Untyped_Retype to a frame, 64 pages, each", 0, 0},
    {Row::Map512, "map.512", "Page_Map, 512 pages, each", 736, 736},
    {Row::Map2048, "map.2048", "Page_Map, 2048 pages, each", 736, 736},
    {Row::Protect2048, "protect.2048", "map again read-only, 2048 pages, each", 757, 757},
    {Row::Unprotect2048, "unprotect.2048", "map again writable, 2048 pages, each", 757, 757},
    {Row::Unmap2048, "unmap.2048", "Page_Unmap, 2048 pages, each", 0, 0},
    {Row::Retype2048, "retype.2048", "Untyped_Retype to a frame, 2048 pages, each", 1125, 1125},
};
inline constexpr std::size_t row_count = static_cast<std::size_t>(Row::Count);
static_assert(std::size(baselines) == row_count);

// What was measured; one value per row, 0: not measured.
class Measured {
public:
    void set(Row row, std::uint64_t value) { at(row) = value; }
    // The median of `samples` (which it sorts) without `overhead`.
    void set(Row row, std::span<std::uint64_t> samples, std::uint64_t overhead);
    std::uint64_t value(Row row) const { return values_[static_cast<std::size_t>(row)]; }

private:
    std::uint64_t& at(Row row) { return values_[static_cast<std::size_t>(row)]; }
    std::uint64_t values_[row_count] = {};
};

} // namespace bench
