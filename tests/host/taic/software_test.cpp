// Conformance cases 59 to 88: software interrupts (specification section 8.4).
#include "tests/host/taic/bench.hpp"

namespace taic::test {

constexpr Index k = Bench::k;
constexpr Index u = Bench::u;

TEST(TaicConformance, Case59_SendDelivers) {
    both_with_two_queues([](Bench& t) {
        t.whart(k, 4);
        t.rr(k, 1, 2, 7, 0x101);
        t.rs(u, 1, 0, 7);
        t.si(u, 1, 0, 7);
        EXPECT_TRUE(t.ssip(4));
        EXPECT_EQ(t.deq(k), 0x101U);
        EXPECT_EQ(t.error(k), 0U);
        EXPECT_EQ(t.error(u), 0U);
    });
}

TEST(TaicConformance, Case60_SendNeedsPermission) {
    both_with_two_queues([](Bench& t) {
        t.rr(k, 1, 2, 7, 0x101);
        t.si(u, 1, 0, 7);
        EXPECT_EQ(t.error(u), ErrorBit::no_send_permission);
        EXPECT_EQ(t.deq(k), 0U);
    });
}

TEST(TaicConformance, Case61_ReceiverNotAllocated) {
    both_with_two_queues([](Bench& t) {
        t.rs(u, 1, 9, 0);
        t.si(u, 1, 9, 0);
        for (std::uint32_t gq = 0; gq < 4; ++gq) EXPECT_EQ(t.error({gq, 0}), 0U);
        EXPECT_EQ(t.alloc(1, 2), 0x1'0000'0001U);
    });
}

TEST(TaicConformance, Case62_ReceiverNotRegistered) {
    both_with_two_queues([](Bench& t) {
        t.rs(u, 1, 0, 0);
        t.si(u, 1, 0, 0);
        EXPECT_EQ(t.error(k), ErrorBit::no_receive_permission);
        EXPECT_EQ(t.deq(k), 0U);
    });
}

TEST(TaicConformance, Case63_IrqIsPartOfThePermission) {
    both_with_two_queues([](Bench& t) {
        t.rr(k, 1, 2, 1, 0x100);
        t.rs(u, 1, 0, 2);
        t.si(u, 1, 0, 2);
        EXPECT_EQ(t.error(k), ErrorBit::no_receive_permission);
        EXPECT_EQ(t.deq(k), 0U);
    });
}

// Kernel listens to irq 7 of process 2, which may send it.
static void connect(Bench& t, std::uint64_t handler) {
    t.rr(k, 1, 2, 7, handler);
    t.rs(u, 1, 0, 7);
}

TEST(TaicConformance, Case64_ReusableReceiver) {
    both_with_two_queues([](Bench& t) {
        connect(t, 0x102);
        for (int i = 0; i < 3; ++i) t.si(u, 1, 0, 7);
        for (int i = 0; i < 3; ++i) EXPECT_EQ(t.deq(k), 0x102U);
        EXPECT_EQ(t.deq(k), 0U);
    });
}

TEST(TaicConformance, Case65_OneShotReceiver) {
    both_with_two_queues([](Bench& t) {
        connect(t, 0x100);
        t.si(u, 1, 0, 7);
        EXPECT_EQ(t.deq(k), 0x100U);
        EXPECT_TRUE(t.handlers(0).empty());
    });
}

TEST(TaicConformance, Case66_StaleWord) {
    both_with_two_queues([](Bench& t) {
        connect(t, 0x100);
        t.si(u, 1, 0, 7);
        EXPECT_EQ(t.deq(k), 0x100U);
        t.si(u, 1, 0, 7);
        EXPECT_EQ(t.deq(k), t.quirks() ? 0x100U : 0U);
        EXPECT_EQ(t.error(k), t.quirks() ? 0U : ErrorBit::no_receive_permission);
    });
}

TEST(TaicConformance, Case67_UnregisteredLineClearsTheStaleWord) {
    both_with_two_queues([](Bench& t) {
        connect(t, 0x100);
        t.si(u, 1, 0, 7);
        EXPECT_EQ(t.deq(k), 0x100U);
        t.irq(5);
        t.si(u, 1, 0, 7);
        EXPECT_EQ(t.deq(k), 0U);
        EXPECT_EQ(t.error(k), ErrorBit::no_receive_permission);
    });
}

TEST(TaicConformance, Case68_StaleWordOfAnEnqueue) {
    both_with_two_queues([](Bench& t) {
        t.enq(k, 0x5550);
        EXPECT_EQ(t.deq(k), 0x5550U);
        t.rs(u, 1, 0, 7);
        t.si(u, 1, 0, 7);
        EXPECT_EQ(t.deq(k), t.quirks() ? 0x5550U : 0U);
        EXPECT_EQ(t.error(k), t.quirks() ? 0U : ErrorBit::no_receive_permission);
    });
}

TEST(TaicConformance, Case69_ReceiverRegisteredTwice) {
    both_with_two_queues([](Bench& t) {
        t.rr(k, 1, 2, 7, 0x102);
        t.rr(k, 1, 2, 7, 0x202);
        EXPECT_EQ(t.handlers(0), std::vector<std::uint64_t>(t.quirks() ? 2 : 1, 0x202));
    });
}

TEST(TaicConformance, Case70_CancelOnceAfterThree) {
    both_with_two_queues([](Bench& t) {
        t.rr(k, 1, 2, 7, 0x102);
        for (int i = 0; i < 3; ++i) t.rs(u, 1, 0, 7);
        t.cs(u, 1, 0, 7);
        EXPECT_EQ(t.send_slots(1), t.quirks() ? 2U : 0U);
        t.si(u, 1, 0, 7);
        EXPECT_EQ(t.deq(k), t.quirks() ? 0x102U : 0U);
        EXPECT_EQ(t.error(u), t.quirks() ? 0U : ErrorBit::no_send_permission);
        t.cs(u, 1, 0, 7);
        t.cs(u, 1, 0, 7);
        t.si(u, 1, 0, 7);
        EXPECT_EQ(t.error(u), ErrorBit::no_send_permission);
        EXPECT_EQ(t.deq(k), 0U);
    });
}

TEST(TaicConformance, Case71_SendSlotsFull) {
    both_with_two_queues([](Bench& t) {
        for (std::uint64_t irq = 0; irq < 7; ++irq) t.rs(u, 1, 0, irq);
        t.expect_guest_error("no slot is free");
        EXPECT_EQ(t.send_slots(1), 6U);
        EXPECT_EQ(t.error(u), 0U);
        t.si(u, 1, 0, 6);
        EXPECT_EQ(t.error(u), ErrorBit::no_send_permission);
    });
}

TEST(TaicConformance, Case72_ReceiveSlotsFull) {
    both_with_two_queues([](Bench& t) {
        for (std::uint64_t irq = 0; irq < 7; ++irq) t.rr(k, 1, 2, irq, 0x100 + 0x10 * irq);
        t.expect_guest_error("no slot is free");
        t.rr(k, 1, 2, 2, 0xab0);
        EXPECT_EQ(t.handlers(0), (std::vector<std::uint64_t>{0x100, 0x110, 0xab0, 0x130, 0x140, 0x150}));
        EXPECT_EQ(t.error(k), 0U);
    });
}

TEST(TaicConformance, Case73_SendToItself) {
    both_with_two_queues([](Bench& t) {
        t.rs(u, 1, 2, 3);
        t.rr(u, 1, 2, 3, 0x300);
        t.si(u, 1, 2, 3);
        EXPECT_EQ(t.deq(u), 0x300U);
    });
}

TEST(TaicConformance, Case74_HalvesFromTwoPages) {
    both_with_two_queues([](Bench& t) {
        t.alloc(1, 0);
        t.write(t.at({0, 0}, QueueRegister::RegisterSender), 1);
        t.write(t.at({0, 1}, QueueRegister::RegisterSender), Peer{1, 2, 5}.word());
        EXPECT_EQ(t.send_slots(0), 1U);
        const TaicSlotView slot = taic_model_view_send_slot(t.model, 0, 0);
        EXPECT_EQ(slot.os, 1U);
        EXPECT_EQ(slot.word, 0x2'0000'0005U);
    });
}

TEST(TaicConformance, Case75_SequencesOfTwoQueuesInterleave) {
    both_with_two_queues([](Bench& t) {
        const std::uint64_t sender = t.at(k, QueueRegister::RegisterSender);
        const std::uint64_t receiver = t.at(u, QueueRegister::RegisterReceiver);
        t.write(receiver, 1);
        t.write(sender, 1);
        t.write(receiver, Peer{1, 0, 9}.word());
        t.write(sender, Peer{1, 2, 9}.word());
        t.write(receiver, 0x500);
        t.si(k, 1, 2, 9);
        EXPECT_EQ(t.deq(u), 0x500U);
    });
}

TEST(TaicConformance, Case76_MixedSequences) {
    constexpr QueueRegister sequences[] = {QueueRegister::RegisterSender, QueueRegister::CancelSender,
                                           QueueRegister::RegisterReceiver, QueueRegister::Send};
    for (const QueueRegister open : sequences) {
        for (const QueueRegister other : sequences) {
            if (open == other) continue;
            both_with_two_queues([open, other](Bench& t) {
                connect(t, 0x102);
                t.rs(u, 1, 0, 8);
                t.write(t.at(u, open), 0x77);
                t.write(t.at(u, other), 1);
                t.expect_guest_error("open sequence abandoned");
                t.write(t.at(u, other), Peer{1, 0, 7}.word());
                if (other == QueueRegister::RegisterReceiver) t.write(t.at(u, other), 0x300);
                EXPECT_EQ(t.view(1).open_sequence, 0U);
                EXPECT_EQ(t.handlers(1).size(), other == QueueRegister::RegisterReceiver ? 1U : 0U);
                EXPECT_EQ(t.deq(k), other == QueueRegister::Send ? 0x102U : 0U);
                EXPECT_EQ(t.send_slots(1),
                          other == QueueRegister::CancelSender                       ? 1U
                              : other == QueueRegister::RegisterSender && t.quirks() ? 3U
                                                                                     : 2U);
            });
        }
    }
}

TEST(TaicConformance, Case77_SendToNobody) {
    both_with_two_queues([](Bench& t) {
        t.si(u, 0, 0, 0);
        EXPECT_EQ(t.error(u), t.quirks() ? 0U : ErrorBit::no_send_permission);
        EXPECT_EQ(t.error({2, 0}), t.quirks() ? ErrorBit::no_receive_permission : 0U);
    });
}

TEST(TaicConformance, Case78_LowerGlobalQueueFirst) {
    both_with_two_queues([](Bench& t) {
        constexpr Index v{2, 0};
        ASSERT_EQ(t.alloc(1, 3), v.word());
        t.rr(k, 1, 2, 0, 0x200);
        t.rr(k, 1, 3, 0, 0x300);
        t.rs(u, 1, 0, 0);
        t.rs(v, 1, 0, 0);
        t.alq(1); // keeps both requests pending
        t.si(v, 1, 0, 0);
        t.si(u, 1, 0, 0);
        EXPECT_EQ(t.view(0).stored, 0U);
        t.alq(2);
        t.alq();
        EXPECT_EQ(t.deq(k), 0x200U);
        EXPECT_EQ(t.deq(k), 0x300U);
    });
}

TEST(TaicConformance, Case79_HandlerZeroNeutralises) {
    both_with_two_queues([](Bench& t) {
        t.rr(k, 1, 2, 7, 0x100);
        t.rr(k, 1, 2, 7, 0);
        t.rs(u, 1, 0, 7);
        t.si(u, 1, 0, 7);
        EXPECT_EQ(t.deq(k), 0U);
        EXPECT_EQ(t.error(k), ErrorBit::no_receive_permission);
    });
}

TEST(TaicConformance, Case80_CancelRevokes) {
    both_with_two_queues([](Bench& t) {
        connect(t, 0x100);
        t.cs(u, 1, 0, 7);
        t.si(u, 1, 0, 7);
        EXPECT_EQ(t.error(u), ErrorBit::no_send_permission);
        EXPECT_EQ(t.deq(k), 0U);
    });
}

TEST(TaicConformance, Case81_CancelOfNothing) {
    both_with_two_queues([](Bench& t) {
        connect(t, 0x100);
        t.cs(u, 1, 0, 8);
        EXPECT_EQ(t.send_slots(1), 1U);
        EXPECT_EQ(t.error(u), 0U);
    });
}

TEST(TaicConformance, Case82_WideProcessId) {
    both([](Bench& t) {
        ASSERT_EQ(t.alloc(1, 0), 0U);
        t.rr(k, 1, 2, 7, 0x100);
        EXPECT_EQ(t.alloc(1, 0x1'0000'0002), t.quirks() ? u.word() : none);
        if (!t.quirks()) return t.expect_guest_error("impossible identity");
        t.rs(u, 1, 0, 7);
        t.si(u, 1, 0, 7);
        EXPECT_EQ(t.deq(k), 0x100U);
    });
}

TEST(TaicConformance, Case83_LastFreeClearsTheTables) {
    both_with_two_queues([](Bench& t) {
        t.rs(u, 1, 0, 7);
        t.rr(u, 1, 0, 7, 0x100);
        t.extint(u, 0, 0x100);
        t.free(u);
        ASSERT_EQ(t.alloc(1, 8), u.word());
        EXPECT_EQ(t.send_slots(1), 0U);
        EXPECT_TRUE(t.handlers(1).empty());
        t.irq(0);
        EXPECT_EQ(t.deq(u), 0U);
    });
}

TEST(TaicConformance, Case84_LastFreeAndTheLine) {
    both_with_two_queues([](Bench& t) {
        t.whart(u, 3);
        t.extint(u, 0, 0x101);
        t.irq(0);
        ASSERT_TRUE(t.usip(3));
        t.free(u);
        EXPECT_EQ(t.usip(3), t.quirks());
        EXPECT_EQ(t.view(1).hart, t.quirks() ? 3U : none);
    });
}

static void arrive_in_open_sequence(Bench& t, std::uint64_t handler) {
    connect(t, handler);
    t.write(t.at(k, QueueRegister::RegisterSender), 1);
    t.si(u, 1, 0, 7);
    EXPECT_EQ(t.deq(k), handler);
}

TEST(TaicConformance, Case85_ArrivalDuringASequence) {
    both_with_two_queues([](Bench& t) {
        arrive_in_open_sequence(t, 0x102);
        t.write(t.at(k, QueueRegister::RegisterSender), Peer{1, 2, 1}.word());
        EXPECT_EQ(t.send_slots(0), 1U);
    });
}

TEST(TaicConformance, Case86_OneShotDuringASequence) {
    both_with_two_queues([](Bench& t) {
        arrive_in_open_sequence(t, 0x100);
        EXPECT_EQ(t.handlers(0).size(), t.quirks() ? 1U : 0U);
    });
}

TEST(TaicConformance, Case87_SendWaitsForTheAllocator) {
    both_with_two_queues([](Bench& t) {
        connect(t, 0x100);
        t.alq(1);
        t.si(u, 1, 0, 7);
        EXPECT_EQ(t.view(0).stored, 0U);
        t.alq(2);
        EXPECT_EQ(t.view(0).stored, 0U);
        EXPECT_EQ(t.alq(), 0x1'0000'0001U);
        EXPECT_EQ(t.deq(k), 0x100U);
    });
}

TEST(TaicConformance, Case88_DestinationOfAPendingSend) {
    both_with_two_queues([](Bench& t) {
        constexpr Index b{2, 0};
        ASSERT_EQ(t.alloc(1, 3), b.word());
        t.rr(b, 1, 2, 9, 0x300);
        connect(t, 0x100);
        t.alq(1);
        t.si(u, 1, 0, 7); // permitted
        t.si(u, 1, 3, 9); // not permitted
        t.alq(2);
        t.alq();
        EXPECT_EQ(t.error(u), ErrorBit::no_send_permission);
        EXPECT_EQ(t.deq(k), t.quirks() ? 0U : 0x100U);
        EXPECT_EQ(t.deq(b), t.quirks() ? 0x300U : 0U);
    });
}

} // namespace taic::test
