// The reader on good trees, and one test for each way a blob can be broken.
#include "boot/device_tree.hpp"
#include "trees.hpp"
#include <gtest/gtest.h>

using boot::BootError;
using boot::DeviceTree;
using boot::Range;
using boot::TreeWalk;

namespace {

void expect_refused(const Blob& blob, BootError error) {
    const auto tree = DeviceTree::open(blob);
    ASSERT_FALSE(tree.ok());
    EXPECT_STREQ(message(tree.error()), message(error));
}

DeviceTree open_tree(const Blob& blob) {
    const auto tree = DeviceTree::open(blob);
    if (!tree) ADD_FAILURE() << message(tree.error());
    return tree.value();
}

TEST(DeviceTree, walks_every_node_in_order) {
    const Blob blob = TreeBuilder{}.begin("").begin("a@1").begin("b").end().end().begin("c").end().end().finish();
    const DeviceTree tree = open_tree(blob);
    std::string seen;
    for (TreeWalk at = tree.walk(); at.next();) {
        seen += std::to_string(at.depth()) + std::string(at.base_name()) + "<" + std::string(at.parent_name()) + " ";
    }
    EXPECT_EQ(seen, "0< 1a< 2b<a@1 1c< ");
}

TEST(DeviceTree, finds_paths_and_phandles) {
    const Blob blob = qemu_virt();
    const DeviceTree tree = open_tree(blob);
    const auto plic = tree.find_path("/soc/plic@c000000");
    ASSERT_TRUE(plic);
    EXPECT_TRUE(plic->compatible("riscv,plic0"));
    EXPECT_FALSE(plic->compatible("riscv,plic"));
    const auto phandle = boot::read_cell(plic->property("phandle").value(), 0);
    ASSERT_TRUE(phandle);
    EXPECT_EQ(tree.find_phandle(*phandle)->name(), "plic@c000000");
    EXPECT_TRUE(tree.find_path("/"));
    EXPECT_FALSE(tree.find_path("/soc/plic"));
    EXPECT_FALSE(tree.find_path("/cpus/plic@c000000"));
    EXPECT_FALSE(tree.find_path("soc"));
    EXPECT_FALSE(tree.find_phandle(4711));
}

TEST(DeviceTree, translates_reg_through_ranges) {
    const Blob blob = qemu_virt();
    const DeviceTree tree = open_tree(blob);
    const auto inside = tree.find_path("/platform-bus@4000000/gpio@1000")->reg(0);
    ASSERT_TRUE(inside.ok());
    EXPECT_EQ(*inside.value(), (Range{0x4001000, 0x4001100}));
    EXPECT_EQ(tree.find_path("/platform-bus@4000000/gpio@1fffff8")->reg(0).error(), BootError::TreeBadReg);
    const auto flash = tree.find_path("/flash@20000000");
    EXPECT_EQ(*flash->reg(1).value(), (Range{0x22000000, 0x24000000}));
    EXPECT_FALSE(flash->reg(2).value());
}

TEST(DeviceTree, refuses_a_reg_it_cannot_translate) {
    const auto reg_of = [](TreeBuilder& builder, std::string_view path) {
        const Blob blob = builder.end().finish();
        return open_tree(blob).find_path(path)->reg(0);
    };
    TreeBuilder no_ranges;
    no_ranges.begin("").begin("bus").begin("d").property("reg", {0, 1, 2}).end().end();
    EXPECT_FALSE(reg_of(no_ranges, "/bus/d").ok());
    TreeBuilder odd_length;
    odd_length.begin("").begin("d").property("reg", {0, 1}).end();
    EXPECT_FALSE(reg_of(odd_length, "/d").ok());
    TreeBuilder wrapping;
    wrapping.begin("").begin("d").property("reg", {~0u, ~0u, 2}).end();
    EXPECT_FALSE(reg_of(wrapping, "/d").ok());
    TreeBuilder three_cells;
    three_cells.begin("").property("#address-cells", {3}).begin("d").property("reg", {0, 0, 1, 2}).end();
    EXPECT_FALSE(reg_of(three_cells, "/d").ok());
    TreeBuilder shifted_out;
    shifted_out.begin("").begin("bus").property("#size-cells", {2}).property("ranges", {0, 0, ~0u, ~0u, 1, 0});
    shifted_out.begin("d").property("reg", {0, 4, 0, 4}).end().end();
    EXPECT_FALSE(reg_of(shifted_out, "/bus/d").ok());
}

TEST(DeviceTree, reads_the_reservation_block) {
    const Blob blob = qemu_virt();
    const DeviceTree tree = open_tree(blob);
    EXPECT_EQ(tree.reservation(0), (Range{0x88000000, 0x88001000}));
    EXPECT_FALSE(tree.reservation(1));
    EXPECT_FALSE(tree.reservation(~usize{0}));

    TreeBuilder builder;
    const Blob more = builder.reserve(0x1000, 0).reserve(0, 0x2000).reserve(~u64{0} - 4, 99).begin("").end().finish();
    const DeviceTree other = open_tree(more);
    EXPECT_TRUE(other.reservation(0).value().empty()); // not the end
    EXPECT_EQ(other.reservation(1), (Range{0, 0x2000}));
    EXPECT_EQ(other.reservation(2), (Range{~u64{0} - 4, ~u64{0}}));
    EXPECT_FALSE(other.reservation(3));
}

TEST(DeviceTree, reads_what_it_can_of_a_malformed_reg) {
    TreeBuilder builder;
    builder.begin("").begin("d@9F").property("reg", {0, 1, 2, 0, 3}).end().begin("e@x").property("reg", {1}).end();
    const Blob blob = builder.end().finish();
    const DeviceTree tree = open_tree(blob);
    const auto d = tree.find_path("/d@9F");
    EXPECT_FALSE(d->reg(0).ok());
    EXPECT_EQ(d->raw_reg(0)->address, 1u);
    EXPECT_EQ(d->raw_reg(0)->size, 2u);
    EXPECT_EQ(d->raw_reg(1)->address, 3u);
    EXPECT_FALSE(d->raw_reg(1)->size);
    EXPECT_FALSE(d->raw_reg(2));
    EXPECT_EQ(d->unit_of_name(), 0x9fu);
    const auto e = tree.find_path("/e@x");
    EXPECT_FALSE(e->raw_reg(0));
    EXPECT_FALSE(e->unit_of_name());
    EXPECT_FALSE(tree.find_path("/")->unit_of_name());
}

TEST(DeviceTree, refuses_broken_headers) {
    const Blob good = qemu_virt();
    const auto patched = [&](usize offset, u32 value) {
        Blob blob = good;
        set_cell(blob, offset, value);
        return blob;
    };
    expect_refused({}, BootError::TreeTooSmall);
    expect_refused(Blob(good.begin(), good.begin() + 39), BootError::TreeTooSmall);
    expect_refused(patched(0, 0xd00dfeee), BootError::TreeBadMagic);
    expect_refused(patched(4, static_cast<u32>(good.size() + 1)), BootError::TreeBadSize);
    expect_refused(patched(4, 39), BootError::TreeBadSize);
    expect_refused(patched(4, ~0u), BootError::TreeBadSize);
    expect_refused(patched(8, 0xfffffffc), BootError::TreeBadBlock);
    expect_refused(patched(8, 57), BootError::TreeBadBlock);
    expect_refused(patched(12, 0xffffffff), BootError::TreeBadBlock);
    expect_refused(patched(16, 0xfffffff8), BootError::TreeBadBlock);
    expect_refused(patched(20, 16), BootError::TreeBadVersion);
    expect_refused(patched(24, 18), BootError::TreeBadVersion);
    expect_refused(patched(32, 0xffffffff), BootError::TreeBadBlock);
    expect_refused(patched(36, 0xffffffff), BootError::TreeBadBlock);
}

TEST(DeviceTree, refuses_broken_structures) {
    expect_refused(TreeBuilder{}.finish(), BootError::TreeBadToken);                                 // no root
    expect_refused(TreeBuilder{}.begin("").finish(), BootError::TreeBadToken);                       // not closed
    expect_refused(TreeBuilder{}.begin("").end().end().finish(), BootError::TreeBadToken);           // closed twice
    expect_refused(TreeBuilder{}.begin("").end().begin("").end().finish(), BootError::TreeBadToken); // two roots
    expect_refused(TreeBuilder{}.begin("").token(5).end().finish(), BootError::TreeBadToken);
    expect_refused(TreeBuilder{}.property("x", {}).begin("").end().finish(), BootError::TreeBadProperty);
    expect_refused(TreeBuilder{}.begin("").begin("a").end().property("x", {1}).end().finish(),
                   BootError::TreeBadProperty);
    expect_refused(TreeBuilder{}.begin(std::string(200, 'n')).end().finish(), BootError::TreeBadToken);

    Blob endless = TreeBuilder{}.begin("").end().finish(); // without its end token
    set_cell(endless, 36, 12);
    expect_refused(endless, BootError::TreeBadToken);

    Blob long_property = TreeBuilder{}.begin("").property("x", {1}).end().finish();
    set_cell(long_property, 56 + 8 + 4, 0xfffffffd);
    expect_refused(long_property, BootError::TreeBadToken);
    Blob bad_name = TreeBuilder{}.begin("").property("x", {1}).end().finish();
    set_cell(bad_name, 56 + 8 + 8, 2);
    expect_refused(bad_name, BootError::TreeBadToken);
}

TEST(DeviceTree, limits_the_depth) {
    const auto nested = [](unsigned depth) {
        TreeBuilder builder;
        for (unsigned i = 0; i < depth; ++i) builder.begin("n");
        for (unsigned i = 0; i < depth; ++i) builder.end();
        return builder.finish();
    };
    const Blob deepest = nested(DeviceTree::max_depth);
    TreeWalk at = open_tree(deepest).walk();
    unsigned nodes = 0;
    while (at.next()) ++nodes;
    EXPECT_EQ(nodes, DeviceTree::max_depth);
    expect_refused(nested(DeviceTree::max_depth + 1), BootError::TreeTooDeep);
}

TEST(DeviceTree, skips_nops_everywhere) {
    TreeBuilder builder;
    builder.token(4).begin("").token(4).property("x", {7}).token(4).begin("a").end().token(4).end().token(4);
    const Blob blob = builder.finish();
    TreeWalk at = open_tree(blob).walk();
    ASSERT_TRUE(at.next());
    EXPECT_EQ(boot::read_cell(at.property("x").value(), 0), 7u);
    EXPECT_TRUE(at.next());
    EXPECT_FALSE(at.next());
    EXPECT_FALSE(at.next()); // stays at the end
}

TEST(DeviceTree, reads_values_within_their_bounds) {
    const Blob bytes = {std::byte{1}, std::byte{2}, std::byte{3}, std::byte{4}, std::byte{'a'}};
    EXPECT_EQ(boot::read_cell(bytes, 0), 0x01020304u);
    EXPECT_FALSE(boot::read_cell(bytes, 1));
    EXPECT_FALSE(boot::read_cell(bytes, ~usize{0}));
    EXPECT_FALSE(boot::read_cells(bytes, 0, 2));
    EXPECT_FALSE(boot::read_cells(bytes, 0, 3));
    EXPECT_FALSE(boot::read_number(bytes));
    EXPECT_EQ(boot::read_string(bytes), "");
    EXPECT_FALSE(boot::has_string(bytes, "a"));
}

} // namespace
