// Conformance cases 38 to 58: external interrupts, preemption lines, whart (specification section 8.3).
#include "tests/host/taic/bench.hpp"

namespace taic::test {

constexpr Index k = Bench::k;
constexpr Index u = Bench::u;

TEST(TaicConformance, Case38_OneShot) {
    both_with_two_queues([](Bench& t) {
        t.extint(k, 0, 0x100);
        t.irq(0);
        EXPECT_EQ(t.deq(k), 0x100U);
        t.irq(0);
        EXPECT_EQ(t.deq(k), 0U);
    });
}

TEST(TaicConformance, Case39_Reusable) {
    both_with_two_queues([](Bench& t) {
        t.extint(k, 0, 0x102);
        t.irq(0);
        t.irq(0);
        EXPECT_EQ(t.deq(k), 0x102U);
        EXPECT_EQ(t.deq(k), 0x102U);
        EXPECT_EQ(t.deq(k), 0U);
    });
}

TEST(TaicConformance, Case40_NoHandlerDiscards) {
    both_with_two_queues([](Bench& t) {
        t.irq(2);
        t.extint(k, 2, 0x200);
        EXPECT_EQ(t.deq(k), 0U);
        t.irq(2);
        EXPECT_EQ(t.deq(k), 0x200U);
    });
}

TEST(TaicConformance, Case41_EdgeNotLevel) {
    both_with_two_queues([](Bench& t) {
        t.extint(k, 0, 0x102);
        for (int cycle = 0; cycle < 200; ++cycle) t.external(0, true);
        EXPECT_EQ(t.view(0).stored, 1U);
        t.external(0, false);
        t.external(0, true);
        EXPECT_EQ(t.view(0).stored, 2U);
    });
}

TEST(TaicConformance, Case42_HighLineHidesThePulse) {
    both_with_two_queues([](Bench& t) {
        t.external(0, true);
        t.extint(k, 0, 0x102);
        t.irq(0);
        EXPECT_EQ(t.deq(k), 0U);
        t.external(0, false);
        t.irq(0);
        EXPECT_EQ(t.deq(k), 0x102U);
    });
}

TEST(TaicConformance, Case43_EveryGlobalQueueSeesTheEdge) {
    both_with_two_queues([](Bench& t) {
        t.extint(k, 3, 0x100);
        t.extint(u, 3, 0x200);
        t.irq(3);
        EXPECT_EQ(t.deq(k), 0x100U);
        EXPECT_EQ(t.deq(k), 0U);
        EXPECT_EQ(t.deq(u), 0x200U);
        EXPECT_EQ(t.deq(u), 0U);
    });
}

TEST(TaicConformance, Case44_LinesInOrder) {
    both_with_two_queues([](Bench& t) {
        for (unsigned line = 0; line < 6; ++line) t.extint(k, line, 0x100 * (line + 1));
        for (unsigned line = 0; line < 6; ++line) t.external(line, true);
        for (unsigned line = 0; line < 6; ++line) EXPECT_EQ(t.deq(k), 0x100 * (line + 1));
        EXPECT_EQ(t.deq(k), 0U);
    });
}

TEST(TaicConformance, Case45_PulseValueIgnored) {
    both_with_two_queues([](Bench& t) {
        t.extint(k, 0, 0x100);
        t.irq(0, 0);
        EXPECT_EQ(t.deq(k), 0x100U);
    });
}

TEST(TaicConformance, Case46_PreemptRaisesSsip) {
    both_with_two_queues([](Bench& t) {
        t.whart(k, 3);
        t.enq(k, 0x700);
        t.extint(k, 0, 0x101);
        t.irq(0);
        EXPECT_TRUE(t.ssip(3));
        EXPECT_EQ(t.lines_up(), 1U);
        EXPECT_EQ(t.deq(k), 0x101U);
        EXPECT_EQ(t.lines_up(), 0U);
        EXPECT_EQ(t.deq(k), 0x700U);
    });
}

TEST(TaicConformance, Case47_NoPreemptGoesToTheTail) {
    both_with_two_queues([](Bench& t) {
        t.whart(k, 3);
        t.enq(k, 0x700);
        t.extint(k, 0, 0x100);
        t.irq(0);
        EXPECT_EQ(t.lines_up(), 0U);
        EXPECT_EQ(t.deq(k), 0x700U);
        EXPECT_EQ(t.deq(k), 0x100U);
    });
}

TEST(TaicConformance, Case48_PreemptingWakesAreLastInFirstOut) {
    both_with_two_queues([](Bench& t) {
        t.extint(k, 0, 0x101);
        t.extint(k, 1, 0x201);
        t.irq(0);
        t.irq(1);
        EXPECT_EQ(t.deq(k), 0x201U);
        EXPECT_EQ(t.deq(k), 0x101U);
    });
}

TEST(TaicConformance, Case49_ProcessRaisesUsip) {
    both_with_two_queues([](Bench& t) {
        t.whart(u, 5);
        t.extint(u, 0, 0x101);
        t.irq(0);
        EXPECT_TRUE(t.usip(5));
        EXPECT_EQ(t.lines_up(), 1U);
    });
}

TEST(TaicConformance, Case50_LineFollowsTheBinding) {
    both_with_two_queues([](Bench& t) {
        t.extint(u, 0, 0x101);
        t.irq(0);
        EXPECT_EQ(t.lines_up(), 0U);
        t.whart(u, 2);
        EXPECT_TRUE(t.usip(2));
        t.whart(u, 6);
        EXPECT_TRUE(t.usip(6));
        EXPECT_EQ(t.lines_up(), 1U);
        t.whart(u, none);
        EXPECT_EQ(t.lines_up(), 0U);
        t.whart(u, hart_count); // any hart the machine does not have
        EXPECT_EQ(t.lines_up(), 0U);
    });
}

TEST(TaicConformance, Case51_PreemptingWordFirstOnEveryPage) {
    both_with_two_queues([](Bench& t) {
        t.alloc(1, 2);
        t.alloc(1, 2);
        t.whart(u, 1);
        t.enq({1, 2}, 0x900);
        t.extint(u, 0, 0x101);
        t.irq(0);
        EXPECT_TRUE(t.usip(1));
        EXPECT_EQ(t.deq({1, 2}), 0x101U);
        EXPECT_FALSE(t.usip(1));
        EXPECT_EQ(t.deq({1, 2}), 0x900U);
    });
}

TEST(TaicConformance, Case52_FailedDequeueDropsTheLine) {
    both_with_two_queues([](Bench& t) {
        t.whart(u, 1);
        t.enq(u, 0x900);
        t.extint(u, 0, 0x101);
        t.irq(0);
        EXPECT_TRUE(t.usip(1));
        EXPECT_EQ(t.deq({1, 6}), 0U);
        EXPECT_EQ(t.error(u), ErrorBit::not_allocated);
        EXPECT_FALSE(t.usip(1));
        EXPECT_EQ(t.deq(u), 0x101U);
    });
}

static void raise_on_kernel(Bench& t) {
    t.whart(k, 4);
    t.extint(k, 0, 0x101);
    t.irq(0);
    ASSERT_TRUE(t.ssip(4));
}

TEST(TaicConformance, Case53_EnqueueAndTheLine) {
    both_with_two_queues([](Bench& t) {
        raise_on_kernel(t);
        t.enq(k, 0x700);
        EXPECT_EQ(t.ssip(4), !t.quirks());
        EXPECT_EQ(t.deq(k), 0x101U);
        EXPECT_EQ(t.deq(k), 0x700U);
    });
}

TEST(TaicConformance, Case54_QuietWakeAndTheLine) {
    both_with_two_queues([](Bench& t) {
        raise_on_kernel(t);
        t.extint(k, 1, 0x200);
        t.irq(1);
        EXPECT_EQ(t.ssip(4), !t.quirks());
        EXPECT_EQ(t.deq(k), 0x101U);
        EXPECT_EQ(t.deq(k), 0x200U);
    });
}

TEST(TaicConformance, Case55_LineStays) {
    both_with_two_queues([](Bench& t) {
        raise_on_kernel(t);
        t.error(k); // unrelated traffic in place of time
        t.deq(u);
        t.enq(u, 0x10);
        t.irq(5);
        EXPECT_TRUE(t.ssip(4));
    });
}

TEST(TaicConformance, Case56_LineIsTheOrOfGlobalQueues) {
    both([](Bench& t) {
        t.alloc(1, 2);
        t.alloc(1, 3);
        for (const Index page : {k, u}) {
            t.whart(page, 1);
            t.extint(page, 0, 0x101);
        }
        t.irq(0);
        EXPECT_TRUE(t.usip(1));
        EXPECT_EQ(t.deq(k), 0x101U);
        EXPECT_TRUE(t.usip(1));
        EXPECT_EQ(t.deq(u), 0x101U);
        EXPECT_FALSE(t.usip(1));
    });
}

TEST(TaicConformance, Case57_RegistrationOverwrites) {
    both_with_two_queues([](Bench& t) {
        t.extint(k, 0, 0x100);
        t.extint(k, 0, 0x200);
        t.irq(0);
        EXPECT_EQ(t.deq(k), 0x200U);
        EXPECT_EQ(t.deq(k), 0U);
    });
}

TEST(TaicConformance, Case58_ZeroUnregisters) {
    both_with_two_queues([](Bench& t) {
        t.extint(k, 0, 0x102);
        t.extint(k, 0, 0);
        t.irq(0);
        EXPECT_EQ(t.deq(k), 0U);
        EXPECT_EQ(t.error(k), 0U);
    });
}

} // namespace taic::test
