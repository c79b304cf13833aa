#include "rootserver/functional/channel_child.hpp"

#include "rootserver/functional/child.hpp"
#include "rootserver/testing/random.hpp"

#include <sel4async/bells.hpp>

namespace functional {

Orders orders;

namespace {

using sel4async::Answer;
using sel4async::ChannelClient;
using sel4async::ChannelServer;
using sel4async::Received;
using sel4async::Task;

constexpr std::uint32_t nop_every = 8;

// The parent never touches these, so each child finds them fresh.
sel4async::NotificationBell bells[machine::Nursery::max_children];
sel4async::TaicBell taic_bells[machine::Nursery::max_children];
bool has_taic_bell[machine::Nursery::max_children];
sel4async::UintcBell uintc_bells[machine::Nursery::max_children];
bool has_uintc_bell[machine::Nursery::max_children];
ChannelClient client;
ChannelServer server;
std::uint32_t open_strands;

[[noreturn]] void finish() {
    for (const sel4async::TaicBell& bell : taic_bells) orders.rings += bell.rings();
    for (const sel4async::UintcBell& bell : uintc_bells) orders.rings += bell.rings();
    orders.entries = child_runtime.interrupts.entries();
    orders.words = child_runtime.executor.statistics().wakes;
    orders.sleeps = child_runtime.executor.statistics().sleeps;
    finish_child(orders.done);
}

sel4async::ChannelPort::Setup channel(std::uint32_t number) {
    void* memory = reinterpret_cast<void*>(machine::child_shared + number * channel_stride);
    if (has_uintc_bell[number]) return {memory, channel_slots, &uintc_bells[number], nullptr, true};
    return {memory, channel_slots, &bells[number], has_taic_bell[number] ? &taic_bells[number] : nullptr,
            has_taic_bell[number]};
}

Task<> ask(std::uint64_t first) {
    for (std::uint64_t i = first; i < first + orders.calls; ++i) {
        const Answer answer = co_await client.call(i, ~i);
        if (answer.error == sel4async::channel_dead) {
            ++orders.dead;
            break;
        }
        if (answer.ok() && answer.words.count == 2 && answer.words.word[0] == 2 * i + 1 && answer.words.word[1] == ~i)
            ++orders.good;
        else
            ++orders.wrong;
        if (orders.stop_after != 0 && orders.good == orders.stop_after) finish(); // with calls still open
        if (!orders.measured && i % nop_every == 0 && (co_await sel4async::op::nop()).ok()) ++orders.nops;
    }
    if (--open_strands == 0) client.close();
}

Task<> serve() {
    while (server.clients() != 0) {
        const Received request = co_await server.receive();
        if (!request.ok()) {
            ++orders.dead;
            continue;
        }
        if (orders.good == orders.stop_after && orders.stop_after != 0) finish();
        ++orders.good;
        if (request.call) server.reply(request, 2 * request.words.word[0] + 1, request.words.word[1]);
    }
}

// Any word anywhere in a channel: mostly the control words, mostly small numbers.
void scribble() {
    testing::Random random(1);
    for (std::uint32_t i = 0; i < orders.calls; ++i) {
        const std::uint64_t state = random.next();
        const std::uint32_t channel = i % orders.channels;
        auto* words = reinterpret_cast<volatile std::uint64_t*>(machine::child_shared + channel * channel_stride);
        const std::uint64_t where = state >> 32 & 1 ? state % 6 * 8 : state % (channel_pages * 512);
        words[where] = state >> 33 & 1 ? state : state >> 34 & 15;
        if (i % 16 < orders.channels) bells[channel].ring();
        if (i % 64 == 0) seL4_Yield();
    }
}

// The parent introduces the processes to each other.
void meet() {
    sel4async::KernelDoorbell& own = child_runtime.queue.doorbell();
    orders.process = own.taic_process();
    __atomic_store_n(&orders.met, 1U, __ATOMIC_RELEASE);
    seL4_Signal(machine::ChildDone);
    while (__atomic_load_n(&orders.go, __ATOMIC_ACQUIRE) == 0) seL4_Wait(machine::ChildNotification, nullptr);
    std::uint32_t connected = 0;
    for (std::uint32_t i = 0; i < orders.channels; ++i) {
        has_taic_bell[i] = taic_bells[i].connect(own, orders.peers[i]);
        connected += has_taic_bell[i] ? 1 : 0;
    }
    child_runtime.executor.share_receivers(connected);
}

bool set_up() {
    for (std::uint32_t i = 0; i < orders.channels; ++i) bells[i] = sel4async::NotificationBell(machine::ChildBell + i);
    const auto doorbell = orders.receiver ? sel4async::DoorbellKind::Uintc : sel4async::DoorbellKind::Taic;
    if (!connect_child(orders.other_harts, doorbell) || !start_executor(orders.registration)) return false;
    orders.kind = static_cast<std::uint32_t>(child_runtime.queue.kind()) + 1;
    if (orders.bells) meet();
    for (std::uint32_t i = 0; orders.receiver && i < orders.channels; ++i) {
        has_uintc_bell[i] = uintc_bells[i].connect(machine::ChildBell + i);
        if (!has_uintc_bell[i]) return false;
    }
    return true;
}

bool run() {
    sel4async::Executor& executor = child_runtime.executor;
    if (orders.role == Role::Server) {
        if (!server.open(executor)) return false;
        for (std::uint32_t i = 0; i < orders.channels; ++i) {
            if (!server.add_client(i, channel(i))) return false;
        }
        if (!spawn(executor, serve())) return false;
    } else {
        if (!client.open(executor, channel(0))) return false;
        open_strands = orders.strands;
        for (std::uint32_t i = 0; i < orders.strands; ++i) {
            if (!spawn(executor, ask(std::uint64_t{i} << 32))) return false;
        }
    }
    const std::uint64_t start = machine::now();
    const sel4async::Stopped stopped = executor.run();
    orders.time = machine::now() - start;
    orders.stopped = static_cast<std::uint32_t>(stopped) + 1;
    return stopped == sel4async::Stopped::Finished;
}

} // namespace

void child_main() {
    if (!set_up()) {
        ++orders.wrong;
        finish();
    }
    if (orders.role == Role::Hostile)
        scribble();
    else if (!run())
        ++orders.wrong;
    finish();
}

} // namespace functional
