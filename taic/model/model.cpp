// C face of the model: geometry, storage and the decoding of accesses (sections 2.2 to 2.5).
#include "taic/model/operations.hpp"

using namespace taic;
using namespace taic::model;

namespace taic::model {

Layout Layout::of(const TaicConfig& config) {
    const std::size_t queues = config.global_queues;
    const std::size_t slots = queues * config.slots * sizeof(Slot);
    Layout layout{};
    layout.queues = sizeof(TaicModel);
    layout.senders = layout.queues + queues * sizeof(GlobalQueue);
    layout.receivers = layout.senders + slots;
    layout.externals = layout.receivers + slots;
    layout.words = layout.externals + queues * config.external_lines * sizeof(std::uint64_t);
    layout.windows = layout.words + queues * config.depth * sizeof(std::uint64_t);
    layout.outputs = layout.windows + queues * config.local_queues * sizeof(Window);
    layout.end = layout.outputs + config.harts;
    return layout;
}

static_assert(sizeof(TaicModel) % alignof(GlobalQueue) == 0 && alignof(TaicModel) <= 16);

static bool preset(TaicConfig* config, const TaicConfig& values) {
    if (!taic_config_valid(&values)) return false;
    *config = values;
    return true;
}

// Power-on contents of everything but the output levels.
static void clear(TaicModel& model) {
    model.device = {};
    char* const start = reinterpret_cast<char*>(&model);
    for (std::size_t i = model.layout.queues; i < model.layout.outputs; ++i) start[i] = 0;
    for (GlobalQueue& queue : model.queues()) queue.hart = all_ones;
}

static std::uint64_t read_queue_page(TaicModel& model, Index page, std::uint64_t offset) {
    switch (static_cast<QueueRegister>(offset)) {
    case QueueRegister::Dequeue: return dequeue(model, page.global, page.local);
    case QueueRegister::Error: {
        GlobalQueue& queue = model.queue(page.global);
        const std::uint64_t error = queue.error;
        queue.error = 0;
        model.trace(TAIC_EVENT_ERROR_READ, page.global, page.local, error, 0);
        return error;
    }
    default: return 0;
    }
}

static void write_queue_page(TaicModel& model, Index page, std::uint64_t offset, std::uint64_t value) {
    const std::uint64_t line = (offset - offset_of(QueueRegister::RegisterExternal)) / register_size;
    if (offset >= offset_of(QueueRegister::RegisterExternal)) {
        if (line >= model.config.external_lines) return;
        return register_external(model, page.global, static_cast<std::uint32_t>(line), value);
    }
    switch (const auto reg = static_cast<QueueRegister>(offset)) {
    case QueueRegister::Enqueue: return enqueue(model, page.global, page.local, value);
    case QueueRegister::RegisterSender:
    case QueueRegister::CancelSender:
    case QueueRegister::RegisterReceiver:
    case QueueRegister::Send: return sequence_write(model, page.global, reg, value);
    case QueueRegister::BindHart:
        if (!accepts_registers(model, page.global)) return;
        bind_hart(model, page.global, value);
        return model.trace(TAIC_EVENT_WHART, page.global, page.local, value, 0);
    default: return; // read-only or not decoded
    }
}

static void write_allocator_page(TaicModel& model, std::uint64_t offset, std::uint64_t value) {
    if (offset == offset_of(AllocatorRegister::Allocate)) return write_allocate(model, value);
    if (offset == offset_of(AllocatorRegister::Free)) return free_local_queue(model, value);
    const std::uint64_t line = (offset - offset_of(AllocatorRegister::SimulateExternal)) / register_size;
    if (line >= model.config.external_lines) return;
    // The pulse is OR-ed into the device line: no edge while that is high.
    if ((model.device.external_levels & bit(static_cast<std::uint32_t>(line))) != 0) return;
    external_edge(model, static_cast<std::uint32_t>(line));
}

struct Target {
    bool decoded, allocator;
    Index page;
    std::uint64_t offset;
};

static Target decode(const TaicModel& model, std::uint64_t offset) {
    const std::uint64_t page = offset / page_size;
    const std::uint64_t within = offset % page_size & ~(register_size - 1);
    if (page == 0) return {true, true, {}, within};
    const std::uint64_t gq = (page - 1) / model.config.local_queues;
    if (gq >= model.config.global_queues) return {};
    const std::uint64_t lq = (page - 1) % model.config.local_queues;
    return {true, false, {static_cast<std::uint32_t>(gq), static_cast<std::uint32_t>(lq)}, within};
}

static bool well_formed(TaicModel& model, std::uint64_t offset, unsigned size) {
    if ((size == 1 || size == 2 || size == 4 || size == 8) && offset % size == 0) return true;
    model.guest_error("taic: access of odd size or alignment ignored", offset, size);
    return false;
}

} // namespace taic::model

