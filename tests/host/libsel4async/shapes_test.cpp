// co_await in every kind of expression and condition: none comes back twice, or never. Each coroutine declares a
// variable: one that declares none and awaits in a condition is miscompiled by GCC 12.2 (its bug 106188).
#include "tests/host/libsel4async/world.hpp"

#include <sel4async/task.hpp>

namespace sel4async {

namespace {

constexpr unsigned rounds = 40;

Task<> if_ok(unsigned& done) {
    for (unsigned i = 0; i < rounds; ++i) {
        if (!(co_await op::nop()).ok()) break;
        if ((co_await op::page_get_address(5)).ok()) ++done;
    }
}
Task<> if_ok_else(unsigned& done) {
    for (unsigned i = 0; i < rounds; ++i) {
        if ((co_await op::nop()).ok()) {
            if ((co_await op::page_get_address(5)).ok()) ++done;
        } else {
            co_return;
        }
    }
}
Task<> while_and(unsigned& done) {
    const unsigned most = rounds;
    while (done < most && (co_await op::nop()).ok() && (co_await op::page_get_address(7)).ok()) ++done;
}
Task<> if_or(unsigned& done) {
    for (unsigned i = 0; i < rounds; ++i) {
        if (!(co_await op::nop()).ok() || !(co_await op::page_get_address(7)).ok()) break;
        ++done;
    }
}
Task<> ternary(unsigned& done) {
    for (unsigned i = 0; i < rounds; ++i)
        done += i % 2 == 0 ? (co_await op::nop()).ok() : (co_await op::page_get_address(5)).ok();
}
Task<> sum(unsigned& done) {
    for (unsigned i = 0; i < rounds; ++i)
        if ((co_await op::page_get_address(5)).word(0) + (co_await op::page_get_address(6)).word(0) == 11 * 4096)
            ++done;
}
bool both(const Reply& a, const Reply& b) { return a.word(0) == 5 * 4096 && b.word(0) == 6 * 4096; }
Task<> arguments(unsigned& done) {
    for (unsigned i = 0; i < rounds; ++i)
        if (both(co_await op::page_get_address(5), co_await op::page_get_address(6))) ++done;
}
Task<> if_init(unsigned& done) {
    for (unsigned i = 0; i < rounds; ++i)
        if (const Reply reply = co_await op::page_get_address(5); reply.ok()) ++done;
}
Task<> counted_while(unsigned& done) {
    unsigned left = rounds;
    while (left-- != 0 && (co_await op::nop()).ok()) ++done;
}
Task<> do_while(unsigned& done) {
    const unsigned most = rounds;
    do ++done;
    while ((co_await op::nop()).ok() && done < most);
}
Task<> for_condition(unsigned& done) {
    for (unsigned i = 0; i < rounds && (co_await op::nop()).ok(); ++i) ++done;
}
Task<> switched(unsigned& done) {
    for (unsigned i = 0; i < rounds; ++i) {
        switch ((co_await op::nop()).error()) {
        case 0: ++done; break;
        default: co_return;
        }
    }
}
Task<std::uint64_t> inner() { co_return (co_await op::page_get_address(5)).word(0); }
Task<> tasks(unsigned& done) {
    for (unsigned i = 0; i < rounds; ++i)
        if (co_await inner() == 5 * 4096 && co_await inner() != 0) ++done;
}

struct Shape {
    const char* name;
    Task<> (*run)(unsigned& done);
    friend std::ostream& operator<<(std::ostream& out, const Shape& shape) { return out << shape.name; }
};

constexpr Shape shapes[] = {
    {"if", if_ok},
    {"if_else", if_ok_else},
    {"while_and", while_and},
    {"if_or", if_or},
    {"ternary", ternary},
    {"sum", sum},
    {"arguments", arguments},
    {"if_with_initializer", if_init},
    {"while_counted", counted_while},
    {"do_while", do_while},
    {"for_condition", for_condition},
    {"switch", switched},
    {"tasks", tasks},
};

class Shapes : public testing::TestWithParam<Shape> {};

TEST_P(Shapes, ComeToTheirEnd) {
    for (const bool drives : {true, false}) {
        for (const unsigned strands : {1U, 2U, 7U}) {
            World w(drives);
            unsigned done[7] = {};
            for (unsigned i = 0; i < strands; ++i) ASSERT_TRUE(spawn(*w.executor, GetParam().run(done[i])));
            EXPECT_EQ(w.executor->run(), Stopped::Finished);
            for (unsigned i = 0; i < strands; ++i) EXPECT_EQ(done[i], rounds);
            w.expect_all_back();
        }
    }
}

INSTANTIATE_TEST_SUITE_P(CoAwait, Shapes, testing::ValuesIn(shapes),
                         [](const auto& one) { return std::string(one.param.name); });

} // namespace

} // namespace sel4async
