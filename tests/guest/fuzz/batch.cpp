#include "tests/guest/fuzz/calls.hpp"

#include <sel4/async_abi.h>
#include <sel4/async_ops.h>

namespace guest::fuzz {

namespace {

constexpr Word most_drive = 64;

// What changes where a thread stands, whether it may run, or whether it is there at all.
constexpr std::uint32_t operations[] = {
    TAIL4_OP_TCBResume,      TAIL4_OP_TCBResume,      TAIL4_OP_TCBSuspend,    TAIL4_OP_TCBSuspend,
    TAIL4_OP_TCBSetPriority, TAIL4_OP_TCBSetAffinity, TAIL4_OP_CNodeDelete,   TAIL4_OP_CNodeRevoke,
    TAIL4_OP_CNodeMove,      TAIL4_OP_CNodeCopy,      TAIL4_OP_UntypedRetype, TAIL4_OP_TCBWriteRegisters,
};

struct Request {
    std::uint32_t op;
    Word cptr;
    Word words[6];
    Word cap;
};

// About the thread in slot `target`.
Request request_about(Word target, Random& random) {
    constexpr Word all = 15;
    const Word priority = Own + 1 - random.below(4);
    const std::uint32_t op = operations[random.below(sizeof(operations) / sizeof(operations[0]))];
    switch (op) {
    case TAIL4_OP_TCBSetPriority: return {op, target, {priority}, thread_slots + random.below(2)};
    case TAIL4_OP_TCBSetAffinity: return {op, target, {random.below(boot_info->numNodes)}, 0};
    case TAIL4_OP_CNodeDelete: return {op, own_slot, {target, depth}, 0};
    case TAIL4_OP_CNodeRevoke: return {op, own_slot, {random.one_in(4) ? large_untyped : target, depth}, 0};
    case TAIL4_OP_CNodeMove: return {op, own_slot, {random.below(slot_count), depth, target, depth}, own_slot};
    case TAIL4_OP_CNodeCopy:
        return {op, own_slot, {thread_slots + random.below(2), depth, target, depth, all}, own_slot};
    case TAIL4_OP_UntypedRetype: // the memory of what went before, perhaps, and its place
        return {op,
                large_untyped,
                {random.one_in(2) ? Word{seL4_TCBObject} : Word{seL4_CapTableObject}, 6, 0, 0, target, 1},
                own_slot};
    case TAIL4_OP_TCBWriteRegisters: return {op, target, {random.below(2), 2, 0, 0}, 0};
    default: return {op, target, {}, 0};
    }
}

} // namespace

void random_batch(Thread& thread, Word area, Random& random) {
    auto& control = *reinterpret_cast<tail4_AsyncControl*>(area);
    const std::uint32_t slots = control.slots;
    if (slots == 0 || slots > 2048) return;
    auto* ring = reinterpret_cast<std::uint32_t*>(area + tail4_async_sq_offset());
    auto* requests = reinterpret_cast<tail4_AsyncSlot*>(area + tail4_async_slots_offset(control.size_bits));
    // One that was made from this caller's memory, or another caller.
    const Word target = random.one_in(2) ? thread_slots + random.below(2) : thread.in[4] + random.below(thread.in[5]);
    std::uint32_t tail = control.sq_tail;
    for (Word left = 2 + random.below(4); left != 0; --left) {
        const Request request = request_about(target, random);
        tail4_AsyncSlot& slot = requests[tail & (slots - 1)];
        slot.op = request.op;
        slot.flags = slot.vec = 0;
        slot.generation = static_cast<std::uint32_t>(random.next()) | 1;
        slot.cptr = request.cptr;
        for (unsigned i = 0; i < 6; ++i) slot.words[i] = request.words[i];
        slot.cap = request.cap;
        // The last one perhaps many times, with neighbours of its capability.
        if (left == 1 && tail % TAIL4_ASYNC_WIDE_SLOTS == 0) {
            slot.flags = TAIL4_ASYNC_SLOT_WIDE | TAIL4_ASYNC_SLOT_EACH;
            random_steps(slot, random);
        }
        ring[tail & (slots - 1)] = tail & (slots - 1);
        ++tail;
    }
    __atomic_store_n(&control.sq_tail, tail, __ATOMIC_RELEASE);
    if (random.one_in(4)) return; // for the queue's worker, or a later Drive
    sel4_Registers registers{thread.in[3], tag(AsyncQueueDrive, 1, 0), most_drive, 0, 0, 0};
    sel4_ecall(static_cast<seL4_Syscall_ID>(seL4_SysCall), &registers);
}

} // namespace guest::fuzz
