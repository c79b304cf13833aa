// What the firmware does for the kernel: console, timer, interrupts between harts, starting harts, switching off.
#include "arch/arch.hpp"
#include "arch/riscv/csr.hpp"
#include "arch/riscv/sbi.hpp"
#include "base/panic.hpp"
#include "smp/hart.hpp"

extern "C" {
extern char secondary_entry[];
u64 kernel_image_offset;
}

namespace arch {

using sbi::Extension;

namespace {

base::Paddr test_device{0};

// Calls `function` with (mask, base) words of hardware hart numbers for a set of logical harts.
template <class F>
void for_hart_masks(u64 harts, F function) {
    for (u32 i = 0; i < smp::hart_count; ++i) {
        if ((harts & base::bit(i)) == 0) continue;
        const u64 first = smp::harts[i].hart_id_;
        u64 mask = 1;
        harts &= ~base::bit(i);
        for (u32 j = i + 1; j < smp::hart_count; ++j) {
            const u64 distance = smp::harts[j].hart_id_ - first;
            if ((harts & base::bit(j)) != 0 && distance < 64) {
                mask |= base::bit(static_cast<unsigned>(distance));
                harts &= ~base::bit(j);
            }
        }
        function(mask, first);
    }
}

char last_put = '\n';

} // namespace

void put(char character) {
    last_put = character;
    sbi::call(Extension::LegacyPutChar, 0, static_cast<unsigned char>(character));
}
bool at_line_start() { return last_put == '\n'; }

u64 read_cycles() { return read_csr<Csr::Cycle>(); }
u64 read_time() { return read_csr<Csr::Time>(); }
void set_timer(u64 deadline) { sbi::call(Extension::Time, 0, deadline); }

void send_ipi(u64 harts) {
    for_hart_masks(harts, [](u64 mask, u64 first) { sbi::call(Extension::Ipi, 0, mask, first); });
}

void start_secondaries() {
    const u64 entry = base::raw(to_paddr(secondary_entry));
    // User code was loaded before; each hart does the same for itself when it comes up (axu15eg.md 3.20).
    local_fence_i();
    for (u32 i = 0; i < smp::hart_count; ++i) {
        smp::Hart& hart = smp::harts[i];
        if (&hart == &smp::this_hart()) continue;
        const auto started = sbi::call(Extension::HartState, 0, hart.hart_id_, entry, reinterpret_cast<u64>(&hart));
        // A remote call would wait for this hart forever.
        if (started.error != 0) {
            print("TaiL4: error: hart {} does not start, SBI error -{}\n", hart.hart_id_,
                  static_cast<u64>(-started.error));
            power_off(1);
        }
    }
}

void set_test_device(base::Paddr device) { test_device = device; }

void power_off(u32 status) {
    if (base::raw(test_device) != 0) {
        // sifive_test: 0x5555 ends with 0, 0x3333 with the status in the upper half.
        auto* exit_word = to_pointer<volatile u32>(test_device);
        *exit_word = status == 0 ? 0x5555 : status << 16 | 0x3333;
    }
    constexpr u64 system_failure = 1;
    sbi::call(Extension::SystemReset, 0, 0, status == 0 ? 0 : system_failure);
    sbi::call(Extension::LegacyShutdown, 0);
    while (true) wait_for_interrupt();
}

} // namespace arch

namespace base {

void panic(const char* message, const char* file, int line) {
    arch::print("\nTaiL4: panic: {} ({}:{})\n", message, file, static_cast<u64>(line));
    arch::power_off(1);
}

} // namespace base
