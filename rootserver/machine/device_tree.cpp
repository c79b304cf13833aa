#include "rootserver/machine/device_tree.hpp"

namespace machine {

namespace {

constexpr std::uint32_t magic = 0xd00dfeed;
enum Token : std::uint32_t { BeginNode = 1, EndNode = 2, Property = 3, Nop = 4 };

class Reader {
public:
    Reader(const unsigned char* start, std::uint64_t size) : at_(start), left_(size) {}

    bool word(std::uint32_t& value) {
        if (left_ < 4) return false;
        value = std::uint32_t{at_[0]} << 24 | std::uint32_t{at_[1]} << 16 | std::uint32_t{at_[2]} << 8 | at_[3];
        skip(4);
        return true;
    }
    // `size` bytes, then up to the next word.
    bool bytes(std::uint64_t size, std::string_view& out) {
        if (left_ < size) return false;
        out = {static_cast<const char*>(static_cast<const void*>(at_)), size};
        skip(size);
        skip((4 - size % 4) % 4);
        return true;
    }
    bool string(std::string_view& out) {
        std::uint64_t size = 0;
        while (size < left_ && at_[size] != 0) ++size;
        if (size == left_) return false;
        std::string_view with_end;
        const bool found = bytes(size + 1, with_end);
        out = with_end.substr(0, size);
        return found;
    }

private:
    void skip(std::uint64_t size) {
        size = size < left_ ? size : left_;
        at_ += size;
        left_ -= size;
    }

    const unsigned char* at_;
    std::uint64_t left_;
};

// How the children of a node write an address; the size behind it is of no interest.
constexpr std::uint64_t default_address_cells = 2;
constexpr unsigned max_depth = 16; // as in the kernel, which has refused a deeper tree

// What the node being read has said so far; its properties come before its children.
struct Node {
    bool is_chosen = false;
    std::uint64_t address_cells = 0;     // of its own reg: as its parent says
    Device TreeFacts::*wanted = nullptr; // what it is to be
    Device device;
};

std::uint64_t big_endian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char byte : bytes) value = value << 8 | static_cast<unsigned char>(byte);
    return value;
}

std::string_view until_zero(std::string_view text) { return text.substr(0, text.find('\0')); }

// Not substr(), which throws; nothing from beyond the end.
std::string_view behind(std::string_view text, std::uint64_t skipped) {
    text.remove_prefix(skipped < text.size() ? skipped : text.size());
    return text;
}

void take_property(Node& node, std::string_view name, std::string_view value, TreeFacts& facts) {
    if (node.is_chosen && name == "bootargs") facts.arguments = until_zero(value);
    if (name == "compatible") {
        if (value.find("sifive,test") != std::string_view::npos) node.wanted = &TreeFacts::test_device;
        if (value.find("google,goldfish-rtc") != std::string_view::npos) node.wanted = &TreeFacts::clock;
        if (value.find("riscv,taic0") != std::string_view::npos) node.wanted = &TreeFacts::taic;
        if (value.find("riscv,uintc0") != std::string_view::npos) node.wanted = &TreeFacts::uintc;
    }
    const std::uint64_t address_size = 4 * node.address_cells;
    if (name == "reg" && address_size != 0 && address_size <= 8 && address_size <= value.size())
        node.device.address = big_endian({value.data(), address_size});
    if (name == "interrupts" && value.size() == 4)
        node.device.interrupt = static_cast<std::uint32_t>(big_endian(value));
    if (node.wanted != nullptr) facts.*node.wanted = node.device;
}

TreeFacts read_structure(Reader structure, std::string_view names) {
    TreeFacts facts;
    Node node;
    std::uint64_t address_cells[max_depth + 1] = {}; // by depth: of the children of the nodes that are open
    unsigned depth = 0;
    std::uint32_t token = 0;
    while (structure.word(token)) {
        std::string_view text;
        if (token == BeginNode) {
            if (depth == max_depth || !structure.string(text)) break;
            node = {depth == 1 && text == "chosen", address_cells[depth], nullptr, {}};
            address_cells[++depth] = default_address_cells;
        } else if (token == EndNode) {
            node = {};
            if (depth == 0 || --depth == 0) break;
        } else if (token == Property) {
            std::uint32_t size = 0;
            std::uint32_t name = 0;
            if (!structure.word(size) || !structure.word(name) || !structure.bytes(size, text) || name >= names.size())
                break;
            const std::string_view property = until_zero(behind(names, name));
            if (property == "#address-cells") address_cells[depth] = text.size() == 4 ? big_endian(text) : 0;
            take_property(node, property, text, facts);
        } else if (token != Nop) {
            break;
        }
    }
    return facts;
}

} // namespace

TreeFacts read_tree(const unsigned char* blob, std::uint64_t size) {
    Reader header(blob, size);
    std::uint32_t words[10];
    for (std::uint32_t& word : words) {
        if (!header.word(word)) return {};
    }
    const std::uint64_t structure = words[2];
    const std::uint64_t strings = words[3];
    const std::uint64_t strings_size = words[8];
    const std::uint64_t structure_size = words[9];
    if (words[0] != magic || structure > size || structure_size > size - structure || strings > size ||
        strings_size > size - strings)
        return {};
    const std::string_view names(static_cast<const char*>(static_cast<const void*>(blob + strings)), strings_size);
    return read_structure(Reader(blob + structure, structure_size), names);
}

TreeFacts read_tree(const seL4_BootInfo& info) {
    const seL4_BootInfoHeader* header = sel4_find_bootinfo(&info, SEL4_BOOTINFO_HEADER_FDT);
    if (header == nullptr) return {};
    const void* blob = header + 1;
    return read_tree(static_cast<const unsigned char*>(blob), header->len - sizeof(*header));
}

std::string_view argument(std::string_view arguments, std::string_view name) {
    while (!arguments.empty()) {
        const std::string_view word = arguments.substr(0, arguments.find(' '));
        if (word.size() > name.size() && word.substr(0, name.size()) == name && word[name.size()] == '=')
            return behind(word, name.size() + 1);
        arguments.remove_prefix(word.size() < arguments.size() ? word.size() + 1 : word.size());
    }
    return {};
}

std::uint64_t argument(std::string_view arguments, std::string_view name, std::uint64_t otherwise) {
    const std::string_view text = argument(arguments, name);
    std::uint64_t value = 0;
    for (const char digit : text) {
        if (digit < '0' || digit > '9') return otherwise;
        value = 10 * value + static_cast<std::uint64_t>(digit - '0');
    }
    return text.empty() ? otherwise : value;
}

bool lists(std::string_view list, std::string_view word) {
    while (!list.empty()) {
        const std::size_t end = list.find(',');
        const std::size_t length = end == std::string_view::npos ? list.size() : end;
        if (std::string_view(list.data(), length) == word) return true;
        list.remove_prefix(length == list.size() ? length : length + 1);
    }
    return false;
}

} // namespace machine
