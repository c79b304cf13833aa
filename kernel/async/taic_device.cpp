#include "async/taic_device.hpp"

#include "arch/arch.hpp"
#include "async/send_cache.hpp"
#include "smp/hart.hpp"

namespace async {

namespace {

// The window through the physical map.
struct MmioBus {
    u64 start;

    u64 read64(u64 offset) const { return *arch::to_pointer<const volatile u64>(base::Paddr{start + offset}); }
    void write64(u64 offset, u64 value) const { *arch::to_pointer<volatile u64>(base::Paddr{start + offset}) = value; }
    void publish() const { arch::fence_memory_to_device(); }
    void acquire() const { arch::fence_device_to_memory(); }
    void settle() const { arch::full_fence(); }
};
using Driver = taic::Driver<MmioBus>;
using Queue = taic::LocalQueue<MmioBus>;

constexpr u32 max_vectors = 32;

struct Device {
    bool present;
    MmioBus bus;
    taic::Geometry geometry;
    u32 slots;
    u32 vectors;
    u32 processes;   // lent out: 1..processes
    u32 hart_queues; // local queues of the kernel's own global queue
    taic::Index kernel_queues[base::max_harts];
    taic::Index process_queues[max_processes];
    u32 used_processes; // bits
    u32 service;
    SendCache cache;
};
Device device;

Queue queue_of(taic::Index index) { return Driver(device.bus, device.geometry).queue(index); }
Queue wake_queue() { return queue_of(device.kernel_queues[0]); }

// Local queue 0 takes wake-ups; the harts' own words go to the others as far as there are any.
Queue own_queue() {
    const u32 hart = smp::this_hart().index_;
    return queue_of(device.kernel_queues[device.hart_queues == 1 ? 0 : 1 + hart % (device.hart_queues - 1)]);
}

bool allocate_kernel_queues(u32 harts) {
    auto allocator = Driver(device.bus, device.geometry).allocator();
    const u32 wanted = harts + 1 < device.geometry.local_queues ? harts + 1 : device.geometry.local_queues;
    for (u32 i = 0; i < wanted && i < base::max_harts; ++i) {
        const auto index = allocator.allocate(os_id, 0);
        if (!index) return false;
        device.kernel_queues[device.hart_queues++] = *index;
    }
    return device.hart_queues != 0;
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
        wake_queue().register_receiver({os_id, process, kernel_vector}, taic::HandlerWord::make(process, true, true));
    }
    return true;
}

} // namespace

bool init_taic(const TaicNode& node, u32 harts) {
    device.bus = {base::raw(node.window)};
    device.geometry = node.geometry;
    device.slots = node.slots;
    device.vectors = node.slots < max_vectors ? node.slots : max_vectors;
    device.service = no_service_hart;
    device.cache.init(node.slots);
    if (node.geometry.global_queues < 2 || node.slots < 2) return false;
    device.present = allocate_kernel_queues(harts) && allocate_processes();
    return device.present;
}

bool taic_present() { return device.present; }
u32 vectors_per_process() { return device.vectors; }

bool process_available() {
    for (u32 process = 1; process <= device.processes; ++process) {
        if ((device.used_processes & base::bit(process)) == 0) return true;
    }
    return false;
}

u32 acquire_process() {
    for (u32 process = 1; process <= device.processes; ++process) {
        if ((device.used_processes & base::bit(process)) == 0) {
            device.used_processes |= static_cast<u32>(base::bit(process));
            return process;
        }
    }
    return 0;
}

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
    Queue queue = wake_queue();
    const taic::Peer peer{os_id, process, vector};
    if (!device.cache.contains(process, vector)) [[unlikely]] {
        SendCache::Entry victim{};
        if (device.cache.insert(process, vector, victim)) queue.cancel_sender({os_id, victim.process, victim.vector});
        queue.register_sender(peer);
    }
    queue.send(peer);
}

void enqueue(taic::TaskWord word) { static_cast<void>(own_queue().enqueue(word)); }
taic::TaskWord dequeue() { return own_queue().dequeue(); }

void set_service_hart(u32 hart) {
    if (hart == device.service) return;
    device.service = hart;
    Queue queue = wake_queue();
    if (hart == no_service_hart)
        queue.unbind_hart();
    else
        queue.bind_hart(smp::harts[hart].hart_id_);
}

u32 service_hart() { return device.service; }

} // namespace async
