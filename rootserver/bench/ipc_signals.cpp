// Signal with and without a switch, and the scheduler: Yield, TCB_SetPriority, blocking, the null system call.
#include "rootserver/bench/ipc_suites.hpp"

namespace bench {

namespace {

enum Role : unsigned { First, Second };
constexpr unsigned batch = 100;

volatile std::uint64_t last_time;

void timed_signal(Times& times) {
    const std::uint64_t before = machine::now();
    signal(board.notifications[0]);
    times = {before, machine::now()};
}

void waiter() {
    for (Times& times : board.times[First]) {
        wait(board.notifications[0]);
        times.after = machine::now();
    }
    finish();
}

void signaller() {
    for (Times& times : board.times[Second]) timed_signal(times);
    finish();
}

// --- A thread of lower priority wakes up: it waits again, and a third thread, below both, lets the signaller go on.

void waking_signaller() {
    for (Times& times : board.times[First]) {
        timed_signal(times);
        wait(board.notifications[1]);
    }
    finish();
}

void endless_waiter() {
    while (true) wait(board.notifications[0]);
}

void pacer() {
    while (true) signal(board.notifications[1]);
}

// --- A higher thread blocks and a lower one comes back from its Wait (sel4bench's scheduler benchmark).

void blocker() {
    for (Times& times : board.times[First]) {
        signal(board.notifications[0]);
        times.before = machine::now();
        wait(board.notifications[1]);
    }
    finish();
}

void resumed() {
    for (Times& times : board.times[Second]) {
        wait(board.notifications[0]);
        times.after = machine::now();
        signal(board.notifications[1]);
    }
    finish();
}

// --- Yield

void yielder() {
    while (true) {
        last_time = machine::now();
        seL4_Yield();
    }
}

void timed_yielder() {
    for (Times& times : board.times[First]) {
        const std::uint64_t before = machine::now();
        seL4_Yield();
        times = {before, last_time};
    }
    finish();
}

bool wakes(Workers& workers, Measured& measured) {
    const Workers::Start starts[] = {
        {waking_signaller, high_priority}, {endless_waiter, high_priority - 1}, {pacer, low_priority}};
    if (!workers.run(starts, 1)) return false;
    Samples samples;
    for (unsigned i = 0; i < run_count; ++i) samples[i] = board.times[First][i].after - board.times[First][i].before;
    measured.set(Row::SignalWakes, samples, stub_overhead());
    return true;
}

bool between(Workers& workers, Measured& measured, Space space, Row row) {
    const Workers::Start starts[] = {{timed_yielder, low_priority}, {yielder, low_priority, space}};
    if (!workers.run(starts, 1)) return false;
    Samples samples;
    for (unsigned i = 0; i < run_count; ++i) samples[i] = board.times[First][i].after - board.times[First][i].before;
    measured.set(row, samples, clock_overhead());
    return true;
}

// Means over a batch in a loop, as sel4bench takes these two.
template <class Call>
void batches(Measured& measured, Row row, Call call) {
    Samples samples;
    for (std::uint64_t& sample : samples) {
        const std::uint64_t before = machine::now();
        for (unsigned i = 0; i < batch; ++i) call();
        sample = (machine::now() - before) / batch;
    }
    measured.set(row, samples, 0);
}

} // namespace

bool measure_signals(Workers& workers, Measured& measured) {
    board.tag = 0;
    const Workers::Start upwards[] = {{waiter, high_priority}, {signaller, low_priority}};
    if (!workers.run(upwards, 2)) return false;
    Samples samples;
    for (unsigned i = 0; i < run_count; ++i) samples[i] = board.times[First][i].after - board.times[Second][i].before;
    measured.set(Row::SignalHigher, samples, stub_overhead());

    // The first signal wakes, the others find the notification active.
    const Workers::Start downwards[] = {{endless_waiter, low_priority}, {signaller, high_priority}};
    if (!workers.run(downwards, 1)) return false;
    for (unsigned i = 0; i < run_count; ++i) samples[i] = board.times[Second][i].after - board.times[Second][i].before;
    measured.set(Row::SignalLower, samples, stub_overhead());
    return wakes(workers, measured);
}

bool measure_scheduling(Workers& workers, Measured& measured) {
    Samples samples;
    for (std::uint64_t& sample : samples) {
        const std::uint64_t before = machine::now();
        enter(seL4_SysBenchmarkNullSyscall, 0, 0);
        sample = machine::now() - before;
    }
    measured.set(Row::NullCall, samples, stub_overhead());
    bool good = true;
    batches(measured, Row::YieldAlone, seL4_Yield);
    batches(measured, Row::SetPriority, [&good] {
        good = good && seL4_TCB_SetPriority(seL4_CapInitThreadTCB, seL4_CapInitThreadTCB, seL4_MaxPrio) == seL4_NoError;
    });
    if (!good || !between(workers, measured, Space::Same, Row::YieldThreads) ||
        !between(workers, measured, Space::Other, Row::YieldProcesses))
        return false;

    const Workers::Start starts[] = {{blocker, high_priority}, {resumed, low_priority}};
    if (!workers.run(starts, 2)) return false;
    for (unsigned i = 0; i < run_count; ++i) samples[i] = board.times[Second][i].after - board.times[First][i].before;
    measured.set(Row::Reschedule, samples, stub_overhead());
    return true;
}

} // namespace bench
