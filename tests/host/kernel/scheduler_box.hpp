// A machine whose threads are scheduled, for the rules of sel4-abi-riscv64.md 6.2 to 6.7.
#pragma once

#include "machine.hpp"

#include "objects/upcalls.hpp"

namespace kernel::test {

using api::Syscall;

// The highest priority with a queued thread of the domain that runs, or -1.
inline int highest_ready(u32 hart) {
    int priority = scheduler::priorities - 1;
    const auto& queues = scheduler::state_of(hart).queues[scheduler::current_domain()];
    while (priority >= 0 && queues[priority].empty()) --priority;
    return priority;
}

class Scheduling : public testing::Test {
protected:
    explicit Scheduling(u32 harts = 1, unsigned domains = 1, bool smp = false) : machine(harts, domains, smp) {
        fake::cpu.fences.clear();
    }

    u64 stopped(u8 priority) { return machine.make_thread(priority); }
    void yield() { machine.syscall(*machine.current(), Syscall::Yield, 0); }
    // Lowers the initial thread so that others of `priority` are its equals.
    void become(u8 priority) { EXPECT_EQ(machine.call(own_tcb, Label::TCBSetPriority, {priority}, {own_tcb}), ok()); }
    void tick() {
        scheduler::timer_tick();
        scheduler::schedule();
        if (machine.current() != nullptr) scheduler::activate(*machine.current());
    }
    // The running thread is in no ready queue, and all who are queued can run.
    void expect_consistent() {
        for (u32 hart = 0; hart < smp::hart_count; ++hart) {
            const Tcb* running = scheduler::state_of(hart).current;
            if (running != nullptr) {
                EXPECT_FALSE(running->queued);
                EXPECT_TRUE(running->runnable());
            }
        }
        for (Tcb* thread = scheduler::first_thread(); thread != nullptr; thread = thread->debug_next) {
            if (thread->queued) {
                EXPECT_TRUE(thread->runnable());
            }
        }
    }

    Machine machine;
};

} // namespace kernel::test
