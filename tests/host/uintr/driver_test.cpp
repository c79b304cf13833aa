// The driver against the model: what each operation does to the device, and in which order it touches memory.
#include "tests/host/uintr/bench.hpp"
#include "uintr/driver.hpp"

#include <string>

namespace uintr::test {

namespace {

// Accesses go to the model; letters record their order: r, w, p(ublish), a(cquire).
class ModelBus {
public:
    ModelBus(Bench& bench, std::string& log) : bench_(&bench), log_(&log) {}

    std::uint64_t read64(std::uint64_t offset) {
        *log_ += 'r';
        std::uint64_t value = 0;
        EXPECT_TRUE(uintc_model_read(bench_->model, offset, 8, &value));
        return value;
    }
    void write64(std::uint64_t offset, std::uint64_t value) {
        *log_ += 'w';
        EXPECT_TRUE(uintc_model_write(bench_->model, offset, value, 8));
    }
    void publish() { *log_ += 'p'; }
    void acquire() { *log_ += 'a'; }

private:
    Bench* bench_;
    std::string* log_;
};

struct Fixture {
    Bench device;
    std::string log;
    Driver<ModelBus> driver{ModelBus(device, log), 512};
};

} // namespace

TEST(UintrDriver, SendPublishesFirst) {
    Fixture t;
    t.driver.send(3, 9);
    EXPECT_EQ(t.log, "pw");
    EXPECT_EQ(t.device.high(3), 512U);
}

TEST(UintrDriver, RunningAndLeavingAHart) {
    Fixture t;
    t.driver.send(3, 0);
    t.driver.activate_on(3, 2);
    EXPECT_TRUE(t.device.line(2));
    EXPECT_EQ(t.device.low(3), 0x2'0003U);
    t.driver.deactivate(3);
    EXPECT_FALSE(t.device.line(2));
    EXPECT_EQ(t.device.low(3), 0x2'0002U);
    t.driver.activate_on(3, 1);
    EXPECT_TRUE(t.device.line(1));
    EXPECT_EQ(t.log, "pwwww");
    EXPECT_EQ(t.device.high(3), 1U);
}

TEST(UintrDriver, TakeAcquiresWhenThereIsSomething) {
    Fixture t;
    EXPECT_EQ(t.driver.take(1), 0U);
    EXPECT_EQ(t.log, "r");
    t.driver.restore(1, 6);
    EXPECT_EQ(t.driver.take(1), 6U);
    EXPECT_EQ(t.log, "rwra");
}

TEST(UintrDriver, PendingKeepsTheBits) {
    Fixture t;
    EXPECT_FALSE(t.driver.pending(8));
    t.driver.send(8, 63);
    EXPECT_TRUE(t.driver.pending(8));
    EXPECT_TRUE(t.driver.pending(8));
    EXPECT_EQ(t.driver.take(8), std::uint64_t{1} << 63);
}

TEST(UintrDriver, ClearIsPowerOn) {
    Fixture t;
    t.driver.activate_on(8, 1);
    t.driver.send(8, 63);
    t.driver.clear(8);
    EXPECT_EQ(t.device.lines_up(), 0U);
    EXPECT_EQ(t.device.low(8), 0U);
    EXPECT_EQ(t.device.high(8), 0U);
}

} // namespace uintr::test
