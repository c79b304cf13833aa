#include "program.hpp"

#include "world.hpp"

#include "api/labels.hpp"
#include "sel4/async_abi.h"

#include <algorithm>
#include <cstring>
#include <iterator>

namespace fuzz {

namespace {

using api::Label;
using api::ObjectType;
using enum Is;

constexpr Act acts[] = {
    Act::Invoke,   Act::Invoke,  Act::Invoke,  Act::Invoke,  Act::Invoke,  Act::Invoke,    Act::Request, Act::Request,
    Act::Request,  Act::Request, Act::Request, Act::Request, Act::Request, Act::Request,   Act::Drive,   Act::Drive,
    Act::Drive,    Act::Execute, Act::Message, Act::Message, Act::Message, Act::Message,   Act::Tick,    Act::Interrupt,
    Act::Software, Act::Share,   Act::Ring,    Act::Taic,    Act::Uipi,    Act::Exception, Act::Idle,    Act::GoOn};

constexpr u16 raw(Label label) { return static_cast<u16>(label); }
#define SHAPE(label, ...)                                                                                              \
    { raw(Label::label), __VA_ARGS__, #label }
constexpr Shape shapes[] = {
    SHAPE(TCBResume, Thread, {}, {}),
    SHAPE(TCBSuspend, Thread, {}, {}),
    SHAPE(CNodeDelete, Node, {Slot, Depth}, {}),
    SHAPE(UntypedRetype, Untyped, {Type, Bits, Nothing, Nothing, Slot, Count}, {Node}),
    SHAPE(TCBSetPriority, Thread, {Priority}, {Thread}),
    SHAPE(CNodeRevoke, Node, {Slot, Depth}, {}),
    SHAPE(TCBSetAffinity, Thread, {Hart}, {}),
    SHAPE(CNodeCopy, Node, {Slot, Depth, Slot, Depth, Rights}, {Node}),
    SHAPE(CNodeMint, Node, {Slot, Depth, Slot, Depth, Rights, Badge}, {Node}),
    SHAPE(CNodeMove, Node, {Slot, Depth, Slot, Depth}, {Node}),
    SHAPE(DomainSetSet, Slot, {Domain}, {Thread}),
    SHAPE(TCBReadRegisters, Thread, {Small, Small}, {}),
    SHAPE(TCBWriteRegisters, Thread, {Small, Small, Odd, Odd, Odd, Odd}, {}),
    SHAPE(TCBCopyRegisters, Thread, {Small}, {Thread}),
    SHAPE(TCBConfigure, Thread, {Endpoint, Guard, Nothing, Address}, {Node, Space, Frame}),
    SHAPE(TCBSetMCPriority, Thread, {Priority}, {Thread}),
    SHAPE(TCBSetSchedParams, Thread, {Priority, Priority}, {Thread}),
    SHAPE(TCBSetIPCBuffer, Thread, {Address}, {Frame}),
    SHAPE(TCBSetSpace, Thread, {Endpoint, Guard, Nothing}, {Node, Space}),
    SHAPE(TCBBindNotification, Thread, {}, {Notification}),
    SHAPE(TCBUnbindNotification, Thread, {}, {}),
    SHAPE(TCBSetTLSBase, Thread, {Odd}, {}),
    SHAPE(TCBSetFlags, Thread, {Small, Small}, {}),
    SHAPE(UntypedRetype, Untyped, {Type, Bits, Slot, Depth, Slot, Count}, {Node}),
    SHAPE(CNodeCancelBadgedSends, Node, {Slot, Depth}, {}),
    SHAPE(CNodeMint, Node, {Slot, Depth, Slot, Depth, Rights, Guard}, {Node}),
    SHAPE(CNodeMutate, Node, {Slot, Depth, Slot, Depth, Guard}, {Node}),
    SHAPE(CNodeRotate, Node, {Slot, Depth, Badge, Slot, Depth, Nothing, Slot, Depth}, {Node, Node}),
    SHAPE(CNodeSaveCaller, Node, {Slot, Depth}, {}),
    SHAPE(IRQIssueIRQHandler, Slot, {Small, Slot, Depth}, {Node}),
    SHAPE(IRQAckIRQ, Handler, {}, {}),
    SHAPE(IRQSetIRQHandler, Handler, {}, {Notification}),
    SHAPE(IRQClearIRQHandler, Handler, {}, {}),
    SHAPE(DomainScheduleConfigure, Slot, {Small, Domain, Small}, {}),
    SHAPE(DomainScheduleSetStart, Slot, {Small}, {}),
    SHAPE(RISCVPageTableMap, Table, {Address}, {Space}),
    SHAPE(RISCVPageTableUnmap, Table, {}, {}),
    SHAPE(RISCVPageMap, Frame, {Address, Rights, Small}, {Space}),
    SHAPE(RISCVPageUnmap, Frame, {}, {}),
    SHAPE(RISCVPageGetAddress, Frame, {}, {}),
    SHAPE(RISCVASIDControlMakePool, Slot, {Slot, Depth}, {Untyped, Node}),
    SHAPE(RISCVASIDPoolAssign, Slot, {}, {Table}),
    SHAPE(RISCVIRQIssueIRQHandlerTrigger, Slot, {Small, Nothing, Slot, Depth}, {Node}),
    SHAPE(AsyncQueueBind, Queue, {Flags}, {Node, Space, Notification}),
    SHAPE(AsyncQueueMap, Queue, {Address}, {Space}),
    SHAPE(AsyncQueueMapDoorbell, Queue, {Address}, {Space}),
    SHAPE(AsyncQueueDrive, Queue, {Small}, {}),
    SHAPE(AsyncQueueInfo, Queue, {}, {}),
    SHAPE(AsyncQueueUnbind, Queue, {}, {}),
    SHAPE(AsyncQueueWake, Queue, {}, {}),
    SHAPE(AsyncQueueExecute, Queue, {Small}, {}),
    SHAPE(NotificationRegisterReceiver, Notification, {}, {Thread}),
    SHAPE(NotificationRegisterSender, Notification, {}, {}),
    SHAPE(NotificationUnregisterReceiver, Notification, {}, {}),
    SHAPE(NotificationUnregisterSender, Notification, {}, {}),
};
#undef SHAPE

constexpr u64 types[] = {0, 1, 2, 3, 4, 6, 8, static_cast<u64>(ObjectType::AsyncQueue)};

u64 odd_word(u8 byte) {
    constexpr u64 edges[] = {0, ~u64{0}, 64, 0x3f'ffff'f000, 0x1000'0000, u64{1} << 63, u64{1} << 32, 0x7fff'ffff};
    return byte < 8 ? edges[byte] : byte < 72 ? u64{1} << (byte - 8) : byte < 136 ? base::mask(byte - 72) : byte;
}

// Mostly one of the few of its kind; or whatever is in a slot.
u64 one_of(u64 first, u64 count, u8 byte) { return byte < 0xc0 ? first + byte % count : byte % slot_count; }

u64 bind_flags(u8 byte) {
    constexpr u64 good[] = {0,
                            TAIL4_ASYNC_BIND_NOTIFICATION,
                            TAIL4_ASYNC_BIND_TAIC,
                            TAIL4_ASYNC_BIND_TAIC | TAIL4_ASYNC_BIND_NOTIFICATION,
                            TAIL4_ASYNC_BIND_POLL,
                            TAIL4_ASYNC_BIND_NOTIFICATION | TAIL4_ASYNC_BIND_UINTC};
    return byte < 0xf0 ? good[byte % std::size(good)] : byte & 15;
}

u64 capability(Is is, u8 byte) {
    switch (is) {
    case Thread: return one_of(threads, thread_count, byte);
    case Endpoint: return byte % 4 < 2 ? one_of(endpoints, 2, byte) : one_of(badged_endpoints, 2, byte);
    case Notification:
        return byte % 2 == 0 ? one_of(notifications, 3, byte / 2) : one_of(badged_notifications, 3, byte / 2);
    case Node: return byte < 0xe0 ? u64{self} : byte < 0xf0 ? u64{small_node} : byte % slot_count;
    case Space: return one_of(space, 2, byte);
    case Frame: return one_of(frames, 4, byte);
    case Table: return one_of(tables, 3, byte);
    case Untyped: return one_of(untypeds, 4, byte);
    case Handler: return one_of(handlers, 2, byte);
    default: return one_of(queues, queue_count, byte); // Queue
    }
}

} // namespace

Act act_of(u8 byte) { return acts[byte % std::size(acts)]; }
u8 byte_of(Act act) { return static_cast<u8>(std::find(std::begin(acts), std::end(acts), act) - std::begin(acts)); }
const Shape& shape_of(u8 byte) { return shapes[byte % std::size(shapes)]; }
unsigned shape_count() { return std::size(shapes); }

u64 value_of(Is is, u8 byte) {
    switch (is) {
    case Nothing: return 0;
    case Slot: return byte % slot_count;
    case Depth: return byte < 0xf8 ? 64 : odd_word(byte);
    case Type: return types[byte % std::size(types)];
    case Bits: return byte < 0x80 ? 15 : byte % 16;
    case Count: return byte < 0xf8 ? 1 + byte % 3 : byte;
    case Small: return byte % 16;
    case Address:
        return (u64{0x5000'0000} + (u64{byte & 1U} << 30)) + (u64{byte >> 1 & 1U} << 21) + (u64{byte >> 2 & 7U} << 12);
    case Rights: return byte % 16;
    case Badge: return byte % 8;
    case Odd: return odd_word(byte);
    case Priority: return byte < 0xf8 ? byte % 8 : odd_word(byte);
    case Hart: return byte % 5;
    case Domain: return byte % 3;
    case Flags: return bind_flags(byte);
    case Guard: return byte < 0xe0 ? 0 : byte < 0xf0 ? u64{64 - cspace_radix} : odd_word(byte);
    default: return capability(is, byte);
    }
}

Request request_of(const Op& op) {
    Request request{};
    request.shape = &shape_of(op.what);
    request.target = value_of(request.shape->target, op.whom);
    unsigned next = 0;
    const auto byte = [&] { return op.arguments[next++ % argument_count]; };
    for (const Is is : request.shape->words) {
        const bool given = is != Nothing && is != Depth;
        request.words[request.length] = value_of(is, given ? byte() : 0);
        ++request.length;
    }
    while (request.length > 0 && request.shape->words[request.length - 1] == Nothing) --request.length;
    for (const Is is : request.shape->caps) {
        if (is == Nothing) break;
        request.caps[request.extra++] = value_of(is, byte());
    }
    return request;
}

Program read_program(const u8* data, usize size) {
    Program program;
    if (size == 0) return program;
    program.kind = data[0] % kind_count;
    program.count = static_cast<unsigned>(std::min<usize>((size - 1) / sizeof(Op), most_ops));
    std::memcpy(program.ops, data + 1, program.count * sizeof(Op));
    return program;
}

usize write_program(const Program& program, u8* data, usize size) {
    if (size == 0) return 0;
    const usize count = std::min<usize>(program.count, (size - 1) / sizeof(Op));
    data[0] = static_cast<u8>(program.kind);
    std::memcpy(data + 1, program.ops, count * sizeof(Op));
    return 1 + count * sizeof(Op);
}

} // namespace fuzz
