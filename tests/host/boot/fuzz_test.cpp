// 100 000 broken inputs with fixed seeds, under the sanitizers: a value or an error, nothing else.
#include "boot/elf_image.hpp"
#include "boot/memory_plan.hpp"
#include "boot/platform.hpp"
#include "elf_files.hpp"
#include "trees.hpp"
#include <gtest/gtest.h>
#include <memory>
#include <random>

namespace {

constexpr int rounds = 100'000;

// Some bytes changed, half of the time to values that matter; sometimes the end is missing. The copy is exactly as
// long as what is left, so that the sanitizer sees a read behind it.
template <class Random>
Blob mutate(const Blob& good, Random& random) {
    Blob blob = good;
    const unsigned changes = 1 + random() % 4;
    for (unsigned i = 0; i < changes; ++i) {
        constexpr u8 telling[] = {0, 1, 2, 3, 4, 9, 0x7f, 0x80, 0xff};
        const usize at = random() % 8 == 0 ? random() % 64 : random() % blob.size();
        const u32 dice = static_cast<u32>(random());
        if (dice % 4 == 0) blob[at] ^= std::byte(1u << (dice / 4 % 8));
        if (dice % 4 == 1) blob[at] = std::byte(dice >> 8);
        if (dice % 4 >= 2) blob[at] = std::byte{telling[(dice >> 8) % std::size(telling)]};
    }
    if (random() % 16 == 0) blob.resize(random() % blob.size());
    blob.shrink_to_fit();
    return blob;
}

struct Outcome {
    int accepted = 0;
    int refused = 0;
};

// A platform that was accepted has to be usable: plan it as well.
void check_platform(const boot::Platform& platform) {
    ASSERT_FALSE(platform.memory.empty() || platform.harts.empty());
    ASSERT_NE(platform.timebase_frequency, 0u);
    ASSERT_LE(platform.initrd.start, platform.initrd.end);
    static const boot::AddressSpace space = boot::plan_address_space({0x10000, 0x29000}, 0x1155).value();
    static const auto plan = std::make_unique<boot::MemoryPlan>();
    const auto devices = boot::kernel_devices(platform);
    const boot::MemoryInput input{.memory = platform.memory.ranges(),
                                  .reserved = platform.reserved.ranges(),
                                  .devices = devices,
                                  .kernel = {0x80200000, 0x80221000},
                                  .kernel_recycled = {},
                                  .tree = {0x80221000, 0x80222145},
                                  .initrd = platform.initrd,
                                  .image_in_place = {},
                                  .space = space};
    if (!boot::plan_memory(input, *plan)) return;
    ASSERT_TRUE(plan->ram.contains(plan->objects.block) && plan->ram.contains(plan->image));
    ASSERT_FALSE(plan->objects.block.overlaps(plan->image) || plan->objects.block.overlaps(platform.initrd));
    for (const boot::Untyped& piece : plan->untypeds) {
        const boot::Range range{piece.address, piece.address + base::bit(piece.bits)};
        ASSERT_FALSE(range.overlaps(input.kernel) || range.overlaps(plan->objects.block));
        for (const boot::Range& reserved : plan->reserved) ASSERT_FALSE(!piece.device && range.overlaps(reserved));
    }
}

Outcome fuzz_tree(const Blob& good, unsigned seed) {
    std::mt19937 random{seed};
    Outcome outcome;
    const auto platform = std::make_unique<boot::Platform>();
    const u64 boot_hart = first_hart(good);
    for (int round = 0; round < rounds / 2; ++round) {
        const Blob blob = mutate(good, random);
        *platform = {};
        const bool read = boot::read_platform(blob, boot_hart, *platform).ok();
        ++(read ? outcome.accepted : outcome.refused);
        if (read) check_platform(*platform);
    }
    return outcome;
}

TEST(Fuzz, device_trees) {
    for (const Blob& good : {qemu_virt(), axu15eg()}) {
        const Outcome outcome = fuzz_tree(good, 20240601);
        EXPECT_GT(outcome.accepted, rounds / 20); // both paths were walked
        EXPECT_GT(outcome.refused, rounds / 20);
    }
}

TEST(Fuzz, every_truncation_of_a_tree_is_refused) {
    const Blob good = qemu_virt();
    for (usize size = 0; size < good.size(); ++size) {
        const Blob blob(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size));
        ASSERT_TRUE(read_blob(blob, 0).error) << size;
    }
}

TEST(Fuzz, elf_files) {
    std::mt19937 random{20240602};
    ElfFile file = good_elf();
    file.bytes().resize(64 + 4 * 56 + 0x100); // most of the file shall be headers
    for (usize i = 0; i < 3; ++i) file.set<u64>(ElfFile::program(i) + ElfFile::offset, 64 + 4 * 56 + i * 0x40);
    for (usize i = 0; i < 3; ++i) file.set<u64>(ElfFile::program(i) + ElfFile::file_size, 0x20);
    Blob page(boot::page_size);
    Outcome outcome;
    for (int round = 0; round < rounds; ++round) {
        const Blob blob = mutate(file.bytes(), random);
        const auto image = boot::ElfImage::open(blob);
        ++(image ? outcome.accepted : outcome.refused);
        if (!image) continue;
        const boot::ElfImage& elf = image.value();
        ASSERT_FALSE(elf.range().empty());
        ASSERT_LE(elf.range().end, boot::user_top);
        const u64 pages = elf.pages();
        for (const u64 index : {u64{0}, pages / 2, pages - 1}) {
            elf.fill_page(index, std::span<std::byte, boot::page_size>(page));
        }
    }
    EXPECT_GT(outcome.accepted, rounds / 10);
    EXPECT_GT(outcome.refused, rounds / 10);
}

} // namespace
