// Output lines: per hart and line, the OR of the flags of all global queues bound to that hart.
#include "taic/model/operations.hpp"

namespace taic::model {

unsigned level_of(const TaicModel& model, std::uint64_t hart) {
    unsigned level = 0;
    for (const GlobalQueue& queue : model.queues()) {
        if (queue.hart != hart) continue;
        if (queue.ssip != 0) level |= 1U << static_cast<unsigned>(Line::Supervisor);
        if (queue.usip != 0) level |= 1U << static_cast<unsigned>(Line::User);
    }
    return level;
}

static void drive(TaicModel& model, std::uint64_t hart) {
    if (hart >= model.config.harts) return; // canonically all ones: no hart
    const unsigned index = static_cast<unsigned>(hart);
    const unsigned level = level_of(model, hart);
    const unsigned changed = level ^ model.outputs()[index];
    model.outputs()[index] = static_cast<std::uint8_t>(level);
    for (unsigned line = 0; line < 2; ++line) {
        if ((changed >> line & 1) == 0 || model.host.set_line == nullptr) continue;
        model.host.set_line(model.host.opaque, index, line, (level >> line & 1) != 0);
    }
}

void set_flags(TaicModel& model, std::uint32_t gq, bool ssip, bool usip) {
    GlobalQueue& queue = model.queue(gq);
    queue.ssip = ssip;
    queue.usip = usip;
    drive(model, queue.hart);
}

void bind_hart(TaicModel& model, std::uint32_t gq, std::uint64_t hart) {
    GlobalQueue& queue = model.queue(gq);
    const std::uint64_t before = queue.hart;
    queue.hart = hart;
    drive(model, before);
    drive(model, hart);
}

} // namespace taic::model
