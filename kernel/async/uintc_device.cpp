#include "async/uintc_device.hpp"

#include "async/device_bus.hpp"
#include "base/bits.hpp"
#include "objects/user_interrupts.hpp"
#include "smp/hart.hpp"
#include "uintr/driver.hpp"

namespace async {

namespace {

constexpr u32 most_entries = objects::max_receivers;

struct Device {
    bool present;
    DeviceBus bus;
    u32 entries;
    u32 touched;
    u64 used[most_entries / 64]; // bits; those behind the last entry are set
};
Device device;

uintr::Driver<DeviceBus> driver() { return {device.bus, device.entries}; }

} // namespace

void init_uintc(const UintcNode& node) {
    device.bus = {base::raw(node.window)};
    device.entries = node.entries < most_entries ? node.entries : most_entries;
    for (u32 i = 0; i < most_entries; ++i) {
        u64& word = device.used[i / 64];
        word = i < device.entries ? word & ~base::bit(i % 64) : word | base::bit(i % 64);
    }
    // A warm restart may have left something: also in entries we do not use, which would raise lines for ever.
    for (u32 i = 0; i < node.entries; ++i) driver().clear(i);
    device.present = true;
}

bool uintc_present() { return device.present; }

bool entry_available() {
    for (const u64 word : device.used) {
        if (~word != 0) return device.present;
    }
    return false;
}

u32 acquire_entry() {
    for (u32 i = 0; i < most_entries / 64; ++i) {
        if (~device.used[i] == 0) continue;
        const u32 bit = base::lowest_bit(~device.used[i]);
        device.used[i] |= base::bit(bit);
        const u32 receiver = i * 64 + bit;
        driver().clear(receiver);
        if (receiver >= device.touched) device.touched = receiver + 1;
        return receiver;
    }
    return no_receiver;
}

void release_entry(u32 receiver) {
    driver().clear(receiver);
    device.used[receiver / 64] &= ~base::bit(receiver % 64);
}

void activate_entry(u32 receiver) { driver().activate_on(receiver, smp::this_hart().hart_id_); }
void deactivate_entry(u32 receiver) { driver().deactivate(receiver); }
bool entry_pending(u32 receiver) { return driver().pending(receiver); }
void send_to_entry(u32 receiver, u32 vector) { driver().send(receiver, vector); }

u32 entries_touched() { return device.touched; }
bool entry_used(u32 receiver) { return (device.used[receiver / 64] & base::bit(receiver % 64)) != 0; }
bool entry_active(u32 receiver) { return driver().active(receiver); }
u32 entry_hart(u32 receiver) { return driver().low(receiver).hart(); }

} // namespace async
