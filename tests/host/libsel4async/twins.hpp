// What the generated test of all operations needs: a task on a fake kernel, and a look at the slot it filled.
#pragma once

#include "tests/host/libsel4async/world.hpp"

namespace sel4async {

inline constexpr std::uint64_t registers[] = {0xe000'0000'0000'0000, 0xe000'0000'0000'0001, 0xe000'0000'0000'0002};

inline void expect_slot(World& w, std::uint32_t op, CPtr service, const std::vector<std::uint64_t>& words,
                        const std::vector<CPtr>& caps) {
    tail4_AsyncSlot& slot = w.kernel.slot(w.kernel.sq()[0]);
    EXPECT_EQ(slot.op, op);
    EXPECT_EQ(slot.cptr, service);
    EXPECT_EQ(slot.flags, 0u);
    ASSERT_LE(words.size(), std::size_t{TAIL4_ASYNC_SLOT_WORDS});
    ASSERT_LE(caps.size(), std::size_t{TAIL4_ASYNC_SLOT_CAPS});
    for (std::size_t i = 0; i < words.size(); ++i) EXPECT_EQ(slot.words[i], words[i]) << "word " << i;
    for (std::size_t i = 0; i < caps.size(); ++i) EXPECT_EQ(further_cap(slot, i), caps[i]) << "capability " << i;
}

inline void run(Task<> (*twin)(World&)) {
    World w(true);
    Task<> task = twin(w);
    ASSERT_TRUE(task.start(*w.executor));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_TRUE(task.done());
}

} // namespace sel4async
