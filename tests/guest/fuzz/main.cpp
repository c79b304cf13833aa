// fuzz.elf: random system calls from several threads on all harts, over private memory. The kernel has to live through
// it and then still work; what a call answers does not matter.
// Command line: seed=N (1), calls=N per run (200000), threads=N (4).
#include "tests/guest/fuzz/caller.hpp"
#include "tests/guest/harness/image.hpp"

#include "rootserver/machine/console.hpp"
#include "rootserver/machine/device_tree.hpp"

namespace guest {

namespace {

constexpr Word calls_per_batch = 2000;

fuzz::Options options;

// Lets the threads run until none makes progress any more.
Word progress_when_quiet(const fuzz::Caller* callers) {
    Word seen = ~0ul;
    while (true) {
        const Word end = now() + (boot_info->numNodes == 1 ? 0 : second / 5000);
        do seL4_Yield();
        while (now() < end);
        Word sum = 0;
        for (unsigned i = 0; i < options.threads; ++i) sum += callers[i].thread->progress.load();
        if (sum == seen) return sum;
        seen = sum;
    }
}

// Threads that their own calls have blocked start again with another seed; a batch ends with its number of calls.
void run_batch(Context& t, Word seed, Word& made) {
    fuzz::Caller callers[max_threads];
    for (unsigned i = 0; i < options.threads; ++i) {
        callers[i].seed = seed * max_threads + i;
        callers[i].calls = calls_per_batch / options.threads;
        if (!fuzz::prepare(t, callers[i], Own)) return;
        fuzz::move_to(t, callers[i], i % boot_info->numNodes);
    }
    Word done = 0;
    for (Word round = 0; round < calls_per_batch && done < calls_per_batch && !t.failed(); ++round) {
        for (unsigned i = 0; i < options.threads; ++i) fuzz::start(t, callers[i], round);
        done = progress_when_quiet(callers);
    }
    made += done;
}

void survive(Context& t) {
    Word made = 0;
    for (Word batch = 0; made < options.calls && !t.failed(); ++batch) {
        t.begin();
        run_batch(t, options.seed + batch, made);
        t.end();
    }
    machine::print("NOTE calls made: ", made, '\n');
    t.begin();
}

void still_works(Context& t) {
    const Word ep = t.endpoint();
    Thread& caller = t.thread();
    t.issue(caller, Word(seL4_SysCall), {ep, tag(4, 2), 3, 4, 5, 6});
    t.equal("message", t.receive(ep).words[1], 4);
    t.reply(tag(9, 1), {77});
    t.finished(caller);
    t.equal("reply", caller.file.x[A2], 77);
    t.make(seL4_UntypedObject, 20);
}

constexpr Case cases[] = {{"survive", survive}, {"still_works", still_works}};

} // namespace

bool suite(std::string_view arguments) {
    options.seed = machine::argument(arguments, "seed", 1);
    options.calls = machine::argument(arguments, "calls", 200'000);
    const Word threads = machine::argument(arguments, "threads", 4);
    options.threads = threads == 0 || threads > max_threads ? 4 : static_cast<unsigned>(threads);
    machine::print("fuzz: seed=", options.seed, " calls=", options.calls, " threads=", std::uint64_t{options.threads},
                   '\n');
    const List lists[] = {list_of<cases>("fuzz")};
    return run(lists, "");
}

} // namespace guest
