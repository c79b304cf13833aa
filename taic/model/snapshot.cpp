// Snapshots and views. A loaded state comes from outside the program, so it is checked like guest input:
// whatever indexes an array or shifts a word afterwards must be in range.
#include "taic/model/operations.hpp"

using namespace taic;
using namespace taic::model;

namespace taic::model {

static bool only_below(std::uint64_t mask, std::uint32_t count) { return count >= 64 || mask >> count == 0; }

static bool phase_valid(std::uint32_t sequence, std::uint32_t phase) {
    if (sequence == 0) return phase == 0;
    const bool pairs = sequence == offset_of(QueueRegister::RegisterSender) ||
        sequence == offset_of(QueueRegister::CancelSender) || sequence == offset_of(QueueRegister::Send);
    const bool triples = sequence == offset_of(QueueRegister::RegisterReceiver);
    return (pairs && phase == 1) || (triples && (phase == 1 || phase == 2));
}

// Only a last free inside a sequence, a quirk, brings the two out of step; never into two different registers.
static bool sequence_valid(const TaicModel& model, const GlobalQueue& queue) {
    if (!phase_valid(queue.sequence, queue.phase) || !phase_valid(queue.unit, queue.unit_phase)) return false;
    const bool sends = queue.sequence == offset_of(QueueRegister::Send);
    if (queue.unit == offset_of(QueueRegister::Send)) return false;
    if (!model.quirks())
        return sends ? queue.unit == 0 : queue.unit == queue.sequence && queue.unit_phase == queue.phase;
    return queue.unit == 0 || queue.sequence == 0 || sends || queue.unit == queue.sequence;
}

// With quirks on, windows may disagree with the words (Q4, Q5) but never leave the array.
static bool windows_valid(const TaicModel& model, std::uint32_t gq) {
    std::uint64_t next = 0;
    for (const Window& window : model.windows(gq)) {
        if (model.quirks() && (window.head >= model.config.depth || window.count >= model.config.depth)) return false;
        if (!model.quirks() && window.head != next) return false;
        next += window.count;
    }
    return model.quirks() || next == model.queue(gq).stored;
}

static bool queue_valid(const TaicModel& model, std::uint32_t gq) {
    const GlobalQueue& queue = model.queue(gq);
    const TaicConfig& config = model.config;
    if (queue.stored > config.depth || queue.reserved > 1 || queue.ssip > 1 || queue.usip > 1) return false;
    if (!only_below(queue.allocated, config.local_queues) || !only_below(queue.pending_sends, config.slots) ||
        !only_below(queue.pending_external, config.external_lines)) {
        return false;
    }
    if ((queue.reserved != 0) != queue.initialised()) return false;
    if (queue.reserved != 0 && queue.allocated == 0) return false;
    if (model.device.phase == AllocPhase::Idle && queue.pending_sends != 0) return false;
    if (!model.quirks() && queue.reserved == 0) {
        const bool idle = queue.allocated == 0 && queue.stored == 0 && queue.ssip == 0 && queue.usip == 0 &&
            queue.hart == all_ones && queue.sequence == 0 && queue.pending_sends == 0;
        if (!idle) return false;
    }
    return sequence_valid(model, queue) && windows_valid(model, gq);
}

static bool state_valid(const TaicModel& model) {
    if (model.device.phase > AllocPhase::Ready) return false;
    if (!only_below(model.device.external_levels, model.config.external_lines)) return false;
    for (std::uint32_t gq = 0; gq < model.config.global_queues; ++gq) {
        if (!queue_valid(model, gq)) return false;
    }
    return true;
}

static void drive_all(TaicModel& model) {
    for (std::uint32_t hart = 0; hart < model.config.harts; ++hart) {
        const unsigned level = level_of(model, hart);
        model.outputs()[hart] = static_cast<std::uint8_t>(level);
        if (model.host.set_line == nullptr) continue;
        model.host.set_line(model.host.opaque, hart, 0, (level & 1) != 0);
        model.host.set_line(model.host.opaque, hart, 1, (level & 2) != 0);
    }
}

} // namespace taic::model

void* taic_model_state(TaicModel* model, size_t* size) {
    *size = model->layout.end - offsetof(TaicModel, device);
    return &model->device;
}

bool taic_model_state_loaded(TaicModel* model) {
    const bool valid = state_valid(*model);
    if (!valid) taic_model_reset(model);
    drive_all(*model);
    return valid;
}

bool taic_model_consistent(const TaicModel* model) {
    for (std::uint32_t hart = 0; hart < model->config.harts; ++hart) {
        if (model->outputs()[hart] != level_of(*model, hart)) return false;
    }
    return state_valid(*model);
}

TaicGlobalQueueView taic_model_view_queue(const TaicModel* model, unsigned gq) {
    TaicGlobalQueueView view{};
    if (gq >= model->config.global_queues) return view;
    const GlobalQueue& queue = model->queue(gq);
    view.os = queue.os;
    view.process = queue.process;
    view.allocated_local_queues = queue.allocated;
    view.hart = queue.hart;
    view.error = queue.error;
    view.stored = queue.stored;
    view.open_sequence = queue.sequence;
    view.unit_sequence = queue.unit;
    view.reserved = queue.reserved != 0;
    view.ssip = queue.ssip != 0;
    view.usip = queue.usip != 0;
    return view;
}

static TaicSlotView view_slot(View<Slot> slots, unsigned slot) {
    if (slot >= slots.size) return {};
    return {slots[slot].os, slots[slot].word, slots[slot].handler};
}

TaicSlotView taic_model_view_send_slot(const TaicModel* model, unsigned gq, unsigned slot) {
    return gq < model->config.global_queues ? view_slot(model->senders(gq), slot) : TaicSlotView{};
}

TaicSlotView taic_model_view_receive_slot(const TaicModel* model, unsigned gq, unsigned slot) {
    return gq < model->config.global_queues ? view_slot(model->receivers(gq), slot) : TaicSlotView{};
}
