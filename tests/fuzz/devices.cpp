#include "processor.hpp"

#include "failure.hpp"

#include "async/device_bus.hpp"
#include "async/taic_device.hpp"
#include "async/uintc_device.hpp"
#include "smp/hart.hpp"
#include "taic/model/taic_model.h"
#include "uintr/model/uintc_model.h"

namespace fuzz {

namespace {

// Where the windows are: no memory is there.
constexpr u64 taic_window = 0x1000'0000;
constexpr u64 uintc_window = 0x2000'0000;
constexpr u32 uintc_entries = 6; // few, so that they run out
constexpr u32 device_harts = base::max_harts + 1;

alignas(64) char taic_storage[usize{64} << 10];
alignas(64) char uintc_storage[usize{4} << 10];
TaicModel* taic_model = nullptr;
UintcModel* uintc_model = nullptr;

void set_taic_line(void*, unsigned number, unsigned line, bool level) {
    const u32 hart = hart_of_device_number(number);
    if (hart == base::max_harts) return;
    (line == 0 ? processor.taic_line : processor.taic_user_line)[hart] = level;
    if (line == 0 && level) processor.software[hart] = true;
}

void set_uintc_line(void*, unsigned number, bool level) {
    const u32 hart = hart_of_device_number(number);
    if (hart != base::max_harts) processor.uintc_line[hart] = level;
}

} // namespace

u32 hart_of_device_number(u64 number) {
    for (u32 hart = 0; hart < smp::hart_count; ++hart) {
        if (smp::harts[hart].hart_id_ == number) return hart;
    }
    return base::max_harts;
}

void init_devices() {
    TaicConfig taic{};
    require(taic_config_rtl(&taic, device_harts), "TAIC's geometry");
    const TaicHost taic_host = {nullptr, set_taic_line, nullptr, nullptr};
    require(taic_model_size(&taic) <= sizeof taic_storage, "TAIC's storage");
    taic_model = taic_model_init(taic_storage, &taic, &taic_host);
    const UintcConfig uintc = {uintc_entries, device_harts};
    const UintcHost uintc_host = {nullptr, set_uintc_line, nullptr};
    require(uintc_model_size(&uintc) <= sizeof uintc_storage, "UINTC's storage");
    uintc_model = uintc_model_init(uintc_storage, &uintc, &uintc_host);
    require(taic_model != nullptr && uintc_model != nullptr, "the models");

    const taic::Geometry geometry = {taic.global_queues, taic.local_queues, taic.external_lines};
    require(async::init_taic({base::Paddr{taic_window}, geometry, taic.slots}), "TAIC's driver");
    async::init_uintc({base::Paddr{uintc_window}, uintc_entries});
}

u64 device_read(u64 address) {
    if (address < uintc_window) return taic_model_read(taic_model, address - taic_window, 8);
    u64 value = 0;
    require(uintc_model_read(uintc_model, address - uintc_window, 8, &value), "a bus error at UINTC");
    return value;
}

void device_write(u64 address, u64 value) {
    if (address < uintc_window)
        taic_model_write(taic_model, address - taic_window, value, 8);
    else
        require(uintc_model_write(uintc_model, address - uintc_window, value, 8), "a bus error at UINTC");
}

u64 taic_offset(base::Paddr page) { return base::raw(page) - taic_window; }
void taic_write(u64 offset, u64 value) { taic_model_write(taic_model, offset, value, 8); }
u64 taic_read(u64 offset) { return taic_model_read(taic_model, offset, 8); }

void send_by_table(u32 hart, u64 index) {
    u64 address = 0;
    if (!uintr_sender_entry_address(processor.sender_table[hart].raw, index, &address)) return;
    u64 offset = 0;
    u64 vector = 0;
    if (!uintr_send_target(*arch::to_pointer<const u64>(base::Paddr{address}), uintc_entries, &offset, &vector)) return;
    static_cast<void>(uintc_model_write(uintc_model, offset, vector, 8));
}

} // namespace fuzz
