// The driver over the model: what arrives, in which order it was written, and where the fences stand.
#include "taic/driver.hpp"
#include "tests/host/taic/bench.hpp"

namespace taic::test {

// Writes down every access and fence: 'r' and 'w' with the register's offset in its page, fences as P A S.
class ModelBus {
public:
    ModelBus(Bench& bench, std::string& log, std::uint64_t base = 0) : bench_(&bench), log_(&log), base_(base) {}

    std::uint64_t read64(std::uint64_t offset) {
        note('r', offset);
        return bench_->read(base_ + offset);
    }
    void write64(std::uint64_t offset, std::uint64_t value) {
        note('w', offset);
        bench_->write(base_ + offset, value);
    }
    void publish() { *log_ += "P "; }
    void acquire() { *log_ += "A "; }
    void settle() { *log_ += "S "; }

private:
    void note(char kind, std::uint64_t offset) {
        constexpr char digits[] = "0123456789abcdef";
        *log_ += {kind, digits[offset >> 4 & 15], digits[offset & 15], ' '};
    }

    Bench* bench_;
    std::string* log_;
    std::uint64_t base_;
};

class TaicDriver : public testing::TestWithParam<bool> {
protected:
    static TaicConfig config() {
        TaicConfig chosen{};
        EXPECT_TRUE(GetParam() ? taic_config_rtl(&chosen, 4) : taic_config_thesis(&chosen, 4));
        return chosen;
    }
    std::string take_log() {
        std::string taken;
        taken.swap(log);
        return taken;
    }

    Bench bench{config()};
    std::string log;
    Geometry geometry{4, 8, bench.config().external_lines};
    Driver<ModelBus> driver{ModelBus{bench, log}, geometry};
    Allocator<ModelBus> allocator = driver.allocator();
};

INSTANTIATE_TEST_SUITE_P(Presets, TaicDriver, testing::Bool(),
                         [](const auto& tested) { return tested.param ? "rtl" : "thesis"; });

TEST_P(TaicDriver, AllocatesAndReleases) {
    const Maybe<Index> kernel = allocator.allocate(1, 0);
    const Maybe<Index> process = allocator.allocate(1, 2);
    ASSERT_TRUE(kernel && process);
    EXPECT_EQ(*kernel, (Index{0, 0}));
    EXPECT_EQ(*process, (Index{1, 0}));
    EXPECT_EQ(take_log(), "w00 w00 r00 w00 w00 r00 ");
    EXPECT_TRUE(allocator.release(*process));
    EXPECT_FALSE(bench.view(1).reserved);
    EXPECT_FALSE(allocator.release({4, 0})); // would wedge the hardware
    EXPECT_FALSE(allocator.release({0, 8})); // would free local queue 0
    EXPECT_TRUE(bench.view(0).reserved);
}

TEST_P(TaicDriver, AllocationFailsAsAValue) {
    EXPECT_FALSE(allocator.allocate(0, 0));
    EXPECT_EQ(take_log(), "");
    for (std::uint32_t process = 1; process < 5; ++process) EXPECT_TRUE(allocator.allocate(1, process));
    EXPECT_FALSE(allocator.allocate(1, 5));
    EXPECT_TRUE(allocator.allocate(1, 4));
}

TEST_P(TaicDriver, QueueKeepsOrderAndFences) {
    auto queue = driver.queue(*allocator.allocate(1, 0));
    take_log();
    EXPECT_FALSE(queue.enqueue(TaskWord::from_id(0)));
    EXPECT_EQ(take_log(), "");
    EXPECT_TRUE(queue.enqueue(TaskWord::from_id(7)));
    EXPECT_TRUE(queue.enqueue(TaskWord::from_id(8)));
    EXPECT_EQ(take_log(), "P w00 P w00 ");
    EXPECT_EQ(queue.dequeue().id(), 7U);
    EXPECT_EQ(queue.dequeue().id(), 8U);
    EXPECT_TRUE(queue.dequeue().empty());
    EXPECT_EQ(take_log(), "r08 A r08 A r08 ");
}

TEST_P(TaicDriver, SendWakesTheReceiver) {
    auto kernel = driver.queue(*allocator.allocate(1, 0));
    auto process = driver.queue(*allocator.allocate(1, 2));
    const HandlerWord handler = HandlerWord::make(5, true, true);
    take_log();
    kernel.bind_hart(3);
    kernel.settle();
    EXPECT_EQ(take_log(), "w38 S ");
    kernel.register_receiver({1, 2, 4}, handler);
    EXPECT_EQ(take_log(), "w28 w28 w28 ");
    process.register_sender({1, 0, 4});
    EXPECT_EQ(take_log(), "w18 w18 ");
    process.send({1, 0, 4});
    EXPECT_EQ(take_log(), "P w30 w30 ");
    EXPECT_TRUE(bench.ssip(3));
    const TaskWord word = kernel.dequeue();
    EXPECT_EQ(word, handler.delivered());
    EXPECT_EQ(word.id(), 5U);
    EXPECT_FALSE(bench.ssip(3));
    take_log();
    process.cancel_sender({1, 0, 4});
    EXPECT_EQ(take_log(), "w20 w20 ");
    process.send({1, 0, 4});
    EXPECT_EQ(process.read_errors(), ErrorBit::no_send_permission);
    EXPECT_TRUE(kernel.dequeue().empty());
}

// The device tree says that there are fewer queues than the device has.
TEST_P(TaicDriver, AQueueThatTheTreeDoesNotKnowIsNone) {
    Driver<ModelBus> smaller{ModelBus{bench, log}, Geometry{1, 8, geometry.external_lines}};
    EXPECT_TRUE(smaller.allocator().allocate(1, 0));
    EXPECT_FALSE(smaller.allocator().allocate(1, 2));
    EXPECT_TRUE(smaller.allocator().allocate(1, 0)); // one more local queue of the first
}

TEST_P(TaicDriver, ExternalLines) {
    auto queue = driver.queue(*allocator.allocate(1, 2));
    EXPECT_FALSE(queue.register_external(geometry.external_lines, HandlerWord::make(1, false, false)));
    EXPECT_FALSE(allocator.simulate_external(geometry.external_lines));
    const std::uint32_t last = geometry.external_lines - 1;
    EXPECT_TRUE(queue.register_external(last, HandlerWord::make(9, true, false)));
    EXPECT_TRUE(allocator.simulate_external(last));
    EXPECT_EQ(queue.dequeue().id(), 9U);
    EXPECT_TRUE(queue.register_external(last, HandlerWord::none()));
    EXPECT_TRUE(allocator.simulate_external(last));
    EXPECT_TRUE(queue.dequeue().empty());
}

TEST_P(TaicDriver, ProcessSeesItsPageAlone) {
    const Index index = *allocator.allocate(1, 2);
    LocalQueue<ModelBus> mapped{ModelBus{bench, log, page_offset(geometry, index)}, 0, geometry.external_lines};
    EXPECT_TRUE(mapped.enqueue(TaskWord::from_id(3)));
    EXPECT_EQ(driver.queue(index).dequeue().id(), 3U);
}

} // namespace taic::test
