#include "rootserver/testing/suite.hpp"

namespace testing {

using machine::print;

void note(std::string_view what, std::uint64_t done) { print("NOTE ", what, ": ", done, '\n'); }

void Context::say(std::string_view text) {
    for (const char character : text) {
        if (length_ < sizeof(message_)) message_[length_++] = character;
    }
}

bool Context::check(bool condition, const char* what) {
    if (condition || failed_) return condition;
    failed_ = true;
    say(what);
    return false;
}

bool Context::equal(const char* what, std::uint64_t found, std::uint64_t expected) {
    if (found == expected || failed_) return found == expected;
    failed_ = true;
    say(what);
    say(": ");
    say(machine::Text(found).view());
    say(", expected ");
    say(machine::Text(expected).view());
    return false;
}

bool Context::run(sel4async::Task<> task) {
    if (!check(task.valid(), "no memory for the task's frame") ||
        !check(task.start(executor()), "the executor takes no task"))
        return false;
    const sel4async::Stopped stopped = executor().run();
    return equal("the executor stopped", static_cast<std::uint64_t>(stopped),
                 static_cast<std::uint64_t>(sel4async::Stopped::Finished)) &&
        !failed_;
}

namespace {

sel4async::Task<> set_affinity(Context& t, seL4_CPtr tcb, seL4_Word hart) {
    t.same_error("affinity", (co_await sel4async::op::tcb_set_affinity(tcb, hart)).error(), seL4_NoError);
}

} // namespace

bool Context::move(seL4_CPtr tcb, seL4_Word hart) { return run(set_affinity(*this, tcb, hart)); }

std::uint64_t count(std::span<const std::span<const Case>> lists, bool taic) {
    std::uint64_t cases = 0;
    for (const std::span<const Case> list : lists) {
        for (const Case& test : list) cases += !test.needs_taic || taic;
    }
    return cases;
}

bool run(std::span<const std::span<const Case>> lists, Fixture& fixture) {
    bool good = true;
    for (const std::span<const Case> list : lists) {
        for (const Case& test : list) {
            if (test.needs_taic && !fixture.taic) continue;
            print("CASE ", test.name, '\n');
            Context context(fixture);
            test.run(context);
            good = conclude(!context.failed(), context.message(), test.name) && good;
        }
    }
    return good;
}

} // namespace testing
