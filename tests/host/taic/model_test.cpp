// The model's own promises: presets, reset, snapshots, quirks-off rules beyond the list, random accesses.
#include "tests/host/taic/bench.hpp"

#include <cstring>
#include <random>

namespace taic::test {

constexpr Index k = Bench::k;
constexpr Index u = Bench::u;

TEST(TaicModel, Presets) {
    TaicConfig config{};
    ASSERT_TRUE(taic_config_thesis(&config, 2));
    EXPECT_EQ(config.slots, 32U);
    EXPECT_EQ(config.external_lines, 32U);
    EXPECT_FALSE(config.rtl_quirks);
    ASSERT_TRUE(taic_config_rtl(&config, 2));
    EXPECT_EQ(config.slots, 6U);
    EXPECT_EQ(config.depth, 64U);
    EXPECT_TRUE(config.rtl_quirks);
    EXPECT_FALSE(taic_config_rtl(&config, 0));
    EXPECT_EQ(config.harts, 2U);
}

TEST(TaicModel, GeometryIsBounded) {
    const TaicConfig good = conformance_config(false);
    for (auto field : {&TaicConfig::global_queues, &TaicConfig::local_queues, &TaicConfig::slots, &TaicConfig::depth,
                       &TaicConfig::harts, &TaicConfig::external_lines}) {
        TaicConfig bad = good;
        bad.*field = ~0U;
        EXPECT_FALSE(taic_config_valid(&bad));
        EXPECT_EQ(taic_model_size(&bad), 0U);
        EXPECT_EQ(taic_model_init(nullptr, &bad, nullptr), nullptr);
        bad.*field = 0;
        EXPECT_EQ(taic_config_valid(&bad), field == &TaicConfig::external_lines);
    }
}

TEST(TaicModel, ResetLowersLinesAndForgets) {
    both_with_two_queues([](Bench& t) {
        t.whart(k, 1);
        t.extint(k, 0, 0x101);
        t.external(0, true);
        ASSERT_TRUE(t.ssip(1));
        t.alq(1);
        taic_model_reset(t.model);
        EXPECT_EQ(t.lines_up(), 0U);
        EXPECT_EQ(t.alloc(1, 9), 0U);
        EXPECT_EQ(t.deq(k), 0U);
        EXPECT_EQ(t.view(0).hart, none);
    });
}

TEST(TaicModel, SnapshotRestores) {
    both_with_two_queues([](Bench& t) {
        t.whart(k, 1);
        t.enq(k, 0x700);
        t.extint(k, 0, 0x101);
        t.irq(0);
        std::size_t size = 0;
        auto* state = static_cast<unsigned char*>(taic_model_state(t.model, &size));
        const std::vector<unsigned char> saved(state, state + size);
        EXPECT_EQ(t.deq(k), 0x101U);
        t.free(k);
        t.allow_repeated_levels();
        std::memcpy(state, saved.data(), size);
        EXPECT_TRUE(taic_model_state_loaded(t.model));
        EXPECT_TRUE(t.ssip(1));
        EXPECT_EQ(t.deq(k), 0x101U);
        EXPECT_EQ(t.deq(k), 0x700U);
    });
}

TEST(TaicModel, SpoiledSnapshotsAreHarmless) {
    std::mt19937_64 random(1);
    for (int round = 0; round < 300; ++round) {
        both_with_two_queues([&](Bench& t) {
            t.allow_repeated_levels();
            std::size_t size = 0;
            auto* state = static_cast<unsigned char*>(taic_model_state(t.model, &size));
            for (int i = 0; i < 4; ++i) state[random() % 400] = static_cast<unsigned char>(random());
            taic_model_state_loaded(t.model);
            EXPECT_TRUE(taic_model_consistent(t.model));
            for (std::uint32_t gq = 0; gq < 4; ++gq) t.deq({gq, 0});
            t.drop_guest_errors();
        });
    }
}

// Quirks off: a wake that finds no room is not lost with its registration.
TEST(TaicModel, WakeOnFullQueueWaits) {
    Bench t(false);
    t.two_queues();
    for (unsigned i = 0; i < 64; ++i) t.enq(k, 0x1000 + i);
    t.extint(k, 0, 0x101);
    t.rr(k, 1, 2, 7, 0x200);
    t.rs(u, 1, 0, 7);
    t.irq(0);
    t.si(u, 1, 0, 7);
    EXPECT_EQ(t.error(k), ErrorBit::full);
    EXPECT_EQ(t.handlers(0).size(), 1U);
    EXPECT_EQ(t.deq(k), 0x1000U); // makes room: the external wake enters
    EXPECT_EQ(t.deq(k), 0x101U);
    t.si(u, 1, 0, 7);
    EXPECT_EQ(t.handlers(0).size(), 0U);
}

TEST(TaicModel, UnallocatedQueueTakesNoRegistration) {
    Bench t(false);
    t.extint(k, 0, 0x101);
    t.whart(k, 0);
    t.rs(k, 1, 2, 3);
    EXPECT_EQ(t.drop_guest_errors(), 4U);
    t.irq(0);
    EXPECT_EQ(t.error(k), ErrorBit::not_initialised);
    EXPECT_EQ(t.lines_up(), 0U);
}

TEST(TaicModel, HandlerZeroFreesTheSlot) {
    Bench t(false);
    t.two_queues();
    t.rr(k, 1, 2, 7, 0x102);
    t.rr(k, 1, 2, 7, 0);
    EXPECT_TRUE(t.handlers(0).empty());
}

TEST(TaicModel, EverySendDuringAnAllocationArrives) {
    Bench t(false);
    t.two_queues();
    for (std::uint64_t irq = 1; irq < 5; ++irq) {
        t.rr(k, 1, 2, irq, 0x100 * irq);
        t.rs(u, 1, 0, irq);
    }
    t.alq(1);
    for (std::uint64_t irq = 1; irq < 5; ++irq) t.si(u, 1, 0, irq);
    t.cs(u, 1, 0, 3); // revocation wins over a waiting send
    t.alq(2);
    t.alq();
    for (const std::uint64_t word : {0x100U, 0x200U, 0x400U, 0U}) EXPECT_EQ(t.deq(k), word);
}

TEST(TaicModel, EventsAreTraced) {
    Bench t(false);
    t.two_queues();
    t.rr(k, 1, 2, 7, 0x100);
    t.rs(u, 1, 0, 7);
    t.si(u, 1, 0, 7);
    t.deq(k);
    for (const TaicEvent event : {TAIC_EVENT_REGISTER_RECEIVER, TAIC_EVENT_REGISTER_SENDER, TAIC_EVENT_SEND,
                                  TAIC_EVENT_WAKE, TAIC_EVENT_DEQUEUE}) {
        EXPECT_EQ(t.events(event), 1U) << event;
    }
    EXPECT_EQ(t.events(TAIC_EVENT_ALLOC), 2U);
}

TEST(TaicModel, OddAccessesAreIgnored) {
    both_with_two_queues([](Bench& t) {
        t.enq(k, 0x10);
        for (const unsigned size : {0U, 3U, 16U}) EXPECT_EQ(t.read(t.at(k, QueueRegister::Dequeue), size), 0U);
        EXPECT_EQ(t.read(t.at(k, QueueRegister::Dequeue) + 4, 8), 0U);
        EXPECT_EQ(t.drop_guest_errors(), 4U);
        EXPECT_EQ(t.deq(k), 0x10U);
    });
}

class Fuzz {
public:
    Fuzz(const TaicConfig& config, unsigned seed) : bench_(config), random_(seed) { bench_.keep_no_events(); }

