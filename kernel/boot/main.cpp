// From the firmware to the first user instruction: read the device tree, plan memory, make the initial thread with its
// capabilities and bootinfo, start the other harts. Whatever is wrong with the input ends in a clear message.
#include "boot/root_task.hpp"

#include "arch/arch.hpp"
#include "async/taic_device.hpp"
#include "async/uintc_device.hpp"
#include "boot/platform.hpp"
#include "boot/provoke.hpp"
#include "checks/checks.hpp"
#include "objects/irq.hpp"
#include "scheduler/scheduler.hpp"
#include "smp/hart.hpp"
#include "smp/kernel_lock.hpp"
#include "syscalls/handle.hpp"
#include "trap/fastpath.hpp"
#include "trap/trap.hpp"

#include <atomic>

extern "C" {
[[noreturn]] void kernel_main(u64 hart_id, u64 tree_paddr);
[[noreturn]] void secondary_main(smp::Hart* hart);
}

namespace boot {

namespace {

arch::Plic plic;
Platform platform;
// Release by the boot hart when everything is set up; acquire by the others before they touch anything.
std::atomic<bool> ready{false};

[[noreturn]] void fail(const char* text) {
    arch::print("TaiL4: error: {}\n", text);
    arch::power_off(1);
}

Bytes read_tree(u64 paddr) {
    constexpr usize header_size = 40;
    const auto* blob = arch::to_pointer<const std::byte>(base::Paddr{paddr});
    const auto size = DeviceTree::total_size(Bytes{blob, header_size});
    if (!size) fail(message(size.error()));
    return {blob, size.value()};
}

// A machine with many odd nodes is not to fill the console.
void read_machine(Bytes tree, u64 boot_hart_id) {
    const auto done = read_platform(tree, boot_hart_id, platform);
    for (const Note& note : platform.notes) arch::print("TaiL4: device tree: {}: {}\n", note.about, note.text);
    if (platform.notes_dropped != 0)
        arch::print("TaiL4: device tree: {} more lines like these\n", u64{platform.notes_dropped});
    if (!done) fail(message(done.error()));
}

void set_up_harts(u64 boot_hart_id) {
    smp::hart_count = static_cast<u32>(platform.harts.size());
    for (u32 i = 0; i < smp::hart_count; ++i) {
        smp::Hart& hart = smp::harts[i];
        hart.index_ = i;
        hart.hart_id_ = platform.harts[i].id;
        hart.scheduler_ = &scheduler::state_of(i);
        hart.stack_top_ = reinterpret_cast<u64>(&smp::kernel_stacks[i + 1]);
    }
    const auto own = platform.hart_index(boot_hart_id);
    asm volatile("mv tp, %0" : : "r"(&smp::harts[*own]));
}

void set_up_fpu() {
    arch::fpu_present = platform.fpu && arch::fpu_answers();
    if (arch::fpu_present) return;
    for (const Hart& hart : platform.harts) {
        if (!hart.fpu) arch::print("TaiL4: hart {} lacks the D extension\n", hart.id);
    }
    arch::print("TaiL4: no FPU: floating-point instructions are illegal\n");
}

// The sources of the one PLIC that we drive; 0: none of them could come to a hart.
u32 set_up_plic() {
    if (!platform.plic) {
        arch::print("TaiL4: no PLIC: no device interrupts\n");
        return 0;
    }
    u32 contexts[base::max_harts];
    u32 reached = 0;
    for (u32 i = 0; i < smp::hart_count; ++i) {
        contexts[i] = platform.harts[i].plic_context;
        if (contexts[i] != no_context) ++reached;
    }
    const u32 sources = reached == 0 ? 0 : platform.plic->sources;
    arch::print("TaiL4: PLIC with {} sources for {} of {} harts\n", u64{sources}, u64{reached}, u64{smp::hart_count});
    if (platform.spare_plics != 0)
        arch::print("TaiL4: further PLICs: {}; their sources cannot be had\n", u64{platform.spare_plics});
    plic.init(base::Paddr{platform.plic->window.start}, sources, contexts, smp::hart_count);
    return sources;
}

void set_up_interrupts(bool smp) {
    const u32 sources = set_up_plic();
    // Behind the PLIC's numbers: the timer, and two interrupts between harts under the SMP interface.
    objects::init_irqs(platform.plic ? &plic : nullptr, sources, smp ? 3 : 1);
}

void set_up_taic() {
    if (!platform.taic) {
        arch::print("TaiL4: no TAIC: asynchronous queues work by Drive and notification only\n");
        return;
    }
    const Taic& node = *platform.taic;
    const async::TaicNode device{
        base::Paddr{node.window.start}, {node.global_queues, node.local_queues, node.external_lines}, node.slots};
    if (!async::init_taic(device)) fail("TAIC does not answer as its device tree node says");
    arch::print("TaiL4: TAIC with {} global queues, {} slots, {} lines\n", u64{node.global_queues}, u64{node.slots},
                u64{node.external_lines});
}

// The device names harts by numbers of a few bits.
bool uintc_can_be_had() {
    if (!platform.uintc) return false;
    for (const Hart& hart : platform.harts) {
        if (hart.id > uintr::Low::hart_mask) return false;
    }
    return true;
}

void set_up_uintc() {
    if (!uintc_can_be_had()) {
        arch::print("TaiL4: no UINTC: no user interrupts\n");
        return;
    }
    async::init_uintc(
        {base::Paddr{platform.uintc->start}, static_cast<u32>(platform.uintc->size() / uintr::entry_size)});
    arch::print("TaiL4: UINTC with {} receivers\n", platform.uintc->size() / uintr::entry_size);
}

void start_hart() {
    arch::init_address_spaces();
    if (platform.plic) plic.open(smp::this_hart().index_);
    arch::enable_interrupts();
    if (platform.uintc) arch::init_user_interrupts();
    if (arch::fpu_present && !arch::fpu_answers()) fail("a hart has no FPU, although the device tree says so");
    arch::enable_user_counters();
    trap::arm_timer();
}

void start_checks() {
    if constexpr (TAIL4_DEBUG != 0) {
        const auto interval = platform.arguments.find_number("check");
        checks::start(interval ? *interval : 0);
    }
}

[[noreturn]] void start(u64 hart_id, u64 tree_paddr) {
    const Bytes tree = read_tree(tree_paddr);
    read_machine(tree, hart_id);
    if (platform.test_device) arch::set_test_device(base::Paddr{platform.test_device->start});
    set_up_harts(hart_id);
    arch::print("TaiL4: {} harts, boot hart {}\n", u64{smp::hart_count}, hart_id);
    set_up_fpu();

    const auto interface = platform.arguments.find("abi");
    syscalls::select_interface(interface && *interface == "smp");
    const auto fastpath = platform.arguments.find("fastpath");
    trap::fastpath_enabled = !(fastpath && *fastpath == "off");
    const auto debug = platform.arguments.find("debug");
    syscalls::debug_calls = !(debug && *debug == "off");
    const auto domains = platform.arguments.find_number("domains");
    scheduler::init(domains ? static_cast<unsigned>(*domains) : 1);
    set_up_interrupts(syscalls::smp_interface());
    trap::init_timer(platform.timebase_frequency);
    start_hart();
    set_up_taic();
    set_up_uintc();
    if (const auto what = platform.arguments.find("provoke")) provoke(*what);
    if (const char* error = create_root_task(platform, tree, tree_paddr)) fail(error);

    smp::lock_kernel();
    ready.store(true, std::memory_order_release);
    arch::start_secondaries();
    start_checks();
    arch_resume(trap::leave());
}

[[noreturn]] void join() {
    while (!ready.load(std::memory_order_acquire)) {
    }
    start_hart();
    smp::lock_kernel();
    arch_resume(trap::leave());
}

} // namespace

} // namespace boot

void kernel_main(u64 hart_id, u64 tree_paddr) {
    arch::protect_image();
    boot::start(hart_id, tree_paddr);
}
void secondary_main(smp::Hart*) { boot::join(); }
