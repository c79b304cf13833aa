#include "rootserver/machine/connection.hpp"

namespace machine {

bool make_place(Memory& memory, QueuePlace& place, seL4_Word size_bits) {
    place.size_bits = size_bits;
    place.untyped = memory.make(seL4_UntypedObject, size_bits);
    place.notification = memory.make(seL4_NotificationObject, 0);
    place.slot = memory.slots();
    place.vaddr = memory.addresses(1ul << 21);
    return place.untyped != 0 && place.notification != 0 && place.slot != 0 &&
        memory.make_tables(place.vaddr, 1ul << 21) == seL4_NoError;
}

seL4_Error connect(const QueuePlace& place, sel4async::Queue& queue, const ConnectionOptions& options) {
    seL4_Error error = seL4_CNode_Revoke(seL4_CapInitThreadCNode, place.untyped, seL4_WordBits);
    if (error == seL4_NoError)
        error = Memory::retype(place.untyped, seL4_TaiL4_AsyncQueueObject, place.size_bits, place.slot);
    if (error != seL4_NoError) return error;
    return queue.connect({.queue = place.slot,
                          .cspace = options.cspace,
                          .vspace = seL4_CapInitThreadVSpace,
                          .notification = place.notification,
                          .shared_vaddr = place.vaddr,
                          .doorbell_vaddr = taic_page(place),
                          .doorbell = options.doorbell,
                          .other_harts = options.other_harts});
}

} // namespace machine
