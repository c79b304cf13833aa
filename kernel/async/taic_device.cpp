#include "async/taic_device.hpp"

#include "async/device_bus.hpp"
#include "async/send_cache.hpp"
#include "smp/hart.hpp"

namespace async {

namespace {

using Driver = taic::Driver<DeviceBus>;
using Queue = taic::LocalQueue<DeviceBus>;

constexpr u32 max_vectors = 32;

struct Device {
    bool present;
    DeviceBus bus;
    taic::Geometry geometry;
    u32 slots;
    u32 vectors;
    u32 processes; // lent out: 1..processes
    taic::Index kernel_queue;
    taic::Index process_queues[max_processes];
    u32 used_processes; // bits
    u32 service;
    SendCache cache;
};
constinit Device device = {};

Queue queue_of(taic::Index index) { return Driver(device.bus, device.geometry).queue(index); }
Queue kernel_queue() { return queue_of(device.kernel_queue); }

bool allocate_kernel_queue() {
    const auto index = Driver(device.bus, device.geometry).allocator().allocate(os_id, 0);
    if (index) device.kernel_queue = *index;
    return static_cast<bool>(index);
}

bool allocate_processes() {
    auto allocator = Driver(device.bus, device.geometry).allocator();
    for (u32 process = 1; process < device.geometry.global_queues && process < max_processes; ++process) {
        const auto index = allocator.allocate(os_id, process);
        if (!index) return false;
        device.process_queues[process] = *index;
        device.processes = process;
        // For good: the process may ring the kernel, whose task word then names the process.
        queue_of(*index).register_sender({os_id, 0, kernel_vector});
        kernel_queue().register_receiver({os_id, process, kernel_vector}, taic::HandlerWord::make(process, true, true));
    }
    return true;
}

} // namespace

bool init_taic(const TaicNode& node) {
    device.bus = {base::raw(node.window)};
    device.geometry = node.geometry;
    device.slots = node.slots;
    device.vectors = node.slots < max_vectors ? node.slots : max_vectors;
    device.service = no_service_hart;
    device.cache.init(node.slots);
    if (node.geometry.global_queues < 2 || node.slots < 2) return false;
    device.present = allocate_kernel_queue() && allocate_processes();
    return device.present;
}

bool taic_present() { return device.present; }
u32 vectors_per_process() { return device.vectors; }

u32 free_process() {
    for (u32 process = 1; process <= device.processes; ++process) {
        if ((device.used_processes & base::bit(process)) == 0) return process;
    }
    return 0;
}

void acquire_process(u32 process) { device.used_processes |= static_cast<u32>(base::bit(process)); }

void release_process(u32 process) {
    Queue queue = queue_of(device.process_queues[process]);
    queue.unbind_hart();
    // Bounded: more words than the device can hold mean that it is broken.
    for (u32 i = 0; i < 4096 && !queue.dequeue().empty(); ++i) {
    }
    device.used_processes &= ~static_cast<u32>(base::bit(process));
}

base::Paddr process_page(u32 process) {
    return base::Paddr{device.bus.start + taic::page_offset(device.geometry, device.process_queues[process])};
}

void send(u32 process, u32 vector) {
    Queue queue = kernel_queue();
    const taic::Peer peer{os_id, process, vector};
    if (!device.cache.contains(process, vector)) [[unlikely]] {
        SendCache::Entry victim{};
        if (device.cache.insert(process, vector, victim)) queue.cancel_sender({os_id, victim.process, victim.vector});
        queue.register_sender(peer);
    }
    queue.send(peer);
}

taic::TaskWord dequeue() { return kernel_queue().dequeue(); }

void set_service_hart(u32 hart) {
    if (hart == device.service) return;
    device.service = hart;
    Queue queue = kernel_queue();
    if (hart == no_service_hart)
        queue.unbind_hart();
    else
        queue.bind_hart(smp::harts[hart].hart_id_);
}

u32 service_hart() { return device.service; }

} // namespace async
