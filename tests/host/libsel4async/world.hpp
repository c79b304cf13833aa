// An executor on a fake kernel, with memory for frames, and the question whether all of it came back.
#pragma once

#include "tests/host/libsel4async/fake_kernel.hpp"

#include <cstring>
#include <gtest/gtest.h>
#include <memory>
#include <sel4async/batch.hpp>
#include <sel4async/timeout.hpp>
#include <sel4async/when.hpp>
#include <vector>

namespace sel4async {

struct World {
    explicit World(bool drives, std::uint32_t size_bits = 15, Registration registration = Registration::Persistent,
                   std::uint32_t vectors = 4)
        : kernel(drives, size_bits, vectors),
          arena(new unsigned char[arena_size]),
          buffer(new SlotBuffer),
          executor(new Executor) {
        frame_pool.use(arena.get(), arena_size);
        EXPECT_TRUE(buffer->attach(kernel.area()));
        EXPECT_TRUE(executor->init(*buffer, kernel, registration));
    }

    // Overwrites free frames: who still uses one, notices.
    static void poison() {
        for (std::size_t size = FramePool::granule; size < 2048; size += FramePool::granule) {
            void* blocks[3] = {};
            for (void*& block : blocks) {
                block = frame_pool.take(size);
                if (block != nullptr) std::memset(block, 0xdd, size);
            }
            for (void* block : blocks) {
                if (block != nullptr) frame_pool.give(block, size);
            }
        }
    }
    // Every slot is free, nothing runs and nothing is outstanding.
    void expect_all_back() {
        EXPECT_EQ(executor->live(), 0u);
        EXPECT_EQ(executor->outstanding(), 0u);
        EXPECT_FALSE(kernel.completed_twice);
        std::vector<Ticket*> taken;
        while (Ticket* ticket = buffer->take()) taken.push_back(ticket);
        EXPECT_EQ(taken.size(), buffer->capacity() - SlotBuffer::wide_groups * TAIL4_ASYNC_WIDE_SLOTS);
        while (Ticket* ticket = buffer->take_wide()) taken.push_back(ticket);
        EXPECT_EQ(taken.size(),
                  buffer->capacity() - SlotBuffer::wide_groups * (TAIL4_ASYNC_WIDE_SLOTS - std::size_t{1}));
        while (!taken.empty()) {
            taken.back()->release();
            taken.pop_back();
        }
    }

    static constexpr std::size_t arena_size = 1 << 20;
    FakeKernel kernel;
    std::unique_ptr<unsigned char[]> arena;
    std::unique_ptr<SlotBuffer> buffer;
    std::unique_ptr<Executor> executor;
};

// The task that `work` makes runs to its end, and leaves nothing behind.
template <class Work>
void run(World& w, Work work) {
    Task<> task = work(w);
    ASSERT_TRUE(task.start(*w.executor));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_TRUE(task.done());
    w.expect_all_back();
}

} // namespace sel4async
