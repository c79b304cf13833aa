// The root task's ELF: what a good one gives, and one test for each refusal.
#include "boot/elf_image.hpp"
#include "elf_files.hpp"
#include <gtest/gtest.h>

using boot::BootError;
using boot::ElfImage;
using boot::Range;

namespace {

using Page = std::vector<std::byte>;

Page page_of(const ElfImage& image, u64 index) {
    Page page(boot::page_size, std::byte{0x55});
    image.fill_page(index, std::span<std::byte, boot::page_size>(page));
    return page;
}

void expect_refused(ElfFile& file, BootError error) {
    const auto image = ElfImage::open(file.bytes());
    ASSERT_FALSE(image.ok());
    EXPECT_STREQ(message(image.error()), message(error));
}

TEST(ElfImage, reads_a_good_file) {
    ElfFile file = good_elf();
    const ElfImage image = ElfImage::open(file.bytes()).value();
    EXPECT_EQ(image.entry(), 0x10004u);
    EXPECT_EQ(image.range(), (Range{0x10000, 0x17000}));
    EXPECT_EQ(image.pages(), 7u);
    ASSERT_EQ(image.segments().size(), 3u);
    EXPECT_TRUE(image.segments()[0].executable && !image.segments()[0].writable);
    EXPECT_TRUE(image.segments()[1].writable && !image.segments()[1].executable);
}

TEST(ElfImage, fills_pages_from_all_segments) {
    ElfFile file = good_elf();
    const ElfImage image = ElfImage::open(file.bytes()).value();
    EXPECT_EQ(page_of(image, 0), Page(boot::page_size, std::byte{0xc0}));
    Page shared(boot::page_size);
    std::fill_n(shared.begin(), 0x10, std::byte{0xc0});
    std::fill_n(shared.begin() + 0x800, 0x20, std::byte{0xda});
    EXPECT_EQ(page_of(image, 1), shared);
    EXPECT_EQ(page_of(image, 2), Page(boot::page_size)); // zeros behind the data
    EXPECT_EQ(page_of(image, 3), Page(boot::page_size)); // the gap
    Page last(boot::page_size);
    std::fill_n(last.begin(), 0x10, std::byte{0xee});
    EXPECT_EQ(page_of(image, 6), last);
}

TEST(ElfImage, sorts_segments) {
    ElfFile file{0x1000, {{0x3000, 0x10, {}}, {0x1000, 0x10, {}}, {0x2000, 0x10, {}}}};
    const ElfImage image = ElfImage::open(file.bytes()).value();
    EXPECT_EQ(image.segments()[0].address, 0x1000u);
    EXPECT_EQ(image.segments()[2].address, 0x3000u);
}

TEST(ElfImage, refuses_other_files) {
    ElfFile empty = good_elf();
    empty.bytes().resize(63);
    expect_refused(empty, BootError::ElfTooSmall);
    for (const usize at : {0u, 1u, 2u, 3u, 4u, 5u, 6u}) {
        ElfFile file = good_elf();
        expect_refused(file.set<u8>(at, 9), BootError::ElfNotRiscv);
    }
    ElfFile intel = good_elf();
    expect_refused(intel.set<u16>(ElfFile::machine_at, 62), BootError::ElfNotRiscv);
    ElfFile version = good_elf();
    expect_refused(version.set<u32>(ElfFile::version_at, 2), BootError::ElfNotRiscv);
    ElfFile object = good_elf();
    expect_refused(object.set<u16>(ElfFile::type_at, 3), BootError::ElfNotExecutable);
    ElfFile dynamic{0x1000, {{0x1000, 8, {}}, {0, 0, {}, 3}}};
    expect_refused(dynamic, BootError::ElfNotExecutable);
}

TEST(ElfImage, refuses_bad_program_headers) {
    ElfFile none = good_elf();
    expect_refused(none.set<u16>(ElfFile::header_count_at, 0), BootError::ElfBadProgramHeaders);
    ElfFile many = good_elf();
    expect_refused(many.set<u16>(ElfFile::header_count_at, 65), BootError::ElfTooManyProgramHeaders);
    ElfFile small = good_elf();
    expect_refused(small.set<u16>(ElfFile::header_size_at, 55), BootError::ElfBadProgramHeaders);
    ElfFile far = good_elf();
    expect_refused(far.set<u64>(ElfFile::headers_at, ~u64{0} - 8), BootError::ElfBadProgramHeaders);
    ElfFile behind = good_elf();
    expect_refused(behind.set<u64>(ElfFile::headers_at, behind.bytes().size() - 100), BootError::ElfBadProgramHeaders);
    ElfFile crowd{0, std::vector<TestSegment>(17, {0, 1, {}})};
    for (usize i = 0; i < 17; ++i) crowd.set<u64>(ElfFile::program(i) + ElfFile::address, i * 16);
    expect_refused(crowd, BootError::ElfTooManySegments);
}

TEST(ElfImage, refuses_bad_segments) {
    const auto changed = [](usize field, u64 value) {
        ElfFile file = good_elf();
        return file.set<u64>(ElfFile::program(1) + field, value);
    };
    ElfFile beyond = changed(ElfFile::offset, ~u64{0} - 4);
    expect_refused(beyond, BootError::ElfBadSegment);
    ElfFile behind = changed(ElfFile::offset, good_elf().bytes().size() - 0x1f);
    expect_refused(behind, BootError::ElfBadSegment);
    ElfFile shrunk = changed(ElfFile::memory_size, 0x1f);
    expect_refused(shrunk, BootError::ElfBadSegment);
    ElfFile wrapping = changed(ElfFile::memory_size, ~u64{0});
    expect_refused(wrapping, BootError::ElfOutsideUserSpace);
    ElfFile kernel = changed(ElfFile::address, 0xffffffff80000000);
    expect_refused(kernel, BootError::ElfOutsideUserSpace);
    ElfFile top = changed(ElfFile::address, boot::user_top - 0xfff);
    expect_refused(top, BootError::ElfOutsideUserSpace);
    ElfFile lower = changed(ElfFile::address, 0x1100f);
    expect_refused(lower, BootError::ElfSegmentsOverlap);
    ElfFile upper = changed(ElfFile::address, 0x14ff1);
    expect_refused(upper, BootError::ElfSegmentsOverlap);
    ElfFile touching = changed(ElfFile::address, 0x14ff0);
    EXPECT_TRUE(ElfImage::open(touching.bytes()).ok());
}

TEST(ElfImage, refuses_an_empty_image_and_a_stray_entry) {
    ElfFile nothing{0x1000, {{0x1000, 0, {}}}};
    expect_refused(nothing, BootError::ElfOutsideUserSpace);
    for (const u64 entry : {0xffffu, 0x11010u, 0x13000u, 0x16010u}) {
        ElfFile file = good_elf();
        expect_refused(file.set<u64>(ElfFile::entry_at, entry), BootError::ElfBadEntry);
    }
}

} // namespace
