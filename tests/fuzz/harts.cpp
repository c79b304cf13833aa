#include "harts.hpp"

#include "failure.hpp"
#include "processor.hpp"

#include "objects/tcb.hpp"
#include "replacements/base/spinlock.hpp"
#include "scheduler/scheduler.hpp"
#include "smp/kernel_lock.hpp"

#include <sanitizer/asan_interface.h>
#include <sanitizer/common_interface_defs.h>
#include <sys/mman.h>
#include <ucontext.h>

namespace fuzz {

namespace {

constexpr usize stack_size = usize{256} << 10;
constexpr u32 nobody = ~u32{0};
// Turns of a hart that is asked to go on: an idle one serves a request without an end for ever.
constexpr u32 most_turns = 3;

struct Fiber {
    ucontext_t context;
    void* stack;
    u32 resumer; // nobody: the program itself
    Mode mode;
    u32 turns;
    Entry entry;
    arch::Context* user;
};

Fiber fibers[base::max_harts];
ucontext_t outside;
const void* outside_stack = nullptr;
usize outside_size = 0;
u32 running = nobody;
u32 holder = nobody;
u32 set_up_as = 0; // whose code runs before there are programs
u32 spin_looks = 2;
u32 looks_left = 0;

// What the kernel gives back is what the hart's current thread may run.
void check_exit(u32 hart, const arch::Context* context) {
    constexpr u64 supervisor = base::bit(8); // sstatus.SPP
    const scheduler::State& state = scheduler::state_of(hart);
    require(context != nullptr && state.current != nullptr && context == &state.current->context,
            "an exit to no current thread");
    require((context->sstatus_ & supervisor) == 0, "an exit to supervisor mode");
    require(context->hart_ == &smp::harts[hart], "an exit with another hart's pointer");
}

void switch_to(u32 hart) {
    const u32 from = running;
    fibers[hart].resumer = from;
    running = hart;
    void* fake = nullptr;
    __sanitizer_start_switch_fiber(&fake, fibers[hart].stack, stack_size);
    swapcontext(from == nobody ? &outside : &fibers[from].context, &fibers[hart].context);
    __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
    running = from;
}

// Back to whoever let this hart run.
void stand_still(Mode mode) {
    Fiber& own = fibers[running];
    const u32 self = running;
    own.mode = mode;
    const u32 to = own.resumer;
    void* fake = nullptr;
    if (to == nobody)
        __sanitizer_start_switch_fiber(&fake, outside_stack, outside_size);
    else
        __sanitizer_start_switch_fiber(&fake, fibers[to].stack, stack_size);
    swapcontext(&own.context, to == nobody ? &outside : &fibers[to].context);
    __sanitizer_finish_switch_fiber(fake, nullptr, nullptr);
    running = self;
    own.mode = Mode::Running;
}

arch::Context* enter(Fiber& own) {
    switch (own.entry.trap) {
    case Trap::SystemCall: return trap_ecall(own.user);
    case Trap::Exception: return trap_exception(own.user, own.entry.cause, own.entry.value);
    default: return trap_interrupt(own.user, own.entry.cause);
    }
}

void hart_main() {
    const void* bottom = nullptr;
    usize size = 0;
    __sanitizer_finish_switch_fiber(nullptr, &bottom, &size);
    const u32 self = running;
    Fiber& own = fibers[self];
    if (own.resumer == nobody) {
        outside_stack = bottom;
        outside_size = size;
    }
    own.mode = Mode::Running;
    while (true) {
        own.user = enter(own);
        check_exit(self, own.user);
        stand_still(Mode::User);
    }
}

} // namespace

void reset_harts(u32 count) {
    running = holder = nobody;
    spin_looks = 2;
    for (u32 hart = 0; hart < count; ++hart) {
        Fiber& fiber = fibers[hart];
        if (fiber.stack == nullptr)
            fiber.stack = mmap(nullptr, stack_size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        __asan_unpoison_memory_region(fiber.stack, stack_size);
        getcontext(&fiber.context);
        fiber.context.uc_stack = {.ss_sp = fiber.stack, .ss_flags = 0, .ss_size = stack_size};
        fiber.context.uc_link = nullptr;
        makecontext(&fiber.context, hart_main, 0);
        fiber.mode = Mode::User;
        fiber.entry = {};
        objects::Tcb* current = scheduler::state_of(hart).current;
        fiber.user = current == nullptr ? nullptr : &current->context;
    }
}

Mode mode_of(u32 hart) { return fibers[hart].mode; }
u32 running_hart() { return running == nobody ? set_up_as : running; }
arch::Context* user_context(u32 hart) { return fibers[hart].user; }
bool lock_is_held() { return holder != nobody; }
bool nobody_runs() { return running == nobody; }
void set_spin_looks(u32 looks) { spin_looks = looks; }

void trap(u32 hart, const Entry& entry) {
    require(fibers[hart].mode == Mode::User, "the fuzzer lets a hart trap that is in the kernel");
    fibers[hart].entry = entry;
    fibers[hart].turns = processor.looks[hart] = 0;
    switch_to(hart);
}

void go_on(u32 hart) {
    looks_left = spin_looks;
    fibers[hart].turns = processor.looks[hart] = 0;
    switch_to(hart);
}

// Where work without an end interrupts one hart from another, for a while: who waits then keeps its place.
void finish_entries() {
    constexpr u32 most_rounds = 200;
    bool again = true;
    for (u32 round = 0; again && round < most_rounds; ++round) {
        again = false;
        for (u32 hart = 0; hart < smp::hart_count; ++hart) {
            if (fibers[hart].mode != Mode::Waiting) continue;
            again = true;
            switch_to(hart);
        }
    }
}

void sleep_now() { stand_still(Mode::Sleeping); }

void look_while_spinning() {
    if (running == nobody || lock_is_held() || !processor.spins[running]) return;
    if (looks_left != 0) {
        --looks_left;
        return;
    }
    stand_still(Mode::Spinning);
}

void interrupt_now(u64 harts) {
    if (running == nobody) {
        for (u32 hart = 0; hart < smp::hart_count; ++hart) {
            if ((harts & base::bit(hart)) == 0) continue;
            set_up_as = hart;
            smp::lock_slowly();
            smp::unlock_slowly();
        }
        set_up_as = 0;
        return;
    }
    for (u32 hart = 0; hart < smp::hart_count; ++hart) {
        if ((harts & base::bit(hart)) == 0 || hart == running) continue;
        if (fibers[hart].mode == Mode::User) fibers[hart].entry = {};
        fibers[hart].entry.delayed = false;
        looks_left = 0;
        switch_to(hart);
    }
}

void before_lock() {
    if (running == nobody) return;
    Fiber& own = fibers[running];
    if (own.entry.delayed) {
        own.entry.delayed = false;
        stand_still(Mode::Delayed);
    }
    begin_turn();
}

void begin_turn() {
    if (running == nobody) return;
    processor.looks[running] = 0;
    if (++fibers[running].turns > most_turns) stand_still(Mode::Working);
}

void wait_for_lock() {
    require(running != nobody, "the fuzzer itself waits for the lock");
    stand_still(Mode::Waiting);
}

void note_lock(bool held) { holder = held ? running : nobody; }

} // namespace fuzz
