// fuzz.elf: random system calls from several threads on all harts, blocking ones too, over objects of their own and
// shared ones. The kernel has to live through it, with its invariant checker on (check=N), and then still work; what a
// call answers does not matter. The initial thread revives who has come to a stop.
// Command line: seed=N (1), calls=N per run (200000), threads=N (4), domains=3 for callers in several domains. One seed
// is one run: on one hart under --icount down to the instruction.
//   tools/run --no-build --build build/debug --harts 1 --icount --root build/debug/tests/guest/fuzz.elf
//     --append "check=1 seed=7 calls=1000000" --timeout 7200
#include "tests/guest/fuzz/caller.hpp"
#include "tests/guest/harness/image.hpp"

#include "rootserver/machine/console.hpp"
#include "rootserver/machine/device_tree.hpp"

namespace guest {

namespace {

constexpr Word calls_per_batch = 2000;

fuzz::Options options;
fuzz::Caller callers[max_threads];
Word revivals = 0;

// Everybody who can run has had a turn.
void let_them_run() {
    if (boot_info->numNodes == 1 && !options.domains) {
        for (int i = 0; i < 2; ++i) seL4_Yield();
        return;
    }
    const Word end = now() + second / 500;
    do seL4_Yield();
    while (now() < end);
}

Word look_after(Context& t, fuzz::Random& random) {
    Word sum = 0;
    for (unsigned i = 0; i < options.threads; ++i) {
        fuzz::Caller& caller = callers[i];
        const Word progress = caller.thread->progress.load();
        sum += progress;
        if (progress == caller.seen && !caller.finished()) {
            fuzz::revive(t, caller, options, random);
            ++revivals;
        }
        caller.seen = progress;
    }
    return sum;
}

void run_batch(Context& t, Word seed, Word& made) {
    fuzz::Shared shared{};
    if (!fuzz::make_shared(t, shared)) return;
    for (unsigned i = 0; i < options.threads; ++i) {
        callers[i] = {};
        callers[i].seed = seed * max_threads + i;
        callers[i].calls = calls_per_batch / options.threads;
        if (!fuzz::prepare(t, callers[i], shared, options)) return;
    }
    for (unsigned i = 0; i < options.threads; ++i) fuzz::introduce(t, callers[i], callers, options);
    fuzz::Random random(seed);
    // A caller whose last act was to lock itself into a dying CSpace cannot be revived: it has its share of tries.
    Word done = 0;
    const Word all = options.threads * callers[0].calls;
    for (Word tries = 0; tries < calls_per_batch && done < all && !t.failed(); ++tries) {
        done = look_after(t, random);
        if (done < all) let_them_run();
    }
    made += done;
}

void survive(Context& t) {
    const Word calls_per_note = options.calls / 100 + 1;
    Word made = 0;
    Word noted = 0;
    for (Word batch = 0; made < options.calls && !t.failed(); ++batch) {
        t.begin();
        run_batch(t, options.seed + batch, made);
        t.end();
        if (made / calls_per_note == noted) continue;
        noted = made / calls_per_note;
        machine::print("NOTE calls made: ", made, ", batches: ", batch + 1, ", revivals: ", revivals, '\n');
    }
    machine::print("NOTE calls made: ", made, ", revivals: ", revivals, '\n');
    if (!t.failed()) t.begin();
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

// Short slices for domains 0, 1 and 2 in turn; false: the kernel has one domain only.
bool set_up_domains() {
    constexpr Word ticks = 2;
    for (Word domain = 1; domain < 3; ++domain) {
        if (seL4_DomainSet_ScheduleConfigure(seL4_CapDomain, domain, static_cast<seL4_Uint8>(domain), ticks) !=
            seL4_NoError)
            return false;
    }
    return seL4_DomainSet_ScheduleConfigure(seL4_CapDomain, 0, 0, ticks) == seL4_NoError &&
        seL4_DomainSet_ScheduleSetStart(seL4_CapDomain, 0) == seL4_NoError;
}

} // namespace

bool suite(std::string_view arguments) {
    options.seed = machine::argument(arguments, "seed", 1);
    options.calls = machine::argument(arguments, "calls", 200'000);
    const Word threads = machine::argument(arguments, "threads", 4);
    options.threads = threads == 0 || threads > max_threads ? 4 : static_cast<unsigned>(threads);
    options.domains = set_up_domains();
    machine::print("fuzz: seed=", options.seed, " calls=", options.calls, " threads=", std::uint64_t{options.threads},
                   options.domains ? " in 3 domains\n" : "\n");
    const List lists[] = {list_of<cases>("fuzz")};
    return run(lists, "");
}

} // namespace guest
