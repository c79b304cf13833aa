#include "tests/guest/harness/thread.hpp"

namespace guest {

namespace {

constexpr Word stack_size = 8192;
constexpr Word page = 4096;

struct alignas(page) Area {
    seL4_IPCBuffer buffer[page / sizeof(seL4_IPCBuffer)];
    unsigned char stack[stack_size];
};
Area areas[max_threads];
Thread threads[max_threads];

} // namespace

Thread& thread_of(unsigned index) {
    Thread& thread = threads[index];
    thread.index = index;
    thread.buffer = areas[index].buffer;
    return thread;
}

Word stack_top(unsigned index) { return reinterpret_cast<Word>(areas[index].stack) + stack_size; }

void run_probe(Thread& thread) { register_probe(&thread.file); }

void run_steps(Thread& thread) {
    for (Word i = 0; i < thread.step_count; ++i) {
        register_probe(&thread.steps[i]);
        thread.progress.fetch_add(1);
    }
}

void run_snippet(Thread& thread) {
    const auto snippet = reinterpret_cast<Word (*)(Word, Word)>(thread.in[0]);
    thread.out[0] = snippet(thread.in[1], thread.in[2]);
}

void thread_main(Thread* thread) {
    thread->entry(*thread);
    thread->done.store(1);
    const Word suspend = seL4_MessageInfo_new(TCBSuspend, 0, 0, 0).words[0];
    while (true) {
        sel4_Registers registers{thread->tcb, suspend, 0, 0, 0, 0};
        sel4_ecall(seL4_SysCall, &registers);
    }
}

} // namespace guest
