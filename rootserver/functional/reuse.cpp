// A TAIC queue that changes hands. A hostile child writes into every table of its queue and dies; the next child finds
// the queue as new. Source: taic.md 3.8, 7.1, 7.3; taic/pool.hpp.
#include "taic/reuse.hpp"
#include "rootserver/functional/child.hpp"
#include "taic/mmio_bus.hpp"

namespace functional {

namespace {

using machine::Nursery;
using machine::Process;
using sel4async::Task;
using testing::Context;

enum class Deed : std::uint32_t {
    Work,
    Spoil, // leaves all that the kernel can find, in every slot
    Hide,  // registers senders that nobody can find
};

// A child's own copy.
struct ReuseOrders {
    Deed deed = Deed::Work;
    bool other_harts = false;
    std::uint32_t taic = 0;     // 1: it got a TAIC queue
    std::uint32_t words = 0;    // that stood in the queue at first
    std::uint32_t short_of = 0; // slots that were not free
    std::uint32_t good = 0;
    std::uint32_t done = 0;
};
ReuseOrders told;

constexpr std::uint32_t strands = 24;
constexpr std::uint32_t calls = 40;
constexpr std::uint64_t foreign_os = 99;
constexpr std::uint64_t hostile_word = 0x7700;
constexpr std::uint64_t word_step = 8;

const tail4_AsyncControl& control() { return child_runtime.queue.buffer().control(); }

using Page = taic::LocalQueue<taic::MmioBus>;
constexpr std::uint32_t lines = 6; // in either geometry

taic::Peer self() { return {control().os_id, static_cast<std::uint32_t>(control().process_id), 0}; }

void spoil(Page page) {
    const taic::Peer kernel{control().kernel_os_id, 0, control().kernel_vector};
    page.cancel_sender(kernel);
    for (std::uint32_t i = 0; i < control().vectors; ++i) {
        page.register_receiver(
            {kernel.os, 0, i},
            taic::HandlerWord{hostile_word + word_step * i + (i % 2 == 0 ? 0 : taic::HandlerWord::reusable_bit)});
        page.register_sender({self().os, 1 + i % 3, 0});
        static_cast<void>(page.enqueue(taic::TaskWord{hostile_word + word_step * i}));
    }
    for (std::uint32_t line = 0; line < lines; ++line)
        static_cast<void>(page.register_external(line, taic::HandlerWord::make(hostile_word, true, true)));
    page.bind_hart(0);
    taic::MmioBus bus(machine::child_taic);
    bus.write64(taic::offset_of(taic::QueueRegister::RegisterReceiver), kernel.os); // and dies in the middle
}

void hide(Page page) {
    for (std::uint32_t i = 0; i < control().vectors; ++i)
        page.register_receiver({foreign_os, i, i}, taic::HandlerWord::make(hostile_word, true, true));
}

// The last owner's words, and room for as many registrations as the hardware has; one is the kernel's own.
void look(Page page) {
    for (; !page.dequeue().empty(); ++told.words) {
    }
    std::uint64_t nonce = std::uint64_t{1} << 33;
    taic::Cleaner<taic::MmioBus> probe(page, {self(), control().vectors, 0, taic::TaskWord::from_id(1), &nonce, false});
    told.short_of = control().vectors - 1 - probe.free_slots();
}

Task<> nops() {
    for (std::uint32_t i = 0; i < calls; ++i) told.good += (co_await sel4async::op::nop()).ok() ? 1U : 0U;
}

void work() {
    sel4async::Executor& executor = child_runtime.executor;
    if (!start_executor()) return;
    for (std::uint32_t i = 0; i < strands; ++i) {
        if (!spawn(executor, nops())) return;
    }
    static_cast<void>(executor.run());
}

// The queue is looked at before the executor uses it.
void owner() {
    if (connect_child(told.other_harts)) {
        const Page page(taic::MmioBus(machine::child_taic), 0, lines);
        told.taic = child_runtime.queue.has_taic() ? 1 : 0;
        if (told.taic != 0) {
            if (told.deed == Deed::Spoil) spoil(page);
            if (told.deed == Deed::Hide) hide(page);
            if (told.deed == Deed::Work) look(page);
        }
        if (told.deed == Deed::Work) work();
    }
    finish_child(told.done);
}

// Children with a deed each, side by side until all are done. They stay.
bool run(Context& t, std::span<Process> children, Deed deed) {
    if (!ready_for_children(t)) return false;
    for (Process& child : children) {
        if (!t.check(nursery().make(child, owner, finished()) && nursery().make_queue(child, 16), "no child"))
            return false;
        child.at(told).deed = deed;
        child.at(told).other_harts = t.fixture().harts > 1;
    }
    for (const Process& child : children) {
        if (!t.check(Nursery::start(child), "a child does not start")) return false;
    }
    for (const Process& child : children) {
        while (child.at(told).done == 0) seL4_Wait(finished(), nullptr);
    }
    return true;
}

void check_work(Context& t, std::span<const Process> children, std::uint32_t with_taic) {
    std::uint32_t found = 0;
    for (const Process& child : children) {
        found += child.at(told).taic;
        t.equal("words of the last owner", child.at(told).words, 0);
        t.equal("slots in use", child.at(told).short_of, 0);
        t.equal("calls", child.at(told).good, std::uint64_t{strands} * calls);
    }
    t.equal("children with a TAIC queue", found, with_taic);
}

constexpr std::uint32_t free_queues = 2; // of four: one is the kernel's, one the initial thread's

// All queues there are, again and again, while the initial thread's own stays in use.
template <Deed deed>
void reuse_after(Context& t) {
    for (unsigned round = 0; round < 3 && !t.failed(); ++round) {
        Process evildoers[free_queues];
        if (!run(t, evildoers, deed)) return;
        for (const Process& child : evildoers) t.equal("TAIC queue of an evildoer", child.at(told).taic, 1);
        Process workers[free_queues];
        if (run(t, workers, Deed::Work)) check_work(t, workers, free_queues);
    }
    t.check(nursery().clear(), "the children did not go");
}

constexpr testing::Case cases[] = {
    {"reuse.spoiled_queue", reuse_after<Deed::Spoil>, true},
    {"reuse.hidden_registrations", reuse_after<Deed::Hide>, true}, // nobody can clean such a queue: it is made anew
};

} // namespace

std::span<const testing::Case> reuse_cases() { return cases; }

} // namespace functional
