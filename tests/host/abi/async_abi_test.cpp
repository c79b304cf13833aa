// The shared memory of an async queue, against numbers typed in again, for every size an object may have.
#include <sel4/async_abi.h>
#include <sel4/async_ops.h>

#include "api/labels.hpp"

#include <cstring>
#include <gtest/gtest.h>

namespace {

struct Layout {
    std::uint32_t size_bits, slots, cq_offset, slots_offset;
    std::uint64_t shared_size;
};
constexpr Layout layouts[] = {
    {15, 64, 0x1100, 0x2000, 0x4000},   {16, 128, 0x1200, 0x2000, 0x8000},   {17, 256, 0x1400, 0x2000, 0x10000},
    {18, 512, 0x1800, 0x2000, 0x20000}, {19, 1024, 0x2000, 0x3000, 0x40000}, {20, 2048, 0x3000, 0x5000, 0x80000},
};

TEST(AsyncAbi, LayoutOfEverySize) {
    for (const Layout& layout : layouts) {
        EXPECT_EQ(tail4_async_shared_size(layout.size_bits), layout.shared_size);
        EXPECT_EQ(tail4_async_slots(layout.size_bits), layout.slots);
        EXPECT_EQ(tail4_async_sq_offset(), 0x1000u);
        EXPECT_EQ(tail4_async_cq_offset(layout.size_bits), layout.cq_offset);
        EXPECT_EQ(tail4_async_slots_offset(layout.size_bits), layout.slots_offset);
        // Nothing overlaps, the slots begin a page, and end where the area ends or before.
        EXPECT_GE(layout.slots_offset, layout.cq_offset + 4 * layout.slots);
        EXPECT_LT(layout.slots_offset, layout.cq_offset + 4 * layout.slots + 0x1000);
        EXPECT_EQ(layout.slots_offset % 0x1000, 0u);
        EXPECT_LE(layout.slots_offset + sizeof(tail4_AsyncSlot) * layout.slots, layout.shared_size);
    }
    EXPECT_EQ(layouts[0].size_bits, api::min_async_queue_bits);
    EXPECT_EQ(std::end(layouts)[-1].size_bits, api::max_async_queue_bits);
}

TEST(AsyncAbi, NoTwoPartiesShareALine) {
    const std::size_t written[] = {offsetof(tail4_AsyncControl, sq_tail), offsetof(tail4_AsyncControl, sq_head),
                                   offsetof(tail4_AsyncControl, kstate),  offsetof(tail4_AsyncControl, cq_tail),
                                   offsetof(tail4_AsyncControl, cq_head), offsetof(tail4_AsyncControl, ustate),
                                   offsetof(tail4_AsyncControl, magic),   offsetof(tail4_AsyncControl, os_id),
                                   offsetof(tail4_AsyncControl, requests)};
    for (std::size_t i = 0; i < std::size(written); ++i) {
        EXPECT_EQ(written[i], 0x900 + i * 64);
    }
    EXPECT_EQ(alignof(tail4_AsyncControl), 64u);
    EXPECT_EQ(alignof(tail4_AsyncSlot), 64u);
}

TEST(AsyncAbi, EveryOperationFits) {
    for (const api::Shape& shape : api::shapes) {
        const bool wide = shape.words > TAIL4_ASYNC_SLOT_WORDS || shape.results > TAIL4_ASYNC_SLOT_WORDS;
        EXPECT_EQ(wide, shape.label == api::Label::TCBReadRegisters || shape.label == api::Label::TCBWriteRegisters);
        EXPECT_LE(shape.words, TAIL4_ASYNC_WIDE_WORDS);
        EXPECT_LE(shape.caps, TAIL4_ASYNC_SLOT_CAPS);
    }
    EXPECT_EQ(TAIL4_ASYNC_WIDE_WORDS,
              TAIL4_ASYNC_SLOT_WORDS + (TAIL4_ASYNC_WIDE_SLOTS - 1) * TAIL4_ASYNC_SLOT_SIZE / 8);
}

TEST(AsyncAbi, StatusWord) {
    const std::uint32_t status = tail4_async_status(6, 5);
    EXPECT_EQ(status, 0x50006u);
    EXPECT_EQ(tail4_async_error(status), 6u);
    EXPECT_EQ(tail4_async_result_words(status), 5u);
}

TEST(AsyncAbi, NumbersInSharedMemory) {
    EXPECT_EQ(TAIL4_ASYNC_RUNNING, 0);
    EXPECT_EQ(TAIL4_ASYNC_BLOCKED, 1);
    EXPECT_EQ(TAIL4_ASYNC_NOTIFIED, 2);
    EXPECT_EQ(TAIL4_ASYNC_DEAD, 3);
    EXPECT_EQ(TAIL4_ASYNC_POLLING, 4);
    EXPECT_EQ(TAIL4_ASYNC_BIND_NOTIFICATION | TAIL4_ASYNC_BIND_TAIC, 3);
    EXPECT_EQ(TAIL4_ASYNC_SLOT_WIDE, 1);
    EXPECT_EQ(TAIL4_OP_UntypedRetype, 1);
    EXPECT_EQ(TAIL4_OP_RISCVPageMap, 36);
    EXPECT_EQ(TAIL4_OP_Nop, 0x200);
    EXPECT_EQ(TAIL4_OP_DebugPutChar, 0x201);
    EXPECT_EQ(TAIL4_OP_DebugPutString, 0x202);
}

TEST(AsyncAbi, MagicReadsAsText) {
    const std::uint64_t magic = TAIL4_ASYNC_MAGIC;
    EXPECT_EQ(std::memcmp(&magic, "TaiL4 AQ", 8), 0);
}

} // namespace
