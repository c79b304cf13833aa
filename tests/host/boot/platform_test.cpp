// What read_platform() makes of the two machines, and of trees that lack something.
#include "boot/memory_plan.hpp"
#include "boot/platform.hpp"
#include "trees.hpp"
#include <algorithm>
#include <gtest/gtest.h>

using boot::BootArgs;
using boot::BootError;
using boot::Platform;
using boot::Range;

namespace {

Platform platform_of(const Blob& blob) {
    const ReadPlatform read = read_blob(blob);
    if (read.error) ADD_FAILURE() << message(*read.error);
    return *read.platform;
}

BootError error_of(TreeBuilder& builder) {
    const Blob blob = builder.end().finish();
    const ReadPlatform read = read_blob(blob);
    EXPECT_TRUE(read.error);
    return read.error.value_or(BootError{});
}

TEST(Platform, reads_qemu_virt) {
    const Blob blob = qemu_virt();
    const Platform platform = platform_of(blob);
    ASSERT_EQ(platform.memory.size(), 1u);
    EXPECT_EQ(platform.memory[0], (Range{0x80000000, 0x140000000}));
    ASSERT_EQ(platform.reserved.size(), 2u);
    EXPECT_EQ(platform.reserved[0], (Range{0x80000000, 0x80040000}));
    EXPECT_EQ(platform.reserved[1], (Range{0x88000000, 0x88001000}));
    EXPECT_TRUE(platform.notes.empty());
    EXPECT_TRUE(platform.fpu);
    ASSERT_EQ(platform.harts.size(), 2u);
    EXPECT_EQ(platform.harts[0].id, 0u);
    EXPECT_EQ(platform.harts[0].plic_context, 1u);
    EXPECT_EQ(platform.harts[1].plic_context, 3u);
    EXPECT_EQ(platform.hart_index(1), 1u);
    EXPECT_FALSE(platform.hart_index(2));
    EXPECT_EQ(platform.timebase_frequency, 10'000'000u);
    EXPECT_EQ(platform.initrd, (Range{0x84000000, 0x84019000}));
    EXPECT_EQ(platform.arguments.find("mode"), "async");
    EXPECT_EQ(platform.plic->window, (Range{0xc000000, 0xc600000}));
    EXPECT_EQ(platform.plic->sources, 95u); // the tree says 96
    EXPECT_TRUE(platform.spare_devices.empty());
    EXPECT_EQ(*platform.clint, (Range{0x2000000, 0x2010000}));
    EXPECT_EQ(*platform.test_device, (Range{0x100000, 0x101000}));
    EXPECT_EQ(platform.uart->window, (Range{0x10000000, 0x10000100}));
    EXPECT_EQ(platform.uart->interrupt, 10u);
    EXPECT_EQ(platform.uart->reg_shift, 0u);
}

TEST(Platform, reads_taic_with_all_properties) {
    const Blob blob = qemu_virt();
    const Platform platform = platform_of(blob);
    ASSERT_TRUE(platform.taic);
    EXPECT_EQ(platform.taic->window, (Range{0x1000000, 0x2000000}));
    EXPECT_EQ(platform.taic->global_queues, 4u);
    EXPECT_EQ(platform.taic->local_queues, 8u);
    EXPECT_EQ(platform.taic->slots, 32u);
    EXPECT_EQ(platform.taic->depth, 1024u);
    EXPECT_EQ(platform.taic->external_lines, 3u);
    EXPECT_EQ(platform.taic->source_of(0), 10u);
    EXPECT_EQ(platform.taic->source_of(2), 0u);
    EXPECT_EQ(platform.taic->source_of(3), 0u);
}

TEST(Platform, reads_axu15eg) {
    const Blob blob = axu15eg();
    const Platform platform = platform_of(blob);
    EXPECT_EQ(platform.memory[0], (Range{0x80000000, 0x90000000}));
    ASSERT_EQ(platform.harts.size(), 7u); // hart 0 is disabled
    for (usize i = 0; i < 7; ++i) {
        EXPECT_EQ(platform.harts[i].id, i + 1);
        EXPECT_EQ(platform.harts[i].plic_context, 2 * (i + 1) + 1);
    }
    EXPECT_TRUE(platform.initrd.empty());
    EXPECT_FALSE(platform.test_device);
    EXPECT_EQ(platform.plic->sources, 6u);
    EXPECT_EQ(platform.uart->reg_offset, 0x1000u);
    EXPECT_EQ(platform.uart->reg_shift, 2u);
    EXPECT_EQ(platform.taic->slots, 6u); // the defaults
    EXPECT_EQ(platform.taic->depth, 64u);
    EXPECT_EQ(platform.taic->external_lines, 6u);
    EXPECT_EQ(platform.taic->source_of(5), 6u);
}

TEST(Platform, devices_may_be_missing) {
    const Blob blob = TreeBuilder{}.machine().end().finish();
    const Platform platform = platform_of(blob);
    EXPECT_EQ(platform.harts[0].id, 7u);
    EXPECT_EQ(platform.harts[0].plic_context, boot::no_context);
    EXPECT_FALSE(platform.plic || platform.clint || platform.taic || platform.uart || platform.test_device);
}

TEST(Platform, memory_harts_and_timebase_may_not) {
    TreeBuilder no_memory;
    EXPECT_EQ(error_of(no_memory.begin("")), BootError::NoMemory);
    TreeBuilder no_harts;
    EXPECT_EQ(error_of(no_harts.begin("").begin("memory").property("reg", {0, 0, 4096}).end()), BootError::NoHarts);
    TreeBuilder no_time;
    no_time.begin("").begin("memory").property("reg", {0, 0, 4096}).end();
    no_time.begin("cpus").property("#address-cells", {1}).property("#size-cells", {0});
    EXPECT_EQ(error_of(no_time.begin("cpu@0").property("reg", {0}).end().end()), BootError::NoTimebase);
}

TEST(Platform, refuses_a_malformed_initrd) {
    const auto with = [](std::vector<u32> start, std::vector<u32> end) {
        TreeBuilder builder;
        builder.machine().begin("chosen").property("linux,initrd-start", start).property("linux,initrd-end", end);
        return error_of(builder.end());
    };
    EXPECT_EQ(with({2}, {1}), BootError::BadInitrd);
    EXPECT_EQ(with({1, 2, 3}, {9}), BootError::BadInitrd);
    TreeBuilder half;
    EXPECT_EQ(error_of(half.machine().begin("chosen").property("linux,initrd-end", {5}).end()), BootError::BadInitrd);
}

// Only QEMU's virt machine counts a source that is not there.
TEST(Platform, believes_the_number_of_sources) {
    const auto read = [](const char* board, u32 sources) {
        TreeBuilder builder;
        builder.machine(board)
            .begin("plic")
            .string("compatible", "riscv,plic0")
            .property("reg", {0, 0xc000000, 0x1000});
        const Blob blob = builder.property("riscv,ndev", {sources}).end().end().finish();
        return platform_of(blob).plic->sources;
    };
    for (const u32 sources : {32u, 64u, 96u, 128u, 1023u}) EXPECT_EQ(read("some,board", sources), sources);
    for (const u32 sources : {32u, 53u, 64u, 95u, 128u}) EXPECT_EQ(read("riscv-virtio", sources), sources);
    EXPECT_EQ(read("riscv-virtio", 96), 95u);
}

// A window that is not held might be handed out.
TEST(Platform, refuses_more_controllers_than_it_can_set_aside) {
    const auto build = [](TreeBuilder& builder, u32 count) {
        builder.machine();
        for (u32 i = 0; i < count; ++i) {
            builder.begin("plic")
                .string("compatible", "riscv,plic0")
                .property("reg", {0, 0xc000000 + i * 0x1000, 0x1000});
            builder.property("riscv,ndev", {6}).end();
        }
    };
    TreeBuilder most;
    build(most, 1 + Platform::max_spare_devices);
    EXPECT_EQ(platform_of(most.end().finish()).spare_devices.size(), Platform::max_spare_devices);
    TreeBuilder more;
    build(more, 2 + Platform::max_spare_devices);
    EXPECT_EQ(error_of(more), BootError::TreeTooManyDevices);
}

// Two sockets: the second's registers are nobody's, its harts have no context of the first's PLIC.
TEST(Platform, sets_the_devices_of_other_sockets_aside) {
    TreeBuilder builder;
    builder.machine().begin("cpus").property("#address-cells", {1}).property("#size-cells", {0});
    for (u32 id : {0u, 1u}) {
        builder.begin("cpu").property("reg", {id}).begin("interrupt-controller").property("interrupt-controller", {});
        builder.property("#interrupt-cells", {1}).property("phandle", {id + 1}).end().end();
    }
    builder.end();
    for (u32 socket : {0u, 1u}) {
        builder.begin("plic").string("compatible", "riscv,plic0");
        builder.property("reg", {0, 0xc000000 + socket * 0x600000, 0x600000}).property("riscv,ndev", {10});
        builder.property("interrupts-extended", {socket + 1, 11, socket + 1, 9}).end();
        builder.begin("clint").string("compatible", "riscv,clint0");
        builder.property("reg", {0, 0x2000000 + socket * 0x10000, 0x10000}).end();
    }
    const Blob blob = builder.end().finish();
    const Platform platform = platform_of(blob);
    EXPECT_EQ(platform.plic->window, (Range{0xc000000, 0xc600000}));
    EXPECT_EQ(platform.spare_plics, 1u);
    ASSERT_EQ(platform.spare_devices.size(), 2u);
    EXPECT_EQ(platform.spare_devices[0], (Range{0xc600000, 0xcc00000}));
    EXPECT_EQ(platform.spare_devices[1], (Range{0x2010000, 0x2020000}));
    EXPECT_EQ(platform.harts[1].plic_context, 1u);
    EXPECT_EQ(platform.harts[2].plic_context, boot::no_context);
    const auto windows = boot::kernel_devices(platform);
    const auto kept = [&](u64 address) {
        return std::any_of(windows.begin(), windows.end(), [&](const Range& each) { return each.contains(address); });
    };
    for (const u64 address : {0xc000000u, 0xc5fffffu, 0xc600000u, 0xcbfffffu, 0x2000000u, 0x201ffffu})
        EXPECT_TRUE(kept(address)) << std::hex << address;
}

TEST(Platform, takes_the_supervisors_context_wherever_it_stands) {
    TreeBuilder builder;
    builder.machine().begin("cpus").property("#address-cells", {1}).property("#size-cells", {0});
    builder.begin("cpu").property("reg", {0}).begin("interrupt-controller").property("interrupt-controller", {});
    builder.property("#interrupt-cells", {1}).property("phandle", {1}).end().end().end();
    builder.begin("plic").string("compatible", "riscv,plic0").property("reg", {0, 0xc000000, 0x600000});
    builder.property("riscv,ndev", {10}).property("interrupts-extended", {1, 9, 1, 11}).end();
    const Blob blob = builder.end().finish();
    const Platform platform = platform_of(blob);
    EXPECT_EQ(platform.harts[platform.hart_index(0).value()].plic_context, 0u); // the machine's comes behind it
}

TEST(Platform, refuses_a_malformed_plic) {
    const auto with = [](std::vector<u32> sources, std::vector<u32> wires) {
        TreeBuilder builder;
        builder.machine().begin("plic").string("compatible", "riscv,plic0").property("reg", {0, 0xc000000, 0x1000});
        builder.property("riscv,ndev", sources).property("interrupts-extended", wires);
        return error_of(builder.end());
    };
    EXPECT_EQ(with({0}, {}), BootError::BadInterruptController);
    EXPECT_EQ(with({1024}, {}), BootError::BadInterruptController);
    EXPECT_EQ(with({}, {}), BootError::BadInterruptController);
    EXPECT_EQ(with({6}, {99, 9}), BootError::BadInterruptController); // no such controller
}

TEST(Platform, refuses_a_malformed_taic) {
    const auto with = [](u32 size, std::string_view name, std::vector<u32> value) {
        TreeBuilder builder;
        builder.machine().begin("taic").string("compatible", "riscv,taic0").property("reg", {0, 0x1000000, size});
        return error_of(builder.property(name, value).end());
    };
    EXPECT_EQ(with(0x20fff, "slots", {6}), BootError::BadTaic); // one page short of 1 + 4 * 8
    EXPECT_EQ(with(0x1000000, "slots", {0}), BootError::BadTaic);
    EXPECT_EQ(with(0x1000000, "gq-num", {0}), BootError::BadTaic);
    EXPECT_EQ(with(0x1000000, "lq-num", {~0u}), BootError::BadTaic);
    EXPECT_EQ(with(0x1000000, "depth", {1, 2, 3}), BootError::BadTaic);
    EXPECT_EQ(with(0x1000000, "external-lines", {65}), BootError::BadTaic);
    EXPECT_EQ(with(0, "slots", {6}), BootError::TreeBadReg);
}

TEST(Platform, refuses_uart_registers_outside_their_window) {
    TreeBuilder builder;
    builder.machine().begin("serial").string("compatible", "ns16550a").property("reg", {0, 0x1000, 0x20});
    EXPECT_EQ(error_of(builder.property("reg-shift", {3}).end()), BootError::TreeBadReg);
}

TEST(Platform, passes_over_disabled_devices) {
    TreeBuilder builder;
    builder.machine().begin("clint").string("compatible", "riscv,clint0").property("reg", {0, 0x1000, 0x1000});
    builder.string("status", "disabled").end();
    const Blob blob = builder.end().finish();
    EXPECT_FALSE(platform_of(blob).clint);
}

TEST(BootArgs, finds_words_and_values) {
    const BootArgs args{"harts=4 verbose  mode=sync\tmode=async base=0x1F bad=12x big=18446744073709551616 empty="};
    EXPECT_EQ(args.find("harts"), "4");
    EXPECT_EQ(args.find("verbose"), "");
    EXPECT_EQ(args.find("mode"), "async"); // the last one wins
    EXPECT_EQ(args.find("empty"), "");
    EXPECT_FALSE(args.find("hart"));
    EXPECT_FALSE(args.find("mod"));
    EXPECT_FALSE(args.find(""));
    EXPECT_EQ(args.find_number("harts"), 4u);
    EXPECT_EQ(args.find_number("base"), 0x1fu);
    EXPECT_FALSE(args.find_number("bad"));
    EXPECT_FALSE(args.find_number("big"));
    EXPECT_FALSE(args.find_number("verbose"));
    EXPECT_FALSE(BootArgs{}.find("x"));
    EXPECT_EQ(BootArgs{"n=18446744073709551615"}.find_number("n"), ~u64{0});
}

} // namespace
