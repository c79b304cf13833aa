// Every request is answered however badly the two sides wake each other; so here it is counted how they did. Each case
// repeats its work until it has seen the way of waking that its doorbell is there for, so often at most: when harts are
// threads of a busy host, nothing happens at a certain time.
// Source: sel4/async_abi.h (kstate, ustate); async-design.md 8.2.
#include "rootserver/functional/cases.hpp"

namespace functional {

namespace {

using sel4async::DoorbellKind;
using sel4async::Registration;
using sel4async::Statistics;
using sel4async::Task;
using testing::Context;

constexpr unsigned most_rounds = 5'000;
constexpr unsigned note_every = 100; // rounds
constexpr unsigned most_askers = 8;  // in every other round; in the others one, whose requests are alone
constexpr unsigned questions = 50;   // of each in a round

Task<> ask(seL4_CPtr frame, std::uint64_t& answers) {
    for (unsigned i = 0; i < questions; ++i)
        answers += (co_await sel4async::op::page_get_address(frame)).ok() ? 1U : 0U;
}

// One round; what the executor has counted since the last reset goes on.
bool work(Context& t, seL4_CPtr frame, bool vectors, unsigned askers) {
    sel4async::Options options = t.executor().defaults();
    options.vector = options.vector && vectors;
    std::uint64_t answers = 0;
    for (unsigned i = 0; i < askers; ++i) {
        if (!t.check(sel4async::spawn(t.executor(), ask(frame, answers), options), "no strand")) return false;
    }
    return t.equal("the executor stopped", static_cast<std::uint64_t>(t.executor().run()), 0) &&
        t.equal("answers", answers, std::uint64_t{askers} * questions);
}

// Each request is queued, and each wait is one that the other side has to end.
class Waiting {
public:
    explicit Waiting(sel4async::Executor& executor) : executor_(executor) {
        executor_.set_calls(false);
        executor_.set_first_looks(0);
    }
    Waiting(const Waiting&) = delete;
    Waiting& operator=(const Waiting&) = delete;
    ~Waiting() {
        executor_.set_calls(true);
        executor_.set_usual_looks();
    }

private:
    sel4async::Executor& executor_;
};

// Until `seen` of the statistics is true.
template <class Seen>
bool work_until(Context& t, bool vectors, Seen seen, const char* otherwise) {
    const seL4_CPtr frame = t.memory().frame();
    if (!t.check(frame != 0, "no memory")) return false;
    t.executor().reset_statistics();
    const Waiting waiting(t.executor());
    for (unsigned round = 0; !seen(t.executor().statistics()); ++round) {
        const unsigned askers = round % 2 == 0 ? most_askers : 1;
        if (!t.check(round < most_rounds, otherwise) || !work(t, frame, vectors, askers)) return false;
        if (round % note_every == note_every - 1) testing::note("rounds", round + 1);
    }
    const Statistics& s = t.executor().statistics();
    machine::print("wake_ups: ", s.batches, " batches; to the kernel ", s.doorbells, " doorbells, ", s.drives,
                   " drives; back ", s.wakes, " words, ", s.direct, " of them direct, ", s.sleeps, " sleeps; ", s.arms,
                   " registrations\n");
    return true;
}

// The vectors of tasks: more wake-ups than vectors, so that some vector has worked twice, as it was registered or
// again.
void direct(Context& t) {
    const std::uint32_t vectors = t.fixture().queue.buffer().control().vectors;
    const bool again = t.fixture().registration == Registration::OneShot;
    if (!work_until(
            t, true, [vectors](const Statistics& s) { return s.doorbells != 0 && s.direct > vectors; },
            "no doorbell, or too few direct wake-ups"))
        return;
    const Statistics& s = t.executor().statistics();
    if (again)
        t.check(s.arms >= s.direct, "a vector was not registered again");
    else
        t.check(s.arms < vectors, "a vector was registered twice");
}

// As the kind of the suite's own queue says. With TAIC on one hart, and without a doorbell, the user drives.
void of_the_kind(Context& t) {
    const DoorbellKind kind = t.fixture().queue.kind();
    const bool drives = t.fixture().queue.doorbell().drives() || kind == DoorbellKind::Poll;
    if (kind == DoorbellKind::Taic && !drives) {
        direct(t);
        if (!t.failed())
            work_until(
                t, false, [](const Statistics& s) { return s.wakes > s.direct; }, "no word by vector 0");
    } else if (kind == DoorbellKind::Uintc) {
        const std::uint64_t before = t.fixture().interrupts.entries();
        work_until(
            t, true, [](const Statistics& s) { return s.doorbells != 0 && s.wakes != 0; },
            "no doorbell, or no user interrupt");
        t.check(t.fixture().interrupts.entries() != before, "its handler was not entered");
    } else if (kind == DoorbellKind::Ipi) {
        const bool alone = t.fixture().harts == 1; // then the kernel works only while this thread sleeps
        work_until(
            t, true, [alone](const Statistics& s) { return s.doorbells != 0 && (s.sleeps != 0 || !alone); },
            "no doorbell, or no sleep");
    } else {
        work_until(
            t, true,
            [kind](const Statistics& s) { return s.batches != 0 && (s.drives != 0 || kind == DoorbellKind::Poll); },
            "no drive");
        const Statistics& s = t.executor().statistics();
        t.equal("wake-ups of who is never woken", s.wakes + (drives ? s.doorbells : 0), 0);
    }
}

// The user's word to the kernel, with nothing submitted: neither a tick nor an idle hart would find anything to do, so
// only the word makes the kernel's worker look and say that it sleeps again.
void kernel_doorbell(Context& t) {
    std::uint32_t& kstate = t.fixture().queue.buffer().control().kstate;
    const auto state = [&] { return __atomic_load_n(&kstate, __ATOMIC_ACQUIRE); };
    for (unsigned i = 0; i < 20; ++i) {
        std::uint32_t sleeping = TAIL4_ASYNC_BLOCKED;
        const std::uint64_t end = t.executor().now() + testing::patience;
        while (!__atomic_compare_exchange_n(&kstate, &sleeping, TAIL4_ASYNC_NOTIFIED, false, __ATOMIC_ACQ_REL,
                                            __ATOMIC_RELAXED)) {
            sleeping = TAIL4_ASYNC_BLOCKED;
            if (!t.check(t.executor().now() < end, "the kernel's worker does not sleep")) return;
        }
        t.fixture().queue.doorbell().ring();
        while (state() == TAIL4_ASYNC_NOTIFIED) {
            if (!t.check(t.executor().now() < end, "the word did not wake the kernel's worker")) return;
        }
    }
}

constexpr testing::Case cases[] = {
    {"wake_ups.of_the_kind", of_the_kind},
    {"wake_ups.kernel_doorbell", kernel_doorbell, true},
};

} // namespace

std::span<const testing::Case> wake_up_cases() { return cases; }

} // namespace functional
