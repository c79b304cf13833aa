#include "boot/device_tree.hpp"

#include <algorithm>

namespace boot {
namespace {

constexpr u32 magic = 0xd00dfeed;
constexpr u32 version = 17;

enum HeaderCell : usize { Magic, TotalSize, StructureAt, StringsAt, ReservationsAt, Version, Compatible };
constexpr usize strings_size_cell = 8;
constexpr usize structure_size_cell = 9;

std::string_view text_of(Bytes bytes) { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }

// The text from `offset` to its NUL; nullopt if it is longer than a name may be, or has no NUL.
std::optional<std::string_view> name_at(Bytes block, usize offset) {
    if (offset >= block.size()) return std::nullopt;
    const Bytes rest = block.subspan(offset);
    const std::string_view text = text_of(rest.first(std::min(rest.size(), DeviceTree::max_name + 1)));
    const usize length = find_char(text, '\0');
    if (length == text.size()) return std::nullopt;
    return std::string_view{text.data(), length};
}

constexpr usize round_to_cell(usize size) { return (size + 3) & ~usize{3}; }

// A block of the blob as the header describes it.
std::optional<Bytes> block_of(Bytes blob, u32 offset, u32 size, u32 alignment) {
    if (offset % alignment != 0 || offset > blob.size() || size > blob.size() - offset) return std::nullopt;
    return blob.subspan(offset, size);
}

} // namespace

std::optional<u32> read_cell(Bytes value, usize cell_index) {
    if (cell_index >= value.size() / 4) return std::nullopt;
    const std::byte* cell = value.data() + cell_index * 4;
    u32 out = 0;
    for (unsigned i = 0; i < 4; ++i) out = out << 8 | std::to_integer<u32>(cell[i]);
    return out;
}

std::optional<u64> read_cells(Bytes value, usize cell_index, unsigned cells) {
    if (cells > 2) return std::nullopt;
    u64 out = 0;
    for (unsigned i = 0; i < cells; ++i) {
        const std::optional<u32> cell = read_cell(value, cell_index + i);
        if (!cell) return std::nullopt;
        out = out << 32 | *cell;
    }
    return out;
}

std::optional<u64> read_number(Bytes value) {
    if (value.size() == 1) return std::to_integer<u64>(value[0]);
    if (value.size() == 4 || value.size() == 8) return read_cells(value, 0, static_cast<unsigned>(value.size() / 4));
    return std::nullopt;
}

std::string_view read_string(Bytes value) {
    const std::string_view text = text_of(value);
    const usize length = find_char(text, '\0');
    return length == text.size() ? std::string_view{} : std::string_view{text.data(), length};
}

bool has_string(Bytes list, std::string_view wanted) {
    bool found = false;
    each_string(list, [&](std::string_view text) { found = found || text == wanted; });
    return found;
}

struct DeviceTree::Token {
    enum Kind : u32 { BeginNode = 1, EndNode = 2, Prop = 3, Nop = 4, End = 9 };
    Kind kind;
    u32 next;          // offset of the token behind it
    Property property; // the name also for BeginNode
};

base::Result<usize, BootError> DeviceTree::total_size(Bytes blob) {
    if (blob.size() < header_bytes) return base::Failure{BootError::TreeTooSmall};
    if (read_cell(blob, Magic) != magic) return base::Failure{BootError::TreeBadMagic};
    const usize size = *read_cell(blob, TotalSize);
    if (size < header_bytes || size > max_bytes) return base::Failure{BootError::TreeBadSize};
    return size;
}

base::Result<DeviceTree, BootError> DeviceTree::open(Bytes blob) {
    const usize size = TRY(total_size(blob));
    if (size > blob.size()) return base::Failure{BootError::TreeBadSize};
    if (*read_cell(blob, Version) < version || *read_cell(blob, Compatible) > version) {
        return base::Failure{BootError::TreeBadVersion};
    }
    DeviceTree tree;
    tree.blob_ = blob.first(size);
    const auto cell = [&](usize index) { return *read_cell(blob, index); };
    const auto structure = block_of(tree.blob_, cell(StructureAt), cell(structure_size_cell), 4);
    const auto strings = block_of(tree.blob_, cell(StringsAt), cell(strings_size_cell), 1);
    tree.reservations_ = cell(ReservationsAt);
    const bool reservations_fit = tree.reservations_ % 8 == 0 && tree.reservations_ <= size;
    if (!structure || !strings || !reservations_fit) return base::Failure{BootError::TreeBadBlock};
    tree.structure_ = *structure;
    tree.strings_ = *strings;
    TRY(tree.check_structure());
    return tree;
}

std::optional<Range> DeviceTree::reservation(usize index) const {
    const Bytes block = blob_.subspan(reservations_);
    if (index >= block.size() / 16) return std::nullopt;
    const u64 start = *read_cells(block, index * 4, 2);
    const u64 size = *read_cells(block, index * 4 + 2, 2);
    if (start == 0 && size == 0) return std::nullopt;
    return Range{start, size > ~u64{0} - start ? ~u64{0} : start + size};
}

std::optional<DeviceTree::Token> DeviceTree::token_at(u32 offset) const {
    const std::optional<u32> kind = read_cell(structure_, offset / 4);
    if (!kind) return std::nullopt;
    const usize body = usize{offset} + 4;
    switch (*kind) {
    case Token::EndNode:
    case Token::Nop:
    case Token::End: return Token{static_cast<Token::Kind>(*kind), static_cast<u32>(body), {}};
    case Token::BeginNode: {
        const auto name = name_at(structure_, body);
        if (!name) return std::nullopt;
        const usize next = body + round_to_cell(name->size() + 1);
        return Token{Token::BeginNode, static_cast<u32>(next), {*name, {}}};
    }
    case Token::Prop: {
        const std::optional<u32> size = read_cell(structure_, body / 4);
        const std::optional<u32> name_offset = read_cell(structure_, body / 4 + 1);
        if (!size || !name_offset) return std::nullopt;
        const usize start = body + 8;
        const auto name = name_at(strings_, *name_offset);
        if (!name || *size > structure_.size() - start) return std::nullopt;
        const usize next = start + round_to_cell(*size);
        return Token{Token::Prop, static_cast<u32>(next), {*name, structure_.subspan(start, *size)}};
    }
    default: return std::nullopt;
    }
}

// One root, properties before subnodes, everything closed, an end token.
base::Result<base::Ok, BootError> DeviceTree::check_structure() const {
    unsigned depth = 0;
    bool root_seen = false;
    bool properties_allowed = false;
    for (u32 offset = 0;;) {
        const std::optional<Token> token = token_at(offset);
        if (!token) return base::Failure{BootError::TreeBadToken};
        offset = token->next; // always grows, and token_at() refuses what lies behind the block
        switch (token->kind) {
        case Token::Nop: break;
        case Token::BeginNode:
            if (depth == 0 && root_seen) return base::Failure{BootError::TreeBadToken};
            if (depth == max_depth) return base::Failure{BootError::TreeTooDeep};
            ++depth;
            root_seen = properties_allowed = true;
            break;
        case Token::EndNode:
            if (depth == 0) return base::Failure{BootError::TreeBadToken};
            --depth;
            properties_allowed = false;
            break;
        case Token::Prop:
            if (!properties_allowed) return base::Failure{BootError::TreeBadProperty};
            break;
        case Token::End:
            if (depth != 0 || !root_seen) return base::Failure{BootError::TreeBadToken};
            return base::Ok{};
        }
    }
}

TreeWalk DeviceTree::walk() const { return TreeWalk{*this}; }

std::optional<TreeWalk> DeviceTree::find_path(std::string_view path) const {
    TreeWalk at = walk();
    if (!path.starts_with('/') || !at.next()) return std::nullopt;
    path.remove_prefix(1);
    unsigned matched = 0; // depth up to which the walk follows the path
    while (!path.empty()) {
        const std::string_view part{path.data(), find_char(path, '/')};
        if (!at.next() || at.depth() <= matched) return std::nullopt; // end, or left the matched node
        if (at.depth() != matched + 1 || at.name() != part) continue;
        ++matched;
        path.remove_prefix(std::min(part.size() + 1, path.size()));
    }
    return at;
}

std::optional<TreeWalk> DeviceTree::find_phandle(u32 phandle) const {
    TreeWalk at = walk();
    while (at.next()) {
        const std::optional<Bytes> own = at.property("phandle");
        if (own && own->size() == 4 && read_cell(*own, 0) == phandle) return at;
    }
    return std::nullopt;
}

bool TreeWalk::next() {
    while (const auto token = tree_.token_at(cursor_)) {
        switch (token->kind) {
        case DeviceTree::Token::End: return false;
        case DeviceTree::Token::BeginNode:
            if (open_ == DeviceTree::max_depth) return false;
            cursor_ = token->next;
            enter(token->next, token->property.name);
            return true;
        case DeviceTree::Token::EndNode:
            if (open_ == 0) return false;
            --open_;
            break;
        case DeviceTree::Token::Prop:
        case DeviceTree::Token::Nop: break;
        }
        cursor_ = token->next;
    }
    return false;
}

void TreeWalk::enter(u32 body, std::string_view name) {
    name_ = name;
    body_ = body;
    depth_ = open_++;
    Frame frame{.name = name, .ranges = {}};
    each_property([&](const Property& property) {
        if (property.name == "#address-cells") frame.address_cells = read_cell(property.value, 0).value_or(0);
        if (property.name == "#size-cells") frame.size_cells = read_cell(property.value, 0).value_or(~u32{0});
        if (property.name == "ranges") {
            frame.ranges = property.value;
            frame.has_ranges = true;
        }
    });
    frames_[depth_] = frame;
}

std::string_view TreeWalk::base_name() const { return {name_.data(), find_char(name_, '@')}; }

std::optional<Property> TreeWalk::property_at(u32& cursor) const {
    while (const auto token = tree_.token_at(cursor)) {
        if (token->kind == DeviceTree::Token::Nop) {
            cursor = token->next;
            continue;
        }
        if (token->kind != DeviceTree::Token::Prop) break;
        cursor = token->next;
        return token->property;
    }
    return std::nullopt;
}

std::optional<Bytes> TreeWalk::property(std::string_view name) const {
    u32 cursor = body_;
    while (const std::optional<Property> found = property_at(cursor)) {
        if (found->name == name) return found->value;
    }
    return std::nullopt;
}

bool TreeWalk::compatible(std::string_view wanted) const {
    const std::optional<Bytes> list = property("compatible");
    return list && has_string(*list, wanted);
}

bool TreeWalk::enabled() const {
    const std::optional<Bytes> status = property("status");
    if (!status) return true;
    const std::string_view text = read_string(*status);
    return text == "okay" || text == "ok";
}

base::Result<std::optional<Range>, BootError> TreeWalk::reg(usize index) const {
    const std::optional<Bytes> value = property("reg");
    if (!value || depth_ == 0) return std::optional<Range>{};
    const Frame& parent = frames_[depth_ - 1];
    const u32 address_cells = parent.address_cells;
    const u32 size_cells = parent.size_cells;
    if (address_cells < 1 || address_cells > 2 || size_cells > 2) return base::Failure{BootError::TreeBadReg};
    const usize entry_cells = address_cells + size_cells;
    if (value->size() % (entry_cells * 4) != 0) return base::Failure{BootError::TreeBadReg};
    if (index >= value->size() / (entry_cells * 4)) return std::optional<Range>{};

    const u64 address = *read_cells(*value, index * entry_cells, address_cells);
    const u64 size = *read_cells(*value, index * entry_cells + address_cells, size_cells);
    const std::optional<u64> physical = translate(address, size);
    if (!physical || size > ~u64{0} - *physical) return base::Failure{BootError::TreeBadReg};
    return std::optional<Range>{Range{*physical, *physical + size}};
}

std::optional<TreeWalk::Entry> TreeWalk::raw_reg(usize index) const {
    const std::optional<Bytes> value = property("reg");
    if (!value || depth_ == 0) return std::nullopt;
    const u32 address_cells = frames_[depth_ - 1].address_cells;
    const u32 size_cells = frames_[depth_ - 1].size_cells;
    if (address_cells < 1 || address_cells > 2 || size_cells > 2) return std::nullopt;
    const usize at = index * (address_cells + size_cells);
    const std::optional<u64> address = read_cells(*value, at, address_cells);
    if (!address) return std::nullopt;
    if (size_cells == 0) return Entry{*address, std::nullopt};
    return Entry{*address, read_cells(*value, at + address_cells, size_cells)};
}

std::optional<u64> TreeWalk::unit() const {
    const std::optional<Bytes> value = property("reg");
    if (!value || depth_ == 0) return std::nullopt;
    const u32 cells = frames_[depth_ - 1].address_cells;
    if (cells < 1 || cells > 2) return std::nullopt;
    return read_cells(*value, 0, cells);
}

std::optional<u64> TreeWalk::unit_of_name() const {
    const usize at = base_name().size() + 1;
    if (at >= name_.size() || name_.size() - at > 16) return std::nullopt;
    u64 unit = 0;
    for (usize i = at; i < name_.size(); ++i) {
        const char c = name_[i];
        const bool decimal = c >= '0' && c <= '9';
        if (!decimal && (c < 'a' || c > 'f') && (c < 'A' || c > 'F')) return std::nullopt;
        unit = unit << 4 | static_cast<u64>(decimal ? c - '0' : (c | 0x20) - 'a' + 10);
    }
    return unit;
}

// Upwards through every bus; empty `ranges` are one to one, missing ones cut the bus off.
std::optional<u64> TreeWalk::translate(u64 address, u64 size) const {
    for (unsigned level = depth_ - 1; level > 0; --level) {
        const Frame& bus = frames_[level];
        const Frame& above = frames_[level - 1];
        if (!bus.has_ranges) return std::nullopt;
        if (bus.ranges.empty()) continue;
        if (bus.address_cells > 2 || above.address_cells > 2 || bus.size_cells > 2) return std::nullopt;
        const usize entry_cells = usize{bus.address_cells} + above.address_cells + bus.size_cells;
        bool found = false;
        for (usize at = 0; entry_cells != 0 && at + entry_cells <= bus.ranges.size() / 4; at += entry_cells) {
            const u64 child = *read_cells(bus.ranges, at, bus.address_cells);
            const u64 target = *read_cells(bus.ranges, at + bus.address_cells, above.address_cells);
            const u64 length = *read_cells(bus.ranges, at + bus.address_cells + above.address_cells, bus.size_cells);
            if (address < child || size > length || address - child > length - size) continue;
            const u64 offset = address - child;
            if (offset > ~u64{0} - target) return std::nullopt;
            address = target + offset;
            found = true;
            break;
        }
        if (!found) return std::nullopt;
    }
    return address;
}

} // namespace boot
