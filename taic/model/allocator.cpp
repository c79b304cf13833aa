// Allocation and freeing of local queues (sections 3.2, 3.3 and 3.8).
#include "taic/model/operations.hpp"

namespace taic::model {

static std::uint32_t lowest_clear(std::uint64_t mask, std::uint32_t count) {
    std::uint32_t index = 0;
    while (index < count && (mask & bit(index)) != 0) ++index;
    return index;
}

// The global queue of this identity, else the lowest free one, else global_queues.
static std::uint32_t choose_queue(const TaicModel& model, std::uint64_t os, std::uint64_t process) {
    const View<GlobalQueue> queues = model.queues();
    for (std::uint32_t gq = 0; gq < queues.size; ++gq) {
        if (queues[gq].os == os && queues[gq].process == process) return gq;
    }
    for (std::uint32_t gq = 0; gq < queues.size; ++gq) {
        if (queues[gq].reserved == 0) return gq;
    }
    return queues.size;
}

static std::uint64_t failed(const TaicModel& model, std::uint64_t os, std::uint64_t process) {
    model.trace(TAIC_EVENT_ALLOC, ~0U, ~0U, os, process);
    return all_ones;
}

static std::uint64_t allocate(TaicModel& model, std::uint64_t os, std::uint64_t process) {
    const bool names_nobody = os == 0 && process == 0;
    if (!model.quirks() && (names_nobody || process >> 32 != 0)) {
        model.guest_error("taic: allocation for an impossible identity", os, process);
        return failed(model, os, process);
    }
    const std::uint32_t gq = choose_queue(model, os, process);
    if (gq == model.config.global_queues) return failed(model, os, process);
    GlobalQueue& queue = model.queue(gq);
    const std::uint32_t lq = lowest_clear(queue.allocated, model.config.local_queues);
    if (lq == model.config.local_queues) return failed(model, os, process);
    queue.os = os;
    queue.process = process;
    queue.reserved = queue.reserved != 0 || !names_nobody;
    queue.allocated |= bit(lq);
    if (model.quirks()) place_window(model, gq, lq);
    model.trace(TAIC_EVENT_ALLOC, gq, lq, os, process);
    return Index{gq, lq}.word();
}

void write_allocate(TaicModel& model, std::uint64_t value) {
    Device& device = model.device;
    switch (device.phase) {
    case AllocPhase::Idle:
        device.latched_os = value;
        device.phase = AllocPhase::HaveOs;
        return;
    case AllocPhase::HaveOs:
        device.result = allocate(model, device.latched_os, value);
        device.phase = AllocPhase::Ready;
        return;
    case AllocPhase::Ready:
        return model.guest_error("taic: allocation write before the result was read, ignored", value, device.result);
    }
}

// A premature read gives up the half-done allocation, or sends would wait on it for ever.
std::uint64_t read_allocate(TaicModel& model) {
    Device& device = model.device;
    std::uint64_t result = device.result;
    if (device.phase != AllocPhase::Ready) {
        model.guest_error("taic: allocation result read before both writes", device.latched_os, 0);
        result = all_ones;
    }
    device.phase = AllocPhase::Idle;
    serve_sends(model);
    return result;
}

// What the hardware keeps is quirk territory: line, hart, sequence and stale word pass to the next owner. The
// capability unit forgets its half of an open sequence, the queue does not: from then on they are out of step, until a
// last free outside a sequence (3.8).
static void clean(TaicModel& model, std::uint32_t gq) {
    GlobalQueue& queue = model.queue(gq);
    if (!model.quirks()) {
        set_flags(model, gq, false, false);
        bind_hart(model, gq, all_ones);
        queue = {};
        queue.hart = all_ones;
    }
    queue.os = queue.process = queue.error = 0;
    queue.latched[0] = queue.latched[1] = 0;
    queue.unit = queue.unit_phase = 0;
    queue.stored = 0;
    queue.reserved = 0;
    for (Window& window : model.windows(gq)) window = {};
    for (std::uint64_t& slot : model.externals(gq)) slot = 0;
    for (Slot& slot : model.senders(gq)) slot = {};
    for (Slot& slot : model.receivers(gq)) slot = {};
}

void free_local_queue(TaicModel& model, std::uint64_t operand) {
    if (model.device.phase != AllocPhase::Idle) {
        return model.guest_error("taic: free within an open allocation ignored", operand, 0);
    }
    Index index = Index::from_word(operand);
    if (model.quirks()) index.local %= model.config.local_queues;
    if (index.global >= model.config.global_queues || index.local >= model.config.local_queues) {
        return model.guest_error("taic: free of a queue that does not exist", index.global, index.local);
    }
    GlobalQueue& queue = model.queue(index.global);
    if ((queue.allocated & bit(index.local)) == 0) { // what alloc(0, 0) handed out is allocated, and of nobody
        return model.guest_error("taic: free of a queue that is not allocated", index.global, index.local);
    }
    queue.allocated &= ~bit(index.local);
    const bool last = queue.allocated == 0;
    if (last && queue.sequence != 0 && model.quirks()) {
        model.guest_error("taic: last free inside an open sequence", index.global, queue.sequence);
    }
    if (last) clean(model, index.global);
    model.trace(TAIC_EVENT_FREE, index.global, index.local, last ? 1 : 0, 0);
}

} // namespace taic::model
