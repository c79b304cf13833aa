// The runtime against the real kernel: time-outs, cancellation, killed tasks, batches, chains, groups, levels, waits
// for slots, and both ways to register vectors, chosen per task, with far more tasks than vectors.
#include "rootserver/functional/cases.hpp"

#include <sel4async/batch.hpp>
#include <sel4async/timeout.hpp>
#include <sel4async/when.hpp>

namespace functional {

namespace {

using sel4async::Reply;
using sel4async::Task;
using testing::Context;
namespace op = sel4async::op;

constexpr seL4_CPtr root = seL4_CapInitThreadCNode;
constexpr seL4_CPtr vspace = seL4_CapInitThreadVSpace;

// Nothing runs, nothing is outstanding, every narrow slot is free.
void all_back(Context& t) {
    t.equal("strands left", t.executor().live(), 0);
    t.equal("requests left", t.executor().outstanding(), 0);
    sel4async::SlotBuffer& buffer = t.fixture().queue.buffer();
    t.check(buffer.has(buffer.capacity() - sel4async::SlotBuffer::wide_groups * TAIL4_ASYNC_WIDE_SLOTS), "slots left");
}

void batches(Context& t) {
    const seL4_CPtr frame = t.memory().frame();
    const auto work = [](Context& c, seL4_CPtr page) -> Task<> {
        const std::uint64_t paddr = seL4_RISCV_Page_GetAddress(page).paddr;
        const std::uint64_t before = c.executor().statistics().batches;
        const auto [first, bad, last] =
            co_await batch(op::page_get_address(page), op::page_unmap(root), op::page_get_address(page));
        c.equal("publications", c.executor().statistics().batches - before, 1);
        c.equal("first", first.word(0), paddr);
        c.same_error("bad", bad.error(), seL4_RISCV_Page_Unmap(root));
        c.equal("last", last.word(0), paddr);
        const Reply hurried = co_await urgent(op::page_get_address(page));
        c.equal("urgent", hurried.word(0), paddr);
    };
    if (t.check(frame != 0, "no memory")) t.run(work(t, frame));
    all_back(t);
}

// Retype, then map, as one chain; and one whose first link fails: the others are not carried out.
void chains(Context& t) {
    struct Place {
        seL4_CPtr untyped, slot;
        seL4_Word vaddr;
    };
    const auto work = [](Context& c, Place p) -> Task<> {
        const auto retype = op::untyped_retype(p.untyped, seL4_RISCV_4K_Page, 0, root, 0, 0, p.slot, 1);
        const auto map = op::page_map(p.slot, vspace, p.vaddr, 3, seL4_RISCV_ExecuteNever);
        const auto [made, mapped] = co_await linked(retype, map);
        c.same_error("retype", made.error(), seL4_NoError);
        if (!c.same_error("map", mapped.error(), seL4_NoError)) co_return;
        *reinterpret_cast<volatile std::uint64_t*>(p.vaddr) = 1;
        const auto [again, unmapped, after] = co_await linked(retype, op::page_unmap(p.slot), op::nop());
        c.same_error("retype into a full slot", again.error(), seL4_DeleteFirst);
        c.equal("link behind a failure", unmapped.error(), sel4async::cancelled);
        c.equal("last link", after.error(), sel4async::cancelled);
        c.equal("still mapped", *reinterpret_cast<volatile std::uint64_t*>(p.vaddr), 1);
        const auto [whole, free] = co_await linked(op::page_unmap(p.slot), op::cnode_delete(root, p.slot, 64));
        c.check(whole.ok() && free.ok(), "a chain after a broken one");
    };
    const Place place{t.memory().make(seL4_UntypedObject, 12), t.memory().slots(), t.memory().addresses(4096)};
    if (t.check(place.untyped != 0, "no memory") &&
        t.same_error("tables", t.memory().make_tables(place.vaddr, 4096), seL4_NoError))
        t.run(work(t, place));
    all_back(t);
}

Task<std::uint64_t> ask(seL4_CPtr frame, unsigned times) {
    for (unsigned i = 0; i < times; ++i) {
        const Reply reply = co_await op::page_get_address(frame);
        if (!reply.ok()) co_return reply.error();
    }
    co_return 0;
}

Task<> in_a_group(Context& c, Task<std::uint64_t>& task) {
    const bool good = co_await when_all(task);
    c.check(good, "a group beside another");
}

Task<> awaits(Context& c, Task<std::uint64_t>& task) {
    const std::uint64_t error = co_await task;
    c.equal("a waiter beside two groups", error, 0);
}

void groups(Context& t) {
    const auto work = [](Context& c, seL4_CPtr frame) -> Task<> {
        Task<std::uint64_t> a = ask(frame, 3), b = ask(frame, 40), endless = ask(frame, 1'000'000'000);
        const bool all = co_await when_all(a, b);
        c.check(all && a.result() == 0 && b.result() == 0, "when_all");
        Task<std::uint64_t> quick = ask(frame, 5);
        const std::size_t first = co_await when_any(endless, quick);
        c.equal("when_any", first, 1);
        c.equal("the other one", endless.result(), sel4async::cancelled);
        // One task for two groups, one of them twice, and for a strand besides.
        Task<std::uint64_t> shared = ask(frame, 30);
        Task<> others[2] = {in_a_group(c, shared), awaits(c, shared)};
        for (Task<>& other : others) c.check(other.start(c.executor()), "no strand");
        const bool both = co_await when_all(shared, shared);
        const bool told = co_await when_all(std::span(others));
        c.check(both && told, "not all were told");
    };
    const seL4_CPtr frame = t.memory().frame();
    if (t.check(frame != 0, "no memory")) t.run(work(t, frame));
    all_back(t);
}

void time_outs(Context& t) {
    constexpr std::uint64_t ticks = 5'000;
    const auto work = [](Context& c, seL4_CPtr frame) -> Task<> {
        const std::uint64_t start = c.executor().now();
        const bool slept = co_await sel4async::sleep_for(ticks);
        c.check(slept && c.executor().now() - start >= ticks, "slept too short");
        const Reply in_time = co_await sel4async::with_timeout(op::page_get_address(frame), 1'000'000'000);
        c.same_error("in time", in_time.error(), seL4_NoError);
        const Reply long_time = co_await sel4async::with_timeout(op::page_get_address(frame), ~std::uint64_t{0});
        c.same_error("all the time there is", long_time.error(), seL4_NoError);
        const Reply never = co_await sel4async::with_timeout(op::page_get_address(frame), 0);
        c.equal("no time at all", never.error(), sel4async::timed_out);
        const auto [error, expired] = co_await sel4async::with_timeout(ask(frame, 1'000'000'000), ticks);
        c.check(expired, "an endless task was in time");
        c.equal("what it saw last", error, sel4async::cancelled);
        const Reply after = co_await op::page_get_address(frame);
        c.same_error("after it", after.error(), seL4_NoError);
        const auto [over, ended] = co_await sel4async::with_timeout(sel4async::sleep_for(~std::uint64_t{0}), ticks);
        c.check(!over && ended, "a sleep for ever was over");
    };
    const seL4_CPtr frame = t.memory().frame();
    if (t.check(frame != 0, "no memory")) t.run(work(t, frame));
    all_back(t);
}

// Requests are cancelled and tasks killed while they are on their way to the kernel and back.
Task<> cancel_and_kill(Context& t, seL4_CPtr frame) {
    constexpr unsigned count = 64;
    Task<std::uint64_t> tasks[count];
    for (unsigned round = 0; round < 20; ++round) {
        for (Task<std::uint64_t>& task : tasks) {
            task = ask(frame, 1'000'000);
            t.check(task.start(t.executor()), "no strand");
        }
        for (unsigned i = 0; i < round; ++i) static_cast<void>(co_await op::nop());
        for (unsigned i = 0; i < count; ++i) {
            if (i % 2 == 0)
                t.check(tasks[i].kill(), "not killed");
            else
                t.check(tasks[i].cancel(), "not cancelled");
        }
        const bool all = co_await when_all(std::span(tasks));
        t.check(!all, "killed tasks ended well");
        for (unsigned i = 1; i < count; i += 2) t.equal("a cancelled task", tasks[i].result(), sel4async::cancelled);
    }
}

void cancellation(Context& t) {
    const seL4_CPtr frame = t.memory().frame();
    if (t.check(frame != 0, "no memory")) t.run(cancel_and_kill(t, frame));
    all_back(t);
}

void levels(Context& t) {
    const auto work = [](Context& c, seL4_CPtr frame) -> Task<> {
        Task<std::uint64_t> tasks[32];
        for (unsigned i = 0; i < 32; ++i) {
            tasks[i] = ask(frame, 20);
            sel4async::Options options = c.executor().defaults();
            options.level = static_cast<sel4async::Level>(i % 8);
            c.check(tasks[i].start(c.executor(), options), "no strand");
        }
        const bool all = co_await when_all(std::span(tasks));
        c.check(all, "not all ended");
        for (const auto& task : tasks) c.check(task.done(), "one is not done");
    };
    const seL4_CPtr frame = t.memory().frame();
    // Up to our own priority; the kernel clamps what is above it.
    for (unsigned level = 0; level < 8; ++level)
        t.executor().set_priority(static_cast<sel4async::Level>(level), static_cast<std::uint8_t>(100 + 22 * level));
    if (t.check(frame != 0, "no memory")) t.run(work(t, frame));
    t.equal("priority at rest", t.fixture().queue.buffer().control().sq_priority, 0);
    all_back(t);
}

// More tasks than slots: nobody is lost.
Task<> patient(unsigned& answers, seL4_CPtr frame) {
    while (true) {
        const Reply reply = co_await op::page_get_address(frame);
        if (reply.ok()) ++answers;
        if (reply.error() != sel4async::queue_full) co_return;
        static_cast<void>(co_await sel4async::room());
    }
}

void backpressure(Context& t) {
    constexpr unsigned many = sel4async::Executor::max_strands;
    const seL4_CPtr frame = t.memory().frame();
    unsigned answers = 0;
    t.executor().set_batch(sel4async::SlotBuffer::max_slots);
    for (unsigned i = 0; i < many; ++i)
        t.check(sel4async::spawn(t.executor(), patient(answers, frame)), "no strand or no frame");
    t.equal("the executor stopped", static_cast<std::uint64_t>(t.executor().run()), 0);
    t.executor().set_usual_batch();
    t.equal("answers", answers, many);
    all_back(t);
}

// --- Vectors

struct Uses {
    unsigned answers = 0;
    unsigned with_vector = 0;
};

Task<> use_vector(Uses& uses, seL4_CPtr frame, unsigned times) {
    if ((co_await sel4async::this_strand()).vector != 0) ++uses.with_vector;
    for (unsigned i = 0; i < times; ++i) {
        const Reply reply = co_await op::page_get_address(frame);
        if (reply.ok()) ++uses.answers;
    }
}

// A queue of its own: no vector of it is registered yet.
machine::QueuePlace place;
sel4async::Queue queue;
sel4async::Executor executor;

using sel4async::Options;
using sel4async::Registration;

// `count` tasks, so that the vectors just suffice, or do not, and one that wants none.
bool share_vectors(Context& t, seL4_CPtr frame, unsigned count, unsigned vectors, bool mixed) {
    Uses uses;
    for (unsigned i = 0; i < count; ++i) {
        Options options = executor.defaults();
        if (mixed) options.registration = i % 2 == 0 ? Registration::Persistent : Registration::OneShot;
        if (!t.check(sel4async::spawn(executor, use_vector(uses, frame, 8), options), "no strand")) return false;
    }
    if (!t.check(sel4async::spawn(executor, use_vector(uses, frame, 8), {.vector = false}), "no strand")) return false;
    return t.equal("the executor stopped", static_cast<std::uint64_t>(executor.run()), 0) &&
        t.equal("answers", uses.answers, std::uint64_t{8} * (count + 1)) &&
        t.equal("tasks with a vector", uses.with_vector, count < vectors ? count : vectors);
}

void use_all_vectors(Context& t, seL4_CPtr frame, Registration registration, bool mixed) {
    const machine::ConnectionOptions options{.doorbell = t.fixture().queue.kind(),
                                             .other_harts = t.fixture().harts > 1};
    if (!t.same_error("connect", machine::connect(place, queue, options), seL4_NoError) ||
        !t.check(executor.init(queue.buffer(), queue.doorbell(), registration), "no memory for a frame"))
        return;
    const bool direct = queue.has_taic() && !queue.doorbell().drives();
    const std::uint32_t vectors = direct ? queue.buffer().control().vectors - 1 : 0;
    executor.reset_statistics();
    for (const unsigned count : {1U, vectors - (vectors != 0 ? 1U : 0U), vectors, vectors + 1, 400U}) {
        if (!share_vectors(t, frame, count, vectors, mixed)) return;
    }
    const sel4async::Statistics& s = executor.statistics();
    const bool again = registration == Registration::OneShot;
    machine::print("runtime.registrations: ",
                   mixed       ? "mixed, "
                       : again ? "one-shot, "
                               : "persistent, ",
                   std::uint64_t{vectors}, " vectors, ", s.direct, " direct wake-ups, ", s.arms, " registrations\n");
    if (mixed)
        t.check(s.arms >= vectors && s.arms <= vectors + s.direct, "registrations");
    else
        t.equal("registrations", s.arms, vectors + (again ? s.direct : 0));
}

void registrations(Context& t) {
    const seL4_CPtr frame = t.memory().frame();
    if (!t.check(frame != 0 && machine::make_place(t.memory(), place, 18), "no memory")) return;
    use_all_vectors(t, frame, Registration::OneShot, false);
    use_all_vectors(t, frame, Registration::Persistent, false);
    use_all_vectors(t, frame, Registration::Persistent, true);
    // Its TAIC queue is for others again.
    t.same_error("delete", seL4_CNode_Delete(seL4_CapInitThreadCNode, place.slot, seL4_WordBits), seL4_NoError);
}

// What the command line chose holds for every vector of the suite's own executor, from the first case on.
void default_registration(Context& t) {
    const seL4_CPtr frame = t.memory().frame();
    if (!t.check(frame != 0, "no memory")) return;
    t.executor().reset_statistics();
    Uses uses;
    constexpr unsigned tasks = 64;
    for (unsigned i = 0; i < tasks; ++i)
        t.check(sel4async::spawn(t.executor(), use_vector(uses, frame, 50)), "no strand");
    t.equal("the executor stopped", static_cast<std::uint64_t>(t.executor().run()), 0);
    t.equal("answers", uses.answers, std::uint64_t{50} * tasks);
    const sel4async::Statistics& s = t.executor().statistics();
    const bool again = t.fixture().registration == Registration::OneShot;
    machine::print("runtime.default_registration: ", again ? "one-shot, " : "persistent, ", s.direct,
                   " direct wake-ups, ", s.arms, " registrations\n");
    t.check(t.executor().defaults().registration == t.fixture().registration, "the executor's default");
    if (again)
        t.check(s.arms >= s.direct, "a vector was not registered again");
    else
        t.check(s.arms < sel4async::Vectors::limit, "a vector was registered twice");
}

constexpr testing::Case cases[] = {
    {"runtime.batch", batches},
    {"runtime.linked", chains},
    {"runtime.groups", groups},
    {"runtime.timeout", time_outs},
    {"runtime.cancel", cancellation},
    {"runtime.levels", levels},
    {"runtime.backpressure", backpressure},
    {"runtime.registrations", registrations},
    {"runtime.default_registration", default_registration},
};

} // namespace

std::span<const testing::Case> runtime_cases() { return cases; }

} // namespace functional