bool taic_config_valid(const TaicConfig* config) {
    const auto within = [](std::uint32_t value, std::uint32_t low, std::uint32_t high) {
        return value >= low && value <= high;
    };
    // 64: masks are one word. 63 * 64 pages fit the 16 MiB window with the allocator page.
    return within(config->global_queues, 1, 63) && within(config->local_queues, 1, 64) &&
        within(config->slots, 1, 64) && within(config->depth, 1, 65536) && within(config->external_lines, 0, 64) &&
        within(config->harts, 1, 4096);
}

bool taic_config_thesis(TaicConfig* config, uint32_t harts) {
    return preset(config, {4, 8, 32, 1024, 32, harts, false});
}

bool taic_config_rtl(TaicConfig* config, uint32_t harts) { return preset(config, {4, 8, 6, 64, 6, harts, true}); }

size_t taic_model_size(const TaicConfig* config) { return taic_config_valid(config) ? Layout::of(*config).end : 0; }

TaicModel* taic_model_init(void* storage, const TaicConfig* config, const TaicHost* host) {
    if (!taic_config_valid(config)) return nullptr;
    auto* const model = static_cast<TaicModel*>(storage); // an implicit-lifetime type: no constructor to run
    model->config = *config;
    model->host = *host;
    model->layout = Layout::of(*config);
    clear(*model);
    for (std::uint8_t& level : model->outputs()) level = 0;
    return model;
}

void taic_model_reset(TaicModel* model) {
    for (std::uint32_t gq = 0; gq < model->config.global_queues; ++gq) set_flags(*model, gq, false, false);
    clear(*model);
}

uint64_t taic_model_read(TaicModel* model, uint64_t offset, unsigned size) {
    if (!well_formed(*model, offset, size)) return 0;
    const Target target = decode(*model, offset);
    if (!target.decoded) return 0;
    std::uint64_t value = 0;
    if (!target.allocator) {
        value = read_queue_page(*model, target.page, target.offset);
    } else if (target.offset == offset_of(AllocatorRegister::Allocate)) {
        value = read_allocate(*model);
    }
    // A narrow load has the whole side effect and returns the addressed lanes.
    value >>= offset % register_size * 8;
    return size == register_size ? value : value & (bit(size * 8) - 1);
}

void taic_model_write(TaicModel* model, uint64_t offset, uint64_t value, unsigned size) {
    if (!well_formed(*model, offset, size)) return;
    const Target target = decode(*model, offset);
    if (!target.decoded) return;
    if (size != register_size) return model->guest_error("taic: narrow store ignored", offset, size);
    if (target.allocator) return write_allocator_page(*model, target.offset, value);
    write_queue_page(*model, target.page, target.offset, value);
}

void taic_model_set_external(TaicModel* model, unsigned line, bool level) {
    if (line >= model->config.external_lines) return;
    const bool was_high = (model->device.external_levels & bit(line)) != 0;
    if (was_high == level) return;
    model->device.external_levels ^= bit(line);
    if (level) external_edge(*model, line);
}
