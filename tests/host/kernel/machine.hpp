// A small machine for one test: the root CNode, the initial thread with the capabilities seL4 gives it, and memory. The
// tests talk to the kernel as a user does (syscall(), call()) or hand it capabilities directly (slot()).
// One per process: the kernel's state is global. Layout of the initial CSpace: sel4-abi-riscv64.md 9.2.
#pragma once

#include "fake_arch.hpp"

#include "api/labels.hpp"
#include "caps/errors.hpp"
#include "caps/slot.hpp"
#include "ipc/message.hpp"
#include "objects/endpoint.hpp"
#include "objects/types.hpp"
#include "scheduler/scheduler.hpp"
#include "syscalls/invocation.hpp"
#include "vspace/asid.hpp"

#include <gtest/gtest.h>
#include <ostream>
#include <vector>

namespace kernel::test {

using api::Label;
using caps::Cap;
using caps::CapType;
using caps::ErrorCode;
using caps::Slot;
using objects::ObjectType;
using objects::Tcb;
using objects::TcbSlot;
using objects::ThreadState;
using Words = std::vector<u64>;

// Slots of the initial CSpace.
enum : u64 {
    own_tcb = 1,
    CN = 2,
    own_vspace = 3,
    irq_control = 4,
    asid_control = 5,
    own_pool = 6,
    own_buffer = 10,
    domain_cap = 11,
    memory = 20, // an untyped of 8 MiB
    UT24 = 21,   // untypeds that count as used up, as at boot
    UT13 = 22,
    DEVUT = 23,       // device memory
    own_table = 24,   // of the first GiB
    first_free = 2048 // make() takes slots from here on
};
inline constexpr unsigned root_radix = 13;
inline constexpr unsigned root_guard = 51;
inline constexpr u64 plic_sources = 95;

// The outcome of a Call: an error code and its words, or the results.
struct Reply {
    u64 code = 0;
    Words words;
    bool operator==(const Reply&) const = default;
};
std::ostream& operator<<(std::ostream& out, const Reply& reply);
inline Reply ok(Words words = {}) { return {0, std::move(words)}; }
inline Reply error(ErrorCode code, Words words = {}) { return {static_cast<u64>(code), std::move(words)}; }

class Machine {
public:
    explicit Machine(u32 harts = 1, unsigned domains = 1, bool smp_interface = false);

    Slot& slot(u64 index) { return root_[index]; }
    const Cap& cap(u64 index) { return root_[index].cap; }
    Tcb& initial() { return *initial_; }
    ipc::Buffer& buffer(const Tcb& thread);

    // A Call by the running thread, made again as long as it is preempted.
    Reply call(u64 cptr, Label label, const Words& words = {}, const Words& extra = {});
    // One try; false: preempted (`reply` is not set).
    bool call_once(u64 cptr, Label label, const Words& words, const Words& extra, Reply& reply);
    // One system call of `thread`, with what it leads to in the scheduler. Message words beyond the fourth, and extra
    // capabilities, go to the thread's buffer.
    void syscall(Tcb& thread, api::Syscall number, u64 cptr, u64 label = 0, const Words& words = {},
                 const Words& extra = {});
    // Lets `thread` be the running one of this hart, whatever its priority.
    void run(Tcb& thread);

    // New objects in the next free slots of the root CNode; the first one's slot.
    u64 make(ObjectType type, u64 size_bits = 0, u64 count = 1);
    u64 free_slot(u64 count = 1);
    // The slots from `first` on are empty again: they are the next free ones.
    void give_back(u64 first) { next_free_ = first; }
    // A copy of a capability.
    u64 copy(u64 source, u64 rights = 15);
    u64 mint(u64 source, u64 data, u64 rights = 15);
    // A thread with the initial CSpace and VSpace and a buffer of its own; stopped. Its slot.
    u64 make_thread(u8 priority);
    Tcb& tcb(u64 index) { return *cap(index).as_tcb(); }
    // The same, runnable (in its ready queue, in state Running).
    Tcb& spawn(u8 priority);
    void start(Tcb& thread);

    Tcb* current() { return scheduler::own_state().current; }

private:
    void put(u64 index, const Cap& cap);

    Slot* root_ = nullptr;
    Tcb* initial_ = nullptr;
    u64 next_free_ = first_free;
};

// --- Memory that is no test's: addresses are the same in every run.
inline constexpr u64 arena_start = 0x2000'0000'0000;
inline constexpr u64 arena_size = u64{64} << 20;

u64 info_word(u64 label, u64 length, u64 extra = 0);
u64 wire_label(Label label);

} // namespace kernel::test
