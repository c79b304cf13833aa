#include "syscalls/commit_untyped.hpp"

#include "arch/arch.hpp"
#include "caps/mdb.hpp"
#include "objects/async_queue.hpp"
#include "objects/upcalls.hpp"
#include "scheduler/scheduler.hpp"
#include <sel4/config.h>

namespace syscalls {

using caps::Cap;
using objects::ObjectType;

namespace {

constexpr unsigned reset_chunk_bits = CONFIG_RESET_CHUNK_BITS;

// Clears the used part from the top down, in chunks, lowering the watermark after each. True: preempted.
bool reset(caps::Slot& slot) {
    const Cap& cap = slot.cap;
    u64 used = cap.untyped_free_index() << 4;
    if (used == 0) return false;
    if (cap.is_device()) {
        slot.cap = cap.with_free_index(0);
        return false;
    }
    auto* memory = arch::to_pointer<char>(cap.paddr());
    while (used != 0) {
        const u64 chunk = base::align_down(used - 1, reset_chunk_bits);
        arch::clear(memory + chunk, used - chunk);
        used = chunk;
        slot.cap = slot.cap.with_free_index(used >> 4);
        if (used != 0 && objects::preemption_point()) return true;
    }
    return false;
}

Cap create(ObjectType type, u64 size_bits, base::Paddr start, bool device, Origin origin) {
    void* object = device ? nullptr : arch::to_pointer<void>(start);
    switch (type) {
    case ObjectType::Untyped: return Cap::untyped(start, static_cast<unsigned>(size_bits), device, 0);
    case ObjectType::GigaPage:
    case ObjectType::Page:
    case ObjectType::MegaPage: return Cap::frame(start, objects::frame_size(type), caps::VmRights::ReadWrite, device);
    case ObjectType::Endpoint: return Cap::endpoint(static_cast<objects::Endpoint*>(object), 0, caps::all_rights);
    case ObjectType::Notification: return Cap::notification(static_cast<objects::Notification*>(object), 0, 3);
    case ObjectType::CapTable:
        return Cap::cnode(static_cast<caps::Slot*>(object), static_cast<unsigned>(size_bits), 0, 0);
    case ObjectType::PageTable: return Cap::page_table(object);
    case ObjectType::Tcb: {
        auto* thread = static_cast<objects::Tcb*>(object);
        scheduler::init_thread(*thread, origin.domain, origin.hart);
        return Cap::tcb(thread);
    }
    case ObjectType::AsyncQueue: {
        auto* queue = static_cast<objects::AsyncQueue*>(object);
        objects::init_async_queue(*queue, static_cast<unsigned>(size_bits));
        return Cap::async_queue(queue);
    }
    }
    return {};
}

} // namespace

[[gnu::hot]] Outcome commit_retype(const Retype& op, Origin origin) {
    if (op.reset && reset(*op.untyped)) return Outcome::Preempted;
    const Cap source = op.untyped->cap;
    const u64 size = base::bit(op.bits);
    u64 start = base::align_up(base::raw(source.paddr()) + (source.untyped_free_index() << 4), op.bits);
    const u64 end = start + op.count * size;
    op.untyped->cap = source.with_free_index((end - base::raw(source.paddr())) >> 4);
    for (u64 i = 0; i < op.count; ++i, start += size) {
        const Cap cap = create(op.type, op.size_bits, base::Paddr{start}, source.is_device(), origin);
        caps::insert_original(cap, *op.untyped, op.slots[i]);
    }
    return Outcome::Done;
}

} // namespace syscalls
