#include "rootserver/bench/channel.hpp"

#include "rootserver/functional/cases.hpp"

namespace bench {

namespace {

using machine::print;

constexpr std::uint32_t in_flight[] = {1, 8, 64}; // a channel of the suite has 64 slots
constexpr std::uint32_t calls = 1024;             // together

} // namespace

bool channel(testing::Fixture& fixture, bool icount) {
    print("BEGIN 1\nCASE bench.channel\n");
    testing::Context context(fixture);
    const char* unit = icount ? " insn\n" : " cycles\n";
    for (const bool taic : {false, true}) {
        if (taic && !fixture.taic) continue;
        for (const std::uint32_t count : in_flight) {
            const std::uint64_t time = functional::time_of_calls(context, count, calls / count, taic);
            print("BENCHMARK channel.", taic ? "taic" : "notification", ".c", std::uint64_t{count}, ' ', time, unit);
        }
    }
    if (context.failed())
        print("FAIL bench.channel ", context.message(), "\nEND\n");
    else
        print("SUCCESS bench.channel\nEND\n");
    return !context.failed();
}

} // namespace bench
