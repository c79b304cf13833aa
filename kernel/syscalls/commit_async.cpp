#include "syscalls/commit_async.hpp"

#include "arch/arch.hpp"
#include "vspace/vspace.hpp"

namespace syscalls {

namespace {

// Read and write for the user, never executable.
void map_range(const AsyncOperation& op, base::Paddr paddr, u64 size) {
    for (u64 offset = 0; offset < size; offset += base::bit(12)) {
        const vspace::Walk found = vspace::walk(op.root, op.vaddr + offset, 12);
        vspace::write_entry(found.entry, arch::Pte::make_user_leaf(paddr + offset, true, true, false));
        vspace::flush_page(*vspace::asid_entry(op.asid), op.asid, op.vaddr + offset);
    }
}

void map(const AsyncOperation& op) {
    objects::AsyncQueue& queue = *op.queue;
    map_range(op, arch::to_paddr(queue.control), tail4_async_shared_size(queue.size_bits));
    queue.map_asid = op.asid;
    queue.map_vaddr = op.vaddr;
}

void map_doorbell(const AsyncOperation& op) {
    objects::AsyncQueue& queue = *op.queue;
    map_range(op, objects::doorbell_page(queue), base::bit(12));
    queue.doorbell_asid = op.asid;
    queue.doorbell_vaddr = op.vaddr;
}

void info(const objects::AsyncQueue& queue, Results& results) {
    results.count = 5;
    results.words[0] = static_cast<u64>(queue.state);
    results.words[1] = __atomic_load_n(&queue.control->dead_reason, __ATOMIC_RELAXED);
    results.words[2] = queue.requests();
    results.words[3] = queue.completed();
    results.words[4] = queue.rejected;
}

} // namespace

[[gnu::hot]] Outcome commit_async(const AsyncOperation& op, Results& results) {
    using Kind = AsyncOperation::Kind;
    switch (op.kind) {
    case Kind::Bind: objects::bind(op.binding); break;
    case Kind::Map: map(op); break;
    case Kind::MapDoorbell: map_doorbell(op); break;
    case Kind::Drive:
        results.words[0] = objects::drive(*op.queue, op.budget);
        results.count = 1;
        break;
    case Kind::Execute:
        results.words[0] = objects::execute(*op.queue, op.budget);
        results.count = 1;
        break;
    case Kind::Info: info(*op.queue, results); break;
    case Kind::Wake: objects::wake(*op.queue); break;
    case Kind::Unbind: objects::unbind(*op.queue, TAIL4_ASYNC_UNBOUND); break;
    }
    return Outcome::Done;
}

} // namespace syscalls
