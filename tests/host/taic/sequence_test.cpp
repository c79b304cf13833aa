// A last free inside an open sequence, as measured on the elaborated hardware (specification, section 3.8): the
// capability unit forgets its half, the queue does not. With the quirks off both forget.
#include "tests/host/taic/bench.hpp"

namespace taic::test {

namespace {

constexpr Index own{0, 0};
constexpr QueueRegister rs = QueueRegister::RegisterSender;
constexpr QueueRegister cs = QueueRegister::CancelSender;
constexpr QueueRegister rr = QueueRegister::RegisterReceiver;
constexpr QueueRegister si = QueueRegister::Send;

// The last owner leaves so many stores of a sequence behind.
void reuse(Bench& t, QueueRegister open, unsigned stores) {
    ASSERT_EQ(t.alloc(1, 2), own.word());
    for (unsigned i = 0; i < stores; ++i) t.write(t.at(own, open), 1 + i);
    t.free(own);
    if (t.quirks()) t.expect_guest_error("inside an open sequence");
    ASSERT_EQ(t.alloc(1, 2), own.word());
}

void expect_in_step(Bench& t) {
    EXPECT_EQ(t.view(0).open_sequence, 0U);
    EXPECT_EQ(t.view(0).unit_sequence, 0U);
    t.rs(own, 1, 2, 9);
    t.rr(own, 1, 2, 9, 0x500);
    t.si(own, 1, 2, 9);
    EXPECT_EQ(t.deq(own), 0x500U);
    t.cs(own, 1, 2, 9);
    EXPECT_EQ(t.send_slots(0), 0U);
}

} // namespace

// Store by store as the specification has it.
TEST(TaicMeasured, LastFreeInsideASequenceShiftsRegistrations) {
    Bench t(true);
    reuse(t, rs, 1);
    const std::uint64_t second = Peer{1, 2, 7}.word();
    t.write(t.at(own, rs), second); // ends the queue's sequence, begins the unit's
    EXPECT_EQ(t.send_slots(0), 0U);
    EXPECT_EQ(t.view(0).open_sequence, 0U);
    EXPECT_EQ(t.view(0).unit_sequence, offset_of(rs));
    t.write(t.at(own, rs), 1);
    t.write(t.at(own, rs), second);
    const TaicSlotView shifted = taic_model_view_send_slot(t.model, 0, 0);
    EXPECT_EQ(shifted.os, second);
    EXPECT_EQ(shifted.word, 1U);
    t.rr(own, 1, 2, 7, 0x100); // acknowledged and lost
    EXPECT_EQ(t.drop_guest_errors(), 3U);
    EXPECT_TRUE(t.handlers(0).empty());
    t.si(own, 1, 2, 7);
    EXPECT_EQ(t.error(own), ErrorBit::no_send_permission);
    t.cs(own, second, 0, 1);
    EXPECT_EQ(t.drop_guest_errors(), 2U);
    EXPECT_EQ(t.send_slots(0), 1U);
    // A send needs the table alone.
    t.rs(own, 1, 2, 7); // (word 7, 1): shifted again
    t.si(own, second, 0, 1);
    EXPECT_EQ(t.error(own), 0U);
}

// One store of three is missing, or two.
TEST(TaicMeasured, ReceiversAreShiftedByEitherPhase) {
    for (const unsigned stores : {1U, 2U}) {
        Bench t(true);
        reuse(t, rr, stores);
        for (unsigned i = stores; i < 3; ++i) t.write(t.at(own, rr), 0x10 + i); // the queue's sequence ends
        EXPECT_TRUE(t.handlers(0).empty());
        EXPECT_EQ(t.view(0).open_sequence, 0U);
        for (unsigned i = 0; i < 3; ++i) t.write(t.at(own, rr), 0x20 + i);
        const TaicSlotView shifted = taic_model_view_receive_slot(t.model, 0, 0);
        EXPECT_EQ(shifted.os, 0x10U + stores);
        EXPECT_EQ(shifted.word, stores == 1 ? 0x12U : 0x20U);
        EXPECT_EQ(shifted.handler, stores == 1 ? 0x20U : 0x21U);
    }
}

// The unit takes no consuming write while it waits, which it now does for ever (Q8).
TEST(TaicMeasured, OneShotsStayOutOfStep) {
    Bench t(true);
    reuse(t, rr, 2);
    for (const unsigned value : {1U, 1U, 0x300U, 0x100U}) t.write(t.at(own, rr), value);
    EXPECT_EQ(t.handlers(0), std::vector<std::uint64_t>{0x300}); // of (1, 0, tag 1), not reusable
    constexpr Index peer{1, 0};
    ASSERT_EQ(t.alloc(1, 0), peer.word());
    t.rs(peer, 1, 2, 1);
    t.si(peer, 1, 2, 1);
    t.si(peer, 1, 2, 1);
    EXPECT_EQ(t.deq(own), 0x300U);
    EXPECT_EQ(t.deq(own), 0x300U);
    EXPECT_EQ(t.handlers(0).size(), 1U);
}

// A send is the queue's alone: nothing is out of step, but the next owner begins inside it.
TEST(TaicMeasured, HalfASendPassesOn) {
    Bench t(true);
    reuse(t, si, 1);
    EXPECT_EQ(t.view(0).open_sequence, offset_of(si));
    t.rs(own, 1, 2, 9); // blocks the hardware for ever (H4)
    t.expect_guest_error("open sequence abandoned");
    t.cs(own, 1, 2, 9);
    expect_in_step(t);
}

// The free itself heals a unit that is ahead of a queue with nothing open.
TEST(TaicMeasured, LastFreeOutsideASequenceBringsBothInStep) {
    for (const auto& [open, stores] : {std::pair{rs, 1U}, {cs, 1U}, {rr, 1U}, {rr, 2U}}) {
        Bench t(true);
        reuse(t, open, stores);
        for (unsigned i = stores; i < (open == rr ? 3U : 2U); ++i) t.write(t.at(own, open), 7);
        EXPECT_EQ(t.view(0).unit_sequence, offset_of(open));
        t.free(own);
        ASSERT_EQ(t.alloc(1, 2), own.word());
        expect_in_step(t);
    }
}

TEST(TaicModel, LastFreeEndsTheSequenceWithoutQuirks) {
    for (const auto& [open, stores] : {std::pair{rs, 1U}, {cs, 1U}, {rr, 1U}, {rr, 2U}, {si, 1U}}) {
        Bench t(false);
        reuse(t, open, stores);
        expect_in_step(t);
    }
}

} // namespace taic::test
