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

static std::uint32_t stores_of(QueueRegister reg) { return reg == QueueRegister::RegisterReceiver ? 3 : 2; }

static void complete(TaicModel& model, std::uint32_t gq, QueueRegister reg, const Slot& value) {
    switch (reg) {
    case QueueRegister::RegisterSender: return register_sender(model, gq, value.os, value.word);
    case QueueRegister::CancelSender: return cancel_sender(model, gq, value.os, value.word);
    default: return register_receiver(model, gq, value);
    }
}

// The capability unit takes a store, the last one included.
static void unit_takes(TaicModel& model, std::uint32_t gq, QueueRegister reg, std::uint64_t value) {
    GlobalQueue& queue = model.queue(gq);
    const std::uint32_t last = stores_of(reg) - 1;
    if (queue.unit_phase < last) {
        queue.unit = static_cast<std::uint32_t>(reg);
        queue.latched[queue.unit_phase++] = value;
        return;
    }
    queue.unit = queue.unit_phase = 0;
    const bool triple = last == 2;
    complete(model, gq, reg, {queue.latched[0], triple ? queue.latched[1] : value, triple ? value : 0});
}

// The queue goes one store on in its sequence. True: that was the last.
static bool advance(GlobalQueue& queue, QueueRegister reg) {
    queue.sequence = ++queue.phase == stores_of(reg) ? 0 : static_cast<std::uint32_t>(reg);
    if (queue.sequence == 0) queue.phase = 0;
    return queue.sequence == 0;
}

static void send_write(TaicModel& model, std::uint32_t gq, std::uint64_t value) {
    GlobalQueue& queue = model.queue(gq);
    (queue.phase == 0 ? queue.target_os : queue.target_word) = value;
    if (advance(queue, QueueRegister::Send)) send(model, gq, queue.target_os, queue.target_word);
}

// The hardware would block for ever on a foreign register: here the open sequence is given up.
void sequence_write(TaicModel& model, std::uint32_t gq, QueueRegister reg, std::uint64_t value) {
    if (!accepts_registers(model, gq)) return;
    GlobalQueue& queue = model.queue(gq);
    const std::uint32_t offset = static_cast<std::uint32_t>(reg);
    if (queue.sequence != 0 && queue.sequence != offset) {
        model.guest_error("taic: open sequence abandoned for another register", queue.sequence, offset);
        queue.sequence = queue.phase = queue.unit = queue.unit_phase = 0;
    }
    if (reg == QueueRegister::Send) return send_write(model, gq, value);
    if (queue.unit != 0 && queue.unit != offset) { // only out of step: the queue would have been in that sequence, too
        return model.guest_error("taic: register write lost, the queue is out of step", queue.unit, offset);
    }
    advance(queue, reg);
    unit_takes(model, gq, reg, value);
}

} // namespace taic::model
