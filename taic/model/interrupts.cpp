// Wakes: external edges (section 3.5) and software interrupts (section 3.6).
#include "taic/model/operations.hpp"

namespace taic::model {

// Pending bits survive only in a queue without room, and only with quirks off (Q4 otherwise).
void take_external(TaicModel& model, std::uint32_t gq) {
    GlobalQueue& queue = model.queue(gq);
    for (std::uint32_t line = 0; line < model.config.external_lines; ++line) {
        if ((queue.pending_external & bit(line)) == 0) continue;
        std::uint64_t& slot = model.externals(gq)[line];
        const HandlerWord handler{slot};
        if (!handler.empty() && !model.quirks() && full(model, gq)) {
            queue.error |= ErrorBit::full;
            continue;
        }
        queue.pending_external &= ~bit(line);
        queue.last_word = handler.raw;
        model.trace(TAIC_EVENT_EXTINT, gq, 0, line, handler.raw);
        if (handler.empty()) continue;
        if (!handler.reusable()) slot = 0;
        insert_wake(model, gq, handler.raw);
    }
}

void external_edge(TaicModel& model, std::uint32_t line) {
    for (std::uint32_t gq = 0; gq < model.config.global_queues; ++gq) {
        model.queue(gq).pending_external |= bit(line);
        take_external(model, gq);
    }
}

static void reject(TaicModel& model, std::uint32_t gq, std::uint64_t error, std::uint64_t word) {
    model.queue(gq).error |= error;
    model.trace(TAIC_EVENT_DROP, gq, 0, error, word);
}

// Q8: the hardware's table does not take the consuming write while a registration is half done.
static bool table_busy(const TaicModel& model, const GlobalQueue& queue) { return model.quirks() && queue.unit != 0; }

static Slot* find(View<Slot> slots, std::uint64_t os, std::uint64_t word) {
    for (Slot& slot : slots) {
        if (slot.names(os, word)) return &slot;
    }
    return nullptr;
}

// `os` and `word` name the sender.
static void receive(TaicModel& model, std::uint32_t gq, std::uint64_t os, std::uint64_t word) {
    GlobalQueue& queue = model.queue(gq);
    Slot* slot = find(model.receivers(gq), os, word);
    if (slot != nullptr) {
        const HandlerWord handler{slot->handler};
        if (!handler.empty() && !model.quirks() && full(model, gq)) return reject(model, gq, ErrorBit::full, word);
        queue.last_word = handler.raw;
        if (!handler.reusable() && !table_busy(model, queue)) *slot = {};
    } else if (!model.quirks()) {
        queue.last_word = 0;
    }
    // With a match this is the handler; without, what the hardware last enqueued (Q1), or nothing.
    if (queue.last_word == 0) return reject(model, gq, ErrorBit::no_receive_permission, word);
    insert_wake(model, gq, queue.last_word);
}

// Unallocated global queues have identity (0, 0); only the hardware lets a send find one (Q7).
static void deliver(TaicModel& model, std::uint32_t from, std::uint64_t os, std::uint64_t word) {
    const GlobalQueue& sender = model.queue(from);
    for (std::uint32_t gq = 0; gq < model.config.global_queues; ++gq) {
        const GlobalQueue& queue = model.queue(gq);
        if (queue.os != os || queue.process != word >> 32) continue;
        if (!model.quirks() && queue.reserved == 0) continue;
        return receive(model, gq, sender.os, sender.process << 32 | (word & 0xffff'ffff));
    }
    model.trace(TAIC_EVENT_DROP, from, 0, 0, word); // no such receiver: no error bit anywhere
}

static void serve_queue(TaicModel& model, std::uint32_t gq) {
    GlobalQueue& queue = model.queue(gq);
    const std::uint64_t pending = queue.pending_sends;
    queue.pending_sends = 0;
    if (model.quirks()) { // one request bit, and the destination is what the registers hold by now (Q6)
        if (pending != 0) deliver(model, gq, queue.target_os, queue.target_word);
        return;
    }
    for (std::uint32_t slot = 0; slot < model.config.slots; ++slot) {
        if ((pending & bit(slot)) == 0) continue;
        const Slot& target = model.senders(gq)[slot];
        deliver(model, gq, target.os, target.word);
    }
}

// Nothing is forwarded while an allocation is open; then the lowest global queue goes first.
void serve_sends(TaicModel& model) {
    if (model.device.phase != AllocPhase::Idle) return;
    for (std::uint32_t gq = 0; gq < model.config.global_queues; ++gq) serve_queue(model, gq);
}

void send(TaicModel& model, std::uint32_t gq, std::uint64_t os, std::uint64_t word) {
    const View<Slot> slots = model.senders(gq);
    const Slot* slot = find(slots, os, word);
    // An empty slot equals the send to (0, 0): a match for the hardware (Q7).
    if (slot == nullptr || (!slot->used() && !model.quirks())) {
        return reject(model, gq, ErrorBit::no_send_permission, word);
    }
    model.trace(TAIC_EVENT_SEND, gq, 0, os, word);
    model.queue(gq).pending_sends |= bit(static_cast<std::uint32_t>(slot - slots.first));
    serve_sends(model);
}

} // namespace taic::model
