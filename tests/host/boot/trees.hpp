// Device trees for the tests: two real ones, and a builder for small or broken ones.
#pragma once

#include "boot/platform.hpp"
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

extern "C" {
extern const std::byte qemu_virt_begin[], qemu_virt_end[], axu15eg_begin[], axu15eg_end[];
}

using Blob = std::vector<std::byte>;

inline Blob qemu_virt() { return {qemu_virt_begin, qemu_virt_end}; }
inline Blob axu15eg() { return {axu15eg_begin, axu15eg_end}; }

// The hart of the first enabled cpu node: it boots, where a test does not care which one does.
inline u64 first_hart(const Blob& blob) {
    const auto tree = boot::DeviceTree::open(blob);
    if (!tree) return 0;
    for (boot::TreeWalk node = tree.value().walk(); node.next();) {
        if (node.parent_name() == "cpus" && node.base_name() == "cpu" && node.enabled()) return node.unit().value_or(0);
    }
    return 0;
}

// A platform is large, and a fresh one each time.
struct ReadPlatform {
    std::unique_ptr<boot::Platform> platform = std::make_unique<boot::Platform>();
    std::optional<boot::BootError> error;
};
inline ReadPlatform read_blob(const Blob& blob, u64 boot_hart) {
    ReadPlatform result;
    const auto done = boot::read_platform(blob, boot_hart, *result.platform);
    if (!done) result.error = done.error();
    return result;
}
inline ReadPlatform read_blob(const Blob& blob) { return read_blob(blob, first_hart(blob)); }

inline void put_cell(Blob& blob, u32 value) {
    for (int shift = 24; shift >= 0; shift -= 8) blob.push_back(std::byte(value >> shift));
}
inline void set_cell(Blob& blob, usize offset, u32 value) {
    for (usize i = 0; i < 4; ++i) blob[offset + i] = std::byte(value >> (24 - 8 * i));
}

// Writes whatever it is told; closing nodes is up to the test.
class TreeBuilder {
public:
    TreeBuilder& begin(std::string_view name) {
        put_cell(structure_, 1);
        text(structure_, name);
        return pad();
    }
    TreeBuilder& end() { return token(2); }
    TreeBuilder& token(u32 kind) {
        put_cell(structure_, kind);
        return *this;
    }
    TreeBuilder& property(std::string_view name, std::vector<u32> cells) {
        Blob value;
        for (const u32 cell : cells) put_cell(value, cell);
        return raw(name, value);
    }
    TreeBuilder& string(std::string_view name, std::string_view value) {
        Blob bytes;
        text(bytes, value);
        return raw(name, bytes);
    }
    TreeBuilder& raw(std::string_view name, const Blob& value) {
        put_cell(structure_, 3);
        put_cell(structure_, static_cast<u32>(value.size()));
        put_cell(structure_, static_cast<u32>(strings_.size()));
        text(strings_, name);
        structure_.insert(structure_.end(), value.begin(), value.end());
        return pad();
    }
    // The smallest machine that boots; the root is left open.
    TreeBuilder& machine(std::string_view board = {}) {
        begin("");
        if (!board.empty()) string("compatible", board);
        begin("memory").property("reg", {0, 0x80000000, 0x10000000}).end();
        begin("cpus").property("#address-cells", {1}).property("#size-cells", {0});
        property("timebase-frequency", {1000});
        return begin("cpu@7").property("reg", {7}).end().end();
    }
    // An entry of the reservation block.
    TreeBuilder& reserve(u64 start, u64 size) {
        for (const u64 word : {start, size}) {
            put_cell(reservations_, static_cast<u32>(word >> 32));
            put_cell(reservations_, static_cast<u32>(word));
        }
        return *this;
    }
    // Header, reservation block with its closing entry, structure with its end token, strings.
    Blob finish() {
        token(9);
        reserve(0, 0);
        const u32 structure_at = 40 + static_cast<u32>(reservations_.size());
        const u32 strings_at = structure_at + static_cast<u32>(structure_.size());
        const u32 total = strings_at + static_cast<u32>(strings_.size());
        Blob out;
        for (const u32 cell : {0xd00dfeedu, total, structure_at, strings_at, 40u, 17u, 16u, 0u,
                               static_cast<u32>(strings_.size()), static_cast<u32>(structure_.size())}) {
            put_cell(out, cell);
        }
        out.insert(out.end(), reservations_.begin(), reservations_.end());
        out.insert(out.end(), structure_.begin(), structure_.end());
        out.insert(out.end(), strings_.begin(), strings_.end());
        return out;
    }

private:
    static void text(Blob& blob, std::string_view value) {
        for (const char c : value) blob.push_back(std::byte(c));
        blob.push_back(std::byte{0});
    }
    TreeBuilder& pad() {
        while (structure_.size() % 4 != 0) structure_.push_back(std::byte{0});
        return *this;
    }

    Blob reservations_;
    Blob structure_;
    Blob strings_;
};
