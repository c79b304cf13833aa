// Domains on several harts: all change together, so no thread of one domain ever runs while one of another does. The
// row boots with domains=2.
#include "tests/guest/conformance/harts.hpp"
#include "tests/guest/conformance/lists.hpp"

namespace guest {

#ifdef CONFIG_ENABLE_SMP_SUPPORT
namespace {

constexpr Word domains = seL4_CapDomain;
constexpr Word tick = second / 500;
constexpr Word forever = (Word{1} << 56) - 1;

void slice(Context& t, Word index, Word domain, Word ticks) {
    t.succeeds("schedule entry", t.invoke(domains, DomainScheduleConfigure, {index, domain, ticks}));
}

// Each hart but the first has a thread of domain 1 that counts. The first one, of domain 0, looks at the counters twice
// in less time than a slice of domain 1 takes: if one has moved, both domains ran at once.
void never_at_the_same_time(Context& t) {
    constexpr Word windows = 3000;
    constexpr Word slices = 40;
    Thread* threads[max_threads] = {};
    for (Word hart = 1; hart <= last_hart(); ++hart) {
        Thread& thread = t.thread(Below);
        threads[hart] = &thread;
        move(t, thread, hart);
        t.succeeds("domain 1", t.invoke(domains, DomainSetSet, {1}, {thread.tcb}));
        t.start(thread, count);
    }
    slice(t, 0, 0, 2);
    slice(t, 1, 1, 2);
    t.succeeds("start", t.invoke(domains, DomainScheduleSetStart, {0}));
    const auto sum = [&threads] {
        Word all = 0;
        for (Word hart = 1; hart <= last_hart(); ++hart) all += threads[hart]->progress.load();
        return all;
    };
    Word seen_windows = 0, overlaps = 0, turns = 0;
    while ((seen_windows < windows || turns < slices) && overlaps == 0) {
        const Word begin = now();
        const Word before = sum();
        pause(tick / 20);
        const Word after = sum();
        const Word end = now();
        if (end - begin >= tick) { // a slice of domain 1 may have been in between
            turns += after != before ? 1 : 0;
            continue;
        }
        ++seen_windows;
        if (after != before) ++overlaps;
    }
    t.succeeds("for ever", t.invoke(domains, DomainScheduleConfigure, {2, 0, forever}));
    t.succeeds("start", t.invoke(domains, DomainScheduleSetStart, {2}));
    t.equal("windows in which a thread of domain 1 ran", overlaps, 0);
    const Word stands = sum();
    pause(10 * tick);
    t.equal("domain 1 has no time left", sum(), stands);
}

// Every hart serves each domain in turn.
void each_hart_has_both(Context& t) {
    Thread* threads[2][max_threads] = {};
    for (Word hart = 1; hart <= last_hart(); ++hart) {
        for (Word domain = 0; domain < 2; ++domain) {
            if (hart * 2 > max_threads) continue;
            Thread& thread = t.thread(Below);
            threads[domain][hart] = &thread;
            move(t, thread, hart);
            t.succeeds("domain", t.invoke(domains, DomainSetSet, {domain}, {thread.tcb}));
            t.start(thread, count);
        }
    }
    slice(t, 0, 0, 2);
    slice(t, 1, 1, 3);
    t.succeeds("start", t.invoke(domains, DomainScheduleSetStart, {0}));
    for (const auto& row : threads) {
        for (const Thread* thread : row) {
            if (thread != nullptr) t.check(moves_on(*thread), "a thread has no time");
        }
    }
    t.succeeds("for ever", t.invoke(domains, DomainScheduleConfigure, {2, 0, forever}));
    t.succeeds("start", t.invoke(domains, DomainScheduleSetStart, {2}));
}

constexpr Case cases[] = {
    {"never_at_the_same_time", never_at_the_same_time},
    {"each_hart_has_both", each_hart_has_both},
};

} // namespace

List domain_smp_cases() { return list_of<cases>("domains_smp"); }
#else
List domain_smp_cases() { return {"domains_smp", 0, nullptr, nullptr, false}; }
#endif

} // namespace guest
