// Batches, chains, groups of tasks, levels, waits for slots, urgent requests.
#include "tests/host/libsel4async/world.hpp"

#include <string>

namespace {

using namespace sel4async;

TEST(Batch, IsOnePublicationAndGivesTheRepliesInOrder) {
    for (const bool drives : {true, false}) {
        World w(drives);
        w.executor->set_batch(2); // smaller than the batch: it goes out as one nevertheless
        run(w, [](World& world) -> Task<> {
            const auto [a, b, c, d] = co_await batch(op::page_get_address(5), op::page_unmap(13),
                                                     op::page_get_address(6), sel4async::page_get_address(7));
            EXPECT_EQ(a.word(0), 5u * 4096);
            EXPECT_EQ(b.error(), static_cast<std::uint32_t>(seL4_InvalidCapability));
            EXPECT_EQ(b.word(0), 77u);
            EXPECT_EQ(c.word(0), 6u * 4096);
            EXPECT_EQ(d.word(0), 7u * 4096);
            EXPECT_EQ(world.executor->statistics().batches, 1u);
        });
        EXPECT_EQ(w.kernel.order, (std::vector<std::uint64_t>{5, 13, 6, 7}));
        EXPECT_EQ(w.executor->statistics().doorbells, drives ? 0u : 1u);
    }
}

TEST(Batch, OfANumberKnownAtRunTimeAnswersThoseWithoutASlot) {
    World w(true); // 48 narrow slots
    run(w, [](World&) -> Task<> {
        std::vector<Request> requests(50, sel4async::page_get_address(9));
        std::vector<Reply> replies(60);
        const std::size_t good = co_await batch(requests, replies);
        EXPECT_EQ(good, 48u);
        EXPECT_EQ(replies[47].word(0), 9u * 4096);
        EXPECT_EQ(replies[48].error(), queue_full);
        EXPECT_EQ(replies[49].error(), queue_full);
        EXPECT_EQ(replies[50].error(), static_cast<std::uint32_t>(seL4_NotEnoughMemory)); // not part of it
        const std::size_t none = co_await batch(std::span<const Request>(), replies);
        EXPECT_EQ(none, 0u);
    });
}

TEST(Batch, MixesWideRequests) {
    World w(true);
    run(w, [](World& world) -> Task<> {
        static const std::string text(100, 'x');
        const auto [a, b] = co_await batch(op::debug_put_string(text.data(), text.size()), op::page_get_address(3));
        EXPECT_TRUE(a.ok());
        EXPECT_TRUE(b.ok());
        EXPECT_EQ(world.kernel.slot(world.kernel.sq()[0]).flags, static_cast<std::uint32_t>(TAIL4_ASYNC_SLOT_WIDE));
    });
}

TEST(Linked, StopsAtTheFirstFailure) {
    World w(true);
    run(w, [](World& world) -> Task<> {
        const auto [a, b, c] = co_await linked(op::page_get_address(5), op::nop(), op::page_get_address(6));
        EXPECT_TRUE(a.ok() && b.ok() && c.ok());
        EXPECT_EQ(c.word(0), 6u * 4096);
        const auto [d, e, f, g] =
            co_await linked(op::page_get_address(5), op::page_unmap(13), op::nop(), op::page_unmap(13));
        EXPECT_TRUE(d.ok());
        EXPECT_EQ(e.error(), static_cast<std::uint32_t>(seL4_InvalidCapability));
        EXPECT_EQ(f.error(), cancelled);
        EXPECT_EQ(g.error(), cancelled);
        const auto [h] = co_await linked(op::page_get_address(8)); // not of the chain before it
        EXPECT_TRUE(h.ok());
        EXPECT_EQ(world.kernel.cancellations, 2u);
    });
}

TEST(Linked, GoesOutAsAWholeOrNotAtAll) {
    World w(true);
    run(w, [](World& world) -> Task<> {
        std::vector<Ticket*> held;
        for (int i = 0; i < 46; ++i) held.push_back(world.buffer->take());
        const auto [a, b, c] = co_await linked(op::nop(), op::nop(), op::nop());
        EXPECT_EQ(a.error(), queue_full);
        EXPECT_EQ(b.error(), queue_full);
        EXPECT_EQ(c.error(), queue_full);
        EXPECT_TRUE(world.kernel.order.empty());
        const auto [d, e] = co_await linked(op::nop(), op::nop());
        EXPECT_TRUE(d.ok() && e.ok());
        for (Ticket* ticket : held) ticket->release();
    });
}

TEST(Linked, ATimeOutCancelsTheChain) {
    World w(true);
    w.kernel.per_drive = 0;
    w.kernel.tick = 10;
    const auto work = [](World& world) -> Task<> {
        const auto replies = co_await with_timeout(linked(op::nop(), op::nop()), 50);
        for (const Reply& reply : replies) EXPECT_EQ(reply.error(), timed_out);
        EXPECT_EQ(world.kernel.cancellations, 2u);
    };
    Task<> task = work(w);
    ASSERT_TRUE(task.start(*w.executor));
    EXPECT_EQ(w.executor->run(), Stopped::Stalled);
    w.kernel.per_drive = 10;
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    w.expect_all_back();
}

TEST(Batch, OfADeadQueueIsToldSo) {
    for (const bool drives : {true, false}) {
        World w(drives);
        w.executor->set_spin(2);
        w.buffer->push(999);
        const auto work = []() -> Task<> {
            const auto replies = co_await batch(op::nop(), op::nop());
            for (const Reply& reply : replies) EXPECT_EQ(reply.error(), queue_dead);
            const bool slots = co_await room(1);
            EXPECT_FALSE(slots);
            const auto more = co_await batch(op::nop());
            EXPECT_EQ(more[0].error(), queue_dead);
        };
        Task<> task = work();
        ASSERT_TRUE(task.start(*w.executor));
        EXPECT_EQ(w.executor->run(), Stopped::Dead);
        EXPECT_TRUE(task.done());
    }
}

// --- Groups of tasks

Task<std::uint64_t> address(CPtr frame, int times) {
    std::uint64_t sum = 0;
    for (int i = 0; i < times; ++i) {
        const Reply reply = co_await op::page_get_address(frame);
        if (!reply.ok()) co_return reply.error();
        sum += reply.word(0);
    }
    co_return sum;
}

TEST(WhenAll, WaitsForAll) {
    World w(true);
    run(w, [](World& world) -> Task<> {
        Task<std::uint64_t> a = address(1, 3), b = address(2, 1), c = address(3, 2), none;
        EXPECT_TRUE(c.start(*world.executor));
        const bool good = co_await when_all(a, b, c);
        EXPECT_TRUE(good);
        EXPECT_EQ(a.result() + b.result() + c.result(), (3u + 2u + 6u) * 4096);
        const bool bad = co_await when_all(none, a); // no frame; done
        EXPECT_FALSE(bad);
        std::vector<Task<std::uint64_t>> many;
        for (CPtr frame = 0; frame < 40; ++frame) many.push_back(address(100 + frame, 2));
        const bool all = co_await when_all(std::span(many));
        EXPECT_TRUE(all);
        for (CPtr frame = 0; frame < 40; ++frame) EXPECT_EQ(many[frame].result(), 2 * (100 + frame) * 4096);
        const bool nothing = co_await when_all(std::span<Task<>>());
        EXPECT_TRUE(nothing);
    });
}

TEST(WhenAny, TakesTheFirstAndCancelsTheOthers) {
    World w(true);
    run(w, [](World&) -> Task<> {
        Task<std::uint64_t> a = address(1, 1000), b = address(2, 3), c = address(3, 1000);
        const std::size_t first = co_await when_any(a, b, c);
        EXPECT_EQ(first, 1u);
        EXPECT_TRUE(a.done() && b.done() && c.done());
        EXPECT_EQ(b.result(), 3u * 2 * 4096);
        EXPECT_EQ(a.result(), cancelled);
        EXPECT_EQ(c.result(), cancelled);
        Task<std::uint64_t> again = address(4, 5);
        const std::size_t done = co_await when_any(b, again); // one is done already
        EXPECT_EQ(done, 0u);
        EXPECT_EQ(again.result(), cancelled);
    });
}

// --- Levels

Task<> ranked(std::string& log, char name, CPtr frame) {
    for (int i = 0; i < 2; ++i) {
        log += name;
        static_cast<void>(co_await op::page_get_address(frame));
    }
}

TEST(Levels, TheMoreImportantRunFirstAndTheKernelIsTold) {
    for (const bool drives : {true, false}) {
        World w(drives);
        for (Level level = 0; level < levels; ++level)
            w.executor->set_priority(level, static_cast<std::uint8_t>(100 + level));
        std::string log;
        ASSERT_TRUE(spawn(*w.executor, ranked(log, 'b', 2)));
        ASSERT_TRUE(spawn(*w.executor, ranked(log, 'c', 3), {.level = 1}));
        ASSERT_TRUE(spawn(*w.executor, ranked(log, 'a', 1), {.level = 6}));
        EXPECT_EQ(w.executor->run(), Stopped::Finished);
        EXPECT_EQ(log, "abcabc");
        EXPECT_EQ(w.kernel.priorities.front(), 106u);
        EXPECT_EQ(w.kernel.control().sq_priority, 0u);
        ASSERT_TRUE(spawn(*w.executor, ranked(log, 'd', 4), {.level = 200}));
        EXPECT_EQ(w.executor->run(), Stopped::Finished);
        EXPECT_EQ(w.kernel.priorities.back(), 107u);
        w.expect_all_back();
    }
}

TEST(Levels, TheMostImportantPendingRequestCountsUntilItIsComplete) {
    World w(true);
    w.executor->set_priority(7, 200);
    w.executor->set_priority(default_level, 50);
    w.executor->set_priority(0, 10);
    w.executor->set_batch(1);
    std::string log;
    ASSERT_TRUE(spawn(*w.executor, ranked(log, 'a', 1), {.level = 7}));
    ASSERT_TRUE(spawn(*w.executor, ranked(log, 'b', 2)));
    ASSERT_TRUE(spawn(*w.executor, ranked(log, 'c', 3), {.level = 0}));
    w.kernel.per_drive = 1;
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    ASSERT_EQ(w.kernel.priorities.size(), 6u);
    for (std::size_t i = 0; i < 6; ++i) {
        const std::uint32_t least = w.kernel.order[i] == 1 ? 200 : w.kernel.order[i] == 2 ? 50 : 10;
        EXPECT_GE(w.kernel.priorities[i], least) << i;
    }
    EXPECT_EQ(w.kernel.priorities.back(), 10u);
}

TEST(Levels, AStrandThatOnlyYieldsDoesNotKeepTheOthersFromTheKernel) {
    for (const bool drives : {true, false}) {
        World w(drives);
        bool done = false;
        const auto spin = [](bool& flag) -> Task<> {
            while (!flag) co_await yield();
        };
        const auto work = [](bool& flag) -> Task<> {
            static_cast<void>(co_await op::nop());
            flag = true;
        };
        ASSERT_TRUE(spawn(*w.executor, spin(done), {.level = 7}));
        Task<> useful = work(done);
        ASSERT_TRUE(useful.start(*w.executor, {.level = 7}));
        EXPECT_EQ(w.executor->run(), Stopped::Finished);
    }
}

// --- Slots as a value

Task<> patient(std::uint32_t& refusals, std::uint32_t& answers) {
    while (true) {
        const Reply reply = co_await op::page_get_address(5);
        if (reply.error() != queue_full) {
            answers += reply.ok() ? 1U : 0U;
            co_return;
        }
        ++refusals;
        const bool free = co_await room();
        EXPECT_TRUE(free);
    }
}

TEST(Room, LetsEverybodyThroughInTheEnd) {
    for (const bool drives : {true, false}) {
        World w(drives); // 48 slots
        w.executor->set_batch(SlotBuffer::max_slots);
        std::uint32_t refusals = 0, answers = 0;
        for (int i = 0; i < 200; ++i) ASSERT_TRUE(spawn(*w.executor, patient(refusals, answers)));
        EXPECT_EQ(w.executor->run(), Stopped::Finished);
        EXPECT_EQ(answers, 200u);
        EXPECT_GE(refusals, 152u);
        w.expect_all_back();
    }
}

TEST(Room, ForMoreThanThereIsEndsByCancellation) {
    World w(true);
    bool free = true;
    const auto work = [](bool& result) -> Task<> { result = co_await room(1000); };
    Task<> task = work(free);
    ASSERT_TRUE(task.start(*w.executor));
    EXPECT_EQ(w.executor->run(), Stopped::Stalled);
    EXPECT_TRUE(task.cancel());
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_FALSE(free);
    w.expect_all_back();
}

TEST(Urgent, IsAFlagOfTheSlot) {
    World w(true);
    run(w, [](World& world) -> Task<> {
        const Reply reply = co_await urgent(op::page_get_address(5));
        EXPECT_EQ(reply.word(0), 5u * 4096);
        EXPECT_EQ(world.kernel.slot(world.kernel.sq()[0]).flags, static_cast<std::uint32_t>(TAIL4_ASYNC_SLOT_URGENT));
    });
}

// --- Vectors, chosen per task

TEST(Registrations, PerTaskAndNoVectorTakenBackFromTheHardware) {
    World w(false, 15, Registration::Persistent, 6); // 5 of 6
    std::vector<std::uint32_t> used;
    const auto work = [](std::vector<std::uint32_t>& vectors, int times) -> Task<> {
        vectors.push_back((co_await this_strand()).vector);
        for (int i = 0; i < times; ++i) static_cast<void>(co_await op::page_get_address(3));
    };
    const Options once{.registration = Registration::OneShot};
    const Options none{.vector = false};
    // Two of each kind, then the one-shot vectors are the next one-shot task's.
    ASSERT_TRUE(spawn(*w.executor, work(used, 2)));
    ASSERT_TRUE(spawn(*w.executor, work(used, 2), once));
    ASSERT_TRUE(spawn(*w.executor, work(used, 2), once));
    ASSERT_TRUE(spawn(*w.executor, work(used, 2), none));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(used, (std::vector<std::uint32_t>{1, 2, 3, 0}));
    const std::uint64_t before = w.kernel.arms;
    EXPECT_EQ(before, 4u + 2u * 2u); // dispatcher, three vectors, and the one-shot ones again after each wake-up
    used.clear();
    ASSERT_TRUE(spawn(*w.executor, work(used, 1), once));
    ASSERT_TRUE(spawn(*w.executor, work(used, 1)));
    EXPECT_EQ(w.executor->run(), Stopped::Finished);
    EXPECT_EQ(used, (std::vector<std::uint32_t>{2, 1}));
    EXPECT_EQ(w.kernel.arms, before + 1); // the one-shot vector's next turn
    EXPECT_EQ(w.executor->statistics().spurious, 0u);
}

TEST(Registrations, HundredsOfTasksShareFiveOr31Vectors) {
    for (const std::uint32_t vectors : {6u, 32u}) {
        World w(false, 18, Registration::Persistent, vectors);
        std::uint64_t answers = 0;
        std::uint32_t with_vector = 0;
        const auto work = [](std::uint64_t& good, std::uint32_t& own) -> Task<> {
            own += (co_await this_strand()).vector != 0;
            for (int i = 0; i < 5; ++i) {
                const Reply reply = co_await op::page_get_address(3);
                good += reply.ok() ? 1U : 0U;
            }
        };
        for (int i = 0; i < 400; ++i) {
            const Options mode{.registration = i % 2 == 0 ? Registration::Persistent : Registration::OneShot};
            ASSERT_TRUE(spawn(*w.executor, work(answers, with_vector), mode));
        }
        EXPECT_EQ(w.executor->run(), Stopped::Finished);
        EXPECT_EQ(answers, 2000u);
        EXPECT_EQ(with_vector, vectors - 1);
        EXPECT_EQ(w.executor->statistics().spurious, 0u);
        w.expect_all_back();
    }
}

} // namespace
