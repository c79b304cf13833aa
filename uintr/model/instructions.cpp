// The rules of the `uipi` instructions, apart from the hart that executes them. An index is compared before it is
// multiplied, so that no index reaches memory outside the table. Source: shared specification, sections 2.2 and 3.2.
#include "uintr/model/uintc_model.h"
#include "uintr/regs.hpp"

using namespace uintr;

static_assert(offset_of(0, ReceiverRegister::Send) == UINTC_SEND && offset_of(0, ReceiverRegister::Low) == UINTC_LOW &&
              offset_of(0, ReceiverRegister::High) == UINTC_HIGH &&
              offset_of(0, ReceiverRegister::Active) == UINTC_ACTIVE && entry_size == UINTC_ENTRY_SIZE);

uint64_t uintr_legal_suist(uint64_t written) { return written & SenderTable::writable; }

uint64_t uintr_legal_suirs(uint64_t written) { return written & ReceiverStatus::writable; }

bool uintr_sender_entry_address(uint64_t suist, uint64_t index, uint64_t* address) {
    const SenderTable table{suist};
    if (!table.enabled() || index >= table.pages() * entries_per_page) return false;
    *address = table.base() + index * sender_entry_size;
    return true;
}

bool uintr_send_target(uint64_t entry, uint32_t entries, uint64_t* offset, uint64_t* vector) {
    const SenderEntry sender{entry};
    if (!sender.valid() || sender.receiver() >= entries || sender.vector() >= vector_count) return false;
    *offset = offset_of(sender.receiver(), ReceiverRegister::Send);
    *vector = sender.vector();
    return true;
}

bool uintr_receiver_offset(uint64_t suirs, uint32_t entries, uint64_t* offset) {
    const ReceiverStatus status{suirs};
    if (!status.enabled() || status.index() >= entries) return false;
    *offset = status.index() * entry_size;
    return true;
}
