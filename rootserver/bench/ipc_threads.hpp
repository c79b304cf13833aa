// The threads of `suite=ipc`: two or three of them run a function each, in the initial thread's address space or in
// another one that maps the same frames at the same addresses, so that both share the data below. Times are taken with
// rdcycle around one system call and stored after it: the store is in no figure.
#pragma once

#include "rootserver/bench/ipc_rows.hpp"
#include "rootserver/machine/connection.hpp"

namespace bench {

inline constexpr unsigned worker_count = 3;
inline constexpr unsigned run_count = 64;

enum class Space : bool { Same, Other };
enum class Stub : bool { Real, Nop };

struct Times {
    std::uint64_t before;
    std::uint64_t after;
};
// What the workers read and write.
struct Board {
    seL4_CPtr endpoint;
    seL4_CPtr notifications[2];
    seL4_CPtr finished; // an endpoint: workers that are through send to it
    seL4_Word tag;
    Times times[worker_count][run_count];
};
extern Board board;

// One system call with a capability and a message tag, as bare as sel4bench's; Nop: all of it but the trap.
template <Stub stub = Stub::Real>
[[gnu::always_inline]] inline void enter(seL4_Syscall_ID number, seL4_Word cptr, seL4_Word tag) {
    register seL4_Word a0 asm("a0") = cptr;
    register seL4_Word a1 asm("a1") = tag;
    register long a7 asm("a7") = number;
    if constexpr (stub == Stub::Real)
        asm volatile("ecall" : "+r"(a0), "+r"(a1) : "r"(a7) : "a2", "a3", "a4", "a5", "memory");
    else
        asm volatile("nop" : "+r"(a0), "+r"(a1) : "r"(a7) : "a2", "a3", "a4", "a5", "memory");
}
inline void signal(seL4_CPtr notification) { enter(seL4_SysSend, notification, 0); }
inline void wait(seL4_CPtr notification) { enter(seL4_SysRecv, notification, 0); }

// What rdcycle, one stub, rdcycle costs without the trap; and without the stub.
std::uint64_t stub_overhead();
std::uint64_t clock_overhead();

// The end of a worker.
[[noreturn]] void finish();

class Workers {
public:
    struct Start {
        void (*entry)();
        seL4_Word priority;
        Space space = Space::Same;
        seL4_CPtr fault_endpoint = 0;
    };

    [[nodiscard]] bool init(machine::Memory& memory);
    // Starts them in this order and waits until `finishing` of them are through; then all are stopped.
    [[nodiscard]] bool run(std::span<const Start> starts, unsigned finishing);
    // A page at the same address in both address spaces.
    [[nodiscard]] bool map_in_both(seL4_CPtr frame, seL4_Word vaddr);

private:
    [[nodiscard]] bool start(unsigned index, const Start& start);
    [[nodiscard]] bool make_tables(seL4_Word vaddr);
    [[nodiscard]] bool copy_image();

    machine::Memory* memory_ = nullptr;
    seL4_CPtr tcbs_[worker_count] = {};
    seL4_CPtr other_space_ = 0;
};

// The worker that runs index `i` of `Workers::run` writes board.times[i]; the samples of a row are differences.
using Samples = std::uint64_t[run_count];

} // namespace bench
