// The device: receiver entries and the lines they drive. A change takes the entry's share out of the count of its
// hart, changes it and puts the new share back: constant time, and a line moves only when its count leaves zero or
// reaches it. Source: shared specification of user interrupts, sections 5.3 to 5.5.
#include "uintr/model/uintc_model.h"
#include "uintr/regs.hpp"

using namespace uintr;

namespace uintr::model {

// Any bit pattern is a legal entry; flags count as set when not zero.
struct Entry {
    std::uint64_t pending;
    std::uint16_t hart;
    std::uint8_t active, mode;
    std::uint32_t unused;

    bool asserting() const { return active != 0 && pending != 0; }
};

} // namespace uintr::model

using uintr::model::Entry;

// Followed by the entries, then one count of asserting entries per hart.
struct UintcModel {
    UintcConfig config;
    UintcHost host;

    Entry* entries() { return reinterpret_cast<Entry*>(this + 1); }
    const Entry* entries() const { return reinterpret_cast<const Entry*>(this + 1); }
    std::uint32_t* counts() { return reinterpret_cast<std::uint32_t*>(entries() + config.entries); }
    const std::uint32_t* counts() const { return reinterpret_cast<const std::uint32_t*>(entries() + config.entries); }
};

namespace uintr::model {

static_assert(sizeof(UintcModel) % alignof(Entry) == 0 && alignof(UintcModel) <= 16);

static bool valid(const UintcConfig& config) {
    return config.entries >= 1 && config.entries <= max_entries && config.harts >= 1 &&
        config.harts <= Low::hart_mask + 1;
}

static void drive(UintcModel& model, std::uint32_t hart, bool level) {
    if (model.host.set_line != nullptr) model.host.set_line(model.host.opaque, hart, level);
}

// Where an entry would assert; null when it does not, or its hart does not exist.
static std::uint32_t* share(UintcModel& model, const Entry& entry) {
    return entry.asserting() && entry.hart < model.config.harts ? model.counts() + entry.hart : nullptr;
}

static void change(UintcModel& model, Entry& entry, const Entry& wanted) {
    std::uint32_t* const before = share(model, entry);
    std::uint32_t* const after = share(model, wanted);
    entry = wanted;
    if (before == after) return;
    const auto hart_of = [&](const std::uint32_t* count) { return static_cast<std::uint32_t>(count - model.counts()); };
    if (before != nullptr && --*before == 0) drive(model, hart_of(before), false);
    if (after != nullptr && ++*after == 1) drive(model, hart_of(after), true);
}

static bool accepts(const UintcModel& model, std::uint64_t offset, unsigned size) {
    if (size == 8 && offset % 8 == 0 && offset / entry_size < model.config.entries) return true;
    if (model.host.guest_error != nullptr) {
        model.host.guest_error(model.host.opaque, "uintc: access refused", offset, size);
    }
    return false;
}

static ReceiverRegister register_at(std::uint64_t offset) { return static_cast<ReceiverRegister>(offset % entry_size); }

static std::uint64_t low_word(const Entry& entry) {
    return std::uint64_t{entry.hart} << Low::hart_shift | (entry.mode != 0 ? Low::mode_bit : 0) |
        (entry.active != 0 ? Low::active_bit : 0);
}

static Entry written(const UintcModel& model, Entry entry, ReceiverRegister reg, std::uint64_t value) {
    switch (reg) {
    case ReceiverRegister::Send:
        if (value < vector_count) {
            entry.pending |= std::uint64_t{1} << value;
        } else if (model.host.guest_error != nullptr) {
            model.host.guest_error(model.host.opaque, "uintc: vector out of range", value, 0);
        }
        break;
    case ReceiverRegister::Low:
        entry.active = Low{value}.active();
        entry.mode = Low{value}.mode();
        entry.hart = static_cast<std::uint16_t>(Low{value}.hart());
        break;
    case ReceiverRegister::High: entry.pending |= value; break;
    case ReceiverRegister::Active: entry.active = value & 1; break;
    }
    return entry;
}

} // namespace uintr::model

using namespace uintr::model;

size_t uintc_model_size(const UintcConfig* config) {
    if (!valid(*config)) return 0;
    return sizeof(UintcModel) + config->entries * sizeof(Entry) + config->harts * sizeof(std::uint32_t);
}

UintcModel* uintc_model_init(void* storage, const UintcConfig* config, const UintcHost* host) {
    if (!valid(*config)) return nullptr;
    auto* const model = static_cast<UintcModel*>(storage); // an implicit-lifetime type: no constructor to run
    model->config = *config;
    model->host = *host;
    for (std::uint32_t i = 0; i < config->entries; ++i) model->entries()[i] = {};
    for (std::uint32_t hart = 0; hart < config->harts; ++hart) model->counts()[hart] = 0;
    return model;
}

void uintc_model_reset(UintcModel* model) {
    for (std::uint32_t i = 0; i < model->config.entries; ++i) change(*model, model->entries()[i], {});
}

bool uintc_model_read(UintcModel* model, uint64_t offset, unsigned size, uint64_t* value) {
    if (!accepts(*model, offset, size)) return false;
    Entry& entry = model->entries()[offset / entry_size];
    switch (register_at(offset)) {
    case ReceiverRegister::Send: *value = 0; break;
    case ReceiverRegister::Low: *value = low_word(entry); break;
    case ReceiverRegister::High: {
        *value = entry.pending;
        Entry idle = entry;
        idle.pending = 0;
        change(*model, entry, idle);
        break;
    }
    case ReceiverRegister::Active: *value = entry.active != 0 ? 1 : 0; break;
    }
    return true;
}

bool uintc_model_write(UintcModel* model, uint64_t offset, uint64_t value, unsigned size) {
    if (!accepts(*model, offset, size)) return false;
    Entry& entry = model->entries()[offset / entry_size];
    change(*model, entry, written(*model, entry, register_at(offset), value));
    return true;
}

void* uintc_model_state(UintcModel* model, size_t* size) {
    *size = model->config.entries * sizeof(Entry);
    return model->entries();
}

void uintc_model_state_loaded(UintcModel* model) {
    for (std::uint32_t hart = 0; hart < model->config.harts; ++hart) model->counts()[hart] = 0;
    for (std::uint32_t i = 0; i < model->config.entries; ++i) {
        if (std::uint32_t* const count = share(*model, model->entries()[i])) ++*count;
    }
    for (std::uint32_t hart = 0; hart < model->config.harts; ++hart) drive(*model, hart, model->counts()[hart] != 0);
}

uint64_t uintc_model_pending(const UintcModel* model, uint32_t receiver) {
    return receiver < model->config.entries ? model->entries()[receiver].pending : 0;
}

bool uintc_model_line(const UintcModel* model, uint32_t hart) {
    return hart < model->config.harts && model->counts()[hart] != 0;
}
