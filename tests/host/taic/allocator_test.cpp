// Conformance cases 1 to 19: allocation and freeing (specification section 8.1).
#include "tests/host/taic/bench.hpp"

namespace taic::test {

TEST(TaicConformance, Case01_FirstAllocation) {
    both([](Bench& t) { EXPECT_EQ(t.alloc(1, 0), 0U); });
}

TEST(TaicConformance, Case02_SecondIdentity) {
    both([](Bench& t) {
        t.alloc(1, 0);
        EXPECT_EQ(t.alloc(1, 2), 0x1'0000'0000U);
    });
}

TEST(TaicConformance, Case03_SameIdentityAgain) {
    both_with_two_queues([](Bench& t) { EXPECT_EQ(t.alloc(1, 2), 0x1'0000'0001U); });
}

TEST(TaicConformance, Case04_FifthIdentityFails) {
    both([](Bench& t) {
        for (std::uint64_t process = 0; process < 4; ++process) EXPECT_EQ(t.alloc(1, process), process << 32);
        EXPECT_EQ(t.alloc(1, 4), none);
        EXPECT_EQ(t.alloc(1, 3), 0x3'0000'0001U);
    });
}

TEST(TaicConformance, Case05_NinthLocalQueueFails) {
    both([](Bench& t) {
        for (std::uint64_t lq = 0; lq < 8; ++lq) EXPECT_EQ(t.alloc(1, 9), lq);
        EXPECT_EQ(t.alloc(1, 9), none);
        EXPECT_EQ(t.alloc(1, 2), 0x1'0000'0000U);
    });
}

TEST(TaicConformance, Case06_LowestFreeLocalQueueFirst) {
    both([](Bench& t) {
        for (int i = 0; i < 5; ++i) t.alloc(1, 9);
        t.free(Index{0, 3});
        t.free(Index{0, 1});
        EXPECT_EQ(t.alloc(1, 9), 1U);
        EXPECT_EQ(t.alloc(1, 9), 3U);
    });
}

TEST(TaicConformance, Case07_GlobalQueueReused) {
    both([](Bench& t) {
        t.alloc(1, 1);
        t.alloc(1, 2);
        t.free(Index{0, 0});
        EXPECT_EQ(t.alloc(1, 7), 0U);
    });
}

TEST(TaicConformance, Case08_LastFreeDropsTasks) {
    both([](Bench& t) {
        t.alloc(1, 0);
        t.enq({0, 0}, 0x10);
        t.free(Index{0, 0});
        EXPECT_EQ(t.alloc(1, 7), 0U);
        EXPECT_EQ(t.deq({0, 0}), 0U);
    });
}

TEST(TaicConformance, Case09_TasksOfFreedLocalQueueStealable) {
    both([](Bench& t) {
        t.alloc(1, 5);
        t.alloc(1, 5);
        t.enq({0, 1}, 0x10);
        t.enq({0, 1}, 0x20);
        t.free(Index{0, 1});
        EXPECT_EQ(t.deq({0, 1}), 0U);
        EXPECT_EQ(t.error({0, 0}), ErrorBit::not_allocated);
        EXPECT_EQ(t.deq({0, 0}), 0x10U);
    });
}

TEST(TaicConformance, Case10_NextOwnerInheritsTasks) {
    both([](Bench& t) {
        t.alloc(1, 5);
        t.alloc(1, 5);
        t.enq({0, 1}, 0x10);
        t.enq({0, 1}, 0x20);
        t.free(Index{0, 1});
        EXPECT_EQ(t.deq({0, 0}), 0x10U);
        EXPECT_EQ(t.alloc(1, 5), 1U);
        t.enq({0, 1}, 0x30);
        EXPECT_EQ(t.deq({0, 1}), 0x20U);
        EXPECT_EQ(t.deq({0, 1}), 0x30U);
    });
}

TEST(TaicConformance, Case11_DoubleFree) {
    both([](Bench& t) {
        t.alloc(1, 5);
        t.alloc(1, 5);
        t.free(Index{0, 1});
        t.free(Index{0, 1});
        t.expect_guest_error("not allocated");
        EXPECT_EQ(t.alloc(1, 5), 1U);
        EXPECT_EQ(t.alloc(1, 6), 0x1'0000'0000U);
        EXPECT_EQ(t.alloc(1, 7), 0x2'0000'0000U);
        EXPECT_EQ(t.alloc(1, 8), 0x3'0000'0000U);
    });
}

TEST(TaicConformance, Case12_FreeTruncatesTheLocalIndex) {
    both([](Bench& t) {
        t.alloc(1, 5);
        t.alloc(1, 5);
        t.free(9);
        if (!t.quirks()) t.expect_guest_error("does not exist");
        EXPECT_EQ(t.alloc(1, 5), t.quirks() ? 1U : 2U);
    });
}

TEST(TaicConformance, Case13_FreeOfMissingGlobalQueue) {
    both([](Bench& t) {
        t.free(Index{5, 0});
        t.expect_guest_error("does not exist");
        EXPECT_EQ(t.alloc(1, 3), 0U);
        t.free(none);
        t.expect_guest_error("does not exist");
        EXPECT_EQ(t.alloc(1, 3), 1U);
    });
}

TEST(TaicConformance, Case14_ReadBeforeAnyWrite) {
    both([](Bench& t) {
        EXPECT_EQ(t.alq(), none);
        t.expect_guest_error("before both writes");
        EXPECT_EQ(t.alloc(1, 0), 0U);
        t.alq(1); // half a triple, then the read: given up as a whole
        EXPECT_EQ(t.alq(), none);
        t.expect_guest_error("before both writes");
        EXPECT_EQ(t.alloc(1, 2), 0x1'0000'0000U);
    });
}

TEST(TaicConformance, Case15_FreeInsideTheTriple) {
    both([](Bench& t) {
        t.alloc(1, 5);
        t.alq(1);
        t.free(Index{0, 0});
        t.expect_guest_error("open allocation");
        t.alq(5);
        t.free(Index{0, 0});
        t.expect_guest_error("open allocation");
        EXPECT_EQ(t.alq(), 1U); // the triple went on, and local queue 0 is still taken
    });
}

TEST(TaicConformance, Case16_ThirdWriteBeforeTheRead) {
    both([](Bench& t) {
        t.alq(1);
        t.alq(2);
        t.alq(3);
        t.expect_guest_error("before the result was read");
        EXPECT_EQ(t.alq(), 0U);
        EXPECT_EQ(t.view(0).process, 2U);
        EXPECT_EQ(t.alloc(1, 2), 1U);
    });
}

TEST(TaicConformance, Case17_AllocationForNobody) {
    both([](Bench& t) {
        EXPECT_EQ(t.alloc(0, 0), t.quirks() ? 0U : none);
        if (!t.quirks()) t.expect_guest_error("impossible identity");
        t.enq({0, 0}, 0x10);
        EXPECT_EQ(t.error({0, 0}), ErrorBit::not_initialised);
        EXPECT_EQ(t.alloc(1, 2), t.quirks() ? 1U : 0U);
        EXPECT_EQ(t.deq({0, 0}), 0U);
    });
}

// Measured on the elaborated hardware, section 3.3.
TEST(TaicMeasured, QueueOfNobodyIsFreed) {
    Bench t(true);
    EXPECT_EQ(t.alloc(0, 0), 0U);
    t.free(0);
    EXPECT_EQ(t.alloc(1, 2), 0U);
}

// The last free cleans, as any other, what was laid there for the next owner; one that is not the last does not.
TEST(TaicMeasured, QueueOfNobodyIsCleaned) {
    Bench t(true);
    EXPECT_EQ(t.alloc(0, 0), 0U);
    EXPECT_EQ(t.alloc(0, 0), 1U);
    t.rs({0, 0}, 1, 0, 7);
    t.rr({0, 0}, 1, 0, 7, 0x102);
    t.free(0);
    t.free(0);
    t.expect_guest_error("not allocated");
    EXPECT_EQ(t.send_slots(0), 1U);
    t.free(1);
    EXPECT_EQ(t.send_slots(0), 0U);
    EXPECT_TRUE(t.handlers(0).empty());
    EXPECT_EQ(t.alloc(1, 2), 0U);
}

TEST(TaicMeasured, QueueOfNobodyPassesToAnOwner) {
    Bench t(true);
    EXPECT_EQ(t.alloc(0, 0), 0U);
    EXPECT_EQ(t.alloc(1, 2), 1U);
    t.free(1);
    EXPECT_TRUE(t.view(0).reserved); // local queue 0 is the owner's now
    t.free(0);
    EXPECT_FALSE(t.view(0).reserved);
    EXPECT_EQ(t.alloc(1, 3), 0U);
}

TEST(TaicConformance, Case18_LatchIsDeviceWide) {
    both([](Bench& t) {
        t.alq(1); // hart A
        t.alq(7); // hart B
        EXPECT_EQ(t.alq(), 0U);
        EXPECT_EQ(t.view(0).os, 1U);
        EXPECT_EQ(t.view(0).process, 7U);
    });
}

TEST(TaicConformance, Case19_IdleAfterFailure) {
    both([](Bench& t) {
        for (std::uint64_t process = 1; process < 5; ++process) t.alloc(1, process);
        EXPECT_EQ(t.alloc(1, 5), none);
        EXPECT_EQ(t.alloc(1, 2), 0x1'0000'0001U);
    });
}

} // namespace taic::test
