// The TCB invocations, checked (sel4-abi-riscv64.md 4.5).
#pragma once

#include "syscalls/invocation.hpp"

namespace syscalls {

// A capability to be installed into a TCB slot; `install` false leaves the slot alone.
struct Install {
    caps::Cap cap;
    caps::Slot* source;
};

struct TcbOp {
    enum class Kind : u8 {
        ReadRegisters,
        WriteRegisters,
        CopyRegisters,
        SetPriority,
        SetMcPriority,
        SetSchedParams,
        Configure,
        SetSpace,
        SetIpcBuffer,
        Suspend,
        Resume,
        Bind,
        Unbind,
        SetAffinity,
        SetTlsBase,
        SetFlags,
    };
    Kind kind;
    bool set_space = false;
    bool set_buffer = false;
    objects::Tcb* thread = nullptr;
    objects::Tcb* source = nullptr; // CopyRegisters
    objects::Notification* notification = nullptr;
    // flags / count; priority / mcp; fault endpoint / buffer address; clear / set; affinity; TLS base
    u64 a = 0;
    u64 b = 0;
    Install cspace{};
    Install vspace{};
    Install buffer{}; // null capability: no buffer
};

Result<TcbOp> decode_tcb(const Invocation& call);

// Bits of the flags word of ReadRegisters (0), WriteRegisters (0) and CopyRegisters (all).
inline constexpr u64 copy_suspend_source = 1;
inline constexpr u64 copy_resume_target = 2;
inline constexpr u64 copy_frame = 4;
inline constexpr u64 copy_integer = 8;

} // namespace syscalls
