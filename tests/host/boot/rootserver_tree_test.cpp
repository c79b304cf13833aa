// What the root server finds in a device tree: addresses with as many cells as the parent says.
#include "rootserver/machine/device_tree.hpp"
#include "trees.hpp"
#include <gtest/gtest.h>
#include <random>

namespace {

machine::TreeFacts facts_of(const Blob& blob) {
    return machine::read_tree(reinterpret_cast<const unsigned char*>(blob.data()), blob.size());
}

TEST(RootserverTree, reads_two_cells) {
    const Blob blob = qemu_virt();
    const machine::TreeFacts facts = facts_of(blob);
    EXPECT_EQ(facts.arguments, "harts=2 verbose mode=async base=0x1f");
    EXPECT_EQ(facts.test_device.address, 0x100000u);
    EXPECT_EQ(facts.clock.address, 0x101000u);
    EXPECT_EQ(facts.clock.interrupt, 11u);
    EXPECT_EQ(facts.taic.address, 0x1000000u);
}

TEST(RootserverTree, reads_one_cell) {
    const Blob blob = axu15eg();
    EXPECT_EQ(facts_of(blob).taic.address, 0x1000000u);
}

TEST(RootserverTree, each_node_has_the_cells_of_its_parent) {
    TreeBuilder tree;
    tree.begin("").property("#address-cells", {1}).property("#size-cells", {1});
    tree.begin("first").property("#address-cells", {2});
    tree.begin("a").string("compatible", "riscv,taic0").property("reg", {1, 2, 3, 4}).end();
    tree.end().begin("b").property("reg", {5, 6}).string("compatible", "google,goldfish-rtc").end();
    tree.begin("default").begin("c").string("compatible", "riscv,uintc0").property("reg", {7, 8, 9}).end().end();
    const Blob blob = tree.end().finish();
    const machine::TreeFacts facts = facts_of(blob);
    EXPECT_EQ(facts.taic.address, 0x1'0000'0002u);
    EXPECT_EQ(facts.clock.address, 5u);
    EXPECT_EQ(facts.uintc.address, 0x7'0000'0008u);
}

TEST(RootserverTree, an_address_that_cannot_be_read_is_none) {
    const auto address = [](const std::vector<u32>& cells, const std::vector<u32>& reg) {
        TreeBuilder tree;
        tree.begin("").property("#address-cells", cells).begin("a").string("compatible", "riscv,taic0");
        const Blob blob = tree.property("reg", reg).end().end().finish();
        return facts_of(blob).taic.address;
    };
    EXPECT_EQ(address({1}, {5}), 5u);
    EXPECT_EQ(address({2}, {5}), 0u);
    EXPECT_EQ(address({1}, {}), 0u);
    EXPECT_EQ(address({0}, {5, 6}), 0u);
    EXPECT_EQ(address({3}, {5, 6, 7}), 0u);
    EXPECT_EQ(address({1, 1}, {5, 6}), 0u);
    EXPECT_EQ(address({~0u}, {5, 6}), 0u);
}

TEST(RootserverTree, broken_trees_are_read_within_their_bounds) {
    std::mt19937 random{20261130};
    for (const Blob& good : {qemu_virt(), axu15eg()}) {
        for (unsigned round = 0; round < 5000; ++round) {
            Blob blob = good;
            for (unsigned i = 0; i < 4; ++i) blob[random() % blob.size()] = std::byte(random());
            if (random() % 4 == 0) blob.resize(random() % blob.size());
            blob.shrink_to_fit(); // so that the sanitizer sees a read behind it
            static_cast<void>(facts_of(blob));
        }
    }
    TreeBuilder deep;
    for (unsigned i = 0; i < 100; ++i) deep.begin("n").property("#address-cells", {1});
    EXPECT_EQ(facts_of(deep.finish()).taic.address, 0u);
}

} // namespace
