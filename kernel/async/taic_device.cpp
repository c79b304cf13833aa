#include "async/taic_device.hpp"

#include "async/device_bus.hpp"
#include "async/send_cache.hpp"
#include "scheduler/scheduler.hpp"
#include "smp/kernel_lock.hpp"
#include "taic/pool.hpp"

namespace async {

namespace {

using Driver = taic::Driver<DeviceBus>;
using Queue = taic::LocalQueue<DeviceBus>;

constexpr u32 max_vectors = 32;
constexpr u32 own_process = 0;
// Words that lower_line() takes from the queue for who serves doorbells. More stay in the queue.
constexpr u32 most_held = 8;
// Looks for the kernel's own word, which a hart that is in the kernel already may answer before the device sends it.
constexpr u32 most_looks = 8;
static_assert(max_processes == taic::QueuePool::max_processes && max_processes <= SendCache::max_processes);
static_assert(max_vectors <= SendCache::max_vectors);

struct Device {
    bool present;
    DeviceBus bus;
    taic::Geometry geometry;
    u32 vectors;
    taic::Index kernel_queue;
    taic::QueuePool processes;
    u32 service;
    bool has_line; // the kernel is registered with itself
    SendCache cache;
    taic::TaskWord held[most_held];
    u32 held_count;
};
constinit Device device = {};

Driver driver() { return Driver(device.bus, device.geometry); }
Queue kernel_queue() { return driver().queue(device.kernel_queue); }
constexpr taic::Peer kernel_itself() { return {os_id, own_process, kernel_vector}; }
constexpr taic::HandlerWord line_word = taic::HandlerWord::make(own_process, true, true);

void bind_service_hart() {
    Queue queue = kernel_queue();
    if (device.service == no_service_hart)
        queue.unbind_hart();
    else
        queue.bind_hart(smp::harts[device.service].hart_id_);
}

// Threads are in the kernel, or do not run, until the lock is released: no process sends.
void hold_users() {
    scheduler::enter_others([](const scheduler::State& state) { return state.current != nullptr; });
}

// The last kernel's queues, where a restart did not reset the device. Nobody sends any more.
void release_all() {
    auto allocator = driver().allocator();
    for (u32 global = 0; global < device.geometry.global_queues; ++global) {
        for (u32 local = 0; local < device.geometry.local_queues; ++local)
            static_cast<void>(allocator.release({global, local}));
    }
}

bool allocate_queues(u32 slots) {
    auto index = driver().allocator().allocate(os_id, 0);
    if (index && index->local != 0) { // somebody has been this kernel
        release_all();
        index = driver().allocator().allocate(os_id, 0);
    }
    if (!index) return false;
    device.kernel_queue = *index;
    kernel_queue().unbind_hart(); // the published hardware frees no line
    static_cast<void>(dequeue());
    device.processes.init(driver(), {os_id, slots, device.vectors, kernel_vector});
    // For good: a process may ring the kernel, whose task word then names the process.
    for (u32 process = 1; process <= device.processes.count(); ++process)
        kernel_queue().register_receiver({os_id, process, kernel_vector}, taic::HandlerWord::make(process, true, true));
    // With room in both tables, which the processes' doorbells and the send cache share with it.
    device.has_line = slots > device.processes.count() && slots > 2;
    if (device.has_line) {
        kernel_queue().register_receiver(kernel_itself(), line_word);
        kernel_queue().register_sender(kernel_itself());
    }
    device.cache.init(device.has_line ? slots - 1 : slots);
    return device.processes.count() != 0;
}

} // namespace

bool init_taic(const TaicNode& node) {
    device.bus = {base::raw(node.window)};
    device.geometry = node.geometry;
    device.vectors = node.slots < max_vectors ? node.slots : max_vectors;
    device.service = no_service_hart;
    if (node.geometry.global_queues < 2 || node.slots < 2) return false;
    device.present = allocate_queues(node.slots);
    return device.present;
}

bool taic_present() { return device.present; }
u32 vectors_per_process() { return device.vectors; }

u32 free_process() { return device.processes.next(); }
void acquire_process(u32 process) { device.processes.lend(process); }
void release_process(u32 process) {
    device.processes.give_back(
        driver(), process, [](u32 receiver, u32 vector) { send(receiver, vector); }, hold_users);
}

base::Paddr process_page(u32 process) {
    return base::Paddr{device.bus.start + taic::page_offset(device.geometry, device.processes.queue(process))};
}

base::Paddr empty_page() {
    return base::Paddr{device.bus.start + taic::page_offset(device.geometry, {device.geometry.global_queues, 0})};
}

void send(u32 process, u32 vector) {
    ASSERT(process != 0 && process <= device.processes.count() && vector < device.vectors);
    Queue queue = kernel_queue();
    const taic::Peer peer{os_id, process, vector};
    if (!device.cache.contains(process, vector)) [[unlikely]] {
        SendCache::Entry victim{};
        if (device.cache.insert(process, vector, victim)) queue.cancel_sender({os_id, victim.process, victim.vector});
        queue.register_sender(peer);
    }
    queue.send(peer);
}

taic::TaskWord dequeue() {
    if (device.held_count != 0) [[unlikely]]
        return device.held[--device.held_count];
    return kernel_queue().dequeue();
}

void set_service_hart(u32 hart) {
    if (hart == device.service) return;
    device.service = hart;
    bind_service_hart();
}

u32 service_hart() { return device.service; }

bool send_registered(u32 process, u32 vector) { return device.cache.contains(process, vector); }
bool rings_itself() { return device.has_line; }
taic::Index kernel_index() { return device.kernel_queue; }
taic::Index process_index(u32 process) { return device.processes.queue(process); }
bool process_aside(u32 process) { return device.processes.is_aside(process); }

} // namespace async

namespace smp {

// The kernel's queue is bound to that hart for a moment, and the kernel sends to itself.
bool raise_line(u32 hart) {
    using namespace async;
    if (!device.has_line) return false;
    Queue queue = kernel_queue();
    queue.bind_hart(smp::harts[hart].hart_id_);
    queue.send(kernel_itself());
    return true;
}

// A doorbell that came meanwhile has lost its line with this: the own hart looks for it.
void lower_line() {
    using namespace async;
    bool found = false;
    bool emptied = false;
    for (u32 looks = 0; looks < most_looks && device.held_count < most_held && !emptied; ++looks) {
        const taic::TaskWord word = kernel_queue().dequeue();
        if (word == line_word.delivered())
            found = true;
        else if (!word.empty())
            device.held[device.held_count++] = word;
        else
            emptied = found;
    }
    bind_service_hart();
    if (device.held_count != 0 || !emptied) [[unlikely]]
        smp::kick_self();
}

} // namespace smp
