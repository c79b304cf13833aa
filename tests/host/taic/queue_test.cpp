// Conformance cases 20 to 37: enqueue, dequeue, access width (specification section 8.2).
#include "tests/host/taic/bench.hpp"

#include <deque>
#include <random>

namespace taic::test {

constexpr Index page0{0, 0}, page1{0, 1}, page2{0, 2};

static void allocate(Bench& t, unsigned count) {
    for (unsigned i = 0; i < count; ++i) ASSERT_EQ(t.alloc(1, 3), i);
}

static void fill(Bench& t, Index page, std::uint64_t first, unsigned count) {
    for (unsigned i = 0; i < count; ++i) t.enq(page, first + i);
}

static void expect_run(Bench& t, Index page, std::uint64_t first, unsigned count) {
    for (unsigned i = 0; i < count; ++i) ASSERT_EQ(t.deq(page), first + i);
}

TEST(TaicConformance, Case20_Fifo) {
    both([](Bench& t) {
        allocate(t, 1);
        fill(t, page0, 0x100, 10);
        expect_run(t, page0, 0x100, 10);
    });
}

TEST(TaicConformance, Case21_EmptyDequeue) {
    both([](Bench& t) {
        allocate(t, 1);
        EXPECT_EQ(t.deq(page0), 0U);
        EXPECT_EQ(t.error(page0), 0U);
    });
}

TEST(TaicConformance, Case22_ZeroIsAWord) {
    both([](Bench& t) {
        allocate(t, 1);
        t.enq(page0, 0);
        t.enq(page0, 0x50);
        EXPECT_EQ(t.view(0).stored, 2U);
        EXPECT_EQ(t.deq(page0), 0U);
        EXPECT_EQ(t.deq(page0), 0x50U);
    });
}

TEST(TaicConformance, Case23_StealFromTheLowest) {
    both([](Bench& t) {
        allocate(t, 3);
        t.enq(page0, 0x10);
        t.enq(page1, 0x20);
        t.enq(page2, 0x30);
        for (const std::uint64_t word : {0x30U, 0x10U, 0x20U, 0U}) EXPECT_EQ(t.deq(page2), word);
    });
}

TEST(TaicConformance, Case24_FullDrops) {
    both([](Bench& t) {
        allocate(t, 2);
        fill(t, page0, 0x100, 32);
        fill(t, page1, 0x200, 32);
        EXPECT_EQ(t.error(page0), 0U);
        t.enq(page0, 0x300);
        EXPECT_EQ(t.error(page0), ErrorBit::full);
        EXPECT_EQ(t.view(0).stored, 64U);
    });
}

TEST(TaicConformance, Case25_FullThenDrained) {
    both([](Bench& t) {
        allocate(t, 2);
        fill(t, page0, 0x100, 32);
        fill(t, page1, 0x200, 32);
        EXPECT_EQ(t.deq(page0), 0x100U);
        t.enq(page0, 0x999);
        expect_run(t, page0, 0x101, 31);
        EXPECT_EQ(t.deq(page0), 0x999U);
        expect_run(t, page1, 0x200, 32);
        EXPECT_EQ(t.deq(page1), 0U);
    });
}

TEST(TaicConformance, Case26_SixtyFourInOneQueue) {
    both([](Bench& t) {
        allocate(t, 1);
        fill(t, page0, 0x100, 64);
        expect_run(t, page0, 0x100, 64);
        EXPECT_EQ(t.deq(page0), 0U);
    });
}

TEST(TaicConformance, Case27_CountWrapsAtSixtyFour) {
    both([](Bench& t) {
        allocate(t, 1);
        fill(t, page0, 0x100, 64);
        EXPECT_EQ(t.deq(page0), 0x100U);
        t.enq(page0, 0x999);
        EXPECT_EQ(t.deq(page0), t.quirks() ? 0x999U : 0x101U);
        EXPECT_EQ(t.deq(page0), t.quirks() ? 0x101U : 0x102U);
    });
}

TEST(TaicConformance, Case28_EnqueueToUnallocatedLocalQueue) {
    both([](Bench& t) {
        allocate(t, 1);
        t.enq({0, 5}, 0x70);
        EXPECT_EQ(t.deq(page0), 0x70U);
        EXPECT_EQ(t.error(page0), 0U);
    });
}

TEST(TaicConformance, Case29_EnqueueToUnallocatedGlobalQueue) {
    both([](Bench& t) {
        t.enq({2, 0}, 0x70);
        EXPECT_EQ(t.view(2).stored, 0U);
        EXPECT_EQ(t.error({2, 0}), ErrorBit::not_initialised);
    });
}

TEST(TaicConformance, Case30_DequeueOfUnallocatedGlobalQueue) {
    both([](Bench& t) {
        EXPECT_EQ(t.deq({2, 0}), 0U);
        EXPECT_EQ(t.error({2, 0}), ErrorBit::not_initialised);
    });
}

TEST(TaicConformance, Case31_DequeueOfUnallocatedLocalQueue) {
    for (std::uint32_t lq = 0; lq < 8; ++lq) { // the error shows on every page
        both([lq](Bench& t) {
            allocate(t, 1);
            t.enq(page0, 0x10);
            EXPECT_EQ(t.deq({0, 4}), 0U);
            EXPECT_EQ(t.error({0, lq}), ErrorBit::not_allocated);
            EXPECT_EQ(t.deq(page0), 0x10U);
        });
    }
}

TEST(TaicConformance, Case32_EnqueueIgnoresFlagBits) {
    both([](Bench& t) {
        allocate(t, 1);
        t.whart(page0, 0);
        t.enq(page0, none);
        EXPECT_EQ(t.lines_up(), 0U);
        EXPECT_EQ(t.deq(page0), none);
    });
}

TEST(TaicConformance, Case33_NarrowStoreIgnored) {
    both([](Bench& t) {
        allocate(t, 1);
        for (const unsigned size : {1U, 2U, 4U}) {
            t.write(t.at(page0, QueueRegister::Enqueue), 0x60, size);
            t.expect_guest_error("narrow store");
        }
        EXPECT_EQ(t.view(0).stored, 0U);
        EXPECT_EQ(t.deq(page0), 0U);
    });
}

TEST(TaicConformance, Case34_NarrowLoadPops) {
    both([](Bench& t) {
        allocate(t, 1);
        t.enq(page0, 0x60);
        EXPECT_EQ(t.read(t.at(page0, QueueRegister::Dequeue), 4), 0x60U);
        EXPECT_EQ(t.deq(page0), 0U);
        t.enq(page0, 0x1122'3344'5566'7788);
        EXPECT_EQ(t.read(t.at(page0, QueueRegister::Dequeue) + 6, 2), 0x1122U);
        EXPECT_EQ(t.deq(page0), 0U);
    });
}

TEST(TaicConformance, Case35_OtherReadsAreZero) {
    both([](Bench& t) {
        allocate(t, 1);
        t.enq(page0, 0x10);
        t.extint(page0, 0, 0x100);
        for (const std::uint64_t offset : {0x00U, 0x18U, 0x20U, 0x28U, 0x30U, 0x38U, 0x40U, 0x68U, 0x70U, 0xff8U}) {
            EXPECT_EQ(t.read(0x1000 + offset), 0U) << offset;
        }
        for (const std::uint64_t offset : {0x8U, 0x10U, 0x40U, 0x21008U, 0xff'fff8U, 0x7fff'fff8U}) {
            EXPECT_EQ(t.read(offset), 0U) << offset;
        }
        EXPECT_EQ(t.deq(page0), 0x10U);
    });
}

TEST(TaicConformance, Case36_OtherWritesDoNothing) {
    both([](Bench& t) {
        allocate(t, 1);
        t.enq(page0, 0x10);
        EXPECT_EQ(t.deq({0, 1}), 0U); // leaves an error to be kept
        for (const std::uint64_t offset : {0x1008U, 0x1010U, 0x1070U, 0x40U, 0x21000U}) t.write(offset, 0x99);
        EXPECT_EQ(t.error(page0), ErrorBit::not_allocated);
        EXPECT_EQ(t.view(0).stored, 1U);
        EXPECT_EQ(t.deq(page0), 0x10U);
        EXPECT_EQ(t.alloc(1, 3), 1U);
    });
}

// "Own FIFO, else the head of the lowest non-empty queue", written down independently of the model.
class Reference {
public:
    void enqueue(unsigned lq, std::uint64_t word) { queues_[lq].push_back(word); }
    void preempt(std::uint64_t word) {
        queues_[0].push_front(word);
        raised_ = true;
    }
    std::uint64_t dequeue(unsigned lq) {
        const bool from_first = raised_;
        raised_ = false;
        if (from_first) return take(0);
        if (!queues_[lq].empty()) return take(lq);
        for (unsigned other = 0; other < 8; ++other) {
            if (!queues_[other].empty()) return take(other);
        }
        return 0;
    }
    std::size_t size(unsigned lq) const { return queues_[lq].size(); }
    std::size_t total() const {
        std::size_t sum = 0;
        for (const auto& queue : queues_) sum += queue.size();
        return sum;
    }
    bool raised() const { return raised_; }

private:
    std::uint64_t take(unsigned lq) {
        const std::uint64_t word = queues_[lq].front();
        queues_[lq].pop_front();
        return word;
    }

    std::deque<std::uint64_t> queues_[8];
    bool raised_ = false;
};

TEST(TaicConformance, Case37_RandomAgainstReference) {
    for (unsigned seed = 0; seed < 20; ++seed) {
        both([seed](Bench& t) {
            allocate(t, 8);
            std::mt19937_64 random(seed);
            Reference reference;
            for (int step = 0; step < 500; ++step) {
                const auto lq = static_cast<std::uint32_t>(random() % 8);
                if (random() % 100 < 55 && reference.total() < 64 && reference.size(lq) < 63) {
                    const std::uint64_t word = random();
                    t.enq({0, lq}, word);
                    reference.enqueue(lq, word);
                } else {
                    ASSERT_EQ(t.deq({0, lq}), reference.dequeue(lq)) << "seed " << seed << " step " << step;
                }
            }
            EXPECT_EQ(t.view(0).stored, reference.total());
        });
    }
}

// The same with preempting wakes, in the thesis geometry; there the line survives enqueues.
TEST(TaicModel, RandomWithWakesAgainstReference) {
    TaicConfig config{};
    ASSERT_TRUE(taic_config_thesis(&config, 4));
    for (unsigned seed = 0; seed < 10; ++seed) {
        Bench t(config);
        allocate(t, 8);
        t.whart(page0, 2);
        std::mt19937_64 random(seed);
        Reference reference;
        for (int step = 0; step < 4000; ++step) {
            const auto lq = static_cast<std::uint32_t>(random() % 8);
            const std::uint64_t kind = random() % 100;
            const std::uint64_t word = random() | 1;
            if (kind < 45 && reference.total() < config.depth) {
                t.enq({0, lq}, word);
                reference.enqueue(lq, word);
            } else if (kind < 60 && reference.total() < config.depth) {
                t.extint(page0, 31, word);
                t.irq(31);
                reference.preempt(word);
            } else {
                ASSERT_EQ(t.deq({0, lq}), reference.dequeue(lq)) << "seed " << seed << " step " << step;
            }
            ASSERT_EQ(t.usip(2), reference.raised());
        }
    }
}

} // namespace taic::test
