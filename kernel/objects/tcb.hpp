// The thread control block: what TCB capabilities name. Retyped from Untyped memory (2^11 bytes, zeroed), so every
// field must be right when zero. The five capability slots are ordinary slots of the derivation list but have no
// address in any CSpace (sel4-abi-riscv64.md 4.4). What a switch touches lies together in the second half: a TCB begins
// where pages do or in the middle between, and so does too much else for those cache sets (kernel/docs/cache_sets.md).
// Kernel lock held for everything here.
#pragma once

#include "arch/arch.hpp"
#include "caps/errors.hpp"
#include "caps/slot.hpp"
#include "caps/zombie.hpp"

namespace objects {

struct Endpoint;
struct Notification;

enum class ThreadState : u8 {
    Inactive = 0,
    Running,
    Restart, // runnable; executes its trapping instruction again
    BlockedOnReceive,
    BlockedOnSend,
    BlockedOnReply,
    BlockedOnNotification,
};

enum class TcbSlot : u8 { CSpace = 0, VSpace = 1, Reply = 2, Caller = 3, Buffer = 4 };

// A fault waiting for its handler (sel4-abi-riscv64.md 5.9). Words by kind: Cap {address, in receive phase}, VmFault
// {address, fault status, instruction fault}, UnknownSyscall {number}, UserException {number, code}.
enum class FaultKind : u8 { None = 0, Cap = 1, UnknownSyscall = 2, UserException = 3, VmFault = 5 };
struct Fault {
    FaultKind kind = FaultKind::None;
    u64 words[3] = {};
    caps::LookupFailure lookup;
};

// A thread's membership in one doubly linked list: its endpoint or notification queue, or its ready queue.
struct Tcb;
struct ThreadLinks {
    Tcb* prev = nullptr;
    Tcb* next = nullptr;
};

// A thread's part in user interrupts (objects/user_interrupts.hpp). Numbers are one more than the index, 0 is none.
struct UserInterrupts {
    arch::UserInterruptState state; // while it is not loaded in a hart
    u16 receiver;
    u16 sender_table;
};

inline constexpr u32 flag_fpu_disabled = 1;
inline constexpr u32 valid_thread_flags = flag_fpu_disabled;
inline constexpr unsigned time_slice_ticks = 5;

struct Tcb {
    char name[512];
    arch::FpuState fpu;
    UserInterrupts user_interrupts;
    Tcb* debug_prev; // all threads, for DumpScheduler and the invariant checker
    Tcb* debug_next;

    alignas(1024) caps::Slot slots[8]; // TcbSlot; the last three are unused
    arch::Context context;

    // What the thread waits for. The endpoint fields are valid in BlockedOnSend and BlockedOnReceive.
    ThreadState state;
    bool queued; // in a ready queue
    bool blocked_can_grant;
    bool blocked_can_grant_reply;
    bool blocked_is_call;
    bool fpu_wanted; // known to have used the FPU since it got it
    bool fpu_eager;  // the same, and another thread has it: gets it with the processor (scheduler.hpp)
    u8 priority;
    u8 max_priority; // MCP
    // Where and how the thread runs, compared as one word: see same_place.
    alignas(8) u32 affinity; // logical hart
    u16 domain;
    u16 interrupt_id; // of the user interrupt state; 0: none, else no other thread has the same
    u32 time_slice;
    u32 flags;
    void* blocked_on; // Endpoint or Notification
    u64 blocked_badge;
    ThreadLinks wait_links;
    ThreadLinks ready_links;

    Notification* bound_notification;
    base::Cptr fault_endpoint;
    base::Vaddr ipc_buffer;
    Fault fault;

    caps::Slot& slot(TcbSlot which) { return slots[static_cast<unsigned>(which)]; }
    const caps::Slot& slot(TcbSlot which) const { return slots[static_cast<unsigned>(which)]; }

    // The hart may go from one to the other with nothing else to change: same hart and domain, and neither thread has
    // user interrupts, whose state would have to be exchanged.
    [[gnu::always_inline]] bool same_place(const Tcb& other) const { return place() == other.place(); }
    bool runnable() const { return state == ThreadState::Running || state == ThreadState::Restart; }
    bool stopped() const { return !runnable(); }

private:
    u64 place() const {
        // The alignment has to be said, or the copy is made byte by byte.
        const char* start = reinterpret_cast<const char*>(this) + offsetof(Tcb, affinity);
        u64 word = 0;
        __builtin_memcpy(&word, __builtin_assume_aligned(start, sizeof word), sizeof word);
        return word;
    }
};

static_assert(sizeof(Tcb) <= base::bit(caps::tcb_bits));
static_assert(offsetof(Tcb, slots) == 1024 && sizeof(Tcb::slots) == base::bit(caps::tcb_block_bits),
              "ZombieCap finds the slots at the start of their block");

inline constexpr unsigned tcb_name_size = sizeof(Tcb::name);

} // namespace objects
