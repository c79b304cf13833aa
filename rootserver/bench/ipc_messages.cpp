// Call, ReplyRecv and Send. One run gives both directions: the client's times stand around its Call, the server's
// around its ReplyRecv, and each way goes from one's `before` to the other's `after`.
#include "rootserver/bench/ipc_suites.hpp"

namespace bench {

namespace {

enum Role : unsigned { Server, Client };
enum class Fpu : bool { None, EveryTurn };

// One instruction that needs the FPU and changes it.
[[gnu::always_inline]] inline void use_fpu() {
    asm volatile(".option push\n .option arch, +d\n fmv.d.x f0, zero\n .option pop");
}

template <Fpu fpu>
void client() {
    for (Times& times : board.times[Client]) {
        const std::uint64_t before = machine::now();
        enter(seL4_SysCall, board.endpoint, board.tag);
        if constexpr (fpu == Fpu::EveryTurn) use_fpu();
        times = {before, machine::now()};
    }
    finish();
}

template <Fpu fpu>
void server() {
    wait(board.endpoint);
    if constexpr (fpu == Fpu::EveryTurn) use_fpu();
    for (Times& times : board.times[Server]) {
        const std::uint64_t before = machine::now();
        enter(seL4_SysReplyRecv, board.endpoint, board.tag);
        if constexpr (fpu == Fpu::EveryTurn) use_fpu();
        times = {before, machine::now()};
    }
    finish();
}

void fpu_client() {
    use_fpu();
    client<Fpu::None>();
}
void fpu_server() {
    use_fpu();
    server<Fpu::None>();
}

void sender() {
    for (Times& times : board.times[Client]) {
        const std::uint64_t before = machine::now();
        enter(seL4_SysSend, board.endpoint, board.tag);
        times = {before, machine::now()};
    }
    finish();
}

void receiver() {
    for (Times& times : board.times[Server]) {
        wait(board.endpoint);
        times.after = machine::now();
    }
    finish();
}

struct Pair {
    Row call;
    Row reply;
    void (*client)();
    void (*server)();
    Space space;
    seL4_Word length;
    std::uint64_t extra; // instructions inside the figure that are not the call's
};

bool call_and_reply(Workers& workers, Measured& measured, const Pair& pair) {
    board.tag = pair.length;
    const Workers::Start starts[] = {{pair.server, low_priority, pair.space}, {pair.client, low_priority}};
    if (!workers.run(starts, 1)) return false;
    const std::uint64_t overhead = stub_overhead() + pair.extra;
    Samples there;
    Samples back;
    // The server's first message came by Recv: its ReplyRecv `i` ends with Call `i + 1` and answers Call `i`.
    for (unsigned i = 0; i < run_count; ++i) {
        const unsigned next = i + 1 < run_count ? i : i - 1;
        there[i] = board.times[Server][next].after - board.times[Client][next + 1].before;
        back[i] = board.times[Client][i].after - board.times[Server][i].before;
    }
    measured.set(pair.call, there, overhead);
    measured.set(pair.reply, back, overhead);
    return true;
}

bool send(Workers& workers, Measured& measured) {
    board.tag = 0;
    const Workers::Start starts[] = {{receiver, high_priority, Space::Other}, {sender, low_priority}};
    if (!workers.run(starts, 2)) return false;
    Samples samples;
    for (unsigned i = 0; i < run_count; ++i) samples[i] = board.times[Server][i].after - board.times[Client][i].before;
    measured.set(Row::Send, samples, stub_overhead());
    return true;
}

} // namespace

bool measure_messages(Workers& workers, Measured& measured) {
    const Pair pairs[] = {
        {Row::CallSame, Row::ReplySame, client<Fpu::None>, server<Fpu::None>, Space::Same, 0, 0},
        {Row::CallOther, Row::ReplyOther, client<Fpu::None>, server<Fpu::None>, Space::Other, 0, 0},
        {Row::CallFpu, Row::ReplyFpu, fpu_client, fpu_server, Space::Other, 0, 0},
        {Row::CallFpuUsed, Row::ReplyFpuUsed, client<Fpu::EveryTurn>, server<Fpu::EveryTurn>, Space::Other, 0, 1},
        {Row::CallLong, Row::ReplyLong, client<Fpu::None>, server<Fpu::None>, Space::Other, 10, 0},
    };
    for (const Pair& pair : pairs) {
        if (!call_and_reply(workers, measured, pair)) return false;
    }
    return send(workers, measured);
}

} // namespace bench
