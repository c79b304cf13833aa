#include "rootserver/machine/connection.hpp"

#include "rootserver/machine/process.hpp"

namespace machine {

bool make_place(Memory& memory, QueuePlace& place, seL4_Word size_bits) {
    place.size_bits = size_bits;
    place.untyped = memory.make(seL4_UntypedObject, size_bits);
    place.notification = memory.make(seL4_NotificationObject, 0);
    place.slot = memory.slots();
    place.badged = memory.slots();
    place.vaddr = memory.addresses(1ul << 21);
    return place.untyped != 0 && place.notification != 0 && place.slot != 0 && place.badged != 0 &&
        seL4_CNode_Mint(seL4_CapInitThreadCNode, place.badged, seL4_WordBits, seL4_CapInitThreadCNode,
                        place.notification, seL4_WordBits, seL4_AllRights, kernel_vector) == seL4_NoError &&
        memory.make_tables(place.vaddr, 1ul << 21) == seL4_NoError;
}

namespace {

// The initial thread takes user interrupts; false: there are none on this machine.
bool receive(const QueuePlace& place, const ConnectionOptions& options) {
    if (options.interrupts == nullptr) return false;
    if (options.interrupts->active()) return true;
    const seL4_Error bound = seL4_TCB_BindNotification(seL4_CapInitThreadTCB, place.notification);
    return bound == seL4_NoError &&
        options.interrupts->start(place.notification, seL4_CapInitThreadTCB) == seL4_NoError;
}

} // namespace

sel4async::DoorbellKind doorbell_of(std::string_view name) {
    using sel4async::DoorbellKind;
    if (name == "ipi") return DoorbellKind::Ipi;
    if (name == "trap") return DoorbellKind::Trap;
    if (name == "uintc") return DoorbellKind::Uintc;
    if (name == "poll") return DoorbellKind::Poll;
    return DoorbellKind::Taic;
}

sel4async::DoorbellKind expected_doorbell(sel4async::DoorbellKind wanted, const TreeFacts& facts, bool other_harts) {
    using sel4async::DoorbellKind;
    const bool missing = (wanted == DoorbellKind::Taic && facts.taic.address == 0) ||
        (wanted == DoorbellKind::Uintc && facts.uintc.address == 0);
    if (!missing) return wanted;
    return other_harts ? DoorbellKind::Ipi : DoorbellKind::Trap;
}

bool has_user_interrupts(Memory& memory) {
    const seL4_CPtr notification = memory.make(seL4_NotificationObject, 0);
    if (seL4_TCB_BindNotification(seL4_CapInitThreadTCB, notification) != seL4_NoError) return false;
    const bool has = seL4_TaiL4_Notification_RegisterReceiver(notification, seL4_CapInitThreadTCB) == seL4_NoError;
    seL4_TCB_UnbindNotification(seL4_CapInitThreadTCB);
    return has;
}

seL4_Error connect(const QueuePlace& place, sel4async::Queue& queue, const ConnectionOptions& options) {
    seL4_Error error = seL4_CNode_Revoke(seL4_CapInitThreadCNode, place.untyped, seL4_WordBits);
    if (error == seL4_NoError)
        error = Memory::retype(place.untyped, seL4_TaiL4_AsyncQueueObject, place.size_bits, place.slot);
    if (error != seL4_NoError) return error;
    const bool interrupts = options.doorbell == sel4async::DoorbellKind::Uintc && receive(place, options);
    return queue.connect({.queue = place.slot,
                          .cspace = options.cspace,
                          .vspace = seL4_CapInitThreadVSpace,
                          .notification = interrupts ? place.badged : place.notification,
                          .shared_vaddr = place.vaddr,
                          .doorbell_vaddr = taic_page(place),
                          .doorbell = options.doorbell,
                          .other_harts = options.other_harts,
                          .interrupts = options.interrupts});
}

seL4_Error connect_child(sel4async::Queue& queue, const ConnectionOptions& options) {
    seL4_SetIPCBuffer(reinterpret_cast<seL4_IPCBuffer*>(child_buffer));
    return queue.connect({.queue = ChildQueue,
                          .cspace = ChildCSpace,
                          .vspace = ChildVSpace,
                          .notification = ChildNotification,
                          .shared_vaddr = child_queue,
                          .doorbell_vaddr = child_taic,
                          .doorbell = options.doorbell,
                          .other_harts = options.other_harts,
                          .interrupts = options.interrupts});
}

} // namespace machine
