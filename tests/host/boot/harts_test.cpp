// Which harts of a tree the kernel takes, and whether they have an FPU.
#include "boot/isa.hpp"
#include "boot/platform.hpp"
#include "trees.hpp"
#include <gtest/gtest.h>

using boot::BootError;
using boot::Platform;

namespace {

// The root and /cpus are left open.
TreeBuilder& begin_cpus(TreeBuilder& builder) {
    builder.begin("").begin("memory").property("reg", {0, 0x80000000, 0x10000000}).end();
    builder.begin("cpus").property("#address-cells", {1}).property("#size-cells", {0});
    return builder.property("timebase-frequency", {1000});
}

Blob many_harts(u32 count) {
    TreeBuilder builder;
    begin_cpus(builder);
    for (u32 id = 0; id < count; ++id)
        builder.begin("cpu@" + std::to_string(id)).property("reg", {id}).string("riscv,isa", "rv64imafdc").end();
    return builder.end().end().finish();
}

TEST(Harts, the_boot_hart_is_always_kept) {
    const Blob blob = many_harts(12);
    for (u32 boot_hart = 0; boot_hart < 12; ++boot_hart) {
        const ReadPlatform read = read_blob(blob, boot_hart);
        ASSERT_FALSE(read.error) << boot_hart;
        const Platform& platform = *read.platform;
        ASSERT_EQ(platform.harts.size(), 8u);
        ASSERT_TRUE(platform.hart_index(boot_hart)) << boot_hart;
        for (u32 i = 0; i < 7; ++i) EXPECT_EQ(platform.harts[i].id, i); // the others in the order of the tree
        EXPECT_EQ(platform.harts[7].id, std::max(7u, boot_hart));
        ASSERT_EQ(platform.notes.size(), 4u); // one line for each that is left out
        for (const boot::Note& note : platform.notes) {
            EXPECT_STREQ(note.text, "not used: the kernel runs on 8 harts at most");
            EXPECT_NE(note.about, "cpu@" + std::to_string(boot_hart));
        }
        EXPECT_TRUE(platform.fpu);
    }
}

TEST(Harts, a_boot_hart_that_the_tree_lacks_is_refused) {
    EXPECT_EQ(read_blob(many_harts(12), 12).error, BootError::NoBootHart);
    EXPECT_EQ(read_blob(many_harts(2), ~u64{0}).error, BootError::NoBootHart);
    EXPECT_EQ(read_blob(axu15eg(), 0).error, BootError::NoBootHart); // disabled
}

TEST(Harts, each_is_taken_once) {
    TreeBuilder builder;
    begin_cpus(builder);
    for (u32 i = 0; i < 20; ++i) builder.begin("cpu").property("reg", {i % 3}).end();
    builder.begin("cpu@nowhere").end();
    const ReadPlatform read = read_blob(builder.end().end().finish(), 2);
    ASSERT_FALSE(read.error);
    EXPECT_EQ(read.platform->harts.size(), 3u);
    ASSERT_EQ(read.platform->notes.size(), 1u);
    EXPECT_STREQ(read.platform->notes[0].text, "not used: it has no number");
}

TEST(Harts, notes_have_an_end) {
    const ReadPlatform read = read_blob(many_harts(100), 99);
    ASSERT_FALSE(read.error);
    EXPECT_EQ(read.platform->notes.size(), Platform::max_notes);
    EXPECT_EQ(read.platform->notes_dropped, 92 - Platform::max_notes);
}

struct Cpu {
    std::string_view isa;
    std::string_view mmu = "riscv,sv39";
    std::string_view base = {};
    std::vector<std::string_view> extensions = {};
};

void add(TreeBuilder& builder, u32 id, const Cpu& cpu) {
    builder.begin("cpu").property("reg", {id});
    if (!cpu.isa.empty()) builder.string("riscv,isa", cpu.isa);
    if (!cpu.mmu.empty()) builder.string("mmu-type", cpu.mmu);
    if (!cpu.base.empty()) builder.string("riscv,isa-base", cpu.base);
    if (!cpu.extensions.empty()) {
        Blob list;
        for (const std::string_view name : cpu.extensions) {
            for (const char c : name) list.push_back(std::byte(c));
            list.push_back(std::byte{0});
        }
        builder.raw("riscv,isa-extensions", list);
    }
    builder.end();
}

ReadPlatform read_cpus(const std::vector<Cpu>& cpus) {
    TreeBuilder builder;
    begin_cpus(builder);
    for (u32 id = 0; id < cpus.size(); ++id) add(builder, id, cpus[id]);
    static std::vector<Blob> kept; // the notes point into them
    kept.push_back(builder.end().end().finish());
    return read_blob(kept.back(), 0);
}

void expect_fpu(const Cpu& cpu, bool fpu) {
    const ReadPlatform read = read_cpus({cpu});
    ASSERT_FALSE(read.error) << cpu.isa;
    EXPECT_EQ(read.platform->fpu, fpu) << cpu.isa;
    EXPECT_TRUE(read.platform->notes.empty()) << cpu.isa;
}

TEST(Harts, the_fpu_is_there_with_the_d_extension) {
    for (const std::string_view isa :
         {"rv64imafdc", "rv64gc", "RV64IMAFDC", "rv64imafdch_zicsr_zifencei_zihintpause_sstc", "rv64imafdcsu",
          "rv64i2p1_m2p0_a2p1_f2p2_d2p2_c2p0_zicsr2p0_zifencei2p0", "rv64i2m2a2f2d2c2", "rv64imafdqc",
          "rv64imafdczicsr_zifencei_zihpm_xrocket", "rv64g_zca", "rv64imafdcvh"})
        expect_fpu({isa}, true);
    for (const std::string_view isa :
         {"rv64imac", "rv64imafc", "rv64imafch_zicsr_zifencei_zdinx", "rv64i2p1_m2p0_a2p1_c2p0", "rv64imac_zfh_zfa",
          "rv64imac_xdummy", "rv64imacsud", "rv64ima_zca"})
        expect_fpu({isa}, false);
    expect_fpu({""}, false); // nobody knows
    expect_fpu({.isa = "", .base = "rv64i", .extensions = {"i", "m", "a", "f", "d", "c", "zicsr", "zifencei"}}, true);
    expect_fpu({.isa = "", .base = "rv64i", .extensions = {"i", "m", "a", "f", "c", "zicsr", "zifencei"}}, false);
    // The newer properties count.
    expect_fpu({.isa = "rv64gc", .base = "rv64i", .extensions = {"m", "zaamo", "zalrsc", "zca", "zifencei"}}, false);
}

TEST(Harts, the_fpu_is_there_if_all_have_it) {
    const ReadPlatform read = read_cpus({{"rv64gc"}, {"rv64gc"}, {"rv64imafc"}});
    ASSERT_FALSE(read.error);
    EXPECT_FALSE(read.platform->fpu);
    EXPECT_TRUE(read.platform->harts[1].fpu && !read.platform->harts[2].fpu);
}

void expect_unfit(const Cpu& cpu, const char* why) {
    const ReadPlatform alone = read_cpus({cpu});
    EXPECT_EQ(alone.error, BootError::UnfitBootHart) << why;
    ASSERT_EQ(alone.platform->notes.size(), 1u) << why;
    EXPECT_STREQ(alone.platform->notes[0].text, why);
    const ReadPlatform second = read_cpus({{"rv64gc"}, cpu, {"rv64gc"}});
    ASSERT_FALSE(second.error) << why;
    ASSERT_EQ(second.platform->harts.size(), 2u) << why;
    EXPECT_EQ(second.platform->harts[1].id, 2u);
    EXPECT_TRUE(second.platform->fpu); // what is not used does not matter
    ASSERT_EQ(second.platform->notes.size(), 1u);
    EXPECT_STREQ(second.platform->notes[0].text, why);
}

TEST(Harts, those_that_cannot_run_the_kernel_are_left_out) {
    expect_unfit({"rv32imafdc"}, "not used: it is no RV64 processor");
    expect_unfit({"rv6"}, "not used: it is no RV64 processor");
    expect_unfit({"rv64iafdc"}, "not used: it lacks the M extension");
    expect_unfit({"rv64imfdc"}, "not used: it lacks the A extension");
    expect_unfit({"rv64imafd"}, "not used: it lacks the C extension");
    expect_unfit({"rv64imafdc_zicsr"}, "not used: it lacks the Zifencei extension");
    expect_unfit({"rv64gc", "riscv,none"}, "not used: it lacks an MMU with Sv39");
    expect_unfit({"rv64gc", "riscv,sv32"}, "not used: it lacks an MMU with Sv39");
    expect_unfit({.isa = "", .base = "rv64i", .extensions = {"m", "a", "c"}},
                 "not used: it lacks the Zifencei extension");
    expect_unfit({.isa = "", .base = "rv64i", .extensions = {"m", "zaamo", "c", "zifencei"}},
                 "not used: it lacks the A extension");
    expect_unfit({.isa = "", .base = "rv32i", .extensions = {"m"}}, "not used: it is no RV64 processor");
}

// As on boards with a small hart for management: where others name their MMU, who does not has none.
TEST(Harts, a_silent_hart_has_no_mmu_where_others_name_theirs) {
    const ReadPlatform read = read_cpus({{"rv64gc"}, {"rv64imac", ""}});
    ASSERT_FALSE(read.error);
    EXPECT_EQ(read.platform->harts.size(), 1u);
    EXPECT_EQ(read_cpus({{"rv64gc", ""}, {"rv64imac", ""}}).platform->harts.size(), 2u);
}

} // namespace
