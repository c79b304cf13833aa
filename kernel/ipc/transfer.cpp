#include "ipc/transfer.hpp"

#include "arch/arch.hpp"
#include "caps/derive.hpp"
#include "caps/lookup.hpp"
#include "ipc/fault.hpp"

namespace ipc {

using arch::Reg;
using caps::CapType;
using objects::Tcb;
using objects::TcbSlot;

namespace {

template <class B>
B* buffer_of(const Tcb& thread, bool writable) {
    const caps::Cap& cap = thread.slot(TcbSlot::Buffer).cap;
    if (!cap.is(CapType::Frame) || cap.is_device()) return nullptr;
    const caps::VmRights rights = cap.vm_rights();
    if (rights != caps::VmRights::ReadWrite && (writable || rights != caps::VmRights::ReadOnly)) return nullptr;
    const u64 offset = thread.ipc_buffer & base::mask(frame_bits(cap.frame_size()));
    return arch::to_pointer<B>(cap.paddr() + offset);
}

// The slot the receiver has named for an incoming capability; null when it is not there or not empty.
caps::Slot* receive_slot(const Tcb& receiver, const volatile Buffer& buffer) {
    auto root = caps::lookup_slot(receiver.slot(TcbSlot::CSpace).cap, buffer.receive_cnode);
    if (!root) return nullptr;
    auto target = caps::lookup_target(root.value()->cap, buffer.receive_index, buffer.receive_depth, false);
    return target && target.value()->empty() ? target.value() : nullptr;
}

struct Transferred {
    unsigned count;
    u64 unwrapped;
};

Transferred transfer_caps(const ExtraCaps& extra, const objects::Endpoint* endpoint, const Tcb& receiver,
                          volatile Buffer& buffer) {
    Transferred done{0, 0};
    if (extra.count == 0) return done;
    caps::Slot* destination = receive_slot(receiver, buffer);
    for (; done.count < extra.count; ++done.count) {
        caps::Slot& source = *extra.slots[done.count];
        if (endpoint != nullptr && source.cap.is(CapType::Endpoint) && source.cap.as_endpoint() == endpoint) {
            buffer.caps_or_badges[done.count] = source.cap.badge();
            done.unwrapped |= base::bit(done.count);
            continue;
        }
        if (destination == nullptr) break;
        const auto copy = caps::derive(source, source.cap);
        if (!copy || copy.value().is_null()) break;
        caps::insert_derived(copy.value(), source, *destination);
        destination = nullptr;
    }
    return done;
}

void transfer_words(Tcb& sender, const volatile Buffer* from, Tcb& receiver, volatile Buffer* to, unsigned length) {
    for (unsigned i = 0; i < length && i < register_words; ++i)
        message_register(receiver, i) = message_register(sender, i);
    for (unsigned i = register_words; i < length; ++i) to->msg[i] = from->msg[i];
}

} // namespace

const volatile Buffer* send_buffer(const Tcb& thread) { return buffer_of<const volatile Buffer>(thread, false); }
volatile Buffer* receive_buffer(const Tcb& thread) { return buffer_of<volatile Buffer>(thread, true); }

base::Result<base::Ok, base::Cptr> lookup_extra_caps(const Tcb& sender, const volatile Buffer& buffer, MessageInfo info,
                                                     ExtraCaps& extra) {
    const caps::Cap& cspace = sender.slot(TcbSlot::CSpace).cap;
    const unsigned count = info.extra_caps();
    for (extra.count = 0; extra.count < count; ++extra.count) {
        const base::Cptr cptr = buffer.caps_or_badges[extra.count];
        caps::Slot* slot = caps::find_slot(cspace, cptr);
        if (slot == nullptr) [[unlikely]]
            return base::Failure{cptr};
        extra.slots[extra.count] = slot;
    }
    return base::Ok{};
}

[[gnu::hot]] void transfer(Tcb& sender, objects::Endpoint* endpoint, u64 badge, bool can_grant, Tcb& receiver,
                           const ExtraCaps* extra) {
    volatile Buffer* to = receive_buffer(receiver);
    receiver.context[Reg::A0] = badge;
    if (sender.fault.kind != objects::FaultKind::None) [[unlikely]] {
        receiver.context[Reg::A1] = write_fault_message(sender, receiver, to).word;
        return;
    }
    const MessageInfo info{sender.context[Reg::A1]};
    unsigned length = info.length();
    const volatile Buffer* from = nullptr;
    if (length > register_words || info.extra_caps() != 0) from = send_buffer(sender);
    if (length > register_words && (from == nullptr || to == nullptr)) length = register_words;
    transfer_words(sender, from, receiver, to, length);

    Transferred passed{0, 0};
    if (can_grant && to != nullptr && info.extra_caps() != 0) {
        if (extra != nullptr) {
            passed = transfer_caps(*extra, endpoint, receiver, *to);
        } else if (from != nullptr) {
            ExtraCaps found;
            if (lookup_extra_caps(sender, *from, info, found)) passed = transfer_caps(found, endpoint, receiver, *to);
        }
    }
    receiver.context[Reg::A1] = MessageInfo::make(info.label(), passed.unwrapped, passed.count, length).word;
}

} // namespace ipc
