// Helper threads of a case: same address space and CSpace as the initial thread, own stack and IPC buffer, which are
// pages of the image, so nothing is mapped for them. A thread runs one function and suspends itself.
// Its IPC buffer is reached through the Thread, never through libsel4's pointer, which is the initial thread's.
#pragma once

#include <atomic>
#include <sel4/sel4.h>

namespace guest {

using Word = seL4_Word;

// Registers x0..x31 by number, and a word for the probe's stack pointer.
struct File {
    Word x[33];
};
enum XRegister : unsigned { Ra = 1, Sp = 2, Gp = 3, Tp = 4, A0 = 10, A1, A2, A3, A4, A5, A6, A7 };

inline constexpr Word pattern(unsigned i) { return 0x5a5a0000c3c30000ul + i * 0x010100010001ul; }

struct Thread;
using Entry = void (*)(Thread&);

struct Thread {
    Word tcb = 0;
    seL4_IPCBuffer* buffer = nullptr;
    unsigned index = 0;
    Entry entry = nullptr;
    File file{};        // what issue() does: a system call with these registers
    File steps[6] = {}; // what issue_all() does: `step_count` of them; progress counts those that are back
    Word step_count = 0;
    Word in[8] = {};   // arguments of other entries
    Word out[40] = {}; // and their results
    std::atomic<Word> done{0};
    std::atomic<Word> progress{0};
};

extern "C" {
void register_probe(File* file);
extern char register_probe_ecall[];
extern char spin_first[], spin_second[], spin_float[]; // loops of threads without a stack
Word snippet_load(Word address, Word value);
Word snippet_store(Word address, Word value);
Word snippet_amo(Word address, Word value);
Word snippet_break(Word address, Word value);
Word snippet_illegal(Word address, Word value);
Word snippet_privileged(Word address, Word value);
Word snippet_jump(Word address, Word value);
void float_load(const Word* file);
void float_store(Word* file);
void float_spin(Word* file, Word rounds);
}

// Entries: the system call of `file`; those of `steps`; a snippet in[0](in[1], in[2]) with its result in out[0].
void run_probe(Thread& thread);
void run_steps(Thread& thread);
void run_snippet(Thread& thread);

constexpr unsigned max_threads = 8;
Thread& thread_of(unsigned index);
Word stack_top(unsigned index);
[[noreturn]] void thread_main(Thread* thread);

} // namespace guest
