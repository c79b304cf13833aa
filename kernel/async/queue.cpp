// Life of an asynchronous queue: creation in its memory, binding to address spaces and doorbells, driving, the end.
#include "arch/arch.hpp"
#include "async/doorbell.hpp"
#include "async/executor.hpp"
#include "async/ring.hpp"
#include "async/taic_device.hpp"
#include "async/worker.hpp"
#include "caps/mdb.hpp"
#include "lifetime/deletion.hpp"
#include "objects/upcalls.hpp"
#include "vspace/vspace.hpp"

namespace objects {

namespace {

caps::Slot& slot_of(AsyncQueue& queue, QueueSlot which) { return queue.slots[static_cast<unsigned>(which)]; }

void unmap_range(base::Asid asid, base::Vaddr vaddr, base::Paddr paddr, u64 size) {
    if (asid == 0) return;
    for (u64 offset = 0; offset < size; offset += base::bit(12))
        unmap_frame(caps::FrameSize::Page, asid, vaddr + offset, paddr + offset);
}

u64 shared_size(const AsyncQueue& queue) { return tail4_async_shared_size(queue.size_bits); }

// The TAIC page is somebody else's next. Who still looks there shall find an empty queue, not a fault.
void withdraw_doorbell(AsyncQueue& queue) {
    if (queue.doorbell_asid == 0) return;
    const arch::Pte empty = arch::Pte::make_user_leaf(async::empty_page(), true, true, false);
    if (!vspace::replace_leaf(queue.doorbell_asid, queue.doorbell_vaddr, api::page_bits, doorbell_page(queue), empty))
        queue.doorbell_asid = 0; // the space or the table is not there any more
    vspace::fence_owed();        // before the page is lent again
}

void publish_identity(const AsyncQueue& queue) {
    tail4_AsyncControl& control = *queue.control;
    control.os_id = async::os_id;
    control.process_id = queue.taic_process;
    control.kernel_os_id = async::os_id;
    control.kernel_process_id = 0;
    control.kernel_vector = async::kernel_vector;
}

} // namespace

void init_async_queue(AsyncQueue& queue, unsigned size_bits) {
    queue.size_bits = static_cast<u8>(size_bits);
    const u32 slots = tail4_async_slots(static_cast<u32>(size_bits));
    queue.slot_mask = u64{slots} - 1;
    const u64 shared = reinterpret_cast<u64>(&queue) + (u64{1} << (size_bits - 1));
    const u64 cq_offset = tail4_async_cq_offset(static_cast<u32>(size_bits));
    const u64 slots_offset = tail4_async_slots_offset(static_cast<u32>(size_bits));
    queue.control = reinterpret_cast<tail4_AsyncControl*>(shared);
    queue.sq = reinterpret_cast<u32*>(shared + tail4_async_sq_offset());
    queue.cq = reinterpret_cast<u32*>(shared + cq_offset);
    queue.shared = reinterpret_cast<tail4_AsyncSlot*>(shared + slots_offset);
    tail4_AsyncControl& control = *queue.control;
    control.magic = TAIL4_ASYNC_MAGIC;
    control.version = TAIL4_ASYNC_VERSION;
    control.size_bits = static_cast<u32>(size_bits);
    control.slots = slots;
    control.sq_offset = tail4_async_sq_offset();
    control.cq_offset = static_cast<u32>(cq_offset);
    control.slots_offset = static_cast<u32>(slots_offset);
}

bool taic_available() { return async::taic_present() && async::free_process() != 0; }

base::Paddr doorbell_page(const AsyncQueue& queue) {
    return queue.taic_process == 0 ? async::empty_page() : async::process_page(queue.taic_process);
}

void bind(const QueueBinding& binding) {
    AsyncQueue& queue = *binding.queue;
    caps::install_derived(binding.cspace, binding.cspace_source, slot_of(queue, QueueSlot::CSpace));
    caps::install_derived(binding.vspace, binding.vspace_source, slot_of(queue, QueueSlot::VSpace));
    caps::install_derived(binding.notification, binding.notification_source, slot_of(queue, QueueSlot::Notification));
    queue.doorbell = binding.doorbell;
    queue.polled = binding.doorbell == DoorbellKind::None;
    queue.priority = queue.own_priority = binding.priority;
    queue.max_priority = binding.max_priority;
    queue.domain = binding.domain;
    queue.hart = binding.hart;
    queue.vectors = 1;
    if (binding.doorbell == DoorbellKind::Taic) {
        queue.taic_process = async::free_process();
        async::acquire_process(queue.taic_process);
        queue.vectors = async::vectors_per_process();
        publish_identity(queue);
    }
    queue.control->vectors = queue.vectors;
    queue.worker = async::worker(queue).frame;
    if (queue.worker == nullptr) base::panic("the worker's frame does not fit", __FILE_NAME__, __LINE__);
    queue.state = QueueState::Bound;
    async::enter(queue);
    // From here on the user's first submission rings; a polled queue is never rung for.
    const u32 state = queue.polled ? TAIL4_ASYNC_RUNNING : TAIL4_ASYNC_BLOCKED;
    __atomic_store_n(&queue.control->kstate, state, __ATOMIC_SEQ_CST);
}

// What is mapped stays so as long as the object lives: a user that sleeps is woken, and has to read DEAD there.
void unbind(AsyncQueue& queue, u32 reason) {
    if (queue.taic_process != 0) withdraw_doorbell(queue);
    async::leave(queue);
    if (queue.state == QueueState::Bound) {
        async::kill(queue, reason);
        if (async::user_is_blocked(queue)) async::NotificationDoorbell::rouse(queue);
    }
    const u32 process = queue.taic_process;
    queue.taic_process = 0;
    if (process != 0) async::release_process(process);
    queue.vectors = 1;
}

void retire(AsyncQueue& queue) {
    unbind(queue, TAIL4_ASYNC_DELETED);
    unmap_range(queue.map_asid, queue.map_vaddr, arch::to_paddr(queue.control), shared_size(queue));
    unmap_range(queue.doorbell_asid, queue.doorbell_vaddr, doorbell_page(queue), base::bit(12));
    queue.map_asid = queue.doorbell_asid = 0;
    queue.state = QueueState::Dead;
}

u64 execute(AsyncQueue& queue, u64 slot) { return async::execute_now(queue, slot); }

u64 drive(AsyncQueue& queue, u64 budget) {
    const u64 before = queue.completed();
    u64 done = 0;
    while (async::serve_now(queue, budget - done)) {
        const u64 now = queue.completed() - before;
        if (now == done || now >= budget || preemption_point()) return now; // no progress: preempted
        done = now;
    }
    return queue.completed() - before;
}

} // namespace objects
