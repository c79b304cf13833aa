// Registry of cases, their context, and the line protocol: BEGIN n, CASE, SUCCESS or FAIL, END.
// A case gets a Context; it checks by `if (!t.equal(...)) return;`, the first failure counts.
#pragma once

#include "rootserver/machine/connection.hpp"
#include "rootserver/machine/console.hpp"

#include <span>
#include <string_view>

namespace testing {

// Ticks of `time` that a case waits for the next step of another thread before it fails, two minutes. Harts may be
// threads of a busy host: a limit is there only to name the step that never comes, a little before the runner gives up
// (tests/run_guest.py).
inline constexpr std::uint64_t patience = 1'200'000'000;

// Says how far a case is that takes more than some seconds: so many units of its work are done.
void note(std::string_view what, std::uint64_t done);

// What all cases share.
struct Fixture {
    machine::Memory memory;
    machine::QueuePlace place;
    alignas(sel4async::places::neighbours) sel4async::Queue queue;
    alignas(sel4async::places::neighbours) sel4async::Executor executor;
    sel4async::UserInterrupts interrupts;                                       // of the initial thread
    bool taic = false;                                                          // of the suite's own queue
    bool uintc = false;                                                         // of the machine
    sel4async::Registration registration = sel4async::Registration::Persistent; // of tasks started without options
    std::uint64_t harts = 1;
    std::uint64_t hostile_calls = 100'000;
    std::uint64_t flights = 0;      // rounds of each flight case
    std::uint64_t messages = 4'096; // of the case that counts bells
};

class Context {
public:
    explicit Context(Fixture& fixture) : fixture_(fixture) {}

    Fixture& fixture() { return fixture_; }
    machine::Memory& memory() { return fixture_.memory; }
    sel4async::Executor& executor() { return fixture_.executor; }

    bool failed() const { return failed_; }
    bool check(bool condition, const char* what);
    bool equal(const char* what, std::uint64_t found, std::uint64_t expected);
    bool same_error(const char* what, std::uint64_t found, seL4_Error expected) {
        return equal(what, found, static_cast<std::uint64_t>(expected));
    }
    // Runs a task to its end on the shared queue.
    bool run(sel4async::Task<> task);
    // Gives a thread an affinity; the asynchronous call is there in any configuration.
    bool move(seL4_CPtr tcb, seL4_Word hart);

    std::string_view message() const { return {message_, length_}; }

private:
    void say(std::string_view text);

    Fixture& fixture_;
    bool failed_ = false;
    char message_[160] = {};
    std::size_t length_ = 0;
};

struct Case {
    const char* name;
    void (*run)(Context&);
    bool needs_taic = false;
};

// Runs the lists; false: some case failed. `cases` is the number BEGIN announced.
// The line that ends a case; returns `good`. Without a message only the case is named.
template <typename... Name>
bool conclude(bool good, std::string_view message, const Name&... name) {
    machine::print(good ? "SUCCESS " : "FAIL ", name..., message.empty() ? "" : " ", message, '\n');
    return good;
}

std::uint64_t count(std::span<const std::span<const Case>> lists, bool taic);
bool run(std::span<const std::span<const Case>> lists, Fixture& fixture);

} // namespace testing
