// Registration tables and the multi-write sequences that fill them (sections 3.5 and 3.6).
// Quirks off: one slot per peer, updated in place; cancelling a sender removes it, a receiver registered
// with handler 0 is removed, and nothing is accepted on behalf of an unallocated global queue.
#include "taic/model/operations.hpp"

namespace taic::model {

bool accepts_registers(TaicModel& model, std::uint32_t gq) {
    GlobalQueue& queue = model.queue(gq);
    if (model.quirks() || queue.initialised()) return true;
    queue.error |= ErrorBit::not_initialised;
    model.guest_error("taic: register write on an unallocated global queue dropped", gq, 0);
    return false;
}

void register_external(TaicModel& model, std::uint32_t gq, std::uint32_t line, std::uint64_t handler) {
    if (!accepts_registers(model, gq)) return;
    model.externals(gq)[line] = handler;
    model.trace(TAIC_EVENT_REGISTER_EXTINT, gq, 0, line, handler);
}

struct Places {
    Slot* match;
    Slot* empty;
};

static Places look_up(View<Slot> slots, std::uint64_t os, std::uint64_t word) {
    Places places{nullptr, nullptr};
    for (Slot& slot : slots) {
        if (places.match == nullptr && slot.names(os, word)) places.match = &slot;
        if (places.empty == nullptr && !slot.used()) places.empty = &slot;
    }
    return places;
}

static void store(TaicModel& model, std::uint32_t gq, View<Slot> slots, const Slot& value) {
    const Places places = look_up(slots, value.os, value.word);
    if (places.match != nullptr) *places.match = value;
    if (places.empty != nullptr && (places.match == nullptr || model.quirks())) *places.empty = value; // Q2
    if (places.match == nullptr && places.empty == nullptr) {
        model.guest_error("taic: registration dropped, no slot is free", gq, value.word);
    }
}

static void register_sender(TaicModel& model, std::uint32_t gq, std::uint64_t os, std::uint64_t word) {
    store(model, gq, model.senders(gq), {os, word, 0});
    model.trace(TAIC_EVENT_REGISTER_SENDER, gq, 0, os, word);
}

// The lowest match only; with quirks off there is no other. A send still waiting is revoked with it.
static void cancel_sender(TaicModel& model, std::uint32_t gq, std::uint64_t os, std::uint64_t word) {
    const View<Slot> slots = model.senders(gq);
    if (Slot* match = look_up(slots, os, word).match; match != nullptr) {
        *match = {};
        if (!model.quirks()) model.queue(gq).pending_sends &= ~bit(static_cast<std::uint32_t>(match - slots.first));
    }
    model.trace(TAIC_EVENT_CANCEL_SENDER, gq, 0, os, word);
}

static void register_receiver(TaicModel& model, std::uint32_t gq, const Slot& value) {
    const View<Slot> slots = model.receivers(gq);
    if (model.quirks() || value.handler != 0) {
        store(model, gq, slots, value);
    } else if (Slot* match = look_up(slots, value.os, value.word).match; match != nullptr) {
        *match = {};
    }
    model.trace(TAIC_EVENT_REGISTER_RECEIVER, gq, 0, value.word, value.handler);
}

static void complete(TaicModel& model, std::uint32_t gq, QueueRegister reg, std::uint64_t os, std::uint64_t word,
                     std::uint64_t last) {
    switch (reg) {
    case QueueRegister::RegisterSender: return register_sender(model, gq, os, word);
    case QueueRegister::CancelSender: return cancel_sender(model, gq, os, word);
    case QueueRegister::RegisterReceiver: return register_receiver(model, gq, {os, word, last});
    default: return send(model, gq, os, word);
    }
}

// The hardware would block for ever on a foreign register: here the open sequence is given up.
void sequence_write(TaicModel& model, std::uint32_t gq, QueueRegister reg, std::uint64_t value) {
    if (!accepts_registers(model, gq)) return;
    GlobalQueue& queue = model.queue(gq);
    const std::uint32_t offset = static_cast<std::uint32_t>(reg);
    if (queue.sequence != 0 && queue.sequence != offset) {
        model.guest_error("taic: open sequence abandoned for another register", queue.sequence, offset);
        queue.sequence = 0;
    }
    if (queue.sequence == 0) queue.phase = 0;
    if (reg == QueueRegister::Send) (queue.phase == 0 ? queue.target_os : queue.target_word) = value;
    const std::uint32_t last = reg == QueueRegister::RegisterReceiver ? 2 : 1;
    if (queue.phase < last) {
        queue.latched[queue.phase] = value;
        queue.sequence = offset;
        ++queue.phase;
        return;
    }
    const std::uint64_t os = queue.latched[0];
    const std::uint64_t word = last == 2 ? queue.latched[1] : value;
    queue.sequence = 0;
    queue.phase = 0;
    complete(model, gq, reg, os, word, value);
}

} // namespace taic::model
