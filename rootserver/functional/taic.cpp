// The process' own TAIC page: words go in and come out in order; a task word wakes its strand.
#include "rootserver/functional/cases.hpp"
#include "taic/driver.hpp"

namespace functional {

namespace {

using sel4async::Task;
using testing::Context;

// The page as a bus; the fences are the driver's rule 14.
class Page {
public:
    explicit Page(seL4_Word vaddr) : vaddr_(vaddr) {}
    std::uint64_t read64(std::uint64_t offset) { return *reg(offset); }
    void write64(std::uint64_t offset, std::uint64_t value) { *reg(offset) = value; }
    void publish() { asm volatile("fence w, o" ::: "memory"); }
    void acquire() { asm volatile("fence i, r" ::: "memory"); }
    void settle() { asm volatile("fence o, io" ::: "memory"); }

private:
    volatile std::uint64_t* reg(std::uint64_t offset) const {
        return reinterpret_cast<volatile std::uint64_t*>(vaddr_ + offset);
    }
    seL4_Word vaddr_;
};

taic::LocalQueue<Page> own_queue(Context& t) { return {Page(machine::taic_page(t.fixture().place)), 0, 0}; }

constexpr std::uint64_t words = 100;
constexpr std::uint64_t in_device = 32; // at once; the published device holds 64

void enqueue_dequeue(Context& t) {
    auto queue = own_queue(t);
    for (std::uint64_t first = 1; first <= words; first += in_device) {
        for (std::uint64_t id = first; id < first + in_device && id <= words; ++id) {
            if (!t.check(queue.enqueue(taic::TaskWord::from_id(id)), "enqueue refused a word")) return;
        }
        for (std::uint64_t id = first; id < first + in_device && id <= words; ++id) {
            if (!t.equal("dequeued id", queue.dequeue().id(), id)) return;
        }
    }
    t.check(queue.dequeue().empty(), "the queue is not empty at the end");
}

Task<> sleeper(sel4async::Strand** strand, bool& awake) {
    *strand = &co_await sel4async::this_strand();
    co_await sel4async::park();
    awake = true;
}

Task<> waker(Context& t, sel4async::Strand** strand) {
    auto queue = own_queue(t);
    const std::uint64_t word = sel4async::Executor::task_word(**strand);
    const std::uint64_t stale = word ^ 1ull << 18; // another generation
    t.check(queue.enqueue(taic::TaskWord{stale}) && queue.enqueue(taic::TaskWord{word}), "enqueue refused a word");
    co_return;
}

void task_word(Context& t) {
    sel4async::Strand* strand = nullptr;
    bool awake = false;
    Task<> first = sleeper(&strand, awake);
    if (!t.check(first.start(t.executor()), "no strand")) return;
    t.executor().reset_statistics();
    t.run(waker(t, &strand));
    t.check(awake, "the word did not wake its strand");
    // The kernel's own words of earlier cases may come as late as now.
    t.check(t.executor().statistics().spurious >= 1, "the stale word found somebody");
}

constexpr testing::Case cases[] = {
    {"taic.enqueue_dequeue", enqueue_dequeue, true},
    {"taic.task_word", task_word, true},
};

} // namespace

std::span<const testing::Case> taic_cases() { return cases; }

} // namespace functional
