// Builders of asynchronous requests: the words and capabilities of the synchronous message, the canonical label as
// operation (sel4-abi-riscv64.md 3.2; sel4/async_abi.h).
#include <sel4async/methods.hpp>

#include "api/labels.hpp"

#include <cstring>
#include <gtest/gtest.h>
#include <numeric>

namespace {

using namespace sel4async;

struct Expected {
    Request request;
    api::AsyncOp op;
    std::vector<std::uint64_t> words;
    std::vector<CPtr> caps;
};

TEST(Requests, WordsAndCapabilities) {
    using api::AsyncOp;
    const Expected table[] = {
        {untyped_retype(100, 1, 2, 50, 3, 4, 5, 6), AsyncOp::UntypedRetype, {1, 2, 3, 4, 5, 6}, {50}},
        {tcb_copy_registers(100, 50, true, false, true, true, 0xab), AsyncOp::TCBCopyRegisters, {0xab0d}, {50}},
        {tcb_configure(100, 1, 50, 2, 51, 3, 4, 52), AsyncOp::TCBConfigure, {1, 2, 3, 4}, {50, 51, 52}},
        {tcb_set_priority(100, 50, 7), AsyncOp::TCBSetPriority, {7}, {50}},
        {tcb_set_affinity(100, 3), AsyncOp::TCBSetAffinity, {3}, {}},
        {tcb_bind_notification(100, 50), AsyncOp::TCBBindNotification, {}, {50}},
        {cnode_copy(100, 1, 64, 50, 2, 63, 15), AsyncOp::CNodeCopy, {1, 64, 2, 63, 15}, {50}},
        {cnode_mint(100, 1, 64, 50, 2, 63, 15, ~0ul), AsyncOp::CNodeMint, {1, 64, 2, 63, 15, ~0ul}, {50}},
        {cnode_rotate(100, 1, 64, 9, 50, 2, 63, 8, 51, 3, 62),
         AsyncOp::CNodeRotate,
         {1, 64, 9, 2, 63, 8, 3, 62},
         {50, 51}},
        {irq_control_get(100, 5, 50, 1, 64), AsyncOp::IRQIssueIRQHandler, {5, 1, 64}, {50}},
        {irq_control_get_trigger(100, 5, 1, 50, 2, 64), AsyncOp::RISCVIRQIssueIRQHandlerTrigger, {5, 1, 2, 64}, {50}},
        {domain_set_set(100, 3, 50), AsyncOp::DomainSetSet, {3}, {50}},
        {page_table_map(100, 50, 0x1000, 1), AsyncOp::RISCVPageTableMap, {0x1000, 1}, {50}},
        {page_map(100, 50, 0x1000, 3, 1), AsyncOp::RISCVPageMap, {0x1000, 3, 1}, {50}},
        {page_unmap(100), AsyncOp::RISCVPageUnmap, {}, {}},
        {page_get_address(100), AsyncOp::RISCVPageGetAddress, {}, {}},
        {asid_control_make_pool(100, 50, 51, 1, 64), AsyncOp::RISCVASIDControlMakePool, {1, 64}, {50, 51}},
        {asid_pool_assign(100, 50), AsyncOp::RISCVASIDPoolAssign, {}, {50}},
    };
    for (const Expected& row : table) {
        EXPECT_EQ(row.request.op, static_cast<std::uint32_t>(row.op));
        EXPECT_EQ(row.request.cptr, 100u);
        EXPECT_FALSE(row.request.wide());
        for (std::size_t i = 0; i < TAIL4_ASYNC_SLOT_WORDS; ++i) {
            EXPECT_EQ(row.request.words[i], i < row.words.size() ? row.words[i] : 0) << row.request.op << " " << i;
        }
        for (std::size_t i = 0; i < TAIL4_ASYNC_SLOT_CAPS; ++i) {
            EXPECT_EQ(row.request.caps[i], i < row.caps.size() ? row.caps[i] : 0) << row.request.op << " " << i;
        }
    }
}

TEST(Requests, FilledSlot) {
    tail4_AsyncSlot slot{};
    slot.done = 3;
    fill(&slot, cnode_mint(100, 1, 64, 50, 2, 63, 15, 7), 5, 4, 0x1234);
    EXPECT_EQ(slot.op, 22u);
    EXPECT_EQ(slot.flags, 0u);
    EXPECT_EQ(slot.vec, 5u);
    EXPECT_EQ(slot.generation, 4u);
    EXPECT_EQ(slot.cptr, 100u);
    EXPECT_EQ(slot.words[5], 7u);
    EXPECT_EQ(slot.cap, 50u);
    EXPECT_EQ(slot.user_data, 0x1234u);
    EXPECT_EQ(slot.done, 3u);
}

TEST(Requests, RegistersGoOnBehindTheSlot) {
    std::uint64_t registers[32];
    std::iota(std::begin(registers), std::end(registers), 1000);
    const Request six = tcb_write_registers(100, true, 0, 6, registers);
    EXPECT_FALSE(six.wide());
    EXPECT_EQ(six.words[0], 1u);
    EXPECT_EQ(six.words[1], 6u);
    EXPECT_EQ(six.words[7], 1005u);

    tail4_AsyncSlot slots[5] = {};
    slots[4].op = 77;
    fill(slots, tcb_write_registers(100, false, 0, 32, registers), 0, 1, 0);
    EXPECT_EQ(slots[0].flags, std::uint32_t{TAIL4_ASYNC_SLOT_WIDE});
    for (std::size_t i = 0; i < 32; ++i) {
        EXPECT_EQ(result_word(slots, 2 + i), 1000 + i);
    }
    EXPECT_EQ(tcb_write_registers(100, false, 0, ~0ul, registers).more_bytes, 8u * 26);
    EXPECT_FALSE(tcb_read_registers(100, false, 0, 8).wide());
    EXPECT_TRUE(tcb_read_registers(100, false, 0, 9).wide());
    EXPECT_EQ(slots[4].op, 77u);
}

TEST(Requests, Strings) {
    EXPECT_EQ(nop().op, 0x200u);
    EXPECT_EQ(debug_put_char('\xff').op, 0x201u);
    EXPECT_EQ(debug_put_char('\xff').words[0], 0xffu);
    const std::string text(600, 'y');
    const Request inside = debug_put_string(text.data(), 56);
    EXPECT_EQ(inside.op, 0x202u);
    EXPECT_FALSE(inside.wide());
    EXPECT_EQ(std::memcmp(&inside.words[1], text.data(), 56), 0);
    tail4_AsyncSlot slots[5] = {};
    fill(slots, debug_put_string(text.data(), text.size()), 0, 1, 0);
    EXPECT_EQ(slots[0].words[0], 440u);
    EXPECT_EQ(std::memcmp(&slots[1], text.data(), 384), 0);
    EXPECT_EQ(slots[4].op, 0u);
}

} // namespace
