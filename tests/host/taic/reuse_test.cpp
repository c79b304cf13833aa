// A queue that changes hands: the next owner gets nothing of the last one, or another queue.
#include "taic/pool.hpp"
#include "tests/host/taic/bench.hpp"

#include <algorithm>
#include <iterator>

namespace taic::test {

// Who may send is held whenever the allocator is used after the boot (race R3).
struct Holding {
    bool held = true;
    unsigned loses = 0; // stores that free a queue
    unsigned times = 0;
};

class PlainBus {
public:
    PlainBus(Bench& bench, Holding& holding) : bench_(&bench), holding_(&holding) {}
    std::uint64_t read64(std::uint64_t offset) { return bench_->read(offset); }
    void write64(std::uint64_t offset, std::uint64_t value) {
        EXPECT_TRUE(offset >= 0x1000 || holding_->held) << "allocator used while others send";
        if (holding_->loses != 0 && offset == offset_of(AllocatorRegister::Free)) {
            --holding_->loses;
            return;
        }
        bench_->write(offset, value);
    }
    void publish() {}
    void acquire() {}
    void settle() {}

private:
    Bench* bench_;
    Holding* holding_;
};

// The kernel has global queue 0, process p has queue p.
class TaicReuse : public testing::TestWithParam<bool> {
protected:
    static constexpr std::uint64_t os = 1;
    static constexpr std::uint64_t word = 0x7700; // of the last owner
    static constexpr std::uint32_t doorbell = 0;

    TaicReuse() {
        EXPECT_EQ(bench.alloc(os, 0), 0U);
        pool.init(driver, {os, bench.config().slots, bench.config().slots, doorbell});
        for (std::uint32_t p = 1; p <= pool.count(); ++p) bench.rr(kernel, os, p, doorbell, p << 2 | 3);
        holding = {};
        holding.held = false;
    }
    ~TaicReuse() override { bench.drop_guest_errors(); } // tables that are full, sequences that were left open

    static TaicConfig config() {
        TaicConfig chosen{};
        EXPECT_TRUE(GetParam() ? taic_config_rtl(&chosen, 4) : taic_config_thesis(&chosen, 4));
        return chosen;
    }
    static Index page(std::uint32_t process) { return {process, 0}; }
    unsigned slots() const { return bench.config().slots; }

    void kernel_sends(std::uint32_t process, std::uint32_t tag) {
        bench.rs(kernel, os, process, tag);
        bench.si(kernel, os, process, tag);
        bench.cs(kernel, os, process, tag);
    }
    std::uint32_t lend() {
        const std::uint32_t process = pool.next();
        if (process != 0) pool.lend(process);
        return process;
    }
    void give_back(std::uint32_t process) {
        pool.give_back(
            driver, process, [this](std::uint32_t p, std::uint32_t tag) { kernel_sends(p, tag); },
            [this] {
                holding.held = true;
                ++holding.times;
            });
        holding.held = false;
    }
    // What a new owner relies on.
    void expect_fresh(std::uint32_t process) {
        const Index own = page(process);
        EXPECT_FALSE(pool.is_aside(process));
        EXPECT_EQ(bench.handlers(process).size(), 0U);
        EXPECT_EQ(bench.send_slots(process), 1U);
        EXPECT_EQ(bench.view(process).hart, none);
        EXPECT_EQ(bench.deq(own), 0U);
        for (unsigned line = 0; line < bench.config().external_lines; ++line) bench.irq(line);
        EXPECT_EQ(bench.deq(own), 0U);
        while (bench.deq(kernel) != 0) {
        }
        bench.si(own, os, 0, doorbell);
        EXPECT_EQ(bench.deq(kernel), process << 2 | 3);
        for (std::uint32_t tag = 0; tag < slots(); ++tag) bench.rr(own, os, 0, tag, (tag + 1) << 2 | 2);
        for (std::uint32_t tag = 0; tag < slots(); ++tag) {
            kernel_sends(process, tag);
            EXPECT_EQ(bench.deq(own), (tag + 1) << 2 | 2);
        }
    }
    // Dirties the queue of process 1, gives it back, and looks at it.
    template <class Dirty>
    void expect_clean_after(Dirty dirty) {
        ASSERT_EQ(lend(), 1U);
        ASSERT_EQ(lend(), 2U); // stays lent: nothing is freed
        dirty(page(1));
        give_back(1);
        EXPECT_EQ(holding.times, 0U); // nobody else is disturbed
        expect_fresh(1);
        bench.drop_guest_errors();
    }
    // Fills all that a queue has with what nobody can find.
    void hide(std::uint32_t process) {
        for (std::uint32_t i = 0; i < slots(); ++i) {
            bench.rr(page(process), 99 + i, 77, 1000 + i, word + 2);
            bench.rs(page(process), 99 + i, 77, 1000 + i);
        }
    }

