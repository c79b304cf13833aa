#include "boot/elf_image.hpp"

#include <algorithm>
#include <bit>

namespace boot {
namespace {

static_assert(std::endian::native == std::endian::little, "file fields are copied as they are");

constexpr u16 type_executable = 2;
constexpr u16 machine_riscv = 243;
constexpr u32 segment_load = 1;
constexpr u32 segment_interpreter = 3;

struct FileHeader {
    u8 identification[16];
    u16 type;
    u16 machine;
    u32 version;
    u64 entry;
    u64 program_headers;
    u64 section_headers;
    u32 flags;
    u16 header_size;
    u16 program_header_size;
    u16 program_header_count;
    u16 section_header_size;
    u16 section_header_count;
    u16 section_names;
};
static_assert(sizeof(FileHeader) == 64);

struct ProgramHeader {
    u32 type;
    u32 flags;
    u64 offset;
    u64 address;
    u64 physical_address;
    u64 file_size;
    u64 memory_size;
    u64 alignment;
};
static_assert(sizeof(ProgramHeader) == 56);

// [offset, offset + size) lies in a file of `limit` bytes.
constexpr bool inside(u64 offset, u64 size, u64 limit) { return size <= limit && offset <= limit - size; }

// Files have no alignment: fields are copied out.
template <class T>
T read_at(Bytes file, u64 offset) {
    T out;
    __builtin_memcpy(&out, file.data() + offset, sizeof out);
    return out;
}

base::Result<FileHeader, BootError> read_header(Bytes file) {
    constexpr u8 expected[] = {0x7f, 'E', 'L', 'F', 2, 1, 1}; // 64-bit, little-endian, version 1
    if (file.size() < sizeof(FileHeader)) return base::Failure{BootError::ElfTooSmall};
    const FileHeader header = read_at<FileHeader>(file, 0);
    if (!std::equal(std::begin(expected), std::end(expected), header.identification) ||
        header.machine != machine_riscv || header.version != 1) {
        return base::Failure{BootError::ElfNotRiscv};
    }
    if (header.type != type_executable) return base::Failure{BootError::ElfNotExecutable};
    if (header.program_header_count > ElfImage::max_program_headers) {
        return base::Failure{BootError::ElfTooManyProgramHeaders};
    }
    if (header.program_header_size != sizeof(ProgramHeader) || header.program_header_count == 0 ||
        !inside(header.program_headers, u64{header.program_header_count} * sizeof(ProgramHeader), file.size())) {
        return base::Failure{BootError::ElfBadProgramHeaders};
    }
    return header;
}

base::Result<Segment, BootError> check_segment(const ProgramHeader& header, u64 file_size) {
    if (header.file_size > header.memory_size || !inside(header.offset, header.file_size, file_size)) {
        return base::Failure{BootError::ElfBadSegment};
    }
    if (!inside(header.address, header.memory_size, user_top)) return base::Failure{BootError::ElfOutsideUserSpace};
    return Segment{.address = header.address,
                   .memory_size = header.memory_size,
                   .file_offset = header.offset,
                   .file_size = header.file_size,
                   .readable = (header.flags & 4) != 0,
                   .writable = (header.flags & 2) != 0,
                   .executable = (header.flags & 1) != 0};
}

// Keeps the list ascending and free of overlaps.
base::Result<base::Ok, BootError> insert_segment(List<Segment, ElfImage::max_segments>& list, const Segment& segment) {
    usize place = 0;
    while (place < list.size() && list[place].address < segment.address) ++place;
    const bool hits_lower = place > 0 && list[place - 1].address + list[place - 1].memory_size > segment.address;
    const bool hits_upper = place < list.size() && segment.address + segment.memory_size > list[place].address;
    if (hits_lower || hits_upper) return base::Failure{BootError::ElfSegmentsOverlap};
    if (!list.insert(place, segment)) return base::Failure{BootError::ElfTooManySegments};
    return base::Ok{};
}

} // namespace

base::Result<ElfImage, BootError> ElfImage::open(Bytes file) {
    const FileHeader header = TRY(read_header(file));
    ElfImage image;
    image.file_ = file;
    image.entry_ = header.entry;
    for (u64 i = 0; i < header.program_header_count; ++i) {
        const auto program = read_at<ProgramHeader>(file, header.program_headers + i * sizeof(ProgramHeader));
        if (program.type == segment_interpreter) return base::Failure{BootError::ElfNotExecutable};
        if (program.type != segment_load) continue;
        const Segment segment = TRY(check_segment(program, file.size()));
        if (segment.memory_size != 0) TRY(insert_segment(image.segments_, segment));
    }
    if (image.segments_.empty()) return base::Failure{BootError::ElfOutsideUserSpace};

    const Segment& first = image.segments_[0];
    const Segment& last = image.segments_[image.segments_.size() - 1];
    image.range_ = round_out({first.address, last.address + last.memory_size}, page_bits);
    const bool entry_is_loaded = std::any_of(image.segments_.begin(), image.segments_.end(), [&](const Segment& each) {
        return header.entry >= each.address && header.entry - each.address < each.memory_size;
    });
    if (!entry_is_loaded) return base::Failure{BootError::ElfBadEntry};
    return image;
}

void ElfImage::fill_page(u64 index, std::span<std::byte, page_size> page) const {
    ASSERT(index < pages());
    const u64 page_start = range_.start + index * page_size;
    const u64 page_end = page_start + page_size;
    __builtin_memset(page.data(), 0, page_size);
    for (const Segment& segment : segments_) {
        const u64 start = std::max(segment.address, page_start);
        const u64 end = std::min(segment.address + segment.file_size, page_end);
        if (start >= end) continue;
        const std::byte* source = file_.data() + segment.file_offset + (start - segment.address);
        __builtin_memcpy(page.data() + (start - page_start), source, end - start);
    }
}

} // namespace boot
