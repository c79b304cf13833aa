// The memory plan: the worked example of sel4-abi-riscv64.md 9.3 to the last piece, and its limits.
#include "boot/boot_info.hpp"
#include "boot/memory_plan.hpp"
#include "trees.hpp"
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <memory>

using namespace boot; // NOLINT

namespace {

// UP, image of 25 pages linked at 0x10000, device tree of 0x1145 bytes, 3 GiB.
struct Example {
    List<Range, 1> memory;
    List<Range, 2> devices;
    MemoryInput input;
    std::unique_ptr<MemoryPlan> plan = std::make_unique<MemoryPlan>();

    explicit Example(u64 extra = 0x1155) {
        EXPECT_TRUE(memory.push_back({0x80000000, 0x140000000}));
        EXPECT_TRUE(devices.push_back({0x2000000, 0x2200000}) && devices.push_back({0xc000000, 0xc600000}));
        const auto space = plan_address_space({0x10000, 0x29000}, extra);
        EXPECT_TRUE(space.ok());
        input = {.memory = memory,
                 .reserved = {},
                 .devices = devices,
                 .kernel = {0x80200000, 0x80221000},
                 .kernel_recycled = {0x80200000, 0x80203000},
                 .tree = {0x80221000, 0x80222145},
                 .initrd = {},
                 .image_in_place = {0x80223000, 0x8023c000},
                 .space = space.value()};
    }
    void run() {
        const auto done = plan_memory(input, *plan);
        ASSERT_TRUE(done.ok()) << message(done.error());
    }
};

std::vector<Untyped> worked_example() {
    std::vector<Untyped> list;
    const auto device = [&](u64 address, u8 bits) { list.push_back({address, bits, true}); };
    const auto ram = [&](u64 address, u8 bits) { list.push_back({address, bits, false}); };
    device(0x0, 25), device(0x2200000, 21), device(0x2400000, 22), device(0x2800000, 23), device(0x3000000, 24);
    device(0x4000000, 26), device(0x8000000, 26), device(0xc600000, 21), device(0xc800000, 23);
    device(0xd000000, 24), device(0xe000000, 25), device(0x10000000, 28), device(0x20000000, 29);
    device(0x40000000, 30), device(0x80000000, 21), device(0x140000000, 30), device(0x180000000, 31);
    device(0x200000000, 33), device(0x400000000, 34), device(0x800000000, 35), device(0x1000000000, 36);
    device(0x2000000000, 37), device(0x4000000000, 38);
    ram(0x80200000, 13), ram(0x80202000, 12);
    ram(0x80222150, 4), ram(0x80222160, 5), ram(0x80222180, 7), ram(0x80222200, 9), ram(0x80222400, 10);
    ram(0x80222800, 11);
    ram(0x8023c000, 14), ram(0x80240000, 18), ram(0x80280000, 19), ram(0x80300000, 20), ram(0x80400000, 22);
    for (u8 bits = 23; bits <= 30; ++bits) ram(0x80000000 + base::bit(bits), bits); // 0x80800000 .. 0xc0000000
    for (u8 bits = 29; bits >= 20; --bits) {                                        // downwards to 0x13ff00000
        ram(0x140000000 - 2 * base::bit(bits), bits);
    }
    ram(0x13ff00000, 19);
    ram(0x13ffc8800, 11), ram(0x13ffc9000, 12), ram(0x13ffca000, 13), ram(0x13ffcc000, 14), ram(0x13ffd0000, 16);
    ram(0x13ffe0000, 17);
    return list;
}

TEST(MemoryPlan, reproduces_the_worked_example) {
    Example example;
    example.run();
    const MemoryPlan& plan = *example.plan;
    const std::span<const Untyped> got = plan.untypeds;
    EXPECT_THAT(std::vector<Untyped>(got.begin(), got.end()), testing::ElementsAreArray(worked_example()));
    EXPECT_EQ(plan.device_untypeds, 23u);
    EXPECT_EQ(plan.untypeds_dropped, 0u);
    EXPECT_EQ(plan.objects.block, (Range{0x13ff80000, 0x13ffc8800}));
    EXPECT_EQ(plan.objects.cnode, 0x13ff80000u);
    EXPECT_EQ(plan.objects.extra_boot_info, 0x13ffc0000u);
    EXPECT_EQ(plan.objects.tcb, 0x13ffc8000u);

    const AddressSpace& space = example.input.space;
    EXPECT_EQ(space.ipc_buffer, 0x29000u);
    EXPECT_EQ(space.boot_info, 0x2a000u);
    const auto slots = plan_slots(space, plan.untypeds.size(), root_radix);
    ASSERT_TRUE(slots.ok());
    EXPECT_EQ(slots.value().paging, (Range{0x10, 0x12}));
    EXPECT_EQ(slots.value().extra_pages, (Range{0x12, 0x14}));
    EXPECT_EQ(slots.value().image_frames, (Range{0x14, 0x2d}));
    EXPECT_EQ(slots.value().untypeds, (Range{0x2d, 0x6a}));
    EXPECT_EQ(slots.value().empty, (Range{0x6a, 0x2000}));

    auto info = std::make_unique<seL4_BootInfo>();
    std::memset(info.get(), 0xff, sizeof *info);
    fill_boot_info(*info, space, slots.value(), plan, 0x1155, 4);
    u64 words[0xa8 / 8]; // the table of 9.1, word by word
    std::memcpy(words, info.get(), sizeof words);
    EXPECT_THAT(words,
                testing::ElementsAre(0x1155, 0, 4, 0, 0x29000, 0x6a, 0x2000, 0, 0, 0x14, 0x2d, 0x10, 0x12, 0, 0, 0x12,
                                     0x14, 13, 0, 0x2d, 0x6a));
    EXPECT_EQ(info->untypedList[22].paddr, 0x4000000000u);
    EXPECT_EQ(info->untypedList[22].isDevice, 1);
    EXPECT_EQ(info->untypedList[60].sizeBits, 17);
    EXPECT_EQ(info->untypedList[61].sizeBits, 0);
}

TEST(MemoryPlan, places_the_image_where_the_elfloader_would) {
    Example example;
    example.input.image_in_place = {};
    example.run();
    EXPECT_EQ(example.plan->image, (Range{0x80223000, 0x8023c000}));
}

TEST(MemoryPlan, keeps_clear_of_the_initrd_and_frees_it) {
    Example example;
    example.input.image_in_place = {};
    example.input.initrd = {0x80223000, 0x140000000 - 0x1000}; // all but the last page
    EXPECT_EQ(plan_memory(example.input, *example.plan).error(), BootError::RootTaskTooLarge);
    example.input.initrd = {0x80223000, 0x80300001};
    example.run();
    EXPECT_EQ(example.plan->image.start, 0x80301000u);
    const auto untypeds = std::span<const Untyped>(example.plan->untypeds);
    EXPECT_TRUE(std::ranges::any_of(untypeds, [](const Untyped& u) { return u.address == 0x80280000; }));
}

TEST(MemoryPlan, takes_whole_pages_that_the_window_reaches) {
    Example odd;
    List<Range, 1> memory;
    ASSERT_TRUE(memory.push_back({0x80000000, 0x140000800}));
    odd.input.memory = memory;
    odd.run();
    EXPECT_FALSE(odd.plan->ram.contains({0x140000000, 0x140000800}));
    Example large;
    memory.clear();
    ASSERT_TRUE(memory.push_back({0x80000000, kernel_window + 0x10000000}));
    large.input.memory = memory;
    large.run();
    EXPECT_FALSE(large.plan->ram.contains({kernel_window, kernel_window + page_size}));
}

// Boot loaders reserve what they have loaded.
TEST(MemoryPlan, takes_a_reserved_kernel_for_memory) {
    Example example;
    const Range reserved[] = {{0x80200000, 0x80224000}};
    example.input.reserved = reserved;
    example.input.image_in_place = {};
    example.run();
    EXPECT_TRUE(example.plan->ram.contains(example.input.kernel));
    EXPECT_GE(example.plan->image.start, 0x80224000U);
}

TEST(MemoryPlan, gives_out_no_tree_in_a_rom) {
    Example example;
    example.input.tree = {0x10000000, 0x10001145};
    example.run();
    for (const Untyped& piece : example.plan->untypeds) {
        const Range range{piece.address, piece.address + base::bit(piece.bits)};
        EXPECT_FALSE(range.overlaps(example.input.tree)) << std::hex << piece.address;
    }
}

TEST(MemoryPlan, puts_no_image_over_the_root_objects) {
    Example example;
    List<Range, 1> memory;
    ASSERT_TRUE(memory.push_back({0x80000000, 0x80300000}));
    example.input.memory = memory;
    example.input.image_in_place = {};
    example.run();
    const auto space = plan_address_space({0x10000, 0x90000}, 0x1155); // fits below their end, not below their start
    ASSERT_TRUE(space.ok());
    example.input.space = space.value();
    EXPECT_EQ(plan_memory(example.input, *example.plan).error(), BootError::RootTaskTooLarge);
}

TEST(MemoryPlan, covers_ram_exactly_once) {
    Example example;
    const Range reserved[] = {{0x80000000, 0x80040000}, {0x90000800, 0x90001800}};
    example.input.reserved = reserved;
    example.run();
    RegionSet seen;
    u64 total = 0;
    for (const Untyped& piece : example.plan->untypeds) {
        if (piece.device) continue;
        const Range range{piece.address, piece.address + base::bit(piece.bits)};
        EXPECT_TRUE(base::is_aligned(piece.address, piece.bits));
        EXPECT_TRUE(example.plan->ram.contains(range));
        EXPECT_FALSE(range.overlaps(example.plan->objects.block) || range.overlaps(example.plan->image));
        EXPECT_FALSE(range.overlaps({0x90000000, 0x90002000})); // reserved, in whole pages
        ASSERT_TRUE(seen.add(range));
        total += range.size();
    }
    u64 merged = 0;
    for (const Range& range : seen.ranges()) merged += range.size();
    EXPECT_EQ(merged, total); // no overlap among the pieces
    EXPECT_EQ(total, 0x140000000 - 0x80200000 - 0x1e000 - 0x1150 - 0x19000 - 0x48800 - 0x2000);
}

TEST(MemoryPlan, drops_the_smallest_ram_pieces_beyond_230) {
    Example example;
    List<Range, 16> holes;
    for (u64 i = 0; i < 16; ++i) { // each gives up to 2 * 18 small pieces around it
        EXPECT_TRUE(holes.push_back({0x90001000 + i * 0x400000, 0x90002000 + i * 0x400000}));
    }
    example.input.reserved = holes;
    example.run();
    const MemoryPlan& plan = *example.plan;
    EXPECT_EQ(plan.untypeds.size(), max_untypeds);
    EXPECT_GT(plan.untypeds_dropped, 0u);
    EXPECT_GT(plan.device_untypeds, 23u); // the holes count as devices
    u64 last = 0;
    unsigned smallest = 64;
    for (usize i = plan.device_untypeds; i < plan.untypeds.size(); ++i) {
        EXPECT_GT(plan.untypeds[i].address, last); // still in order
        last = plan.untypeds[i].address;
        smallest = std::min<unsigned>(smallest, plan.untypeds[i].bits);
    }
    EXPECT_GE(smallest, 12u); // the 16..2048 byte scraps behind the tree went first
}

TEST(MemoryPlan, refuses_machines_it_cannot_use) {
    const auto error_with = [](auto change) {
        Example example;
        change(example.input);
        const auto done = plan_memory(example.input, *example.plan);
        EXPECT_FALSE(done.ok());
        return done.error();
    };
    EXPECT_EQ(error_with([](MemoryInput& in) { in.memory = {}; }), BootError::KernelOutsideMemory);
    EXPECT_EQ(error_with([](MemoryInput& in) { in.kernel = {}; }), BootError::KernelOutsideMemory);
    EXPECT_EQ(error_with([](MemoryInput& in) { in.initrd = {0x1000, 0x2000}; }), BootError::BadInitrd);
    EXPECT_EQ(error_with([](MemoryInput& in) { in.initrd = {0x80210000, 0x80230000}; }), BootError::BadInitrd);
    EXPECT_EQ(error_with([](MemoryInput& in) { in.image_in_place.end -= 0x1000; }), BootError::RootTaskTooLarge);
    EXPECT_EQ(error_with([](MemoryInput& in) {
                  in.image_in_place = {};
                  in.space.image.end = in.space.image.start + 0x100000000;
              }),
              BootError::RootTaskTooLarge);
    Example fine;
    EXPECT_TRUE(check_memory(fine.input, *fine.plan).ok());
}

TEST(MemoryPlan, counts_page_tables) {
    const auto tables = [](u64 start, u64 end, u64 extra) {
        const auto space = plan_address_space({start, end}, extra);
        EXPECT_TRUE(space.ok());
        return std::pair{space.value().level1_tables, space.value().level0_tables};
    };
    EXPECT_EQ(tables(0x10000, 0x29000, 0x1155), (std::pair<u64, u64>{1, 1}));
    EXPECT_EQ(tables(0x10000, 0x1fe000, 0), (std::pair<u64, u64>{1, 1}));      // ends exactly at 2 MiB
    EXPECT_EQ(tables(0x10000, 0x1fe000, 16), (std::pair<u64, u64>{1, 2}));     // one page more
    EXPECT_EQ(tables(0x3fffe000, 0x40001000, 0), (std::pair<u64, u64>{2, 2})); // across a GiB
    const auto space = plan_address_space({0x10000, 0x29000}, 0x4001).value();
    EXPECT_EQ(space.extra_pages, 5u);
    EXPECT_EQ(space.extra_bits, 15u);
    EXPECT_EQ(space.cover.end, 0x2b000u + 0x8000u);
}

TEST(MemoryPlan, refuses_address_spaces_without_room) {
    EXPECT_TRUE(plan_address_space({0x10000, user_top - 0x2000}, 0).ok());
    EXPECT_FALSE(plan_address_space({0x10000, user_top - 0x1000}, 0).ok());
    EXPECT_FALSE(plan_address_space({0x10000, user_top - 0x2000}, 1).ok());
    EXPECT_FALSE(plan_address_space({0x10000, 0x11000}, ~u64{0}).ok());
    EXPECT_FALSE(plan_address_space({0x10000, 0x10000}, 0).ok());
    const auto huge = plan_address_space({0, 0x2000000}, 0); // 8192 frames do not fit into 8192 slots
    EXPECT_EQ(plan_slots(huge.value(), 61, root_radix).error(), BootError::RootCNodeTooSmall);
}

TEST(MemoryPlan, sizes_the_root_cnode_as_the_boot_arguments_say) {
    EXPECT_EQ(root_radix_of(BootArgs{}).value(), 13u);
    EXPECT_EQ(root_radix_of(BootArgs{"debug=off cnode=16"}).value(), 16u);
    EXPECT_EQ(root_radix_of(BootArgs{"cnode=8"}).value(), 8u);
    EXPECT_EQ(root_radix_of(BootArgs{"cnode=24"}).value(), 24u);
    for (const char* bad : {"cnode", "cnode=", "cnode=7", "cnode=25", "cnode=x", "cnode=4294967309"})
        EXPECT_EQ(root_radix_of(BootArgs{bad}).error(), BootError::BadCNodeArgument) << bad;
    EXPECT_STREQ(message(BootError::BadCNodeArgument),
                 "boot arguments: cnode=N is the root CNode's size in bits, 8 to 24");

    Example example;
    example.input.radix = 16;
    example.run();
    const RootObjects& objects = example.plan->objects;
    EXPECT_TRUE(base::is_aligned(objects.cnode, 21));
    EXPECT_GE(objects.extra_boot_info, objects.cnode + 0x200000); // 65536 slots of 32 bytes
    const auto image_of_32_mib = plan_address_space({0, 0x2000000}, 0).value();
    const auto slots = plan_slots(image_of_32_mib, 61, 14).value();
    EXPECT_EQ(slots.image_frames.size(), 8192u);
    EXPECT_EQ(slots.empty.end, 0x4000u);
    auto info = std::make_unique<seL4_BootInfo>();
    fill_boot_info(*info, image_of_32_mib, slots, *example.plan, 0, 1);
    EXPECT_EQ(info->initThreadCNodeSizeBits, 14u);
    EXPECT_EQ(info->empty.end, 0x4000u);
}

// 64 regions, each with a hole: as many as a platform holds.
TEST(MemoryPlan, holds_as_many_regions_as_a_platform) {
    Example example;
    example.input.image_in_place = {};
    std::vector<Range> memory;
    std::vector<Range> holes;
    for (u64 i = 0; i < Platform::max_regions; ++i) {
        const u64 start = 0x80000000 + i * 0x2000000;
        memory.push_back({start, start + 0x1000000});
        holes.push_back({start + 0x800123, start + 0x801456});
    }
    example.input.memory = memory;
    example.input.reserved = holes;
    example.run();
    const MemoryPlan& plan = *example.plan;
    usize ram = 0;
    for (const Untyped& piece : plan.untypeds) {
        const Range range{piece.address, piece.address + base::bit(piece.bits)};
        ram += piece.device ? 0 : 1;
        for (const Range& hole : holes) EXPECT_FALSE(!piece.device && range.overlaps(hole));
    }
    EXPECT_EQ(plan.ram.size(), 2 * Platform::max_regions);
    EXPECT_GE(ram, max_untypeds / 2); // devices, of which there are hundreds of pieces, did not take all
    EXPECT_EQ(plan.untypeds.size(), max_untypeds);
    EXPECT_GT(plan.untypeds_dropped, 0u);
}

TEST(MemoryPlan, puts_a_large_tree_before_the_cnode) {
    Example example{0x100010};
    example.run();
    const RootObjects& objects = example.plan->objects;
    EXPECT_EQ(objects.extra_boot_info, objects.block.start);
    EXPECT_TRUE(base::is_aligned(objects.extra_boot_info, 21));
    EXPECT_EQ(objects.cnode, objects.extra_boot_info + 0x200000);
}

TEST(MemoryPlan, plans_the_qemu_machine_with_taic) {
    const Blob blob = qemu_virt();
    const ReadPlatform read = read_blob(blob);
    const Platform& platform = *read.platform;
    const auto devices = kernel_devices(platform);
    ASSERT_EQ(devices.size(), 3u);
    EXPECT_EQ(devices[0], (Range{0x2000000, 0x2200000}));
    EXPECT_EQ(devices[2], (Range{0x1000000, 0x2000000}));
    Example example;
    example.input.memory = platform.memory.ranges();
    example.input.reserved = platform.reserved.ranges();
    example.input.devices = devices;
    example.run();
    EXPECT_EQ(example.plan->untypeds[0], (Untyped{0, 24, true}));
    EXPECT_EQ(example.plan->untypeds[1], (Untyped{0x2200000, 21, true}));
}

TEST(BootInfo, writes_the_fdt_block) {
    const Blob tree = qemu_virt();
    Blob out(tree.size() + 16);
    ASSERT_TRUE(write_fdt_block(out, tree));
    u64 header[2];
    std::memcpy(header, out.data(), sizeof header);
    EXPECT_EQ(header[0], 6u);
    EXPECT_EQ(header[1], tree.size() + 16);
    EXPECT_EQ(std::memcmp(out.data() + 16, tree.data(), tree.size()), 0);
    EXPECT_FALSE(write_fdt_block(std::span(out).first(out.size() - 1), tree));
    EXPECT_FALSE(write_fdt_block({}, tree));
    EXPECT_EQ(extra_bytes_for(0x1145), 0x1155u);
    EXPECT_EQ(extra_bytes_for(0), 0u);
}

} // namespace