    void run(int steps) {
        for (int step = 0; step < steps; ++step) {
            act();
            ASSERT_TRUE(taic_model_consistent(bench_.model)) << "step " << step;
        }
        bench_.drop_guest_errors();
        // Whatever happened, the device still answers once it is reset.
        taic_model_reset(bench_.model);
        EXPECT_EQ(bench_.alloc(1, 1), 0U);
    }

private:
    std::uint64_t value() {
        switch (random_() % 6) {
        case 0: return random_();
        case 1: return none;
        case 2: return (random_() % 4) << 32 | random_() % 3;
        case 3: return (random_() % 6) << 32 | random_() % 10;
        default: return random_() % 4;
        }
    }
    std::uint64_t offset() {
        const TaicConfig& config = bench_.config();
        switch (random_() % 16) {
        case 0: return random_();
        case 1: return random_() % window_size;
        case 2:
        case 3: return 8 * (random_() % 2);
        case 4: return 0x10 + 8 * (random_() % (config.external_lines + 2));
        default: {
            const auto gq = static_cast<std::uint32_t>(random_() % (config.global_queues + 1));
            const auto lq = static_cast<std::uint32_t>(random_() % 3);
            return bench_.at({gq, lq}, static_cast<QueueRegister>(8 * (random_() % 14)));
        }
        }
    }
    void act() {
        const unsigned size = random_() % 8 != 0 ? 8 : static_cast<unsigned>(random_() % 17);
        switch (random_() % 8) {
        case 0: return bench_.external(static_cast<unsigned>(random_() % 70), random_() % 2 != 0);
        case 1:
        case 2: bench_.read(offset(), size); return;
        case 3: bench_.alloc(1, random_() % 5); return;
        default: return bench_.write(offset(), value(), size);
        }
    }

    Bench bench_;
    std::mt19937_64 random_;
};

TEST(TaicModel, RandomAccessesKeepTheInvariants) {
    TaicConfig configs[4];
    ASSERT_TRUE(taic_config_thesis(&configs[0], 4));
    ASSERT_TRUE(taic_config_rtl(&configs[1], 4));
    configs[2] = {1, 1, 1, 1, 0, 1, false};
    configs[3] = {3, 5, 2, 3, 64, 3, true};
    for (const TaicConfig& config : configs) {
        for (unsigned seed = 0; seed < 4; ++seed) {
            SCOPED_TRACE(testing::Message() << "depth " << config.depth << " seed " << seed);
            Fuzz(config, seed).run(10000);
        }
    }
}

} // namespace taic::test
