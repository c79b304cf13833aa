#include "interpreter.hpp"

#include "failure.hpp"
#include "harts.hpp"
#include "processor.hpp"
#include "user.hpp"
#include "world.hpp"

#include "scheduler/scheduler.hpp"

#include <cstdio>
#include <cstdlib>

namespace fuzz {

namespace {

struct Run {
    const Program* program;
    unsigned next; // operation
};
Run run;

// What is pending is taken, for a while: some interrupts come again and again.
void take_interrupts() {
    constexpr unsigned rounds = 6;
    for (unsigned round = 0; round < rounds; ++round) {
        bool any = false;
        for (u32 hart = 0; hart < smp::hart_count; ++hart) {
            const Mode mode = mode_of(hart);
            if (mode == Mode::User && pending_on(hart) != 0)
                trap(hart, {});
            else if ((mode == Mode::Sleeping && wakes(hart)) || (mode == Mode::Working && round == 0) ||
                     (mode == Mode::Spinning && (round == 0 || pending_on(hart) != 0)))
                go_on(hart);
            else
                continue;
            any = true;
            finish_entries();
        }
        if (!any) return;
    }
}

void step(const Op& op) {
    carry_out(op);
    finish_entries();
    if ((op.where & holds_interrupts) == 0) take_interrupts();
    check_world();
}

} // namespace

void run_program(const Program& program) {
    run = {&program, 0};
    start_over(program.kind);
    run = {&program, 0};
    // Each hart comes into the kernel once, and chooses.
    for (u32 hart = 0; hart < smp::hart_count; ++hart) trap(hart, {});
    finish_entries();
    check_world();
    for (; run.next < program.count; ++run.next) step(program.ops[run.next]);
    for (u32 hart = 0; hart < smp::hart_count; ++hart) {
        if (mode_of(hart) == Mode::Delayed) go_on(hart);
    }
    finish_entries();
    take_interrupts();
    check_world();
}

void print_run() {
    const Program* program = run.program;
    if (program == nullptr) return;
    const Kind& kind = kinds[program->kind];
    std::fprintf(stderr, "a machine of %u harts and %u domains\n", kind.harts, kind.domains);
    for (unsigned i = 0; i < program->count && i <= run.next; ++i)
        std::fprintf(stderr, "%3u  %s\n", i, describe(program->ops[i]).c_str());
}

} // namespace fuzz