    static constexpr Index kernel{0, 0};
    Bench bench{config()};
    Holding holding;
    Driver<PlainBus> driver{PlainBus{bench, holding}, Geometry{4, 8, bench.config().external_lines}};
    QueuePool pool;
};

INSTANTIATE_TEST_SUITE_P(Presets, TaicReuse, testing::Bool(),
                         [](const auto& tested) { return tested.param ? "rtl" : "thesis"; });

TEST_P(TaicReuse, KnowsTheHardware) {
    EXPECT_EQ(pool.count(), 3U);
    EXPECT_EQ(pool.replaces(), !bench.quirks());
    for (std::uint32_t p = 1; p <= 3; ++p) expect_fresh(p);
}

// The kernel's queue can hear no more processes than it has receive slots.
TEST(TaicPool, LendsNoMoreThanTheKernelHears) {
    for (const std::uint32_t slots : {2U, 3U, 6U, 32U}) {
        Bench bench(TaicConfig{12, 8, slots, 64, 6, 4, true});
        Holding holding;
        const Driver<PlainBus> driver{PlainBus{bench, holding}, Geometry{12, 8, 6}};
        ASSERT_TRUE(driver.allocator().allocate(1, 0));
        QueuePool pool;
        pool.init(driver, {1, slots, slots, 0});
        EXPECT_EQ(pool.count(), std::min(slots, QueuePool::max_processes - 1));
    }
}

// A word that comes late, or once more, is taken for no other probe's.
TEST_P(TaicReuse, NoProbeHasTheWordOfAnother) {
    const LocalQueue<PlainBus> queue = driver.queue(page(1));
    std::uint64_t nonce = 100;
    for (unsigned round = 1; round <= 3; ++round) {
        Cleaner<PlainBus> cleaner(queue, {{os, 1, 0}, slots(), 0, TaskWord::from_id(1), &nonce, !bench.quirks()});
        EXPECT_EQ(cleaner.free_slots(), slots() - 1); // one names the kernel
        EXPECT_GE(nonce, 100 + round * slots());
    }
}

// Published hardware repeats its last word where nobody receives: that word is nobody's.
TEST_P(TaicReuse, RemembersNoProbe) {
    expect_clean_after([](Index) {});
    ASSERT_EQ(lend(), 1U);
    give_back(1);
    kernel_sends(1, 1); // which nobody has registered
    EXPECT_EQ(bench.deq(page(1)), bench.quirks() ? TaskWord::from_id(1).raw : 0U);
    bench.drop_guest_errors();
}

TEST_P(TaicReuse, TakesBackEveryVector) {
    expect_clean_after([&](Index own) {
        for (std::uint32_t tag = 0; tag < slots(); ++tag) bench.rr(own, os, 0, tag, word + 4 * tag + 2);
    });
}

TEST_P(TaicReuse, TakesBackTheSameVectorManyTimes) {
    expect_clean_after([&](Index own) {
        for (std::uint32_t i = 0; i < slots(); ++i) bench.rr(own, os, 0, 1, word + 2);
    });
}

TEST_P(TaicReuse, TakesBackOneShotAndEmptyHandlers) {
    expect_clean_after([&](Index own) {
        bench.rr(own, os, 0, 0, word);
        bench.rr(own, os, 0, 1, word);
        bench.rr(own, os, 0, 1, 0);
        bench.rr(own, os, 1, 0, word + 2); // from itself
    });
}

TEST_P(TaicReuse, TakesBackSenders) {
    expect_clean_after([&](Index own) {
        bench.cs(own, os, 0, doorbell);
        for (std::uint32_t i = 0; i < slots(); ++i) bench.rs(own, os, 1 + i % 3, 0);
    });
}

TEST_P(TaicReuse, DropsWordsLinesAndHalfASequence) {
    expect_clean_after([&](Index own) {
        for (unsigned i = 0; i < bench.config().depth; ++i) bench.enq(own, word + 4 * i);
        for (unsigned line = 0; line < bench.config().external_lines; ++line) bench.extint(own, line, word + 3);
        bench.whart(own, 1);
        bench.write(bench.at(own, QueueRegister::RegisterReceiver), os);
        bench.write(bench.at(own, QueueRegister::RegisterReceiver), 5);
    });
}

// Which one was open cannot be read. Nothing that follows may be one store out of step, a free least of all (3.8).
struct HalfASequence {
    QueueRegister reg;
    unsigned stores;
};
constexpr HalfASequence halves[] = {{QueueRegister::RegisterSender, 1},
                                    {QueueRegister::CancelSender, 1},
                                    {QueueRegister::RegisterReceiver, 1},
                                    {QueueRegister::RegisterReceiver, 2},
                                    {QueueRegister::Send, 1}};

TEST_P(TaicReuse, EndsEveryOpenSequence) {
    for (const HalfASequence& half : halves) {
        ASSERT_EQ(lend(), 1U);
        bench.cs(page(1), os, 0, doorbell);
        for (std::uint32_t i = 0; i < slots(); ++i) bench.rs(page(1), os, i % 2 * 3, 0);
        for (unsigned i = 0; i < half.stores; ++i) bench.write(bench.at(page(1), half.reg), 5);
        give_back(1);
        EXPECT_EQ(holding.times, 0U);
        EXPECT_EQ(bench.view(1).open_sequence, 0U);
        EXPECT_EQ(bench.view(1).unit_sequence, 0U);
        EXPECT_EQ(bench.send_slots(1), 1U);
        EXPECT_TRUE(bench.handlers(1).empty());
        lend();
        give_back(1);
    }
    expect_fresh(1);
    bench.drop_guest_errors();
}

TEST_P(TaicReuse, RenewsOutsideEverySequence) {
    for (const HalfASequence& half : halves) {
        ASSERT_EQ(lend(), 1U);
        hide(1);
        for (unsigned i = 0; i < half.stores; ++i) bench.write(bench.at(page(1), half.reg), 5);
        give_back(1);
        EXPECT_FALSE(pool.is_aside(1));
        EXPECT_EQ(bench.view(1).unit_sequence, 0U);
    }
    EXPECT_EQ(holding.times, std::size(halves));
    expect_fresh(1);
    bench.drop_guest_errors();
}

// An owner that hides registrations in every slot gets no queue out of the way, however often it tries, and whoever
// lives beside it keeps what it has.
TEST_P(TaicReuse, RenewsWhatCannotBeFound) {
    ASSERT_EQ(lend(), 1U);
    ASSERT_EQ(lend(), 2U); // lives on
    bench.rr(page(2), os, 0, 1, word + 2);
    bench.enq(page(2), word + 8);
    for (unsigned round = 0; round < 20; ++round) {
        const std::uint32_t process = lend();
        ASSERT_EQ(process, 3U);
        hide(process);
        bench.whart(page(process), 1);
        bench.write(bench.at(page(process), QueueRegister::RegisterReceiver), os);
        give_back(process);
        EXPECT_EQ(holding.times, round + 1);
        ASSERT_FALSE(pool.is_aside(process));
    }
    give_back(1);
    expect_fresh(3);
    expect_fresh(1);
    EXPECT_EQ(bench.deq(page(2)), word + 8);
    kernel_sends(2, 1);
    EXPECT_EQ(bench.deq(page(2)), word + 2);
    bench.drop_guest_errors();
}

TEST_P(TaicReuse, OneForeignSenderIsEnough) {
    ASSERT_EQ(lend(), 1U);
    ASSERT_EQ(lend(), 2U);
    bench.rs(page(1), 99, 77, 1000);
    give_back(1);
    EXPECT_EQ(holding.times, 1U);
    expect_fresh(1);
    bench.drop_guest_errors();
}

// A peer's registration can be taken back; on the published hardware not while the peer lives.
TEST_P(TaicReuse, PeersLiveOn) {
    ASSERT_EQ(lend(), 1U);
    ASSERT_EQ(lend(), 2U);
    ASSERT_EQ(lend(), 3U);
    bench.rr(page(1), os, 2, 0, word + 2);
    bench.rs(page(2), os, 1, 0);
    give_back(1);
    EXPECT_EQ(holding.times, bench.quirks() ? 1U : 0U);
    expect_fresh(1);
    give_back(2);
    expect_fresh(2);
    bench.drop_guest_errors();
}

// The device loses a store that frees a queue: nothing is lent that is not clean, and it is tried again when the next
// queue comes back.
TEST_P(TaicReuse, StaysAsideWhileItCannotBeFreed) {
    ASSERT_EQ(lend(), 1U);
    ASSERT_EQ(lend(), 2U);
    hide(1);
    holding.loses = 1;
    give_back(1);
    EXPECT_TRUE(pool.is_aside(1));
    EXPECT_EQ(lend(), 3U);
    EXPECT_EQ(lend(), 0U);
    give_back(3);
    expect_fresh(1);
    expect_fresh(3);
    bench.drop_guest_errors();
}

} // namespace taic::test
