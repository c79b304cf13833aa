#include "tests/guest/fuzz/calls.hpp"

#include <sel4/async_abi.h>
#include <sel4/async_ops.h>
#include <sel4/async_request.hpp>

namespace guest::fuzz {

namespace {

// What an argument may be when it shall make sense.
enum class Kind : unsigned char { None, Slot, Depth, Type, Bits, Count, Small, Address, Rights, Badge, Odd, Priority };

struct Shape {
    Word label;
    Kind words[8];
    unsigned caps;
    bool own_node;  // the invoked capability, or (Retype, Bind, MakePool, ...) the first extra one, is the own CNode
    bool invoke_it; // the former
};
using enum Kind;

constexpr Shape shapes[] = {
    {UntypedRetype, {Type, Bits, None, None, Slot, Count}, 1, true, false},
    {UntypedRetype, {Type, Bits, None, None, Slot, Count}, 1, true, false},
    {UntypedRetype, {Type, Bits, Slot, Depth, Slot, Count}, 1, true, false},
    {TCBReadRegisters, {Small, Small}, 0, false, false},
    {TCBWriteRegisters, {Small, Small, Odd, Odd, Odd, Odd}, 0, false, false},
    {TCBCopyRegisters, {Small}, 1, false, false},
    {TCBConfigure, {Slot, None, None, Address}, 3, true, false},
    {TCBSetPriority, {Priority}, 1, false, false},
    {TCBSetMCPriority, {Priority}, 1, false, false},
    {TCBSetSchedParams, {Priority, Priority}, 1, false, false},
    {TCBSetIPCBuffer, {Address}, 1, false, false},
    {TCBSetSpace, {Slot, None, None}, 2, true, false},
    {TCBSuspend, {}, 0, false, false},
    {TCBResume, {}, 0, false, false},
    {TCBResume, {}, 0, false, false},
    {TCBBindNotification, {}, 1, false, false},
    {TCBUnbindNotification, {}, 0, false, false},
#ifdef CONFIG_ENABLE_SMP_SUPPORT
    {TCBSetAffinity, {Small}, 0, false, false},
#endif
    {TCBSetTLSBase, {Odd}, 0, false, false},
    {TCBSetFlags, {Small, Small}, 0, false, false},
    {CNodeRevoke, {Slot, Depth}, 0, true, true},
    {CNodeDelete, {Slot, Depth}, 0, true, true},
    {CNodeCancelBadgedSends, {Slot, Depth}, 0, true, true},
    {CNodeCopy, {Slot, Depth, Slot, Depth, Rights}, 1, true, true},
    {CNodeMint, {Slot, Depth, Slot, Depth, Rights, Badge}, 1, true, true},
    {CNodeMint, {Slot, Depth, Slot, Depth, Rights, Odd}, 1, true, true},
    {CNodeMove, {Slot, Depth, Slot, Depth}, 1, true, true},
    {CNodeMutate, {Slot, Depth, Slot, Depth, Badge}, 1, true, true},
    {CNodeRotate, {Slot, Depth, Badge, Slot, Depth, None, Slot, Depth}, 2, true, true},
    {CNodeSaveCaller, {Slot, Depth}, 0, true, true},
    {IRQAckIRQ, {}, 0, false, false},
    {IRQSetIRQHandler, {}, 1, false, false},
    {IRQClearIRQHandler, {}, 0, false, false},
    {DomainSetSet, {Small}, 1, false, false},
    {DomainScheduleConfigure, {Small, Small, Small}, 0, false, false},
    {DomainScheduleSetStart, {Small}, 0, false, false},
    {RISCVPageTableMap, {Address}, 1, false, false},
    {RISCVPageTableMap, {Address}, 1, false, false},
    {RISCVPageTableUnmap, {}, 0, false, false},
    {RISCVPageMap, {Address, Rights, Small}, 1, false, false},
    {RISCVPageMap, {Address, Rights, Small}, 1, false, false},
    {RISCVPageUnmap, {}, 0, false, false},
    {RISCVPageGetAddress, {}, 0, false, false},
    {RISCVASIDControlMakePool, {Slot, Depth}, 2, false, false},
    {RISCVASIDPoolAssign, {}, 1, false, false},
    {AsyncQueueBind, {Small}, 3, true, false},
    {AsyncQueueMap, {Address}, 1, false, false},
    {AsyncQueueMapDoorbell, {Address}, 1, false, false},
    {AsyncQueueDrive, {Small}, 0, false, false},
    {AsyncQueueDrive, {Odd}, 0, false, false},
    {AsyncQueueInfo, {}, 0, false, false},
    {AsyncQueueUnbind, {}, 0, false, false},
    {AsyncQueueWake, {}, 0, false, false},
};

constexpr Word types[] = {
    seL4_UntypedObject,  seL4_TCBObject,     seL4_EndpointObject,        seL4_NotificationObject,
    seL4_CapTableObject, seL4_RISCV_4K_Page, seL4_RISCV_PageTableObject, seL4_TaiL4_AsyncQueueObject};

// Values near the edges that kernels get wrong.
Word odd_word(Random& random) {
    switch (random.below(12)) {
    case 0: return 0;
    case 1: return ~0ul;
    case 2: return 1ul << random.below(64);
    case 3: return (1ul << random.below(64)) - 1;
    case 4: return random.next();
    case 5: return 64;
    case 6: return random.below(512) << 12;
    case 7: return 0x3f'ffff'f000 - (random.below(3) << 12);
    case 8: return 0x1000'0000 + (random.below(1024) << 12);
    case 9: return random.below(300);
    default: return random.below(slot_count);
    }
}

Word some_slot(Random& random) { return random.one_in(32) ? odd_word(random) : random.below(slot_count); }

Word argument(Kind kind, Random& random) {
    if (random.one_in(40)) return odd_word(random);
    switch (kind) {
    case None: return 0;
    case Slot: return random.below(slot_count);
    case Depth: return depth;
    case Type: return types[random.below(sizeof(types) / sizeof(types[0]))];
    case Bits: return random.one_in(3) ? 15 : 2 + random.below(12);
    case Count: return 1 + random.below(3);
    case Small: return random.below(9);
    // Few pages in few tables: they meet.
    case Address: return 0x5000'0000 + (random.below(2) << 30) + (random.below(3) << 21) + (random.below(12) << 12);
    case Rights: return random.below(16);
    case Badge: return random.below(4);
    case Odd: return odd_word(random);
    case Priority: return Own - random.below(4);
    }
    return 0;
}

struct Call {
    Word number;
    sel4_Registers registers;
};

Word& word_of(Call& call, Thread& thread, unsigned i) {
    Word* const first[4] = {&call.registers.a2, &call.registers.a3, &call.registers.a4, &call.registers.a5};
    return i < 4 ? *first[i] : thread.buffer->msg[i];
}

Call shaped_call(Thread& thread, Random& random) {
    const Shape& shape = shapes[random.below(sizeof(shapes) / sizeof(shapes[0]))];
    const Word cptr = shape.invoke_it && !random.one_in(8) ? own_slot : some_slot(random);
    Call call{Word(seL4_SysCall), {cptr, 0, 0, 0, 0, 0}};
    for (unsigned i = 0; i < 8; ++i) word_of(call, thread, i) = argument(shape.words[i], random);
    for (unsigned i = 0; i < 3; ++i) thread.buffer->caps_or_badges[i] = some_slot(random);
    if (shape.own_node && !random.one_in(8)) thread.buffer->caps_or_badges[0] = own_slot;
    // Rotate's second node, MakePool's.
    if (shape.caps == 2 && !random.one_in(3)) thread.buffer->caps_or_badges[1] = own_slot;
    const Word length = random.one_in(16) ? random.below(9) : 8;
    const Word caps = random.one_in(16) ? random.below(4) : shape.caps;
    call.registers.a1 = tag(shape.label, length, caps);
    return call;
}

// Of every kind, blocking ones too: who supervises wakes those who sleep for good. Never Halt.
Word number_of(Random& random) {
    switch (random.below(16)) {
    case 0: return Word(seL4_SysSend);
    case 1: return Word(seL4_SysNBSend);
    case 2: return Word(seL4_SysRecv);
    case 3: return Word(seL4_SysNBRecv);
    case 4: return Word(seL4_SysReply);
    case 5:
    case 6: return Word(seL4_SysReplyRecv);
    case 7: return Word(seL4_SysYield);
    case 8: return random.one_in(4) ? Word(seL4_SysDebugCapIdentify) : Word(seL4_SysYield);
    case 9: return random.one_in(8) ? random.next() >> 1 : Word(seL4_SysNBRecv);
    default: return Word(seL4_SysCall);
    }
}

Call noise(Thread& thread, Random& random) {
    Call call{number_of(random), {some_slot(random), 0, 0, 0, 0, 0}};
    for (unsigned i = 0; i < 12; ++i) word_of(call, thread, i) = odd_word(random);
    for (Word& cap : thread.buffer->caps_or_badges) cap = some_slot(random);
    thread.buffer->receiveCNode = random.one_in(4) ? some_slot(random) : own_slot;
    thread.buffer->receiveIndex = some_slot(random);
    thread.buffer->receiveDepth = random.one_in(4) ? odd_word(random) : depth;
    const Word label = random.one_in(16) ? odd_word(random)
        : random.one_in(6)               ? AsyncQueueBind + random.below(8)
                                         : random.below(nInvocationLabels + 1);
    const Word length = random.one_in(3) ? random.below(128) : random.below(9);
    call.registers.a1 = tag(label, length, random.below(4));
    return call;
}

void request(tail4_AsyncControl& control, Word area, Random& random) {
    const std::uint32_t slots = control.slots;
    if (slots == 0 || slots > 2048) return;
    const Word index = random.below(slots);
    auto& slot = reinterpret_cast<tail4_AsyncSlot*>(area + tail4_async_slots_offset(control.size_bits))[index];
    // Not the operations that only print.
    const bool shaped = !random.one_in(4);
    const Shape& shape = shapes[random.below(sizeof(shapes) / sizeof(shapes[0]))];
    slot.op = static_cast<std::uint32_t>(random.below(random.one_in(8) ? 512 : 48));
    slot.flags = random.one_in(4) ? static_cast<std::uint32_t>(random.below(32)) : 0;
    if (index % TAIL4_ASYNC_WIDE_SLOTS == 0) random_steps(slot, random);
    slot.vec = random.one_in(8) ? static_cast<std::uint32_t>(random.below(40)) : 0;
    slot.generation = static_cast<std::uint32_t>(random.next()) | 1;
    slot.cptr = random.one_in(2) ? own_slot : some_slot(random);
    for (unsigned i = 0; i < 8; ++i) slot.words[i] = shaped ? argument(shape.words[i], random) : odd_word(random);
    for (unsigned i = 0; i < TAIL4_ASYNC_SLOT_CAPS; ++i)
        sel4async::further_cap(slot, i) = random.one_in(2) ? own_slot : some_slot(random);
    auto* ring = reinterpret_cast<std::uint32_t*>(area + tail4_async_sq_offset());
    ring[control.sq_tail & (slots - 1)] = static_cast<std::uint32_t>(random.one_in(256) ? random.next() : index);
    __atomic_store_n(&control.sq_tail, control.sq_tail + 1, __ATOMIC_RELEASE);
}

} // namespace

void random_steps(tail4_AsyncSlot& slot, Random& random) {
    auto* words = reinterpret_cast<Word*>(&slot + 1) - TAIL4_ASYNC_SLOT_WORDS;
    words[TAIL4_ASYNC_EACH_COUNT] = random.below(40);
    for (unsigned i = TAIL4_ASYNC_EACH_CPTR; i < TAIL4_ASYNC_EACH_END; ++i)
        words[i] = random.one_in(4) ? random.below(3) : random.one_in(8) ? odd_word(random) : 0;
}

void random_call(Thread& thread, Random& random) {
    Call call = random.one_in(2) ? noise(thread, random) : shaped_call(thread, random);
    sel4_ecall(static_cast<seL4_Syscall_ID>(call.number), &call.registers);
}

void random_sharing(Word area, Random& random) {
    auto& control = *reinterpret_cast<tail4_AsyncControl*>(area);
    constexpr Word shared_size = 1ul << 14; // of the smallest queue
    switch (random.below(64)) {
    case 0: reinterpret_cast<volatile Word*>(area)[random.below(shared_size / sizeof(Word))] = odd_word(random); break;
    case 1:
    case 2: control.ustate = static_cast<std::uint32_t>(random.below(6)); break;
    case 3: control.kstate = static_cast<std::uint32_t>(random.below(6)); break;
    case 4: control.sq_priority = static_cast<std::uint32_t>(odd_word(random)); break;
    default: request(control, area, random);
    }
}

} // namespace guest::fuzz
