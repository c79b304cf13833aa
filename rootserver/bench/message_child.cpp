#include "rootserver/bench/message_child.hpp"

#include "rootserver/functional/child.hpp"

#include <sel4async/bells.hpp>
#include <sel4async/channel.hpp>

namespace bench {

MessageOrders message_orders;

namespace {

using functional::child_runtime;
using sel4async::Answer;
using sel4async::ChannelClient;
using sel4async::ChannelServer;
using sel4async::Received;
using sel4async::Task;

constexpr std::uint32_t most_samples = 1024;
std::uint32_t samples[most_samples];
std::uint32_t sampled;

sel4async::NotificationBell notification_bell;
sel4async::TaicBell taic_bell;
sel4async::UintcBell uintc_bell;
bool has_taic_bell;
ChannelClient client;
ChannelServer server;

MessageOrders& orders() { return message_orders; }

void sample(std::uint64_t start) {
    if (sampled < most_samples) samples[sampled++] = static_cast<std::uint32_t>(machine::now() - start);
}

void judge(std::uint64_t first, std::uint64_t word0, std::uint64_t word1) {
    if (word0 != first + 1 || word1 != ~first) ++orders().wrong;
}

void note_step(std::uint32_t number, Stopwatch& watch) {
    MessageOrders::Step& step = orders().steps[number];
    step.mean = watch.stop() / orders().calls;
    step.slept = watch.stood_still() ? 1 : 0;
    const std::span<std::uint32_t> times(samples, sampled);
    step.p50 = percentile(times, 50);
    step.p99 = percentile(times, 99);
    step.sleeps = static_cast<std::uint32_t>(child_runtime.executor.statistics().sleeps);
    step.wakes = static_cast<std::uint32_t>(child_runtime.executor.statistics().wakes);
}

// --- Over a channel

sel4async::ChannelPort::Setup channel() {
    void* memory = reinterpret_cast<void*>(machine::child_shared);
    if (orders().kind == MessageKind::Uintc) return {memory, message_slots, &uintc_bell, nullptr, true};
    return {memory, message_slots, &notification_bell, has_taic_bell ? &taic_bell : nullptr, has_taic_bell};
}

Task<> ask(std::uint64_t first, std::uint32_t calls) {
    for (std::uint64_t i = first; i < first + calls; ++i) {
        const std::uint64_t start = machine::now();
        const Answer answer = co_await client.call(i, ~i);
        sample(start);
        if (!answer.ok() || answer.words.count != 2) ++orders().wrong;
        judge(i, answer.words.word[0], answer.words.word[1]);
    }
}

Task<> serve() {
    while (server.clients() != 0) {
        const Received request = co_await server.receive();
        if (request.ok() && request.call) server.reply(request, request.words.word[0] + 1, request.words.word[1]);
    }
}

bool ask_in_steps() {
    sel4async::Executor& executor = child_runtime.executor;
    if (!client.open(executor, channel())) return false;
    bool good = true;
    for (std::uint32_t step = 0; step < message_steps; ++step) {
        const std::uint32_t in_flight = 1u << step;
        for (const std::uint32_t calls : {in_flight, orders().calls}) { // once unmeasured
            sampled = 0;
            executor.reset_statistics();
            Stopwatch watch;
            watch.start();
            for (std::uint32_t i = 0; i < in_flight; ++i)
                good = spawn(executor, ask(std::uint64_t{i} << 32, calls / in_flight)) && good;
            good = executor.run() == sel4async::Stopped::Finished && good;
            note_step(step, watch);
        }
    }
    client.close();
    return good;
}

// The parent tells each the other's TAIC process.
void meet() {
    sel4async::KernelDoorbell& own = child_runtime.queue.doorbell();
    orders().process = own.taic_process();
    __atomic_store_n(&orders().met, 1U, __ATOMIC_RELEASE);
    seL4_Signal(machine::ChildDone);
    while (__atomic_load_n(&orders().go, __ATOMIC_ACQUIRE) == 0) seL4_Wait(machine::ChildNotification, nullptr);
    has_taic_bell = taic_bell.connect(own, orders().peer);
    child_runtime.executor.share_receivers(has_taic_bell ? 1 : 0);
}

bool connect() {
    notification_bell = sel4async::NotificationBell(machine::ChildBell);
    const bool uintc = orders().kind == MessageKind::Uintc;
    if (!functional::connect_child(orders().other_harts,
                                   uintc ? sel4async::DoorbellKind::Uintc : sel4async::DoorbellKind::Taic) ||
        !functional::start_executor())
        return false;
    if (orders().kind == MessageKind::Taic) meet();
    return !uintc || uintc_bell.connect(machine::ChildBell);
}

bool run_channel() {
    if (!connect()) return false;
    if (orders().client) return ask_in_steps();
    return server.open(child_runtime.executor) && server.add_client(0, channel()) &&
        spawn(child_runtime.executor, serve()) && child_runtime.executor.run() == sel4async::Stopped::Finished;
}

// --- Over an endpoint

void ask_synchronously() {
    Stopwatch watch;
    for (const std::uint32_t calls : {1u, orders().calls}) { // once unmeasured
        sampled = 0;
        watch.start();
        for (std::uint64_t i = 0; i < calls; ++i) {
            seL4_Word words[4] = {i, ~i, 0, 0};
            const std::uint64_t start = machine::now();
            const seL4_MessageInfo_t info = seL4_CallWithMRs(machine::ChildBell, seL4_MessageInfo_new(0, 0, 0, 2),
                                                             words, words + 1, words + 2, words + 3);
            sample(start);
            if (seL4_MessageInfo_get_length(info) != 2) ++orders().wrong;
            judge(i, words[0], words[1]);
        }
        note_step(0, watch);
    }
}

[[noreturn]] void serve_synchronously() {
    seL4_Word words[4] = {};
    seL4_Word badge = 0;
    seL4_RecvWithMRs(machine::ChildBell, &badge, words, words + 1, words + 2, words + 3);
    while (true) {
        ++words[0];
        seL4_ReplyRecvWithMRs(machine::ChildBell, seL4_MessageInfo_new(0, 0, 0, 2), &badge, words, words + 1, words + 2,
                              words + 3);
    }
}

} // namespace

void message_child() {
    Stopwatch::calibrate();
    if (orders().kind != MessageKind::Sync) {
        if (!run_channel()) ++orders().wrong;
    } else {
        seL4_SetIPCBuffer(reinterpret_cast<seL4_IPCBuffer*>(machine::child_buffer));
        if (!orders().client) serve_synchronously();
        ask_synchronously();
    }
    functional::finish_child(orders().done);
}

} // namespace bench
