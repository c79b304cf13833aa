// The part of Context that deals with helper threads and with registers.
#include "tests/guest/harness/context.hpp"

#include "rootserver/machine/console.hpp"

extern "C" char __global_pointer$[];

namespace guest {

namespace {

constexpr Word resume = 1;

File file_for(Word number, Words a0_to_a5) {
    File file;
    for (unsigned i = 0; i < 32; ++i) file.x[i] = pattern(i);
    unsigned at = A0;
    for (const Word word : a0_to_a5) file.x[at++] = word;
    file.x[A7] = number;
    return file;
}

} // namespace

Thread& Context::thread(Word priority, Word fault_endpoint) {
    check(threads_ < max_threads, "too many helper threads");
    Thread& thread = thread_of(threads_++ % max_threads);
    thread.done = 0;
    thread.progress = 0;
    for (Word& word : thread.in) word = 0;
    for (Word& word : thread.out) word = 0;
    thread.tcb = make(seL4_TCBObject);
    const Word buffer = reinterpret_cast<Word>(thread.buffer);
    succeeds(
        "configure a thread",
        invoke(thread.tcb, TCBConfigure, {fault_endpoint, 0, 0, buffer}, {cnode, vspace, image_frame(thread.buffer)}));
    succeeds("set a priority", invoke(thread.tcb, TCBSetSchedParams, {0, priority}, {self}));
    return thread;
}

void Context::start(Thread& thread, Entry entry) {
    thread.entry = entry;
    thread.done = 0;
    Word words[34] = {resume, 32};
    seL4_UserContext context{};
    context.pc = reinterpret_cast<Word>(&thread_main);
    context.sp = stack_top(thread.index);
    context.gp = reinterpret_cast<Word>(__global_pointer$);
    context.a0 = reinterpret_cast<Word>(&thread);
    __builtin_memcpy(words + 2, &context, sizeof(context));
    succeeds("start a thread", invoke_span(thread.tcb, TCBWriteRegisters, words, {}));
}

void Context::issue(Thread& thread, Word number, Words a0_to_a5) {
    thread.file = file_for(number, a0_to_a5);
    start(thread, run_probe);
}

void Context::issue_all(Thread& thread, std::initializer_list<Step> steps) {
    thread.progress = 0;
    thread.step_count = 0;
    for (const Step& step : steps) thread.steps[thread.step_count++] = file_for(step.number, step.a0_to_a5);
    start(thread, run_steps);
}

void Context::snippet(Thread& thread, Word (*code)(Word, Word), Word address, Word value) {
    thread.in[0] = reinterpret_cast<Word>(code);
    thread.in[1] = address;
    thread.in[2] = value;
    start(thread, run_snippet);
}

bool Context::wait_done(Thread& thread) {
    const Word end = now() + patience;
    while (thread.done.load() == 0 && now() < end) seL4_Yield();
    return thread.done.load() != 0;
}

bool Context::wait_progress(Thread& thread, Word at_least) {
    const Word end = now() + patience;
    while (thread.progress.load() < at_least && now() < end) seL4_Yield();
    return thread.progress.load() >= at_least;
}

File Context::probe(Word number, Words a0_to_a5, unsigned may_change) {
    File file = file_for(number, a0_to_a5);
    register_probe(&file);
    unchanged(file, a0_to_a5, number, may_change);
    return file;
}

void Context::unchanged(const File& file, Words a0_to_a5, Word number, unsigned may_change) {
    const File expected = file_for(number, a0_to_a5);
    for (unsigned i = 1; i < 32; ++i) {
        const bool free = i == Sp || (i >= A0 && (may_change >> (i - A0) & 1) != 0);
        if (free || file.x[i] == expected.x[i]) continue;
        char name[] = "register x00";
        name[10] = static_cast<char>('0' + i / 10);
        name[11] = static_cast<char>('0' + i % 10);
        equal(name, file.x[i], expected.x[i]);
    }
}

void Context::finished(Thread& thread) {
    if (!check(wait_done(thread), "the thread's system call did not come back")) return;
    for (unsigned i = 1; i < 32; ++i) {
        const bool message = i == Sp || i == A7 || (i >= A0 && i <= A5);
        if (!message) equal("a register beyond the message", thread.file.x[i], pattern(i));
    }
}

} // namespace guest
