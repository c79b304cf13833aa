#include "rootserver/bench/channel.hpp"

#include "rootserver/functional/cases.hpp"

namespace bench {

namespace {

using functional::ChannelBell;
using machine::print;

struct Row {
    ChannelBell bell;
    std::string_view name;
};
constexpr Row rows[] = {
    {ChannelBell::Notification, "notification"}, {ChannelBell::Taic, "taic"}, {ChannelBell::Uintc, "uintc"}};
constexpr std::uint32_t in_flight[] = {1, 8, 64}; // a channel of the suite has 64 slots
constexpr std::uint32_t calls = 1024;             // together

} // namespace

bool channel(testing::Fixture& fixture, bool icount) {
    print("BEGIN 1\nCASE bench.channel\n");
    testing::Context context(fixture);
    const char* unit = icount ? " insn\n" : " cycles\n";
    for (const Row& row : rows) {
        if (row.bell == ChannelBell::Taic && !fixture.taic) continue;
        if (row.bell == ChannelBell::Uintc && !fixture.uintc) continue;
        for (const std::uint32_t count : in_flight) {
            const std::uint64_t time = functional::time_of_calls(context, count, calls / count, row.bell);
            print("BENCHMARK channel.", row.name, ".c", std::uint64_t{count}, ' ', time, unit);
        }
    }
    if (context.failed())
        print("FAIL bench.channel ", context.message(), "\nEND\n");
    else
        print("SUCCESS bench.channel\nEND\n");
    return !context.failed();
}

} // namespace bench
