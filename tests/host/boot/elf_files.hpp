// Makes small ELF files for the tests, good ones and others.
#pragma once

#include "base/types.hpp"
#include <cstddef>
#include <cstring>
#include <vector>

struct TestSegment {
    u64 address;
    u64 memory_size;
    std::vector<u8> bytes;
    u32 type = 1;
    u32 flags = 5;
};

class ElfFile {
public:
    static constexpr usize type_at = 16, machine_at = 18, version_at = 20, entry_at = 24, headers_at = 32;
    static constexpr usize header_size_at = 54, header_count_at = 56;
    // Fields of program header i, from program(i).
    static constexpr usize offset = 8, address = 16, file_size = 32, memory_size = 40;
    static constexpr usize program(usize i) { return 64 + i * 56; }

    ElfFile(u64 entry, const std::vector<TestSegment>& segments) {
        const u8 start[] = {0x7f, 'E', 'L', 'F', 2, 1, 1};
        bytes_.resize(64 + segments.size() * 56);
        std::memcpy(bytes_.data(), start, sizeof start);
        set<u16>(type_at, 2).set<u16>(machine_at, 243).set<u32>(version_at, 1).set<u64>(entry_at, entry);
        set<u64>(headers_at, 64).set<u16>(header_size_at, 56);
        set<u16>(header_count_at, static_cast<u16>(segments.size()));
        for (usize i = 0; i < segments.size(); ++i) add(program(i), segments[i]);
    }

    template <class T>
    ElfFile& set(usize at, T value) {
        std::memcpy(bytes_.data() + at, &value, sizeof value);
        return *this;
    }
    std::vector<std::byte>& bytes() { return bytes_; }

private:
    void add(usize at, const TestSegment& segment) {
        set<u32>(at, segment.type).set<u32>(at + 4, segment.flags).set<u64>(at + offset, bytes_.size());
        set<u64>(at + address, segment.address).set<u64>(at + file_size, segment.bytes.size());
        set<u64>(at + memory_size, segment.memory_size);
        for (const u8 byte : segment.bytes) bytes_.push_back(std::byte{byte});
    }

    std::vector<std::byte> bytes_;
};

// Code and data that share a page, zeros behind the data, a gap, and a stack segment of no interest.
inline ElfFile good_elf() {
    return {0x10004,
            {{0x10000, 0x1010, std::vector<u8>(0x1010, 0xc0)},
             {0x11800, 0x1000, std::vector<u8>(0x20, 0xda), 1, 6},
             {0x15ff0, 0x20, std::vector<u8>(0x20, 0xee), 1, 4},
             {0, 0, {}, 0x6474e551, 6}}};
}
