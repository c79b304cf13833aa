// Bounded reader of a flattened device tree (Devicetree Specification 0.4, chapter 5, version 17).
// The blob is hostile: DeviceTree::open() checks the header and the whole structure block once, every later read
// is checked again. All loops end with the blob, whose size is limited. Nothing is copied: views point into it.
#pragma once

#include "base/result.hpp"
#include "base/types.hpp"
#include "boot/memory_plan_regions.hpp"
#include "boot/platform_error.hpp"
#include <optional>
#include <span>
#include <string_view>

namespace boot {

using Bytes = std::span<const std::byte>;

struct Property {
    std::string_view name;
    Bytes value;
};

// Index of the first `wanted`, or the size. Not string_view::find: that needs memchr, which freestanding code lacks.
[[nodiscard]] constexpr usize find_char(std::string_view text, char wanted) {
    usize at = 0;
    while (at < text.size() && text[at] != wanted) ++at;
    return at;
}

// Property values: big-endian cells, NUL-terminated strings.
[[nodiscard]] std::optional<u32> read_cell(Bytes value, usize cell_index);
[[nodiscard]] std::optional<u64> read_cells(Bytes value, usize cell_index, unsigned cells); // 0..2 cells
[[nodiscard]] std::optional<u64> read_number(Bytes value);                                  // 1, 4 or 8 bytes
[[nodiscard]] std::string_view read_string(Bytes value); // up to the first NUL; empty if there is none
[[nodiscard]] bool has_string(Bytes list, std::string_view wanted);
// Calls visit(std::string_view) for each string of a list; what has no NUL is no string.
template <class Visit>
void each_string(Bytes list, Visit&& visit) {
    while (!list.empty()) {
        const std::string_view text{reinterpret_cast<const char*>(list.data()), list.size()};
        const usize length = find_char(text, '\0');
        if (length == list.size()) return;
        visit(std::string_view{text.data(), length});
        list = list.subspan(length + 1);
    }
}

class TreeWalk;

class DeviceTree {
public:
    static constexpr usize header_bytes = 40;
    static constexpr usize max_bytes = 2u << 20;
    static constexpr usize max_name = 127;
    static constexpr unsigned max_depth = 16;

    // What the header says, for a caller that has only an address. Reads the first header_bytes only.
    static base::Result<usize, BootError> total_size(Bytes blob);
    static base::Result<DeviceTree, BootError> open(Bytes blob);

    Bytes bytes() const { return blob_; }
    // Entry of the memory reservation block, perhaps empty; nullopt at its end, which is an entry of zeros.
    [[nodiscard]] std::optional<Range> reservation(usize index) const;

    // Every node, depth first, the root included.
    [[nodiscard]] TreeWalk walk() const;
    // A walk standing on the node with that path ("/soc/serial@10000000", names as in the tree) or that phandle.
    [[nodiscard]] std::optional<TreeWalk> find_path(std::string_view path) const;
    [[nodiscard]] std::optional<TreeWalk> find_phandle(u32 phandle) const;

private:
    friend class TreeWalk;
    struct Token;

    std::optional<Token> token_at(u32 offset) const; // offset in the structure block
    base::Result<base::Ok, BootError> check_structure() const;

    Bytes blob_;
    Bytes structure_;
    Bytes strings_;
    u32 reservations_ = 0;
};

// A position in the tree with what its ancestors say about addresses.
class TreeWalk {
public:
    // Goes to the next node; false at the end of the tree. A fresh walk stands before the root.
    bool next();

    std::string_view name() const { return name_; } // with unit address; empty for the root
    std::string_view base_name() const;             // without unit address
    unsigned depth() const { return depth_; }       // root: 0
    std::string_view parent_name() const { return depth_ == 0 ? std::string_view{} : frames_[depth_ - 1].name; }

    [[nodiscard]] std::optional<Bytes> property(std::string_view name) const;
    [[nodiscard]] bool compatible(std::string_view wanted) const;
    [[nodiscard]] bool enabled() const; // status absent, "okay" or "ok"

    // Calls visit(const Property&) for each property of this node.
    template <class Visit>
    void each_property(Visit&& visit) const {
        u32 cursor = body_;
        while (std::optional<Property> found = property_at(cursor)) visit(*found);
    }

    // Entry `index` of reg as physical addresses (through the ranges of all ancestors). nullopt: no such entry.
    [[nodiscard]] base::Result<std::optional<Range>, BootError> reg(usize index) const;
    // What can be read of an entry that reg() refuses: the address as it stands there, and the size if it has one.
    struct Entry {
        u64 address;
        std::optional<u64> size;
    };
    [[nodiscard]] std::optional<Entry> raw_reg(usize index) const;
    // The address part of reg entry 0 without translation: hart ids.
    [[nodiscard]] std::optional<u64> unit() const;
    // The number behind the @ of the name.
    [[nodiscard]] std::optional<u64> unit_of_name() const;

private:
    friend class DeviceTree;
    struct Frame {
        std::string_view name;
        Bytes ranges;
        bool has_ranges = false;
        u32 address_cells = 2;
        u32 size_cells = 1;
    };

    explicit TreeWalk(const DeviceTree& tree) : tree_(tree) {}
    void enter(u32 body, std::string_view name);
    std::optional<Property> property_at(u32& cursor) const;
    std::optional<u64> translate(u64 address, u64 size) const;

    DeviceTree tree_;
    Frame frames_[DeviceTree::max_depth] = {};
    std::string_view name_;
    u32 body_ = 0;       // first token inside this node
    u32 cursor_ = 0;     // where next() goes on
    unsigned depth_ = 0; // of this node
    unsigned open_ = 0;  // nodes entered and not left
};

} // namespace boot
